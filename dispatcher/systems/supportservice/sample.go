package supportservice

import (
	"time"

	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// sampleTicket fills every member of the skeleton on the vendor's page, which
// gives types and no values.
func sampleTicket() *ticket.Ticket {
	created := time.Date(2020, 5, 19, 17, 4, 12, 83104500, time.UTC)
	solution := created.Add(8 * time.Hour)
	return &ticket.Ticket{
		Number:          "1024",
		Subject:         "Invoice shows the wrong amount",
		Description:     "The amount on my invoice is wrong.",
		DescriptionHTML: "<p>The amount on my invoice is wrong.</p>",
		Status:          ticket.Status{Name: "In attendance", State: ticket.Open},
		Urgency:         ticket.Ref{ID: "2", Name: "High"},
		Type:            ticket.Ref{ID: "2", Name: "Public"},
		HelpTopic:       ticket.Ref{ID: "7", Name: "Finance"},
		Source:          ticket.Ref{ID: "3", Name: "Email"},
		Requester:       &ticket.Person{ID: "C1024", Name: "Example Shop", Email: "orders@shop.example", Phone: "+55 11 5550 0100", Role: ticket.RoleClient},
		Assignee:        &ticket.Person{ID: "A7", Name: "Finance desk", Email: "finance@desk.example", Phone: "+55 11 5550 0107", Role: ticket.RoleAgent},
		CustomFields: map[string]any{
			"12": map[string]any{"CustomFieldRuleId": 5, "Line": 1, "Value": "INV-2020-0519"},
			"31": map[string]any{"CustomFieldRuleId": 5, "Line": 1, "Items": []any{map[string]any{
				"PersonId": "A7", "ClientId": "C1024", "Team": "Finance", "CustomFieldItem": "Billing",
				"StorageFileGuid": "0b8a6f0c-6a0e-4b52-9a33-5d9f1f3f7f10", "FileName": "invoice.pdf",
			}}},
		},
		ResolutionDueAt: &solution,
		CreatedAt:       created,
		UpdatedAt:       created,
	}
}

// sample is an agent's reply that also stops the ticket: the change of status
// is the one whose numbers are known.
func sample() *ticket.Change {
	before, after := sampleTicket(), sampleTicket()
	at := time.Date(2020, 5, 19, 20, 59, 24, 524687600, time.UTC)
	reply := ticket.Reply{
		ID:     "2",
		Author: *after.Assignee,
		Body:   "<p>Please send us <b>page 2</b> of the invoice.</p>",
		Public: true,
		Attachments: []ticket.Attachment{{
			ID: "1", Name: "invoice.pdf", URL: "https://files.desk.example/invoice.pdf", ContentType: "application/pdf", Size: 48213, CreatedAt: at,
		}},
		CreatedAt: at,
	}
	after.Status = ticket.Status{Name: "Awaiting client", State: ticket.Pending}
	after.Justification = "Waiting for a document"
	after.Replies = []ticket.Reply{reply}
	after.UpdatedAt = at
	return &ticket.Change{
		ID:      "sample-ticket",
		Kind:    ticket.ReplyAdded,
		At:      at,
		Actor:   *after.Assignee,
		Via:     "web",
		Before:  before,
		After:   after,
		Reply:   &reply,
		Touched: []string{"status", "justification"},
	}
}
