package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/client"
)

// The signature of a delivery is checked by its server, which alone has the
// secret.
func TestVerifyDelivery(t *testing.T) {
	body := filepath.Join(t.TempDir(), "body")
	if err := os.WriteFile(body, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	wrong := client.Diagnosis{Scheme: "standard", Cause: "trailing_newline", Explanation: "A newline too many.", Advice: "Verify the raw bytes.", Steps: []client.Step{{Title: "Body", Detail: "3 bytes"}}}
	for name, c := range map[string]struct {
		command VerifyCmd
		answer  client.SignatureView
		asked   client.DoctorRequest
		printed string
		fails   string // empty: not by an error that is told
	}{
		"as it was sent": {
			answer:  client.SignatureView{Diagnosis: &client.Diagnosis{Verified: true, Scheme: "standard"}},
			printed: "verified by scheme standard\n",
		},
		"as the receiver has it": {
			command: VerifyCmd{Body: body, Computed: "v1,x", Secret: []string{"whsec_y"}},
			answer:  client.SignatureView{Diagnosis: &wrong},
			asked:   client.DoctorRequest{Body: "e30K", Encoding: "base64", Computed: "v1,x", Secret: "whsec_y"},
			printed: "not verified: trailing_newline\nA newline too many.\nhint: Verify the raw bytes.\n",
		},
		"what cannot be checked": {answer: client.SignatureView{Problem: "Its endpoint signs nothing."}, fails: "Its endpoint signs nothing."},
		"beside a request":       {command: VerifyCmd{Request: "x"}, fails: "leave out --request"},
		"with a scheme":          {command: VerifyCmd{Scheme: "github"}, fails: "leave out --scheme"},
		"with two secrets":       {command: VerifyCmd{Secret: []string{"a", "b"}}, fails: "--secret is given 2 times"},
	} {
		t.Run(name, func(t *testing.T) {
			var asked client.DoctorRequest
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/api/v1/deliveries/dlv_1/signature" || r.Header.Get("Authorization") != "Bearer hd_x" {
					t.Errorf("%s %s", r.Method, r.URL)
				}
				_ = json.NewDecoder(r.Body).Decode(&asked)
				_ = json.NewEncoder(w).Encode(c.answer)
			}))
			defer server.Close()
			c.command.Delivery, c.command.Server, c.command.Token = "dlv_1", server.URL, "hd_x"
			var out bytes.Buffer
			err := c.command.Run(t.Context(), Std{In: strings.NewReader(""), Out: &out, Err: &out})
			if c.fails != "" {
				if err == nil || !strings.Contains(err.Error(), c.fails) {
					t.Errorf("error %v, want %q", err, c.fails)
				}
				return
			}
			var quiet *quietError
			if verified := c.answer.Diagnosis.Verified; verified != (err == nil) || !verified && !errors.As(err, &quiet) {
				t.Errorf("error %v", err)
			}
			if asked != c.asked || !strings.HasPrefix(out.String(), c.printed) {
				t.Errorf("asked %+v, printed:\n%s", asked, out.String())
			}
		})
	}
}
