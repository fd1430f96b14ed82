package socialboards

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/dispatcher/systems/systemtest"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

func TestSystem(t *testing.T) { systemtest.Run(t, New(), "testdata") }

func FuzzRender(f *testing.F) { systemtest.Fuzz(f, New()) }

func TestDetect(t *testing.T) {
	status := func(name string, state ticket.State) ticket.Status { return ticket.Status{Name: name, State: state} }
	public, internal := &ticket.Reply{Public: true}, &ticket.Reply{}
	note := &ticket.Note{Private: true}
	tests := []struct {
		name          string
		kind          ticket.Kind
		before, after ticket.Ticket
		reply         *ticket.Reply
		note          *ticket.Note
		want          string
	}{
		{name: "creation", kind: ticket.TicketCreated, after: ticket.Ticket{Tags: []string{"a"}, Category: ticket.Category{ID: "1"}}, want: "ticket_creation"},
		{name: "creation with a reply", kind: ticket.TicketCreated, reply: public, want: "ticket_creation reply_creation"},
		{name: "nothing", kind: ticket.TicketUpdated},
		{name: "deletion", kind: ticket.TicketDeleted},
		{name: "status", kind: ticket.TicketUpdated, before: ticket.Ticket{Status: status("open", ticket.Open)}, after: ticket.Ticket{Status: status("pending", ticket.Pending)}, want: "ticket_status_change"},
		{name: "two states of one status", kind: ticket.TicketUpdated, before: ticket.Ticket{Status: status("New", ticket.New)}, after: ticket.Ticket{Status: status("Open", ticket.Open)}},
		{name: "resolved and closed are one", kind: ticket.TicketUpdated, before: ticket.Ticket{Status: status("", ticket.Resolved)}, after: ticket.Ticket{Status: status("", ticket.Closed)}},
		{name: "tags", kind: ticket.TicketUpdated, before: ticket.Ticket{Tags: []string{"a", "b"}}, after: ticket.Ticket{Tags: []string{"b"}}, want: "ticket_tags_change"},
		{name: "tags in another order", kind: ticket.TicketUpdated, before: ticket.Ticket{Tags: []string{"a", "b"}}, after: ticket.Ticket{Tags: []string{"b", "a"}}},
		{name: "category removed", kind: ticket.TicketUpdated, before: ticket.Ticket{Category: ticket.Category{ID: "1"}}, want: "ticket_category_change"},
		{name: "subject is no event", kind: ticket.TicketUpdated, after: ticket.Ticket{Subject: "Other"}},
		{name: "reply", kind: ticket.ReplyAdded, reply: public, want: "reply_creation"},
		{name: "reply changed", kind: ticket.ReplyUpdated, reply: public, want: "reply_update"},
		{name: "reply deleted", kind: ticket.ReplyDeleted, reply: public, want: "reply_deletion"},
		{name: "note", kind: ticket.NoteAdded, note: note, want: "note_creation"},
		{name: "note changed", kind: ticket.NoteUpdated, note: note, want: "note_update"},
		{name: "note deleted", kind: ticket.NoteDeleted, note: note, want: "note_deletion"},
		{name: "internal reply", kind: ticket.ReplyAdded, reply: internal, want: "note_creation"},
		{name: "internal reply changed", kind: ticket.ReplyUpdated, reply: internal, want: "note_update"},
		{name: "internal reply deleted", kind: ticket.ReplyDeleted, reply: internal, want: "note_deletion"},
		{
			name: "everything at once", kind: ticket.ReplyAdded, reply: public, note: note,
			after: ticket.Ticket{Status: status("Done", ticket.Closed), Tags: []string{"a"}, Category: ticket.Category{Name: "Cats"}},
			want:  "ticket_status_change ticket_tags_change ticket_category_change reply_creation note_creation",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			change := &ticket.Change{Kind: tt.kind, After: &tt.after, Reply: tt.reply, Note: tt.note}
			if tt.kind != ticket.TicketCreated {
				change.Before = &tt.before
			}
			if diff := cmp.Diff(strings.Fields(tt.want), append([]string{}, New().Detect(change)...)); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStatusNames(t *testing.T) {
	tests := []struct {
		status ticket.Status
		want   string
	}{
		{ticket.Status{}, "open"},
		{ticket.Status{State: ticket.New}, "open"},
		{ticket.Status{State: ticket.Open}, "open"},
		{ticket.Status{State: ticket.Pending}, "pending"},
		{ticket.Status{State: ticket.OnHold}, "pending"},
		{ticket.Status{State: ticket.Resolved}, "completed"},
		{ticket.Status{State: ticket.Closed}, "completed"},
		{ticket.Status{Name: "Completed", State: ticket.Open}, "completed"},
		{ticket.Status{Name: "In progress", State: ticket.Open}, "open"},
	}
	for _, tt := range tests {
		if got := statusName(tt.status); got != tt.want {
			t.Errorf("status %+v is %q, want %q", tt.status, got, tt.want)
		}
	}
}

// item1 renders an event and returns its envelope and only item.
func item1(t *testing.T, occasion systems.Occasion) (envelope, item map[string]any) {
	t.Helper()
	request, err := New().Render(occasion)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(request.Body, &envelope); err != nil {
		t.Fatal(err)
	}
	items, _ := envelope["Events"].([]any)
	if len(items) != 1 {
		t.Fatalf("%d items: %s", len(items), request.Body)
	}
	item, _ = items[0].(map[string]any)
	return envelope, item
}

func TestCommunity(t *testing.T) {
	tests := []struct{ name, setting, ticket, want, link string }{
		{"the setting first", "Mine & yours", "theirs", "Mine & yours", "https://inbox.socialboards.com/Mine%20&%20yours/tickets?ticketId=7"},
		{"the ticket's", "", "theirs", "theirs", "https://inbox.socialboards.com/theirs/tickets?ticketId=7"},
		{"the vendor's example", "", "", "yourCompany", "https://inbox.socialboards.com/yourCompany/tickets?ticketId=7"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			envelope, item := item1(t, systems.Occasion{
				Event:    ticketCreation,
				Change:   &ticket.Change{Kind: ticket.TicketCreated, After: &ticket.Ticket{Number: "7", Community: tt.ticket}},
				Endpoint: systems.Endpoint{Settings: map[string]string{settingCommunity: tt.setting}},
			})
			if envelope["CommunityName"] != tt.want || item["InboxLink"] != tt.link {
				t.Errorf("CommunityName %v, InboxLink %v", envelope["CommunityName"], item["InboxLink"])
			}
		})
	}
}

func TestWhatWasBefore(t *testing.T) {
	members := map[string]string{
		ticketStatusChange: "PreviousTicketStatus", ticketTagsChange: "PreviousTicketTags", ticketCategoryChange: "PreviousTicketCategoryId",
	}
	for _, event := range New().Sheet().EventNames() {
		known := &ticket.Change{
			Kind:   ticket.TicketUpdated,
			Before: &ticket.Ticket{Status: ticket.Status{State: ticket.Closed}, Category: ticket.Category{ID: "8"}},
			After:  &ticket.Ticket{Number: "7"},
		}
		want := map[string]any{ticketStatusChange: "completed", ticketTagsChange: []any{}, ticketCategoryChange: 8.0}[event]
		unknown := *known
		unknown.Before = nil
		for _, tt := range []struct {
			change *ticket.Change
			want   any
		}{{known, want}, {&unknown, nil}} {
			_, item := item1(t, systems.Occasion{Event: event, Change: tt.change})
			for of, member := range members {
				value, there := item[member]
				if there != (of == event) {
					t.Errorf("%s: %s is there: %v", event, member, there)
				}
				if diff := cmp.Diff(tt.want, value); there && diff != "" {
					t.Errorf("%s: %s (-want +got):\n%s", event, member, diff)
				}
			}
		}
	}
}

func TestHandshake(t *testing.T) {
	tests := []struct {
		name, url, token string
		random           int64
		want             string
	}{
		{
			"no query", "https://receiver.example.com/webhooks", "someverificationtoken", 1_135_675_231,
			"https://receiver.example.com/webhooks?challenge=2135675231&verifyToken=someverificationtoken",
		},
		{
			"its own query stays", "https://receiver.example.com/hook?a=%20b&c", "a b&c=d", 0,
			"https://receiver.example.com/hook?a=%20b&c&challenge=1000000000&verifyToken=a+b%26c%3Dd",
		},
		{
			"an empty query", "https://receiver.example.com/hook?", "", 1,
			"https://receiver.example.com/hook?challenge=1000000001&verifyToken=",
		},
		{
			"a fragment", "https://receiver.example.com/hook#top", "t", 2,
			"https://receiver.example.com/hook?challenge=1000000002&verifyToken=t#top",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			endpoint := systems.Endpoint{ID: "ep_1", URL: tt.url, Settings: map[string]string{settingToken: tt.token}}
			handshake := New().(systems.Handshaker).Handshake(endpoint, tt.random)
			if handshake.Method != http.MethodGet || handshake.URL != tt.want || handshake.Signed || handshake.Body != nil {
				t.Errorf("handshake = %+v\nwant GET %s", handshake, tt.want)
			}
			if _, err := url.Parse(handshake.URL); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestHandshakeWithAnyNumber(t *testing.T) {
	for _, random := range []int64{-1, -1 << 63, 1<<63 - 1} {
		handshake := New().(systems.Handshaker).Handshake(systems.Endpoint{URL: "https://receiver.example.com/"}, random)
		asked, err := url.Parse(handshake.URL)
		if err != nil {
			t.Fatal(err)
		}
		if challenge := asked.Query().Get("challenge"); len(challenge) != 10 || strings.HasPrefix(challenge, "-") {
			t.Errorf("challenge of %d is %q, want ten digits", random, challenge)
		}
	}
}

func TestHandshakeAnswers(t *testing.T) {
	handshake := New().(systems.Handshaker).Handshake(systems.Endpoint{URL: "https://receiver.example.com/"}, 1_135_675_231)
	tests := []struct {
		status int
		body   string
		ok     bool
	}{
		{200, "2135675231", true},
		{200, `{"challenge": "2135675231"}`, true},
		{204, "2135675231", true},
		{200, "", false},
		{200, "2135675230", false},
		{302, "2135675231", false},
		{403, "2135675231", false},
	}
	for _, tt := range tests {
		if err := handshake.Check(tt.status, []byte(tt.body)); (err == nil) != tt.ok {
			t.Errorf("an answer of %d %q: %v", tt.status, tt.body, err)
		}
	}
}
