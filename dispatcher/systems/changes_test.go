package systems_test

import (
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

func moment(second int) *time.Time {
	t := time.Date(2024, 5, 7, 11, 0, second, 0, time.UTC)
	return &t
}

func TestDiffers(t *testing.T) {
	oslo := moment(1).In(time.FixedZone("", 3600))
	tests := []struct {
		name          string
		member        string
		before, after ticket.Ticket
		want          bool
	}{
		{"text", "subject", ticket.Ticket{Subject: "a"}, ticket.Ticket{Subject: "b"}, true},
		{"same text", "subject", ticket.Ticket{Subject: "a"}, ticket.Ticket{Subject: "a"}, false},
		{"reference by id", "priority", ticket.Ticket{Priority: ticket.Ref{ID: "1", Name: "Low"}}, ticket.Ticket{Priority: ticket.Ref{ID: "1", Name: "Lowest"}}, false},
		{"reference by name", "priority", ticket.Ticket{Priority: ticket.Ref{ID: "1", Name: "Low"}}, ticket.Ticket{Priority: ticket.Ref{Name: "LOW"}}, false},
		{"other reference", "team", ticket.Ticket{Team: ticket.Ref{ID: "1"}}, ticket.Ticket{Team: ticket.Ref{ID: "2"}}, true},
		{"reference set", "sla", ticket.Ticket{}, ticket.Ticket{SLA: ticket.Ref{Name: "Gold"}}, true},
		{"reference removed", "department", ticket.Ticket{Department: ticket.Ref{ID: "1"}}, ticket.Ticket{}, true},
		{"status by name", "status", ticket.Ticket{Status: ticket.Status{Name: "Open", State: ticket.Open}}, ticket.Ticket{Status: ticket.Status{Name: "open", State: ticket.Open}}, false},
		{"status of the same state", "status", ticket.Ticket{Status: ticket.Status{Name: "Open", State: ticket.Open}}, ticket.Ticket{Status: ticket.Status{Name: "In Progress", State: ticket.Open}}, true},
		{"status by state alone", "status", ticket.Ticket{Status: ticket.Status{State: ticket.Open}}, ticket.Ticket{Status: ticket.Status{State: ticket.Closed}}, true},
		{"status set", "status", ticket.Ticket{}, ticket.Ticket{Status: ticket.Status{Name: "Open", State: ticket.Open}}, true},
		{"category by path", "category", ticket.Ticket{Category: ticket.Category{Name: "A", Path: "X/A"}}, ticket.Ticket{Category: ticket.Category{Name: "A", Path: "Y/A"}}, true},
		{"category by id", "category", ticket.Ticket{Category: ticket.Category{ID: "1", Path: "X/A"}}, ticket.Ticket{Category: ticket.Category{ID: "1", Path: "X/B"}}, false},
		{"category by name", "category", ticket.Ticket{Category: ticket.Category{Name: "A"}}, ticket.Ticket{Category: ticket.Category{Name: "B"}}, true},
		{"person set", "assignee", ticket.Ticket{}, ticket.Ticket{Assignee: &ticket.Person{ID: "1"}}, true},
		{"nobody two ways", "assignee", ticket.Ticket{}, ticket.Ticket{Assignee: &ticket.Person{Role: ticket.RoleAgent}}, false},
		{"person by id", "assignee", ticket.Ticket{Assignee: &ticket.Person{ID: "1", Name: "A"}}, ticket.Ticket{Assignee: &ticket.Person{ID: "1", Name: "B"}}, false},
		{"person by address", "requester", ticket.Ticket{Requester: &ticket.Person{Email: "a@x"}}, ticket.Ticket{Requester: &ticket.Person{ID: "1", Email: "A@X"}}, false},
		{"person by name", "creator", ticket.Ticket{Creator: &ticket.Person{Name: "A B"}}, ticket.Ticket{Creator: &ticket.Person{FirstName: "A", LastName: "C"}}, true},
		{"tags without order", "tags", ticket.Ticket{Tags: []string{"a", "b", "a"}}, ticket.Ticket{Tags: []string{"b", "a"}}, false},
		{"tag added", "tags", ticket.Ticket{Tags: []string{"a"}}, ticket.Ticket{Tags: []string{"b", "a"}}, true},
		{"same instant", "due_at", ticket.Ticket{DueAt: moment(1)}, ticket.Ticket{DueAt: &oslo}, false},
		{"other instant", "due_at", ticket.Ticket{DueAt: moment(1)}, ticket.Ticket{DueAt: moment(2)}, true},
		{"due date removed", "due_at", ticket.Ticket{DueAt: moment(1)}, ticket.Ticket{}, true},
		{"zero time is none", "closed_at", ticket.Ticket{}, ticket.Ticket{ClosedAt: &time.Time{}}, false},
		{"custom field", "custom.size", ticket.Ticket{CustomFields: map[string]any{"size": 1.0}}, ticket.Ticket{CustomFields: map[string]any{"size": 2.0}}, true},
		{"other custom field", "custom.size", ticket.Ticket{CustomFields: map[string]any{"other": 1.0}}, ticket.Ticket{}, false},
		{"number written two ways", "custom.size", ticket.Ticket{CustomFields: map[string]any{"size": 1}}, ticket.Ticket{CustomFields: map[string]any{"size": 1.0}}, false},
		{"null is none", "custom.size", ticket.Ticket{CustomFields: map[string]any{"size": nil}}, ticket.Ticket{}, false},
		{"any custom field", "custom_fields", ticket.Ticket{}, ticket.Ticket{CustomFields: map[string]any{"size": 2.0}}, true},
		{"extra member", "extra.flags", ticket.Ticket{}, ticket.Ticket{Extra: ticket.Extra{"flags": 2.0}}, true},
		{"no such member", "colour", ticket.Ticket{Subject: "a"}, ticket.Ticket{Subject: "b"}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := systems.Differs(&test.before, &test.after, test.member); got != test.want {
				t.Errorf("Differs(%s) = %v, want %v", test.member, got, test.want)
			}
			if got := systems.Differs(&test.after, &test.before, test.member); got != test.want {
				t.Errorf("the other way round: %v, want %v", got, test.want)
			}
		})
	}
	if systems.Differs(nil, nil, "subject") || !systems.Differs(nil, &ticket.Ticket{Subject: "a"}, "subject") {
		t.Error("no ticket is not an empty one")
	}
}

