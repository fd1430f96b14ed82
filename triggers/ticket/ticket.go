// Package ticket is the canonical model of a support ticket and of a change to
// one: what comes in by the API, what conditions look at, and what the five
// emulated systems render in their own formats. It uses the standard library
// only.
package ticket

import (
	"bytes"
	"encoding/json"
	"time"
)

// State is the part of a status that every system has in common.
type State string

// The states of a ticket, in their order.
const (
	New      State = "new"
	Open     State = "open"
	Pending  State = "pending"
	OnHold   State = "on_hold"
	Resolved State = "resolved"
	Closed   State = "closed"
)

// States lists every State in order.
var States = []State{New, Open, Pending, OnHold, Resolved, Closed}

// Role says in what capacity somebody acts.
type Role string

// The roles of a person. A change made by a trigger's action has RoleRule.
const (
	RoleAgent  Role = "agent"
	RoleClient Role = "client"
	RoleSystem Role = "system"
	RoleRule   Role = "rule"
)

// Roles lists every Role.
var Roles = []Role{RoleAgent, RoleClient, RoleSystem, RoleRule}

// Ticket is one ticket. A member that a system leaves unset has its zero
// value; pointers are nil.
type Ticket struct {
	Number          string `json:"number"`
	Subject         string `json:"subject,omitempty"`
	Description     string `json:"description,omitempty"`      // plain text
	DescriptionHTML string `json:"description_html,omitempty"` // HTML
	Status          Status `json:"status,omitzero"`
	Justification   string `json:"justification,omitempty"` // why it has its status

	Priority   Ref      `json:"priority,omitzero"`
	Urgency    Ref      `json:"urgency,omitzero"`
	Type       Ref      `json:"type,omitzero"`
	Category   Category `json:"category,omitzero"`
	Department Ref      `json:"department,omitzero"`
	Team       Ref      `json:"team,omitzero"`
	HelpTopic  Ref      `json:"help_topic,omitzero"`
	SLA        Ref      `json:"sla,omitzero"`
	Source     Ref      `json:"source,omitzero"` // where it came from: web, email, agent, call, chat, …

	Requester *Person `json:"requester,omitempty"`
	Creator   *Person `json:"creator,omitempty"`
	Assignee  *Person `json:"assignee,omitempty"`

	Tags         []string `json:"tags,omitempty"`
	CustomFields Custom   `json:"custom_fields,omitempty"`

	DueAt           *time.Time `json:"due_at,omitempty"`
	ResponseDueAt   *time.Time `json:"response_due_at,omitempty"`
	ResolutionDueAt *time.Time `json:"resolution_due_at,omitempty"`

	Language    string       `json:"language,omitempty"`  // BCP 47
	Community   string       `json:"community,omitempty"` // Socialboards' community name
	Attachments []Attachment `json:"attachments,omitempty"`
	Replies     []Reply      `json:"replies,omitempty"`
	Notes       []Note       `json:"notes,omitempty"`
	Extra       Extra        `json:"extra,omitempty"` // what only one vendor has, by its own name

	CreatedAt time.Time  `json:"created_at,omitzero"`
	UpdatedAt time.Time  `json:"updated_at,omitzero"`
	ClosedAt  *time.Time `json:"closed_at,omitempty"`

	// Known lists the members that were ever written, by the names of
	// Change.Touched, where hookdesk first heard of the ticket by a partial
	// update. Empty means that the whole ticket is known.
	Known []string `json:"known,omitempty"`
}

// Ref names one entry of a list that the ticketing system keeps, such as a
// priority. On input it may be a plain name or a number, which is its id.
type Ref struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// Status is a status by the name its system gives it, and its State.
type Status struct {
	ID    string `json:"id,omitempty"`
	Name  string `json:"name,omitempty"`
	State State  `json:"state,omitempty"`
}

// Category is a category and its place in the tree, such as
// "Hardware/Printers".
type Category struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
	Path string `json:"path,omitempty"`
}

// Person is a requester, an agent or an author.
type Person struct {
	ID        string `json:"id,omitempty"`
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	Name      string `json:"name,omitempty"` // full name
	Email     string `json:"email,omitempty"`
	UserName  string `json:"user_name,omitempty"`
	Phone     string `json:"phone,omitempty"`
	Role      Role   `json:"role,omitempty"`
}

// Reply is one public answer on a ticket, by the client or an agent. Public
// false makes it an internal one, which only agents see.
type Reply struct {
	ID          string       `json:"id,omitempty"`
	Author      Person       `json:"author"`
	Body        string       `json:"body"` // HTML
	Public      bool         `json:"public"`
	Attachments []Attachment `json:"attachments,omitempty"`
	CreatedAt   time.Time    `json:"created_at,omitzero"`
	UpdatedAt   time.Time    `json:"updated_at,omitzero"`
}

