package socialboards

import (
	"time"

	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// The times of the vendor's example are an hour ahead of UTC.
var zone = time.FixedZone("", 60*60)

// sampleTicket is the ticket of the vendor's example.
func sampleTicket(status ticket.State) *ticket.Ticket {
	return &ticket.Ticket{
		Number:      "4478963",
		Subject:     "Cat is ill",
		Description: "I want to take my cat to a vet",
		Status:      ticket.Status{Name: string(status), State: status},
		Category:    ticket.Category{ID: "15721", Name: "Other cases"},
		Source:      ticket.Ref{Name: "web"},
		Requester: &ticket.Person{
			ID: "35692164-bfaa-4c49-a23c-ecfa618f7d20", Name: "Robert Baker", Email: "robert78baker@gmail.com", Role: ticket.RoleClient,
		},
		Community: "yourCompany",
		Replies:   []ticket.Reply{sampleReply()},
		CreatedAt: time.Date(2019, 12, 17, 8, 3, 48, 318717000, zone),
		UpdatedAt: time.Date(2019, 12, 17, 8, 10, 3, 818129100, zone),
	}
}

var sampleAgent = ticket.Person{
	ID: "513840d3-a2fb-4b16-8381-9afeb6cf5993", Name: "Support Agent 007", Email: "support_agent007@socialboards.com", Role: ticket.RoleAgent,
}

func sampleReply() ticket.Reply {
	return ticket.Reply{
		ID: "156372820", Author: sampleAgent, Body: "<p>Which day suits you & the cat?</p>", Public: true,
		CreatedAt: time.Date(2019, 12, 17, 8, 10, 3, 818129100, zone),
	}
}

// sampleChange is a change of the ticket, a moment after its last reply.
func sampleChange(id string, kind ticket.Kind) *ticket.Change {
	return &ticket.Change{
		ID:     "sample-" + id,
		Kind:   kind,
		At:     time.Date(2019, 12, 17, 8, 10, 4, 0, zone),
		Actor:  sampleAgent,
		Before: sampleTicket(ticket.Pending),
		After:  sampleTicket(ticket.Pending),
	}
}

func sampleCreation() *ticket.Change {
	change := sampleChange("creation", ticket.TicketCreated)
	change.Before = nil
	change.After = sampleTicket(ticket.Open)
	change.After.Replies = nil
	change.After.UpdatedAt = change.After.CreatedAt
	change.At = change.After.CreatedAt
	change.Actor = *change.After.Requester
	return change
}

// sampleStatus is the vendor's example: open before, pending now.
func sampleStatus() *ticket.Change {
	change := sampleChange("status", ticket.TicketUpdated)
	change.Before = sampleTicket(ticket.Open)
	change.Touched = []string{"status"}
	return change
}

func sampleTags() *ticket.Change {
	change := sampleChange("tags", ticket.TicketUpdated)
	change.Before.Tags = []string{"cat"}
	change.After.Tags = []string{"cat", "appointment"}
	change.Touched = []string{"tags"}
	return change
}

func sampleCategory() *ticket.Change {
	change := sampleChange("category", ticket.TicketUpdated)
	change.Before.Category = ticket.Category{}
	change.Touched = []string{"category"}
	return change
}

// sampleOfReply is the reply of the example, being added, changed or deleted.
func sampleOfReply(kind ticket.Kind) func() *ticket.Change {
	return func() *ticket.Change {
		change := sampleChange(string(kind), kind)
		reply := sampleReply()
		change.Reply = &reply
		switch kind {
		case ticket.ReplyAdded:
			change.Before.Replies = nil
		case ticket.ReplyDeleted:
			change.After.Replies = nil
		default:
			change.Before.Replies[0].Body = "<p>Which day suits you?</p>"
		}
		return change
	}
}

// sampleOfNote is a note being added, changed or deleted.
func sampleOfNote(kind ticket.Kind) func() *ticket.Change {
	return func() *ticket.Change {
		change := sampleChange(string(kind), kind)
		note := ticket.Note{
			ID: "718030", Author: sampleAgent, Body: "<p>The vet has time on Friday.</p>", CreatedAt: change.At,
			Attachments: []ticket.Attachment{{Name: "opening-hours.png", URL: "https://files.example.com/opening-hours.png"}},
		}
		change.Note = &note
		change.Before.Notes, change.After.Notes = []ticket.Note{note}, []ticket.Note{note}
		switch kind {
		case ticket.NoteAdded:
			change.Before.Notes = nil
		case ticket.NoteDeleted:
			change.After.Notes = nil
		default:
			change.Before.Notes[0].Body = "<p>Ask the vet.</p>"
		}
		return change
	}
}
