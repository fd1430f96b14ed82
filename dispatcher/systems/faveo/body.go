package faveo

import (
	"maps"
	"slices"

	"github.com/hookdesk/hookdesk/triggers/ticket"
)

type createdBody struct {
	Event        string        `json:"event"`
	Ticket       createdTicket `json:"ticket"`
	Thread       []thread      `json:"thread"`
	CustomFields []customField `json:"custom_fields"`
	Requester    *person       `json:"requester"`
}

// createdTicket is a ticket as Faveo has just stored it: only what was set,
// in the order of the page.
type createdTicket struct {
	CreatorID   int64  `json:"creator_id"`
	UserID      int64  `json:"user_id"`
	HelpTopicID int64  `json:"help_topic_id"`
	DeptID      int64  `json:"dept_id"`
	SLA         int64  `json:"sla"`
	LocationID  int64  `json:"location_id"`
	PriorityID  int64  `json:"priority_id"`
	Type        int64  `json:"type"`
	Source      int64  `json:"source"`
	Status      int64  `json:"status"`
	UpdatedAt   string `json:"updated_at"`
	CreatedAt   string `json:"created_at"`
	ID          int64  `json:"id"`
	Number      string `json:"ticket_number"`
	computed
}

type customField struct {
	Key   string `json:"key"`
	Value any    `json:"value"`
}

type repliedBody struct {
	Event     string        `json:"event"`
	RepliedBy *person       `json:"replied_by"`
	Thread    repliedThread `json:"thread"`
}

type repliedThread struct {
	thread
	Ticket trackedTicket `json:"ticket"`
	User   *author       `json:"user"`
}

// trackedTicket is a ticket with its stays in departments.
type trackedTicket struct {
	wireTicket
	DepartmentDueTrack []dueTrack `json:"department_due_track"`
}

// statusTicket is a ticket with its status and its stays.
type statusTicket struct {
	wireTicket
	Statuses           *status    `json:"statuses"`
	DepartmentDueTrack []dueTrack `json:"department_due_track"`
}

type statusBody struct {
	Event  string       `json:"event"`
	Ticket statusTicket `json:"ticket"`
}

// dueDateBody holds the ticket under the key thread, as the page has it.
type dueDateBody struct {
	Event  string       `json:"event"`
	Thread statusTicket `json:"thread"`
}

type assignedBody struct {
	Event  string         `json:"event"`
	Ticket assignedTicket `json:"ticket"`
}

type assignedTicket struct {
	wireTicket
	Assigned   *account `json:"assigned"`
	Creator    *account `json:"creator"`
	User       *account `json:"user"`
	Priority   *named   `json:"priority"`
	Department *named   `json:"department"`
	SLAPlan    *named   `json:"sla_plan"`
	Sources    *named   `json:"sources"`
	HelpTopic  *named   `json:"help_topic"`
	Statuses   *status  `json:"statuses"`
}

type ownerBody struct {
	Event     string        `json:"event"`
	Thread    trackedTicket `json:"thread"`
	Requester *person       `json:"requester"`
}

type departmentBody struct {
	Event  string     `json:"event"`
	Thread wireTicket `json:"thread"`
}

// renderBody returns the body of an event as a tree.
func renderBody(event string, change *ticket.Change) any {
	t := change.After
	wire := renderTicket(change)
	switch event {
	case Created:
		return createdBody{event, asCreated(wire), []thread{openingThread(change)}, customFields(t), renderPerson(t, t.Requester)}
	case Commented, Reply:
		entry, writer := renderThread(change)
		return repliedBody{event, renderPerson(t, writer), repliedThread{
			entry, trackedTicket{wire, renderDueTrack(change)}, renderAuthor(t, writer),
		}}
	case StatusUpdated:
		return statusBody{event, statusTicket{wire, renderStatus(t), renderDueTrack(change)}}
	case DueDateUpdated:
		return dueDateBody{event, statusTicket{wire, renderStatus(t), renderDueTrack(change)}}
	case Assigned:
		return assignedBody{event, renderAssigned(wire, t)}
	case OwnerUpdated:
		return ownerBody{event, trackedTicket{wire, renderDueTrack(change)}, renderPerson(t, t.Requester)}
	default: // DepartmentUpdated: systems.Begin lets no other event through
		return departmentBody{event, wire}
	}
}

func asCreated(wire wireTicket) createdTicket {
	return createdTicket{
		CreatorID: wire.CreatorID, UserID: wire.UserID, HelpTopicID: wire.HelpTopicID, DeptID: wire.DeptID,
		SLA: wire.SLA, LocationID: wire.LocationID, PriorityID: wire.PriorityID, Type: wire.Type,
		Source: wire.Source, Status: wire.Status, UpdatedAt: wire.UpdatedAt, CreatedAt: wire.CreatedAt,
		ID: wire.ID, Number: wire.TicketNumber, computed: wire.computed,
	}
}

func renderAssigned(wire wireTicket, t *ticket.Ticket) assignedTicket {
	creator := t.Creator
	if creator == nil {
		creator = t.Requester
	}
	return assignedTicket{
		wireTicket: wire,
		Assigned:   renderAccount(t, t.Assignee),
		Creator:    renderAccount(t, creator),
		User:       renderAccount(t, t.Requester),
		Priority:   row(t.Priority, priorityIDs),
		Department: row(t.Department, departmentIDs),
		SLAPlan:    row(t.SLA, planIDs),
		Sources:    row(t.Source, sourceIDs),
		HelpTopic:  row(t.HelpTopic, helpTopicIDs),
		Statuses:   renderStatus(t),
	}
}

// customFields lists the ticket's custom fields by name.
func customFields(t *ticket.Ticket) []customField {
	fields := []customField{}
	for _, key := range slices.Sorted(maps.Keys(t.CustomFields)) {
		fields = append(fields, customField{key, t.CustomFields[key]})
	}
	return fields
}