func TestChanged(t *testing.T) {
	open, closed := &ticket.Ticket{Subject: "a"}, &ticket.Ticket{Subject: "b"}
	tests := []struct {
		name   string
		change *ticket.Change
		want   bool
	}{
		{"no change", nil, false},
		{"no ticket", &ticket.Change{Kind: ticket.TicketUpdated}, false},
		{"changed", &ticket.Change{Kind: ticket.TicketUpdated, Before: open, After: closed}, true},
		{"with a reply", &ticket.Change{Kind: ticket.ReplyAdded, Before: open, After: closed}, true},
		{"not changed, though written", &ticket.Change{Kind: ticket.TicketUpdated, Before: open, After: open, Touched: []string{"subject"}}, false},
		{"created", &ticket.Change{Kind: ticket.TicketCreated, After: open, Touched: []string{"subject"}}, false},
		{"deleted", &ticket.Change{Kind: ticket.TicketDeleted, Before: open, After: closed}, false},
		{"unknown before, written", &ticket.Change{Kind: ticket.TicketUpdated, After: open, Touched: []string{"subject"}}, true},
		{"unknown before, not written", &ticket.Change{Kind: ticket.TicketUpdated, After: open, Touched: []string{"status"}}, false},
	}
	for _, test := range tests {
		if got := systems.Changed(test.change, "subject"); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestFinished(t *testing.T) {
	status := func(state ticket.State) *ticket.Ticket {
		return &ticket.Ticket{Status: ticket.Status{Name: string(state), State: state}}
	}
	tests := []struct {
		before, after ticket.State
		want          bool
	}{
		{ticket.Open, ticket.Resolved, true},
		{ticket.OnHold, ticket.Closed, true},
		{ticket.Resolved, ticket.Closed, false},
		{ticket.Closed, ticket.Open, false},
		{ticket.Open, ticket.Pending, false},
	}
	for _, test := range tests {
		change := &ticket.Change{Kind: ticket.TicketUpdated, Before: status(test.before), After: status(test.after)}
		if got := systems.Finished(change); got != test.want {
			t.Errorf("%s to %s: %v, want %v", test.before, test.after, got, test.want)
		}
	}
	if !systems.Finished(&ticket.Change{Kind: ticket.TicketUpdated, After: status(ticket.Closed), Touched: []string{"status"}}) {
		t.Error("a ticket not known before was written to be closed and is not finished")
	}
}

func TestPublicReply(t *testing.T) {
	public, internal := &ticket.Reply{Public: true}, &ticket.Reply{}
	tests := []struct {
		name   string
		change *ticket.Change
		want   *ticket.Reply
	}{
		{"public", &ticket.Change{Kind: ticket.ReplyAdded, Reply: public}, public},
		{"internal", &ticket.Change{Kind: ticket.ReplyAdded, Reply: internal}, nil},
		{"edited", &ticket.Change{Kind: ticket.ReplyUpdated, Reply: public}, nil},
		{"with the ticket", &ticket.Change{Kind: ticket.TicketCreated, Reply: public}, nil},
		{"missing", &ticket.Change{Kind: ticket.ReplyAdded}, nil},
		{"no change", nil, nil},
	}
	for _, test := range tests {
		if got := systems.PublicReply(test.change); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestAuthorRole(t *testing.T) {
	change := &ticket.Change{
		Actor: ticket.Person{Role: ticket.RoleSystem},
		After: &ticket.Ticket{Requester: &ticket.Person{ID: "7", Email: "james@example.com"}},
	}
	tests := []struct {
		name   string
		change *ticket.Change
		author ticket.Person
		want   ticket.Role
	}{
		{"says so", change, ticket.Person{ID: "7", Role: ticket.RoleAgent}, ticket.RoleAgent},
		{"is the requester", change, ticket.Person{ID: "7"}, ticket.RoleClient},
		{"has the requester's address", change, ticket.Person{Email: "James@example.com"}, ticket.RoleClient},
		{"as the actor", change, ticket.Person{ID: "8"}, ticket.RoleSystem},
		{"unknown", &ticket.Change{After: &ticket.Ticket{}}, ticket.Person{ID: "8"}, ticket.RoleAgent},
		{"nobody on a ticket of nobody", &ticket.Change{After: &ticket.Ticket{}}, ticket.Person{}, ticket.RoleAgent},
		{"no change", nil, ticket.Person{}, ticket.RoleAgent},
	}
	for _, test := range tests {
		if got := systems.AuthorRole(test.change, test.author); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}
