package supportservice

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// seedBody is the body as the vendor's page prints it.
type seedBody struct {
	opening
	rest
}

// capturedBody is the body as it was captured: five more members after Status.
type capturedBody struct {
	opening
	counts
	rest
}

type opening struct {
	ID      int64   `json:"Id"`
	Subject *string `json:"Subject"`
	Status  string  `json:"Status"`
}

type counts struct {
	Type                int  `json:"Type"`
	Origin              int  `json:"Origin"`
	IsDeleted           bool `json:"IsDeleted"`
	ActionCount         int  `json:"ActionCount"`
	ResolvedInFirstCall bool `json:"ResolvedInFirstCall"`
}

type rest struct {
	Justification     *string            `json:"Justification"`
	Actions           []any              `json:"Actions"`
	WebhookEvents     []any              `json:"WebhookEvents"`
	Urgency           *string            `json:"Urgency"`
	ServiceFirstLevel *string            `json:"ServiceFirstLevel"`
	CustomFieldValues []customFieldValue `json:"CustomFieldValues"`
	SlaSolutionTime   *int64             `json:"SlaSolutionTime"`
}

// seedEvent and capturedEvent are a condition that held. The page calls the
// second member Operator, captured requests Operation.
type seedEvent struct {
	Criteria int `json:"Criteria"`
	Operator int `json:"Operator"`
}

type capturedEvent struct {
	Criteria  int `json:"Criteria"`
	Operation int `json:"Operation"`
}

// shape makes what the revisions spell differently.
type shape struct {
	event  func(criteria, operator int) any
	action func(entry) any
}

var (
	seedShape = shape{
		event:  func(c, o int) any { return seedEvent{c, o} },
		action: func(e entry) any { return e.seed() },
	}
	capturedShape = shape{
		event:  func(c, o int) any { return capturedEvent{c, o} },
		action: func(e entry) any { return e.captured() },
	}
)

func newOpening(change *ticket.Change) opening {
	return opening{
		ID:      change.After.NumericID(),
		Subject: text(change.After.Subject),
		Status:  statusName(change.After.Status),
	}
}

func newCounts(change *ticket.Change) counts {
	t := change.After
	firstCall, _ := t.Extra.Int("ResolvedInFirstCall")
	return counts{
		Type:                ticketType(t),
		Origin:              ticketOrigin(t),
		IsDeleted:           change.Kind == ticket.TicketDeleted,
		ActionCount:         1 + len(t.Replies) + len(t.Notes),
		ResolvedInFirstCall: firstCall != 0,
	}
}

func newRest(occasion systems.Occasion, shape shape) rest {
	t := occasion.Change.After
	body := rest{
		Justification:     text(t.Justification),
		Actions:           []any{},
		WebhookEvents:     []any{},
		Urgency:           text(refText(t.Urgency)),
		ServiceFirstLevel: text(service(t)),
		CustomFieldValues: customFields(t.CustomFields),
		SlaSolutionTime:   solutionMinutes(t),
	}
	for _, e := range entries(occasion.Change, occasion.Endpoint.PrivateNotes) {
		body.Actions = append(body.Actions, shape.action(e))
	}
	for _, m := range occasion.Matched {
		body.WebhookEvents = append(body.WebhookEvents, shape.event(CriteriaOf(m.Field), OperatorOf(m.Op)))
	}
	return body
}

// baseStatus names the vendor's base status of a state, for a status that has
// no name of its own.
var baseStatus = map[ticket.State]string{
	ticket.New:      "New",
	ticket.Open:     "InAttendance",
	ticket.Pending:  "Stopped",
	ticket.OnHold:   "Stopped",
	ticket.Resolved: "Resolved",
	ticket.Closed:   "Closed",
}

func statusName(status ticket.Status) string {
	if status.Name != "" {
		return status.Name
	}
	if name, ok := baseStatus[status.State]; ok {
		return name
	}
	return baseStatus[ticket.New]
}

// service is the first level of the service catalogue: extra.ServiceFirstLevel,
// else the help topic, else the first level of the category.
func service(t *ticket.Ticket) string {
	if name := t.Extra.Text("ServiceFirstLevel"); name != "" {
		return name
	}
	if name := refText(t.HelpTopic); name != "" {
		return name
	}
	if first, _, _ := strings.Cut(t.Category.Path, "/"); first != "" {
		return first
	}
	return t.Category.Name
}

// solutionMinutes is the time the service level allows for a solution:
// extra.SlaSolutionTime, else from creation to the resolution's due time, in
// whole minutes.
func solutionMinutes(t *ticket.Ticket) *int64 {
	if minutes, ok := t.Extra.Int("SlaSolutionTime"); ok {
		return &minutes
	}
	if t.ResolutionDueAt == nil || t.CreatedAt.IsZero() {
		return nil
	}
	minutes := int64(t.ResolutionDueAt.Sub(t.CreatedAt) / time.Minute)
	return &minutes
}

func refText(ref ticket.Ref) string {
	if ref.Name != "" {
		return ref.Name
	}
	return ref.ID
}

// text is a text member, null where it is empty.
func text(value string) *string {
	if value == "" {
		return nil
	}
	return &value
}

// withoutNulls drops the members that are null, at every depth.
func withoutNulls(value []byte) ([]byte, error) {
	if members, ok := systems.Members(string(value)); ok {
		var kept []systems.Member
		for _, m := range members {
			if string(m.Value) == "null" {
				continue
			}
			inner, err := withoutNulls(m.Value)
			if err != nil {
				return nil, err
			}
			kept = append(kept, systems.Member{Name: m.Name, Value: inner})
		}
		return systems.Object(kept)
	}
	var list []json.RawMessage
	if !bytes.HasPrefix(value, []byte("[")) || json.Unmarshal(value, &list) != nil {
		return value, nil //nolint:nilerr // no list: it stays as it is
	}
	items := make([][]byte, len(list))
	for i, item := range list {
		inner, err := withoutNulls(item)
		if err != nil {
			return nil, err
		}
		items[i] = inner
	}
	return append(append([]byte{'['}, bytes.Join(items, []byte{','})...), ']'), nil
}
