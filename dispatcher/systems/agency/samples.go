package agency

import (
	"time"

	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// The tickets of the vendor's page. The page masks the client's address;
// james.doe@example.com stands in for it.

const (
	billing = "The client is having issues with the billing settings."
	thanks  = "Thanks for contacting our support. An agent will be with you shortly."
	looking = "Your request is under investigation. We will provide an update as soon as possible."
)

func james() *ticket.Person {
	return &ticket.Person{
		ID: "3463a4ee-5eba-45cd-9ef9-3f3a0f64329e", Name: "James Doe",
		Email: "james.doe@example.com", Role: ticket.RoleClient,
	}
}

func agent() ticket.Person { return ticket.Person{Role: ticket.RoleAgent} }

func at(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }

func agentReply(id, text string, seconds int64) ticket.Reply {
	return ticket.Reply{ID: id, Author: agent(), Body: text, Public: true, CreatedAt: at(seconds)}
}

func sampleTicket(id string, created, updated int64, replies ...ticket.Reply) *ticket.Ticket {
	return &ticket.Ticket{
		Number:    id,
		Subject:   "Help with Account",
		Status:    ticket.Status{Name: "Open", State: ticket.Open},
		Category:  ticket.Category{Name: "General Support"},
		Requester: james(),
		Creator:   &ticket.Person{Role: ticket.RoleAgent, Name: "Agency"},
		Language:  "en",
		Replies:   replies,
		CreatedAt: at(created),
		UpdatedAt: at(updated),
	}
}

func firstTicket(updated int64, more ...ticket.Reply) *ticket.Ticket {
	replies := append([]ticket.Reply{
		agentReply("5a09992e-1e49-4dac-a731-26af2aee10ae", billing, 1671472527),
		agentReply("39634217-9aa9-4a3c-8354-ef4bc2b9b08f", thanks, 1671472527),
	}, more...)
	return sampleTicket("fbaddbf8-e290-4fa4-a3ed-fbb4837dabe1", 1671472527, updated, replies...)
}

func sampleChange(kind ticket.Kind, before, after *ticket.Ticket, touched ...string) *ticket.Change {
	return &ticket.Change{
		ID: "chg_agency_sample", Workspace: "default", Kind: kind, At: after.UpdatedAt,
		Actor: agent(), Via: "web", Before: before, After: after, Touched: touched,
	}
}

func sampleCreated() *ticket.Change {
	return sampleChange(ticket.TicketCreated, nil, firstTicket(1671472527), "subject", "category", "requester")
}

func sampleUpdated() *ticket.Change {
	added := agentReply("335ec843-395a-422c-aa61-2adef10ecf1a", looking, 1671474890)
	change := sampleChange(ticket.ReplyAdded, firstTicket(1671472527), firstTicket(1671474890, added), "replies")
	change.Reply = &added
	return change
}

func sampleAssigned() *ticket.Change {
	made := func(updated int64) *ticket.Ticket {
		return sampleTicket("46b1408f-190d-4ecc-8b65-302e4378497e", 1671461220, updated,
			agentReply("3f090668-bd89-4582-a91d-960d4bf87d48", "Help with Account", 1671461220),
			agentReply("4bb4e3b0-7ca7-415e-8a17-c07ddc29a87f", thanks, 1671461220))
	}
	after := made(1671477774)
	after.Assignee = &ticket.Person{ID: "b3a1e4db-8d71-4f2e-8c14-1038bab6e3ac", Role: ticket.RoleAgent}
	return sampleChange(ticket.TicketUpdated, made(1671461220), after, "assignee")
}

func sampleResolved() *ticket.Change {
	made := func(updated int64) *ticket.Ticket {
		return sampleTicket("8dc1869d-0a0b-4c78-b40c-5b25bfa337eb", 1671462259, updated,
			agentReply("e6618a50-c0b6-49e9-8565-7b42e2027392", billing, 1671462260),
			agentReply("7dbc6406-3f5d-4c1e-b3d6-88cbc464c8d7", thanks, 1671462260))
	}
	after := made(1671476296)
	after.Status = ticket.Status{Name: "Resolved", State: ticket.Resolved}
	return sampleChange(ticket.TicketUpdated, made(1671462260), after, "status")
}
