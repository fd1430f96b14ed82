package faveo_test

import (
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/dispatcher/systems/faveo"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

func TestAcceptsTheListedSources(t *testing.T) {
	tests := []struct {
		name    string
		source  ticket.Ref
		sources string
		want    string
	}{
		{"web is on by default", ticket.Ref{Name: "Web"}, "", ""},
		{"agent panel is on by default", ticket.Ref{Name: "Agent Panel"}, "", ""},
		{"agent is the agent panel", ticket.Ref{Name: "agent"}, "", ""},
		{"by number", ticket.Ref{ID: "1"}, "", ""},
		{"no source counts as web", ticket.Ref{}, "", ""},
		{"chat is off by default", ticket.Ref{Name: "Chat"}, "", "The ticket came from Chat; the endpoint listens to Web, Agent Panel."},
		{"chat switched on", ticket.Ref{Name: "chat"}, "chat,call", ""},
		{"web switched off", ticket.Ref{Name: "web"}, "chat, call", "The ticket came from web; the endpoint listens to Chat, Call."},
		{"number switched off", ticket.Ref{ID: "6"}, "line", "The ticket came from source 6; the endpoint listens to Line."},
		{"no source, web switched off", ticket.Ref{}, "widget", "The ticket came from no source; the endpoint listens to Widget."},
		{"a source of the desk's own", ticket.Ref{Name: "Kiosk"}, "", "The ticket came from Kiosk; the endpoint listens to Web, Agent Panel."},
		{"such a source listed", ticket.Ref{Name: "Kiosk"}, "kiosk", ""},
	}
	filter, ok := faveo.New().(systems.Filter)
	if !ok {
		t.Fatal("faveo is no Filter")
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			change := &ticket.Change{After: &ticket.Ticket{Source: test.source}}
			if got := filter.Accepts(change, map[string]string{"sources": test.sources}); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	if got := filter.Accepts(&ticket.Change{After: &ticket.Ticket{}}, nil); got != "" {
		t.Errorf("without settings: %q", got)
	}
}
