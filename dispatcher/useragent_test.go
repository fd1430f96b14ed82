package dispatcher_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/triggers"
)

// The log has the User-Agent that the receiver saw, also where it is
// hookdesk's own.
func TestUserAgentIsLogged(t *testing.T) {
	for name, test := range map[string]struct {
		system, revision string
		headers          map[string]string
		want             string
	}{
		"the vendor says nothing": {"supportservice", "seed", nil, "hookdesk/test"},
		"the vendor's":            {"faveo", "json", nil, ""},
		"the endpoint's":          {"supportservice", "seed", map[string]string{"user-agent": "mine"}, "mine"},
	} {
		t.Run(name, func(t *testing.T) {
			seen := make(chan string, 1)
			server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen <- r.UserAgent() }))
			t.Cleanup(server.Close)
			e := (&receiver{Server: server}).endpoint("a", func(e *triggers.Endpoint) {
				e.System, e.Revision, e.Headers = test.system, test.revision, test.headers
			})
			config := newConfiguration(e)
			config.setTriggers(trigger(t, trgA, `{"name": "all", "system": "`+test.system+`", "then": []}`, e))
			ledger := memory.New()
			d := runWith(t, ledger, config, "", func(o *dispatcher.Options) { o.UserAgent = "hookdesk/test" })
			receipt := accepted(t, d, created)
			got := <-seen
			if test.want != "" && got != test.want {
				t.Errorf("the receiver saw %q, want %q", got, test.want)
			}
			var attempts []*executionlog.Attempt
			eventually(t, func() bool {
				list, err := ledger.Attempts(t.Context(), workspace, receipt.Deliveries[0])
				if err != nil {
					t.Fatal(err)
				}
				attempts = list
				return len(list) > 0
			})
			attempt, err := ledger.Execution(t.Context(), workspace, attempts[0].ID)
			if err != nil {
				t.Fatal(err)
			}
			var logged []string
			for _, h := range attempt.Detail.RequestHeader {
				if http.CanonicalHeaderKey(h.Name) == "User-Agent" {
					logged = append(logged, h.Value)
				}
			}
			if len(logged) != 1 || logged[0] != got {
				t.Errorf("the log has %q, the receiver saw %q", logged, got)
			}
		})
	}
}

// A key or a signature that the endpoint has in the place of the User-Agent is
// not hidden behind hookdesk's own.
func TestUserAgentLeavesRoomForCredentials(t *testing.T) {
	for name, set := range map[string]func(*triggers.Endpoint){
		"a key": func(e *triggers.Endpoint) { e.Auth = triggers.Auth{Type: triggers.AuthAPIKey, Header: "user-agent"} },
		"a signature": func(e *triggers.Endpoint) {
			e.Signing = triggers.Signing{Scheme: "hmac-hex", Header: "User-Agent"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			seen := make(chan string, 1)
			server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen <- r.UserAgent() }))
			t.Cleanup(server.Close)
			e := (&receiver{Server: server}).endpoint("a", func(e *triggers.Endpoint) {
				e.System, e.Revision = "supportservice", "seed"
				set(e)
			})
			config := newConfiguration(e)
			config.setTriggers(trigger(t, trgA, `{"name": "all", "system": "supportservice", "then": []}`, e))
			d := runWith(t, memory.New(), config, "", func(o *dispatcher.Options) { o.UserAgent = "hookdesk/test" })
			accepted(t, d, created)
			if got := <-seen; got == "hookdesk/test" {
				t.Errorf("the receiver saw %q", got)
			}
		})
	}
}
