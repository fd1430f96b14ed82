package config

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

func TestDefaultsComeFromTheSheet(t *testing.T) {
	f := newFixture(t)
	for _, system := range all.Registry().All() {
		sheet := system.Sheet()
		in := EndpointInput{System: sheet.Name, Settings: map[string]Scalar{}}
		for _, setting := range sheet.Settings {
			if setting.Required && setting.Default == "" {
				in.Settings[setting.Name] = "x"
			}
		}
		e := f.endpoint(in)
		if e.Revision != sheet.DefaultRevision || e.Retry.MaxAttempts != sheet.Policy.Retry.MaxAttempts || e.Name != "example.com" ||
			e.TimeoutSeconds != 15 || e.MaxInFlight != 64 || e.Ordered != triggers.Unordered || e.OnFailure != triggers.OnFailureBlock || e.Auth.Type != triggers.AuthNone {
			t.Errorf("%s: %+v", sheet.Name, e)
		}
		want := sheet.Signing
		if want == "" {
			want = SchemeNone
		}
		if keys, err := f.SigningKeys(e, f.clock); e.Signing.Scheme != want || err != nil || (len(keys) == 1) != (want != SchemeNone) {
			t.Errorf("%s signs by %q with %d keys, %v", sheet.Name, e.Signing.Scheme, len(keys), err)
		}
	}
}

func TestHandshakeBeforeSaving(t *testing.T) {
	var tried []string
	answer := errors.New("it answered 500")
	f := newFixture(t, func(o *Options) {
		o.Probe = func(_ context.Context, e *triggers.Endpoint, keys []string) error {
			tried = append(tried, fmt.Sprint(e.URL, " ", len(keys)))
			return answer
		}
	})
	in := EndpointInput{URL: "https://example.com/x", System: "superoffice"}
	var input *invalid.Error
	if _, _, err := f.CreateEndpoint(t.Context(), admin, in, EndpointOptions{}); !errors.As(err, &input) || input.Fields[0].Path != "url" || !strings.Contains(err.Error(), "skip_handshake") {
		t.Errorf("refused with %v", err)
	}
	if len(f.Endpoints(DefaultWorkspace)) != 0 {
		t.Error("saved in spite of it")
	}
	e, _, err := f.CreateEndpoint(t.Context(), admin, in, EndpointOptions{SkipHandshake: true})
	if err != nil {
		t.Fatal(err)
	}
	answer = nil
	for _, patch := range []string{`{"name":"same URL"}`, `{"url":"https://example.com/y"}`} {
		if _, _, err := f.PatchEndpoint(t.Context(), admin, e.ID, []byte(patch), EndpointOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"https://example.com/x 1", "https://example.com/y 1"}; !slices.Equal(tried, want) {
		t.Errorf("tried %v, want %v", tried, want)
	}
}

func TestLimitOfASystem(t *testing.T) {
	f := newFixture(t)
	most := all.Registry().Lookup("agency").Sheet().Policy.MaxEndpoints
	for range most {
		f.endpoint(EndpointInput{System: "agency"})
	}
	var input *invalid.Error
	if _, _, err := f.CreateEndpoint(t.Context(), admin, EndpointInput{URL: "https://example.com/x", System: "agency"}, EndpointOptions{}); !errors.As(err, &input) {
		t.Errorf("endpoint %d: %v", most+1, err)
	}
	f.endpoint(EndpointInput{System: "faveo"})
}

func TestAddresses(t *testing.T) {
	for name, c := range map[string]struct {
		options func(*Options)
		by      Actor
		in      EndpointInput
		ok      bool
	}{
		"http where HTTPS is the rule":     {nil, admin, EndpointInput{URL: "http://example.com/x", System: "agency"}, false},
		"an administrator may relax it":    {nil, admin, EndpointInput{URL: "http://example.com/x", System: "agency", AllowHTTP: true}, true},
		"others may not":                   {nil, Actor{Name: "x", Workspace: DefaultWorkspace}, EndpointInput{URL: "http://example.com/x", System: "agency", AllowHTTP: true}, false},
		"development mode does":            {func(o *Options) { o.Dev = true }, admin, EndpointInput{URL: "http://127.0.0.1:9000/x", System: "agency"}, true},
		"a private address":                {nil, admin, EndpointInput{URL: "https://10.0.0.1/x", System: "faveo"}, false},
		"a private address, listed":        {func(o *Options) { o.AllowPrivate = true }, admin, EndpointInput{URL: "https://10.0.0.1/x", System: "faveo"}, true},
		"a metadata service":               {nil, admin, EndpointInput{URL: "http://169.254.169.254/latest", System: "faveo"}, false},
		"IPv6 loopback":                    {nil, admin, EndpointInput{URL: "https://[::1]/x", System: "faveo"}, false},
		"IPv4 in IPv6":                     {nil, admin, EndpointInput{URL: "https://[::ffff:127.0.0.1]/x", System: "faveo"}, false},
		"an international name":            {nil, admin, EndpointInput{URL: "https://bücher.example/x", System: "faveo"}, true},
		"relaxed, though nothing needs it": {nil, admin, EndpointInput{URL: "https://example.com/x", System: "agency", InsecureTLS: true}, true},
	} {
		t.Run(name, func(t *testing.T) {
			change := []func(*Options){}
			if c.options != nil {
				change = append(change, c.options)
			}
			f := newFixture(t, change...)
			e, _, err := f.CreateEndpoint(t.Context(), c.by, c.in, EndpointOptions{})
			if (err == nil) != c.ok {
				t.Errorf("error %v", err)
			}
			if err == nil && strings.Contains(e.URL, "ü") {
				t.Errorf("stored as %s", e.URL)
			}
		})
	}
}
