package sample

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/signing"
)

var now = time.Date(2024, 5, 7, 11, 15, 58, 0, time.UTC)

func system(t *testing.T, name string) systems.System {
	t.Helper()
	s := all.Registry().Lookup(name)
	if s == nil {
		t.Fatalf("no system %q", name)
	}
	return s
}

func TestSet(t *testing.T) {
	for _, c := range []struct {
		name, system, event string
		set                 []string
		want                []string // parts of the body
	}{
		{"status by name", "superoffice", "ticket.changed", []string{"status=closed"}, []string{`"status":2`, `"ticket_status"`}},
		{"number", "superoffice", "ticket.created", []string{"number=99"}, []string{`"PrimaryKey":99`}},
		{"person keeps its other members", "agency", "whitelabel-ticket-created", []string{"requester.name=Ada"}, []string{`"name":"Ada"`, `"email":"james.doe@example.com"`}},
		{"two members of one person", "agency", "whitelabel-ticket-created", []string{"requester.name=Ada", "requester.email=a@example.com"}, []string{`"name":"Ada"`, `"email":"a@example.com"`}},
		{"text with an equals sign", "agency", "whitelabel-ticket-created", []string{"subject=a=b"}, []string{`"title":"a=b"`}},
		{"extra as a number", "superoffice", "ticket.created", []string{"extra.contact_id=77"}, []string{`"contact_id":77`}},
		{"reply", "agency", "whitelabel-ticket-updated", []string{"reply.body=Hello you"}, []string{`"text":"Hello you"`}},
		{"actor", "superoffice", "ticket.created", []string{"actor.id=5"}, []string{`"ChangedByAssociateId":5`}},
		{"markup is left alone", "socialboards", "ticket_status_change", []string{"subject=<i>&"}, []string{`"Title":"<i>&"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			body, _, err := Make(Spec{System: system(t, c.system), Event: c.event, Set: c.set, Now: now})
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range c.want {
				if !strings.Contains(string(body), part) {
					t.Errorf("the body lacks %s:\n%s", part, body)
				}
			}
		})
	}
}

func TestSetWrong(t *testing.T) {
	for _, c := range []struct{ set, want string }{
		{"subject", "want path=value"},
		{"=x", "want path=value"},
		{"colour=red", "colour"},
		{"requester.shoe=43", "shoe"},
		{"due_at=tomorrow", "due_at"},
		{"reply.colour=red", "colour"},
		{"reply=x", "want a member"},
		{"status.state=asleep", "state"},
	} {
		_, _, err := Make(Spec{System: system(t, "agency"), Event: "whitelabel-ticket-updated", Set: []string{c.set}, Now: now})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("--set %s: %v, want something about %q", c.set, err, c.want)
		}
	}
}

func TestUnknownEvent(t *testing.T) {
	_, _, err := Make(Spec{System: system(t, "faveo"), Event: "ticket_eaten", Now: now})
	if err == nil || !strings.Contains(err.Error(), "ticket_created") {
		t.Errorf("%v does not list the events", err)
	}
	if _, _, err := Make(Spec{System: system(t, "faveo"), Event: "ticket_created", Revision: "1999", Now: now}); err == nil {
		t.Error("an unknown revision was rendered")
	}
}

func TestUnknownSetting(t *testing.T) {
	for name, want := range map[string]string{"socialboards": "community_name, verify_token", "supportservice": "has no settings"} {
		s := system(t, name)
		_, _, err := Make(Spec{System: s, Event: s.Sheet().Events[0].Name, Settings: map[string]string{"colour": "red"}, Now: now})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want something about %q", name, err, want)
		}
	}
	if _, _, err := Make(Spec{System: system(t, "socialboards"), Event: "ticket_creation", Settings: map[string]string{"community_name": "acme"}, Now: now}); err != nil {
		t.Error(err)
	}
}

// TestAll makes every event and revision, signed, twice with the same bytes.
func TestAll(t *testing.T) {
	scheme, _ := signing.Lookup("standard")
	secret := scheme.NewSecret()
	for _, s := range all.Registry().All() {
		for _, event := range s.Sheet().Events {
			if event.Sample == nil {
				continue
			}
			for _, revision := range s.Sheet().Revisions {
				spec := Spec{System: s, Event: event.Name, Revision: revision.Name, Scheme: scheme, Keys: []string{secret}, Now: now, Delivery: "dlv_1", Matched: event.SampleMatched}
				body, header, err := Make(spec)
				if err != nil {
					continue // events about webhooks themselves have no sample request
				}
				again, _, err := Make(spec)
				if err != nil || string(again) != string(body) {
					t.Errorf("%s %s (%s) renders differently: %v", s.Sheet().Name, event.Name, revision.Name, err)
				}
				received := http.Header{}
				for _, h := range header {
					received.Add(h.Name, h.Value)
					if strings.Contains(h.Value, secret) {
						t.Errorf("header %s holds the secret", h.Name)
					}
				}
				if err := scheme.Verify(received, body, []string{secret}, signing.VerifyOptions{Now: now}); err != nil {
					t.Errorf("%s %s (%s): %v", s.Sheet().Name, event.Name, revision.Name, err)
				}
			}
		}
	}
}

func TestTries(t *testing.T) {
	_, header, err := Make(Spec{System: system(t, "superoffice"), Event: "ticket.created", Tries: 2, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(header, func(h executionlog.Header) bool { return h.Name == "X-SuperOffice-Retry" })
	if i < 0 || header[i].Value != "2" {
		t.Errorf("headers %v do not claim two tries", header)
	}
}

func FuzzSet(f *testing.F) {
	f.Add("subject=x")
	f.Add("custom.7=[1,2]")
	f.Add("requester.name.first={")
	f.Add("extra.a.b.c=1e999")
	f.Fuzz(func(t *testing.T, set string) {
		body, _, err := Make(Spec{System: all.Registry().Lookup("agency"), Event: "whitelabel-ticket-created", Set: []string{set}, Now: now})
		if err == nil && !json.Valid(body) {
			t.Errorf("--set %q makes %s", set, body)
		}
	})
}
