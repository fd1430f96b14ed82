package agency_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/dispatcher/systems/agency"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

var (
	agent   = ticket.Person{ID: "1", Role: ticket.RoleAgent}
	client  = ticket.Person{ID: "21", Role: ticket.RoleClient, Name: "James Doe", Email: "James.Doe@example.com"}
	rule    = ticket.Person{ID: "trg_1", Role: ticket.RoleRule}
	created = time.Unix(1671472527, 0)
)

func change(kind ticket.Kind, actor ticket.Person, before, after ticket.Status) *ticket.Change {
	return &ticket.Change{
		Kind: kind, Actor: actor, At: created.Add(time.Hour),
		Before: &ticket.Ticket{Number: "1", Status: before, Requester: &client, CreatedAt: created},
		After:  &ticket.Ticket{Number: "1", Status: after, Requester: &client, CreatedAt: created},
	}
}

var (
	open     = ticket.Status{Name: "Open", State: ticket.Open}
	pending  = ticket.Status{Name: "Pending", State: ticket.Pending}
	resolved = ticket.Status{Name: "Resolved", State: ticket.Resolved}
	closed   = ticket.Status{Name: "Closed", State: ticket.Closed}
)

func replied(author ticket.Person, public bool, after ticket.Status) *ticket.Change {
	made := change(ticket.ReplyAdded, author, open, after)
	made.Reply = &ticket.Reply{ID: "r1", Author: author, Body: "<p>Hello</p>", Public: public, CreatedAt: created.Add(time.Minute)}
	return made
}

func assignee(made *ticket.Change, before, after *ticket.Person) *ticket.Change {
	made.Before.Assignee, made.After.Assignee = before, after
	return made
}

func TestDetect(t *testing.T) {
	other := &ticket.Person{ID: "2", Role: ticket.RoleAgent}
	tests := []struct {
		name   string
		change *ticket.Change
		want   []string
	}{
		{"created, even with an agent and resolved", func() *ticket.Change {
			made := assignee(change(ticket.TicketCreated, client, open, resolved), nil, &agent)
			made.Before = nil
			return made
		}(), []string{agency.Created}},
		{"reply of the client", replied(client, true, open), []string{agency.Updated}},
		{"reply of an agent", replied(agent, true, open), []string{agency.Updated}},
		{"reply of a rule", replied(rule, true, open), nil},
		{"internal reply", replied(agent, false, open), nil},
		{"note", change(ticket.NoteAdded, agent, open, open), nil},
		{"reply that resolves", replied(agent, true, resolved), []string{agency.Updated, agency.Resolved}},
		{"reply, assigned and resolved", assignee(replied(agent, true, closed), nil, other), []string{agency.Updated, agency.Assigned, agency.Resolved}},
		{"assigned", assignee(change(ticket.TicketUpdated, agent, open, open), nil, other), []string{agency.Assigned}},
		{"reassigned by a rule", assignee(change(ticket.TicketUpdated, rule, open, open), &agent, other), []string{agency.Assigned}},
		{"assigned to the same agent", assignee(change(ticket.TicketUpdated, agent, open, open), other, other), nil},
		{"unassigned", assignee(change(ticket.TicketUpdated, agent, open, open), other, nil), nil},
		{"resolved by the client", change(ticket.TicketUpdated, client, pending, resolved), []string{agency.Resolved}},
		{"closed by an agent", change(ticket.TicketUpdated, agent, open, closed), []string{agency.Resolved}},
		{"resolved by a rule", change(ticket.TicketUpdated, rule, open, resolved), nil},
		{"closed after it was resolved", change(ticket.TicketUpdated, agent, resolved, closed), nil},
		{"pending", change(ticket.TicketUpdated, agent, open, pending), nil},
		{"reopened", change(ticket.TicketUpdated, client, resolved, open), nil},
		{"deleted", change(ticket.TicketDeleted, agent, open, closed), nil},
		{"nothing", nil, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := agency.New().Detect(test.change); !slices.Equal(got, test.want) {
				t.Errorf("detected %q, want %q", got, test.want)
			}
		})
	}
}

// body is what a receiver reads.
type body struct {
	EventID    string `json:"event_id"`
	EndpointID string `json:"endpoint_id"`
	Data       struct {
		Ticket struct {
			ID          string  `json:"id"`
			UpdatedAt   int64   `json:"updated_at"`
			TeammateID  *string `json:"teammate_id"`
			Replies     []reply `json:"replies"`
			Category    *string `json:"category"`
			Subcategory *string `json:"subcategory"`
			Client      *struct {
				ID string `json:"id"`
			} `json:"client"`
		} `json:"ticket"`
		Reply *reply `json:"reply"`
	} `json:"data"`
}

type reply struct {
	ID            string `json:"id"`
	Text          string `json:"text"`
	IsClientReply bool   `json:"is_client_reply"`
	CreatedAt     int64  `json:"created_at"`
	Assets        []struct {
		Filename  string `json:"filename"`
		Extension string `json:"extension"`
		Filesize  int64  `json:"filesize"`
		Type      string `json:"type"`
	} `json:"assets"`
}

