package faveo

import (
	"time"

	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// The tickets of the vendor's page: HDSK-AAAA-0122 is answered, closed, gets a
// due date and another owner; HDSK-AAAA-0029 is assigned. What the page does
// not say of them, such as who the requester with the id 21 is, has a plain
// stand-in at example.com.

func day(month time.Month, date, hour, minute, second int) time.Time {
	return time.Date(2024, month, date, hour, minute, second, 0, time.UTC)
}

var (
	opened   = day(time.May, 7, 11, 15, 58)
	replied  = day(time.May, 7, 11, 17, 11)
	closed   = day(time.May, 7, 11, 24, 29)
	reopened = day(time.May, 7, 11, 27, 11)
	handed   = day(time.May, 7, 11, 30, 28)
)

func demoAdmin() *ticket.Person {
	return &ticket.Person{
		ID: "1", FirstName: "Demo", LastName: "admin", UserName: "demoadmin",
		Email: "demoadmin5@gmail.com", Role: ticket.RoleAgent,
	}
}

func client(id, name string) *ticket.Person {
	return &ticket.Person{
		ID: id, FirstName: "Client", LastName: name, UserName: "client" + id,
		Email: "client" + id + "@example.com", Role: ticket.RoleClient,
	}
}

// ticket306 is HDSK-AAAA-0122 when it was opened.
func ticket306() *ticket.Ticket {
	return &ticket.Ticket{
		Number:          "HDSK-AAAA-0122",
		Subject:         "Cannot print invoices",
		DescriptionHTML: "<p>The printer on the second floor prints blank pages.</p>",
		Status:          ticket.Status{ID: "1", Name: "Open", State: ticket.Open},
		Priority:        ticket.Ref{ID: "1", Name: "Low"},
		Department:      ticket.Ref{ID: "1", Name: "Support"},
		HelpTopic:       ticket.Ref{ID: "1", Name: "Support Query"},
		SLA:             ticket.Ref{ID: "1", Name: "Default"},
		Source:          ticket.Ref{ID: "1", Name: "Web"},
		Requester:       client("21", "One"),
		Creator:         demoAdmin(),
		CustomFields:    map[string]any{"invoice": "A-1001"},
		Extra:           ticket.Extra{"id": float64(306), "thread_id": float64(528), "admins": []any{"1"}},
		CreatedAt:       opened,
		UpdatedAt:       opened,
	}
}

func firstReply() ticket.Reply {
	return ticket.Reply{ID: "529", Author: *demoAdmin(), Body: "<p>reply</p>", Public: true, CreatedAt: replied}
}

// answered306 is the ticket after its first reply.
func answered306() *ticket.Ticket {
	t := ticket306()
	t.Assignee = demoAdmin()
	t.Replies = []ticket.Reply{firstReply()}
	t.UpdatedAt = day(time.May, 7, 11, 17, 10)
	return t
}

func sampleChange(kind ticket.Kind, at time.Time, actor *ticket.Person, before, after *ticket.Ticket, touched ...string) *ticket.Change {
	return &ticket.Change{
		ID: "chg_faveo_sample", Workspace: "default", Kind: kind, At: at, Actor: *actor, Via: "web",
		Before: before, After: after, Touched: touched,
	}
}

func sampleCreated() *ticket.Change {
	return sampleChange(ticket.TicketCreated, opened, demoAdmin(), nil, ticket306(), "subject", "requester")
}

func sampleCommented() *ticket.Change {
	at := day(time.May, 7, 11, 20, 2)
	comment := ticket.Reply{ID: "530", Author: *client("21", "One"), Body: "<p>comment</p>", Public: true, CreatedAt: at}
	after := answered306()
	after.Replies = append(after.Replies, comment)
	after.UpdatedAt = at
	change := sampleChange(ticket.ReplyAdded, at, client("21", "One"), answered306(), after, "replies")
	change.Reply = &comment
	return change
}

func sampleReply() *ticket.Change {
	before := ticket306()
	before.Assignee = demoAdmin()
	change := sampleChange(ticket.ReplyAdded, replied, demoAdmin(), before, answered306(), "replies")
	reply := firstReply()
	change.Reply = &reply
	return change
}

func sampleStatus() *ticket.Change {
	after := answered306()
	after.Status = ticket.Status{ID: "3", Name: "Closed", State: ticket.Closed}
	after.ClosedAt = &closed
	after.UpdatedAt = closed
	after.Extra["statuses"] = map[string]any{
		"created_at": "2024-05-03T05:39:50.000000Z",
		"updated_at": "2024-05-03T05:40:46.000000Z",
	}
	return sampleChange(ticket.TicketUpdated, closed, demoAdmin(), answered306(), after, "status")
}

func sampleDueDate() *ticket.Change {
	at := day(time.May, 7, 11, 21, 40)
	due := day(time.May, 9, 17, 0, 0)
	response, resolution := day(time.May, 7, 12, 15, 58), day(time.May, 8, 11, 15, 58)
	before, after := answered306(), answered306()
	for _, t := range []*ticket.Ticket{before, after} {
		t.ResponseDueAt, t.ResolutionDueAt = &response, &resolution
	}
	after.DueAt = &due
	after.UpdatedAt = at
	return sampleChange(ticket.TicketUpdated, at, demoAdmin(), before, after, "due_at")
}

func sampleAssigned() *ticket.Change {
	made := func() *ticket.Ticket {
		return &ticket.Ticket{
			Number:     "HDSK-AAAA-0029",
			Subject:    "Question about an order",
			Status:     ticket.Status{ID: "1", Name: "Open", State: ticket.Open},
			Priority:   ticket.Ref{ID: "2", Name: "Normal"},
			Department: ticket.Ref{ID: "1", Name: "Support"},
			HelpTopic:  ticket.Ref{ID: "1", Name: "Support Query"},
			SLA:        ticket.Ref{ID: "1", Name: "Default"},
			Source:     ticket.Ref{ID: "1", Name: "Web"},
			Requester: &ticket.Person{
				ID: "17", FirstName: "Mohd", LastName: "Asif", UserName: "asif1@gmail.com",
				Email: "asif1@gmail.com", Role: ticket.RoleClient,
			},
			Creator: &ticket.Person{
				ID: "1", FirstName: "manik", LastName: "zitshi", UserName: "demoadmin",
				Email: "demoadmin5@gmail.com", Role: ticket.RoleAgent,
			},
			Extra: ticket.Extra{
				"id": float64(30), "admins": []any{"1"},
				"profile_pics": map[string]any{
					"1":  "https://faveo.example.com/pictures/1.png",
					"6":  "https://faveo.example.com/pictures/6.png",
					"17": "https://faveo.example.com/pictures/17.png",
				},
			},
			CreatedAt: day(time.May, 3, 10, 37, 45),
			UpdatedAt: day(time.May, 3, 10, 37, 45),
		}
	}
	after := made()
	after.Assignee = &ticket.Person{ID: "6", Name: "agent1", UserName: "agent1", Email: "agent1@gmail.com", Role: ticket.RoleAgent}
	after.UpdatedAt = day(time.May, 3, 10, 47, 28)
	return sampleChange(ticket.TicketUpdated, after.UpdatedAt, after.Creator, made(), after, "assignee")
}

// reopened306 is the ticket opened again after it was closed.
func reopened306() *ticket.Ticket {
	t := answered306()
	t.UpdatedAt = reopened
	t.Extra["reopened_at"] = reopened.Format(time.RFC3339)
	stay := func(id float64, started, ended string, created, updated time.Time) map[string]any {
		return map[string]any{
			"id": id, "started_at": started, "ended_at": ended,
			"created_at": created.Format(time.RFC3339), "updated_at": updated.Format(time.RFC3339),
		}
	}
	t.Extra["department_due_track"] = []any{
		stay(306, "2024-05-07 11:15:58", "2024-05-07 11:24:29", opened, closed),
		stay(307, "2024-05-07 11:27:11", "", reopened, reopened),
	}
	return t
}

func sampleOwner() *ticket.Change {
	after := reopened306()
	after.Requester = client("16", "Two")
	after.UpdatedAt = handed
	return sampleChange(ticket.TicketUpdated, handed, demoAdmin(), reopened306(), after, "requester")
}

func sampleDepartment() *ticket.Change {
	at := day(time.May, 7, 11, 19, 5)
	after := answered306()
	after.Department = ticket.Ref{ID: "2", Name: "Sales"}
	after.UpdatedAt = at
	return sampleChange(ticket.TicketUpdated, at, demoAdmin(), answered306(), after, "department")
}
