package faveo_test

import (
	"slices"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems/faveo"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

var (
	agent  = ticket.Person{ID: "1", Role: ticket.RoleAgent}
	client = ticket.Person{ID: "21", Role: ticket.RoleClient}
	rule   = ticket.Person{ID: "trg_1", Role: ticket.RoleRule}
	due    = time.Date(2024, 5, 9, 0, 0, 0, 0, time.UTC)
)

// updated is a change of a ticket by somebody; edit writes what it changes.
func updated(actor ticket.Person, edit func(t *ticket.Ticket)) *ticket.Change {
	made := func() *ticket.Ticket {
		return &ticket.Ticket{
			Number: "1", Status: ticket.Status{ID: "1", Name: "Open", State: ticket.Open},
			Requester: &ticket.Person{ID: "21"}, Department: ticket.Ref{Name: "Support"},
		}
	}
	after := made()
	edit(after)
	return &ticket.Change{Kind: ticket.TicketUpdated, Actor: actor, Before: made(), After: after}
}

// answered is a reply on a ticket.
func answered(reply ticket.Reply, edit func(t *ticket.Ticket)) *ticket.Change {
	change := updated(reply.Author, edit)
	change.Kind = ticket.ReplyAdded
	change.Reply = &reply
	change.After.Replies = append(change.After.Replies, reply)
	return change
}

func nothing(*ticket.Ticket) {}

func closeIt(t *ticket.Ticket) {
	t.Status = ticket.Status{ID: "3", Name: "Closed", State: ticket.Closed}
}

func TestDetect(t *testing.T) {
	setDue := func(t *ticket.Ticket) { t.DueAt = &due }
	tests := []struct {
		name   string
		change *ticket.Change
		want   []string
	}{
		{"created with everything set", &ticket.Change{Kind: ticket.TicketCreated, Actor: agent, After: &ticket.Ticket{
			Number: "1", Assignee: &agent, DueAt: &due, Status: ticket.Status{State: ticket.Closed},
		}}, []string{faveo.Created}},
		{"client reply", answered(ticket.Reply{Author: client, Public: true}, nothing), []string{faveo.Commented}},
		{"requester without a role replies", answered(ticket.Reply{Author: ticket.Person{ID: "21"}, Public: true}, nothing), []string{faveo.Commented}},
		{"agent reply", answered(ticket.Reply{Author: agent, Public: true}, nothing), []string{faveo.Reply}},
		{"reply of the system", answered(ticket.Reply{Author: ticket.Person{Role: ticket.RoleSystem}, Public: true}, nothing), nil},
		{"internal reply", answered(ticket.Reply{Author: agent}, nothing), nil},
		{"internal note", &ticket.Change{
			Kind: ticket.NoteAdded, Actor: agent, Note: &ticket.Note{Author: agent, Body: "psst", Private: true},
			Before: &ticket.Ticket{Number: "1"}, After: &ticket.Ticket{Number: "1"},
		}, nil},
		{"reply that closes", answered(ticket.Reply{Author: agent, Public: true}, closeIt), []string{faveo.Reply, faveo.StatusUpdated}},
		{"reply edited", func() *ticket.Change {
			change := answered(ticket.Reply{ID: "r", Author: agent, Public: true}, nothing)
			change.Kind = ticket.ReplyUpdated
			return change
		}(), nil},
		{"status", updated(client, closeIt), []string{faveo.StatusUpdated}},
		{"same status by another case", updated(agent, func(t *ticket.Ticket) { t.Status.ID, t.Status.Name = "", "OPEN" }), nil},
		{"due date by an agent", updated(agent, setDue), []string{faveo.DueDateUpdated}},
		{"due date by nobody in particular", updated(ticket.Person{}, setDue), []string{faveo.DueDateUpdated}},
		{"due date by the client", updated(client, setDue), nil},
		{"due date by a rule", updated(rule, setDue), nil},
		{"assigned to an agent", updated(rule, func(t *ticket.Ticket) { t.Assignee = &agent }), []string{faveo.Assigned}},
		{"assigned to a team", updated(agent, func(t *ticket.Ticket) { t.Team = ticket.Ref{ID: "2"} }), []string{faveo.Assigned}},
		{"unassigned", func() *ticket.Change {
			change := updated(agent, nothing)
			change.Before.Assignee = &agent
			return change
		}(), nil},
		{"owner is the requester", updated(agent, func(t *ticket.Ticket) { t.Requester = &ticket.Person{ID: "16"} }), []string{faveo.OwnerUpdated}},
		{"creator is no owner", updated(agent, func(t *ticket.Ticket) { t.Creator = &ticket.Person{ID: "16"} }), nil},
		{"department", updated(agent, func(t *ticket.Ticket) { t.Department = ticket.Ref{Name: "Sales"} }), []string{faveo.DepartmentUpdated}},
		{"everything at once, in order", updated(agent, func(t *ticket.Ticket) {
			t.Department = ticket.Ref{Name: "Sales"}
			t.Requester = &ticket.Person{ID: "16"}
			t.Assignee = &agent
			t.DueAt = &due
			closeIt(t)
		}), []string{faveo.StatusUpdated, faveo.DueDateUpdated, faveo.Assigned, faveo.OwnerUpdated, faveo.DepartmentUpdated}},
		{"subject only", updated(agent, func(t *ticket.Ticket) { t.Subject = "x" }), nil},
		{"deleted", &ticket.Change{Kind: ticket.TicketDeleted, Before: &ticket.Ticket{Number: "1"}, After: &ticket.Ticket{Number: "1", Status: ticket.Status{State: ticket.Closed}}}, nil},
		{"unknown ticket, status written", &ticket.Change{
			Kind: ticket.TicketUpdated, Actor: agent, Partial: true, Touched: []string{"status"},
			After: &ticket.Ticket{Number: "1", Status: ticket.Status{Name: "Closed", State: ticket.Closed}},
		}, []string{faveo.StatusUpdated}},
		{"no change at all", nil, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := faveo.New().Detect(test.change); !slices.Equal(got, test.want) {
				t.Errorf("detected %q, want %q", got, test.want)
			}
		})
	}
}
