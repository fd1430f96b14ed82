package superoffice

import (
	"time"

	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// sampleTicket is the ticket of both of the vendor's examples. Its numbers are
// the vendor's; the page gives neither names nor texts.
func sampleTicket(number string) *ticket.Ticket {
	return &ticket.Ticket{
		Number:      number,
		Subject:     "Request " + number,
		Status:      ticket.Status{ID: "1", Name: "Open", State: ticket.Open},
		Priority:    ticket.Ref{ID: "2", Name: "Medium"},
		Type:        ticket.Ref{ID: "1", Name: "Request"},
		Category:    ticket.Category{ID: "2", Name: "Support"},
		Requester:   &ticket.Person{ID: "5", Role: ticket.RoleClient},
		Assignee:    &ticket.Person{ID: "8", Role: ticket.RoleAgent},
		Attachments: []ticket.Attachment{{Name: "details.pdf"}},
		Extra:       ticket.Extra{"contact_id": 2, "slevel": 1, "read_by_owner": "2025-05-16T14:31:02"},
		CreatedAt:   time.Date(2025, 5, 16, 14, 25, 37, 0, time.UTC),
		UpdatedAt:   time.Date(2025, 5, 19, 10, 51, 32, 0, time.UTC),
	}
}

func sampleCreated() *ticket.Change {
	return &ticket.Change{
		ID:    "sample-created",
		Kind:  ticket.TicketCreated,
		At:    time.Date(2018, 4, 24, 8, 13, 2, 835217500, time.UTC),
		Actor: ticket.Person{ID: "37201", Role: ticket.RoleAgent},
		After: sampleTicket("527331"),
	}
}

// sampleChanged is the vendor's second example: the owner has read the ticket,
// which leaves last_changed alone.
func sampleChanged() *ticket.Change {
	after := sampleTicket("76")
	after.Extra["read_by_owner"] = "2025-05-19T09:56:33"
	return &ticket.Change{
		ID:      "sample-changed",
		Kind:    ticket.TicketUpdated,
		At:      time.Date(2025, 5, 19, 9, 56, 33, 155412800, time.UTC),
		Actor:   ticket.Person{ID: "19", Role: ticket.RoleAgent},
		Before:  sampleTicket("76"),
		After:   after,
		Touched: []string{"extra"},
	}
}

func sampleTest() *ticket.Change {
	change := sampleCreated()
	change.ID = "sample-test"
	change.Actor = ticket.Person{ID: "316", Role: ticket.RoleAgent}
	change.At = time.Date(2018, 4, 24, 8, 52, 59, 515800, time.UTC)
	return change
}

func sampleState() *ticket.Change {
	change := sampleChanged()
	change.ID = "sample-state"
	change.At = time.Date(2018, 7, 5, 11, 58, 18, 580990800, time.UTC)
	return change
}