func render(t *testing.T, event string, made *ticket.Change, endpoint systems.Endpoint) body {
	t.Helper()
	request, err := agency.New().Render(systems.Occasion{Event: event, Change: made, Endpoint: endpoint, Delivery: "dlv_1"})
	if err != nil {
		t.Fatal(err)
	}
	var got body
	if err := json.Unmarshal(request.Body, &got); err != nil {
		t.Fatal(err)
	}
	if got.EventID != request.EventID || !strings.HasPrefix(got.EventID, "whev_") || len(got.EventID) != len("whev_")+17 {
		t.Errorf("event id %q in the body, %q of the request", got.EventID, request.EventID)
	}
	return got
}

func TestUpdatedCarriesTheNewReplyLast(t *testing.T) {
	made := replied(client, true, open)
	made.After.Description = "The printer is on fire"
	made.After.Attachments = []ticket.Attachment{{Name: "fire.png", Size: 12, ContentType: "image/png"}}
	// The ticket may hold the reply already, and not as the newest.
	made.After.Replies = []ticket.Reply{
		*made.Reply,
		{ID: "r0", Author: agent, Body: "Looking &amp; seeing", Public: true, CreatedAt: created.Add(time.Second)},
		{ID: "rx", Author: agent, Body: "not for the client"},
	}
	got := render(t, agency.Updated, made, systems.Endpoint{ID: "ep_1"})
	var texts []string
	var byClient []bool
	for _, r := range got.Data.Ticket.Replies {
		texts = append(texts, r.Text)
		byClient = append(byClient, r.IsClientReply)
	}
	if diff := cmp.Diff([]string{"The printer is on fire", "Looking & seeing", "Hello"}, texts); diff != "" {
		t.Errorf("replies (-want +got):\n%s", diff)
	}
	if !slices.Equal(byClient, []bool{true, false, true}) {
		t.Errorf("is_client_reply %v, want true, false, true", byClient)
	}
	if got.Data.Reply == nil || !cmp.Equal(*got.Data.Reply, got.Data.Ticket.Replies[2]) {
		t.Errorf("reply %+v is not the last of %+v", got.Data.Reply, got.Data.Ticket.Replies)
	}
	if want := created.Add(time.Minute).Unix(); got.Data.Ticket.UpdatedAt != want {
		t.Errorf("updated_at %d, want the reply's %d", got.Data.Ticket.UpdatedAt, want)
	}
	file := got.Data.Ticket.Replies[0].Assets
	if len(file) != 1 || file[0].Filename != "fire.png" || file[0].Extension != "png" || file[0].Type != "image" || file[0].Filesize != 12 {
		t.Errorf("assets %+v", file)
	}
}

func TestIdsAreStable(t *testing.T) {
	made := replied(client, true, open)
	one := render(t, agency.Updated, made, systems.Endpoint{ID: "ep_1"})
	other := render(t, agency.Updated, made, systems.Endpoint{ID: "ep_2"})
	if one.Data.Ticket.ID != other.Data.Ticket.ID || one.Data.Reply.ID != other.Data.Reply.ID || one.Data.Ticket.Client.ID != other.Data.Ticket.Client.ID {
		t.Error("the ids of one ticket differ between endpoints")
	}
	if one.EndpointID == other.EndpointID {
		t.Errorf("two endpoints share the id %s", one.EndpointID)
	}
	set := map[string]string{"endpoint_id": "9AB698F5-99de-4ff6-8bfc-a7dcb973d177"}
	if got := render(t, agency.Updated, made, systems.Endpoint{ID: "ep_1", Settings: set}).EndpointID; got != "9ab698f5-99de-4ff6-8bfc-a7dcb973d177" {
		t.Errorf("endpoint id %s, want the one of the settings", got)
	}
}

func TestCategories(t *testing.T) {
	text := func(s *string) string {
		if s == nil {
			return "null"
		}
		return *s
	}
	tests := []struct {
		category  ticket.Category
		extra     ticket.Extra
		main, sub string
	}{
		{ticket.Category{}, nil, "null", "null"},
		{ticket.Category{Name: "General Support"}, nil, "General Support", "null"},
		{ticket.Category{Name: "Billing", Path: "General Support/Billing"}, nil, "General Support", "Billing"},
		{ticket.Category{Name: "Refunds", Path: "/General Support/Billing/Refunds"}, nil, "General Support", "Refunds"},
		{ticket.Category{Name: "General Support"}, ticket.Extra{"subcategory": "Billing"}, "General Support", "Billing"},
	}
	for _, test := range tests {
		made := change(ticket.TicketCreated, client, open, open)
		made.After.Category, made.After.Extra = test.category, test.extra
		got := render(t, agency.Created, made, systems.Endpoint{}).Data.Ticket
		if text(got.Category) != test.main || text(got.Subcategory) != test.sub {
			t.Errorf("%+v: %s, %s; want %s, %s", test.category, text(got.Category), text(got.Subcategory), test.main, test.sub)
		}
	}
}
