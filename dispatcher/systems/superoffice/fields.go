package superoffice

import (
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// ticketFields is FieldValues of a ticket event: the vendor's keys, in the
// vendor's order, which is alphabetical.
type ticketFields struct {
	Category      int64  `json:"category"`
	ConnectID     int64  `json:"connect_id"`
	ContactID     int64  `json:"contact_id"`
	CreatedAt     string `json:"created_at"`
	CustID        int64  `json:"cust_id"`
	HasAttachment int64  `json:"has_attachment"`
	LastChanged   string `json:"last_changed"`
	OwnedBy       int64  `json:"owned_by"`
	Priority      int64  `json:"priority"`
	ProjectID     int64  `json:"project_id"`
	SaleID        int64  `json:"sale_id"`
	SLevel        int64  `json:"slevel"`
	Status        int64  `json:"status"`
	TicketStatus  int64  `json:"ticket_status"`
	TicketType    int64  `json:"ticket_type"`
}

// What SuperOffice stores where nothing is set.
const (
	noTicket   = -1 // connect_id
	noCustomer = -1 // cust_id
	unassigned = 1  // owned_by
)

// Values of the column status.
const (
	levelActive    = 1
	levelClosed    = 2
	levelPostponed = 3
	levelDeleted   = 4
)

func fieldValues(change *ticket.Change, zone *time.Location) *ticketFields {
	t := change.After
	return &ticketFields{
		Category:      extraOr(t, "category", refNumber(t.Category.ID, t.Category.Name)),
		ConnectID:     extraOr(t, "connect_id", noTicket),
		ContactID:     extraOr(t, "contact_id", 0),
		CreatedAt:     columnTime(t.CreatedAt, zone),
		CustID:        extraOr(t, "cust_id", personNumber(t.Requester, noCustomer)),
		HasAttachment: hasAttachment(t),
		LastChanged:   columnTime(t.UpdatedAt, zone),
		OwnedBy:       extraOr(t, "owned_by", personNumber(t.Assignee, unassigned)),
		Priority:      extraOr(t, "priority", priorityNumber(t.Priority)),
		ProjectID:     extraOr(t, "project_id", 0),
		SaleID:        extraOr(t, "sale_id", 0),
		SLevel:        extraOr(t, "slevel", 0),
		Status:        level(t, change.Kind == ticket.TicketDeleted),
		TicketStatus:  statusNumber(t, change.Kind == ticket.TicketDeleted),
		TicketType:    extraOr(t, "ticket_type", refNumber(t.Type.ID, t.Type.Name)),
	}
}

// columnTime writes a time as FieldValues does: whole seconds, no zone. An
// unset one is .NET's first instant.
func columnTime(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return unsetTime
	}
	return t.In(zone).Format("2006-01-02T15:04:05")
}

// unsetTime is the smallest time of .NET, which SuperOffice sends for none.
const unsetTime = "0001-01-01T00:00:00"

func extraOr(t *ticket.Ticket, name string, otherwise int64) int64 {
	if n, ok := t.Extra.Int(name); ok {
		return n
	}
	return otherwise
}

func refNumber(id, name string) int64 {
	if id != "" {
		return ticket.NumericID(id)
	}
	return ticket.NumericID(name)
}

func personNumber(p *ticket.Person, nobody int64) int64 {
	if n := p.NumericID(); n != 0 {
		return n
	}
	return nobody
}

// priorities are the numbers of the priorities that a new installation has.
var priorities = map[string]int64{"low": 1, "medium": 2, "normal": 2, "high": 3}

func priorityNumber(p ticket.Ref) int64 {
	if n, ok := priorities[strings.ToLower(p.Name)]; ok && p.ID == "" {
		return n
	}
	return refNumber(p.ID, p.Name)
}

// level is the column status: the meaning of the ticket's status.
func level(t *ticket.Ticket, deleted bool) int64 {
	if deleted {
		return levelDeleted
	}
	if n, ok := t.Extra.Int("status"); ok {
		return n
	}
	switch t.Status.State {
	case ticket.Resolved, ticket.Closed:
		return levelClosed
	case ticket.Pending, ticket.OnHold:
		return levelPostponed
	default:
		return levelActive
	}
}

// statusNumber is the column ticket_status: the entry of the customer's own
// list. Its first entries have the numbers of their levels, which is what a
// status without an id gets.
func statusNumber(t *ticket.Ticket, deleted bool) int64 {
	if deleted {
		return levelDeleted
	}
	if n, ok := t.Extra.Int("ticket_status"); ok {
		return n
	}
	if t.Status.ID != "" {
		return ticket.NumericID(t.Status.ID)
	}
	return level(t, false)
}

func hasAttachment(t *ticket.Ticket) int64 {
	if n, ok := t.Extra.Int("has_attachment"); ok {
		return n
	}
	if len(t.Attachments) > 0 {
		return 1
	}
	for _, reply := range t.Replies {
		if len(reply.Attachments) > 0 {
			return 1
		}
	}
	return 0
}
