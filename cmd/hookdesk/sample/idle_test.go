package sample

import (
	"slices"
	"strings"
	"testing"

	"github.com/hookdesk/hookdesk/signing"
)

func TestIdle(t *testing.T) {
	for _, c := range []struct {
		name, system, event string
		set                 []string
		want                []string // paths without effect
		err                 string   // part of the error
	}{
		{"nothing set", "agency", "whitelabel-ticket-created", nil, nil, ""},
		{"all of it is sent", "agency", "whitelabel-ticket-updated", []string{"subject=x", "reply.body=y"}, nil, ""},
		{"a member that is not sent", "superoffice", "ticket.created", []string{"subject=x", "status=closed"}, []string{"subject"}, ""},
		{"a value that is there", "socialboards", "ticket_status_change", []string{"subject=Cat is ill"}, []string{"subject"}, ""},
		{"a reply of a note's event", "socialboards", "note_creation", []string{"reply.body=x"}, nil, "note_creation is about no reply; want note.body"},
		{"a note of a reply's event", "socialboards", "reply_creation", []string{"note.body=x"}, nil, "reply_creation is about no note; want reply.body"},
		{"a reply of a ticket's event", "faveo", "ticket_due_date_updated", []string{"reply.body=x"}, nil, "is about no reply; want a member of the ticket"},
		{"what is wrong stays wrong", "agency", "whitelabel-ticket-created", []string{"colour=red"}, nil, "colour"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Idle(Spec{System: system(t, c.system), Event: c.event, Set: c.set, Now: now})
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Fatalf("error %v, want something about %q", err, c.err)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("without effect %q, want %q", got, c.want)
			}
		})
	}
}

func TestOneSignature(t *testing.T) {
	for name, want := range map[string]bool{"agency": true, "superoffice": true, "github": true, "hmac-hex": true, "standard": false} {
		scheme, _ := signing.Lookup(name)
		got, err := OneSignature(Spec{Scheme: scheme, Header: "X-Sum", Keys: []string{scheme.NewSecret(), scheme.NewSecret()}, Now: now})
		if err != nil || got != want {
			t.Errorf("%s: %t, %v", name, got, err)
		}
	}
	if got, err := OneSignature(Spec{}); got || err != nil {
		t.Errorf("unsigned: %t, %v", got, err)
	}
}
