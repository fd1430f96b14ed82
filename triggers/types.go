// Package triggers holds what people configure, triggers and endpoints, and
// the engine that decides which triggers a change fires, and says why.
package triggers

import (
	"encoding/json"
	"time"

	"github.com/hookdesk/hookdesk/triggers/condition"
)

// Fire says how often a matching trigger fires.
type Fire string

// The values of Trigger.Fire.
const (
	FireEvery         Fire = "every"           // on every matching change
	FireEdge          Fire = "edge"            // when the condition turns true
	FireOncePerTicket Fire = "once_per_ticket" // the first time for each ticket
)

// Trigger tells which changes lead to which actions.
type Trigger struct {
	ID        string `json:"id"`
	Workspace string `json:"-"`
	Name      string `json:"name"`
	System    string `json:"system"`
	Enabled   bool   `json:"enabled"`

	// On lists the system's events that the trigger listens to; empty means
	// every event of the system.
	On []string `json:"on"`
	// When must hold; nil holds always.
	When *condition.Group `json:"when,omitempty"`
	Fire Fire             `json:"fire"`
	Then []Action         `json:"then"`

	// AllowRuleChanges lets changes that a trigger's action made fire this
	// trigger too.
	AllowRuleChanges bool `json:"allow_rule_changes"`

	Version   int       `json:"version"`
	Author    string    `json:"author"` // who saved this version
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Action is one thing a trigger does. Exactly one member is set.
type Action struct {
	Webhook *WebhookAction `json:"webhook,omitempty"`
	Note    *NoteAction    `json:"note,omitempty"`
	Tag     *TagAction     `json:"tag,omitempty"`
	Set     *SetAction     `json:"set,omitempty"`
}

// WebhookAction sends the event to an endpoint, or to several.
type WebhookAction struct {
	Endpoint  string   `json:"endpoint,omitempty"`
	Endpoints []string `json:"endpoints,omitempty"`
}

// Targets returns the ids of the endpoints, each once.
func (w *WebhookAction) Targets() []string {
	seen := map[string]bool{"": true}
	var targets []string
	for _, id := range append([]string{w.Endpoint}, w.Endpoints...) {
		if !seen[id] {
			seen[id] = true
			targets = append(targets, id)
		}
	}
	return targets
}

// NoteAction writes a note on the ticket. Body is a template such as
// "Sent: {{delivery.id}}".
type NoteAction struct {
	Body    string `json:"body"`
	Private *bool  `json:"private,omitempty"` // default true
}

// TagAction adds and removes tags.
type TagAction struct {
	Add    []string `json:"add,omitempty"`
	Remove []string `json:"remove,omitempty"`
}

// SetAction writes one field of the ticket.
type SetAction struct {
	Field string          `json:"field"`
	Value json.RawMessage `json:"value"`
}

// VerdictKind says what became of one trigger for one change.
type VerdictKind string

// The verdicts.
const (
	Fired         VerdictKind = "fired"
	NotMatched    VerdictKind = "not_matched"
	NotSubscribed VerdictKind = "not_subscribed"
	Disabled      VerdictKind = "disabled"
	Suppressed    VerdictKind = "suppressed"
	Errored       VerdictKind = "error"
)

// Verdict says what became of one trigger for one change, and why.
type Verdict struct {
	Trigger string      `json:"trigger"`
	Name    string      `json:"name,omitempty"` // the trigger's name at the time
	System  string      `json:"system,omitempty"`
	Version int         `json:"version"`
	Verdict VerdictKind `json:"verdict"`
	// Code is the reason as a word of a fixed list, such as edge_not_crossed.
	Code   string   `json:"code"`
	Reason string   `json:"reason"`           // a sentence for a support agent
	Events []string `json:"events,omitempty"` // the events it listens to that happened
	Leaves []Leaf   `json:"leaves,omitempty"` // the conditions that decided
	// Deliveries lists what the firing led to.
	Deliveries []string `json:"deliveries,omitempty"`
}

// Leaf is one condition that decided a verdict.
type Leaf = condition.Result
