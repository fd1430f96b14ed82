package faveo

import (
	"encoding/base64"
	"math"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// wireTicket is a row of Faveo's tickets: its columns in the order of the
// page, then what Faveo computes.
type wireTicket struct {
	ID                  int64   `json:"id"`
	TicketNumber        string  `json:"ticket_number"`
	UserID              int64   `json:"user_id"`
	DeptID              int64   `json:"dept_id"`
	TeamID              *int64  `json:"team_id"`
	PriorityID          int64   `json:"priority_id"`
	SLA                 int64   `json:"sla"`
	HelpTopicID         int64   `json:"help_topic_id"`
	Status              int64   `json:"status"`
	Rating              int64   `json:"rating"`
	RatingReply         int64   `json:"ratingreply"`
	Flags               int64   `json:"flags"`
	IPAddress           any     `json:"ip_address"` // text, or the number 0 where unset
	AssignedTo          *int64  `json:"assigned_to"`
	LockBy              int64   `json:"lock_by"`
	LockAt              *string `json:"lock_at"`
	Source              int64   `json:"source"`
	IsOverdue           int64   `json:"isoverdue"`
	Reopened            int64   `json:"reopened"`
	IsAnswered          int64   `json:"isanswered"`
	HTML                int64   `json:"html"`
	IsDeleted           int64   `json:"is_deleted"`
	Closed              int64   `json:"closed"`
	IsTransferred       int64   `json:"is_transferred"`
	TransferredAt       string  `json:"transferred_at"`
	ReopenedAt          *string `json:"reopened_at"`
	DueDate             *string `json:"duedate"`
	ClosedAt            *string `json:"closed_at"`
	LastMessageAt       *string `json:"last_message_at"`
	LastResponseAt      *string `json:"last_response_at"`
	FirstResponseTime   *string `json:"first_response_time"` // a time, not a duration
	CreatedAt           string  `json:"created_at"`
	UpdatedAt           string  `json:"updated_at"`
	ResolutionTime      *int64  `json:"resolution_time"` // minutes
	IsResponseSLA       *int64  `json:"is_response_sla"`
	IsResolutionSLA     *int64  `json:"is_resolution_sla"`
	Type                int64   `json:"type"`
	LocationID          int64   `json:"location_id"`
	CreatorID           int64   `json:"creator_id"`
	IsManualDueDate     int64   `json:"is_manual_duedate"`
	AverageResponseTime *int64  `json:"average_response_time"` // minutes
	ResponseDueBy       *string `json:"response_due_by"`
	ResolutionDueBy     *string `json:"resolution_due_by"`
	computed
}

// computed is what Faveo adds to a ticket's columns.
type computed struct {
	ThreadCount         int64  `json:"thread_count"`
	AttachmentCount     int64  `json:"attachment_count"`
	Poster              string `json:"poster"` // who wrote last: client or support
	EncryptedID         string `json:"encrypted_id"`
	StrictlyThreadCount int64  `json:"strictly_thread_count"`
}

func renderTicket(change *ticket.Change) wireTicket {
	t := change.After
	given := columns{t.Extra}
	talk := conversation(change)
	over := systems.Over(t.Status.State)
	created, updated := createdAt(change), updatedAt(change)
	wire := wireTicket{
		ID:              t.NumericID(),
		TicketNumber:    t.Number,
		UserID:          t.Requester.NumericID(),
		DeptID:          refID(t.Department, departmentIDs),
		TeamID:          maybeRefID(t.Team),
		PriorityID:      refID(t.Priority, priorityIDs),
		SLA:             refID(t.SLA, planIDs),
		HelpTopicID:     refID(t.HelpTopic, helpTopicIDs),
		Status:          refID(statusRef(t), statusIDs),
		Rating:          given.number("rating", 0),
		RatingReply:     given.number("ratingreply", 0),
		Flags:           given.number("flags", 0),
		IPAddress:       ipAddress(given),
		AssignedTo:      maybePersonID(t.Assignee),
		LockBy:          given.number("lock_by", 0),
		LockAt:          given.moment("lock_at", nil),
		Source:          refID(t.Source, sourceIDs),
		IsOverdue:       given.number("isoverdue", flag(!over && t.DueAt != nil && t.DueAt.Before(change.At))),
		Reopened:        given.number("reopened", flag(t.Extra.Text("reopened_at") != "")),
		IsAnswered:      given.number("isanswered", flag(talk.poster == posterSupport)),
		HTML:            given.number("html", 0),
		IsDeleted:       given.number("is_deleted", flag(change.Kind == ticket.TicketDeleted)),
		Closed:          flag(over),
		ReopenedAt:      given.moment("reopened_at", nil),
		DueDate:         columns{}.moment("", t.DueAt),
		LastMessageAt:   given.moment("last_message_at", nil),
		LastResponseAt:  given.moment("last_response_at", nil),
		CreatedAt:       systems.LaravelTime(created),
		UpdatedAt:       systems.LaravelTime(updated),
		Type:            refID(t.Type, nil),
		LocationID:      given.number("location_id", 0),
		CreatorID:       creatorID(t),
		IsManualDueDate: given.number("is_manual_duedate", flag(t.DueAt != nil && !systems.SameTime(t.DueAt, t.ResolutionDueAt))),
		ResponseDueBy:   columns{}.moment("", t.ResponseDueAt),
		ResolutionDueBy: columns{}.moment("", t.ResolutionDueAt),
		computed:        renderComputed(t, talk),
	}
	wire.transfer(change, given)
	wire.measure(change, given, talk)
	return wire
}

// transfer fills in whether the ticket has moved between departments.
func (w *wireTicket) transfer(change *ticket.Change, given columns) {
	moved := systems.Changed(change, "department")
	w.IsTransferred = given.number("is_transferred", flag(moved))
	w.TransferredAt = systems.LaravelDate(time.Time{})
	when := &change.At
	if !moved {
		when = nil
	}
	if text := given.date("transferred_at", when); text != nil {
		w.TransferredAt = *text
	}
}

// measure fills in the times that Faveo takes of a ticket's handling.
func (w *wireTicket) measure(change *ticket.Change, given columns, talk talk) {
	t := change.After
	w.FirstResponseTime = given.moment("first_response_time", talk.firstResponse)
	w.AverageResponseTime = given.maybeNumber("average_response_time", talk.average())
	var inTime *int64
	if talk.firstResponse != nil {
		met := flag(t.ResponseDueAt == nil || !talk.firstResponse.After(*t.ResponseDueAt))
		inTime = &met
	}
	w.IsResponseSLA = given.maybeNumber("is_response_sla", inTime)
	var taken, solved *int64
	if systems.Over(t.Status.State) {
		closed := closedAt(change)
		w.ClosedAt = columns{}.moment("", closed)
		spent := minutes(createdAt(change), *closed)
		met := flag(t.ResolutionDueAt == nil || !closed.After(*t.ResolutionDueAt))
		taken, solved = &spent, &met
	}
	w.ResolutionTime = given.maybeNumber("resolution_time", taken)
	w.IsResolutionSLA = given.maybeNumber("is_resolution_sla", solved)
}

func renderComputed(t *ticket.Ticket, talk talk) computed {
	given := columns{t.Extra}
	files := len(t.Attachments)
	for _, reply := range t.Replies {
		files += len(reply.Attachments)
	}
	return computed{
		ThreadCount:         given.number("thread_count", talk.entries),
		AttachmentCount:     given.number("attachment_count", int64(files)),
		Poster:              given.text("poster", talk.poster),
		EncryptedID:         given.text("encrypted_id", encryptedID(t)),
		StrictlyThreadCount: given.number("strictly_thread_count", talk.entries),
	}
}

// encryptedID has the shape of what Laravel encrypts: base64 of a JSON object
// with iv, value and mac. It is the same for a ticket at all times.
func encryptedID(t *ticket.Ticket) string {
	part := func(name string, n int) string {
		return base64.StdEncoding.EncodeToString([]byte(systems.Token(systems.LowerAlphanumeric, n, "faveo", name, t.Number)))
	}
	sealed := struct {
		IV    string `json:"iv"`
		Value string `json:"value"`
		MAC   string `json:"mac"`
	}{part("iv", 16), part("value", 16), systems.Token(systems.Hexadecimal, 64, "faveo", "mac", t.Number)}
	text, err := systems.JSON(sealed)
	if err != nil {
		return "" // three texts always encode
	}
	return base64.StdEncoding.EncodeToString(text)
}

func ipAddress(given columns) any {
	if text := given.text("ip_address", ""); text != "" {
		return text
	}
	return given.number("ip_address", 0)
}

func maybeRefID(ref ticket.Ref) *int64 {
	if ref == (ticket.Ref{}) {
		return nil
	}
	id := refID(ref, nil)
	return &id
}

func maybePersonID(p *ticket.Person) *int64 {
	if p == nil {
		return nil
	}
	id := p.NumericID()
	return &id
}

// creatorID is who opened the ticket; a ticket without a creator was opened by
// its requester.
func creatorID(t *ticket.Ticket) int64 {
	if t.Creator != nil {
		return t.Creator.NumericID()
	}
	return t.Requester.NumericID()
}

func createdAt(change *ticket.Change) time.Time {
	if t := change.After.CreatedAt; !t.IsZero() {
		return t
	}
	return change.At
}

func updatedAt(change *ticket.Change) time.Time {
	if t := change.After.UpdatedAt; !t.IsZero() {
		return t
	}
	return change.At
}

// closedAt is when a ticket that is over ended.
func closedAt(change *ticket.Change) *time.Time {
	if t := change.After.ClosedAt; t != nil && !t.IsZero() {
		return t
	}
	return &change.At
}

func flag(set bool) int64 {
	if set {
		return 1
	}
	return 0
}

// minutes is the time between two moments in whole minutes, rounded as the
// page's figures are: 73 seconds are 1 minute, 511 seconds are 9.
func minutes(from, to time.Time) int64 {
	return max(0, int64(math.Round(to.Sub(from).Minutes())))
}
