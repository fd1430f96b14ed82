// Package faveo emulates the webhooks of Faveo Helpdesk: eight events, sent as
// form values in PHP's bracket notation, or as JSON.
//
// The vendor's page describes the values under readable labels. The names on
// the wire are the columns of the open-source edition that the labels stand
// for; the order is the page's. What no page says is marked as assumed in the
// Sheet, and where the page contradicts itself the comment in
// testdata/vendor.txtar says which side was taken.
package faveo

import (
	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// The events, by the vendor's names.
const (
	Created           = "ticket_created"
	Commented         = "ticket_commented"
	Reply             = "ticket_reply"
	StatusUpdated     = "ticket_status_updated"
	DueDateUpdated    = "ticket_due_date_updated"
	Assigned          = "ticket_assigned"
	OwnerUpdated      = "ticket_owner_updated"
	DepartmentUpdated = "ticket_department_updated"
)

// The revisions.
const (
	Form = "form"
	JSON = "json"
)

type system struct{ sheet *systems.Sheet }

// New returns the faveo system.
func New() systems.System { return &system{sheet: sheet()} }

func (s *system) Sheet() *systems.Sheet { return s.sheet }

func (s *system) AttemptHeaders(int) []systems.Header { return nil }

// Detect names events in the order of the vendor's page. What Faveo writes
// into the thread by itself, such as a line about an assignment, is no comment
// and no reply; nor is an internal note.
func (s *system) Detect(change *ticket.Change) []string {
	if change == nil || change.After == nil {
		return nil
	}
	var events []string
	fired := func(event string, fires bool) {
		if fires {
			events = append(events, event)
		}
	}
	fired(Created, change.Created())
	if reply := systems.PublicReply(change); reply != nil {
		role := systems.AuthorRole(change, reply.Author)
		fired(Commented, role == ticket.RoleClient)
		fired(Reply, role == ticket.RoleAgent)
	}
	fired(StatusUpdated, systems.Changed(change, "status"))
	fired(DueDateUpdated, systems.Changed(change, "due_at") && byAgent(change))
	fired(Assigned, assigned(change))
	fired(OwnerUpdated, systems.Changed(change, "requester"))
	fired(DepartmentUpdated, systems.Changed(change, "department"))
	return events
}

// byAgent reports whether an agent or admin made the change; an actor without
// a role is taken for one.
func byAgent(change *ticket.Change) bool {
	return change.Actor.Role == ticket.RoleAgent || change.Actor.Role == ""
}

// assigned reports whether an agent or a team got the ticket. Taking it away
// from them assigns it to nobody.
func assigned(change *ticket.Change) bool {
	return change.After.Assignee != nil && systems.Changed(change, "assignee") ||
		change.After.Team != (ticket.Ref{}) && systems.Changed(change, "team")
}

func (s *system) Render(occasion systems.Occasion) (*systems.Request, error) {
	revision, err := systems.Begin(s.sheet, occasion)
	if err != nil {
		return nil, err
	}
	body, err := systems.JSON(renderBody(occasion.Event, occasion.Change))
	if err != nil {
		return nil, err
	}
	request := &systems.Request{
		EventID:     occasion.Delivery,
		ContentType: "application/json",
		Header:      []systems.Header{{Name: "User-Agent", Value: userAgent}},
		Body:        body,
	}
	if revision == Form {
		request.ContentType = "application/x-www-form-urlencoded"
		if request.Body, err = encodeForm(body); err != nil {
			return nil, err
		}
	}
	return request, nil
}