// Note is a remark beside the conversation.
type Note struct {
	ID          string       `json:"id,omitempty"`
	Author      Person       `json:"author"`
	Body        string       `json:"body"` // HTML
	Private     bool         `json:"private"`
	Attachments []Attachment `json:"attachments,omitempty"`
	CreatedAt   time.Time    `json:"created_at,omitzero"`
	UpdatedAt   time.Time    `json:"updated_at,omitzero"`
}

// Attachment is a file of a ticket, a reply or a note.
type Attachment struct {
	ID          string    `json:"id,omitempty"`
	Name        string    `json:"name"`
	URL         string    `json:"url,omitempty"`
	ContentType string    `json:"content_type,omitempty"`
	Size        int64     `json:"size,omitempty"` // bytes
	CreatedBy   *Person   `json:"created_by,omitempty"`
	CreatedAt   time.Time `json:"created_at,omitzero"`
}

// Kind says what a change did, as far as a caller wishes to name it.
type Kind string

// The kinds of change. A change without a kind gets one from its content.
const (
	TicketCreated Kind = "ticket_created"
	TicketUpdated Kind = "ticket_updated"
	TicketDeleted Kind = "ticket_deleted"
	ReplyAdded    Kind = "reply_added"
	ReplyUpdated  Kind = "reply_updated"
	ReplyDeleted  Kind = "reply_deleted"
	NoteAdded     Kind = "note_added"
	NoteUpdated   Kind = "note_updated"
	NoteDeleted   Kind = "note_deleted"
)

// Kinds lists every Kind.
var Kinds = []Kind{
	TicketCreated, TicketUpdated, TicketDeleted,
	ReplyAdded, ReplyUpdated, ReplyDeleted,
	NoteAdded, NoteUpdated, NoteDeleted,
}

// Change is one change of one ticket, complete: what the ticket was, what it
// is, and what was written. It is what the trigger engine evaluates and what
// the systems render, and it is never modified once made.
type Change struct {
	ID        string    `json:"id"`
	Workspace string    `json:"workspace"`
	Kind      Kind      `json:"kind"`
	At        time.Time `json:"at"` // when it happened; conditions about time use this, never the clock
	Actor     Person    `json:"actor"`
	Via       string    `json:"via,omitempty"` // through what: web, email, api, rule, …

	Before *Ticket `json:"before,omitempty"` // nil when the change created the ticket
	After  *Ticket `json:"after"`            // for TicketDeleted, the ticket as it was last
	Reply  *Reply  `json:"reply,omitempty"`  // the reply added, changed or deleted
	Note   *Note   `json:"note,omitempty"`   // the note added, changed or deleted

	// Touched lists the top-level members that the caller wrote, even where
	// the value stayed the same; a custom field as custom.<id>.
	Touched []string `json:"touched,omitempty"`

	// Partial says that the change was a partial update of a ticket that
	// hookdesk does not know: members that are not in Touched are unknown,
	// not empty.
	Partial bool `json:"partial,omitempty"`

	Chain Chain `json:"chain,omitzero"`
}

// Chain is the causal chain a change belongs to: what a trigger's action
// writes, and what a receiver sends back because of a webhook, continues it.
type Chain struct {
	ID    string   `json:"id"`
	Depth int      `json:"depth"`           // 0 for a change from outside
	Fired []string `json:"fired,omitempty"` // ids of the triggers that fired earlier in the chain, for this ticket
	// Rule is the id of the trigger whose action made the change, or empty.
	Rule string `json:"rule,omitempty"`
}

// Created reports whether the change created its ticket.
func (c *Change) Created() bool { return c.Kind == TicketCreated }

// Custom holds custom fields by their id. Its numbers are json.Number when it
// was read from JSON, so that decimals stay exact.
type Custom map[string]any

// UnmarshalJSON reads the members and keeps numbers exact.
func (c *Custom) UnmarshalJSON(data []byte) error { return unmarshalExact(data, (*map[string]any)(c)) }

// Extra holds members that only one vendor has, by that vendor's own name. Its
// numbers are json.Number when it was read from JSON.
type Extra map[string]any

// UnmarshalJSON reads the members and keeps numbers exact.
func (e *Extra) UnmarshalJSON(data []byte) error { return unmarshalExact(data, (*map[string]any)(e)) }

func unmarshalExact(data []byte, members *map[string]any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	return decoder.Decode(members)
}

// Int returns a whole number of Extra, or false where there is none.
func (e Extra) Int(name string) (int64, bool) { return wholeNumber(e[name]) }

// Text returns a text of Extra, or the empty string.
func (e Extra) Text(name string) string {
	text, _ := e[name].(string)
	return text
}

func wholeNumber(value any) (int64, bool) {
	switch v := value.(type) {
	case float64:
		if v == float64(int64(v)) {
			return int64(v), true
		}
	case int:
		return int64(v), true
	case int64:
		return v, true
	case json.Number:
		n, err := v.Int64()
		return n, err == nil
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}
