package triggers

import (
	"github.com/hookdesk/hookdesk/triggers/condition"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// Code is the reason of a verdict.
type Code = string

// The codes of Verdict.Code.
const (
	CodeFired            Code = "fired"
	CodeDisabled         Code = "disabled"
	CodeNotSubscribed    Code = "not_subscribed"
	CodeLeafFalse        Code = "leaf_false"
	CodeLeafError        Code = "leaf_error"
	CodeInvalidTrigger   Code = "invalid_trigger"
	CodeEdgeNotCrossed   Code = "edge_not_crossed"
	CodeOnceAlready      Code = "once_already"
	CodeLoopDepth        Code = "loop_depth"
	CodeLoopRepeat       Code = "loop_repeat"
	CodeRuleChange       Code = "rule_change"
	CodeEndpointMissing  Code = "endpoint_missing"
	CodeEndpointDisabled Code = "endpoint_disabled"
	CodeEndpointPaused   Code = "endpoint_paused"
	CodeSourceFiltered   Code = "source_filtered"
	CodeCreatedAfter     Code = "created_after"
	CodeNoSuchTicket     Code = "no_such_ticket"
	CodeActionFailed     Code = "action_failed"
)

// Codes lists every code.
var Codes []Code

// Sentence explains a code to a support agent. Details go into the sentence
// in the order that the code's text wants them.
func Sentence(code Code, details ...string) string { return code }

// Env is what checking a trigger needs to know of the rest of the configuration.
type Env struct {
	// Systems holds the names of each system's events.
	Systems map[string][]string
	// Endpoint returns an endpoint of the workspace, nil where there is none.
	Endpoint  func(id string) *Endpoint
	Calendars condition.Calendars
}

// DecodeTrigger reads a trigger as a caller writes it and fills in defaults.
// It refuses unknown members; it does not check against an Env.
func DecodeTrigger(data []byte) (*Trigger, error) { return &Trigger{}, nil }

// Validate checks a trigger. The error is an *invalid.Error.
func Validate(t *Trigger, env Env) error { return nil }

// Warnings says what is allowed and yet looks like a mistake.
func Warnings(t *Trigger) []string { return nil }

// Memory is what the engine remembers about one ticket.
type Memory struct {
	// FiredOnce holds, by the id of a once_per_ticket trigger, the id of the
	// change that fired it.
	FiredOnce map[string]string `json:"fired_once,omitempty"`
}

// Remember returns the memory after a change's verdicts; m is not modified.
func (m Memory) Remember(change string, verdicts []Verdict, engine *Engine) Memory { return m }

// Engine is the compiled triggers of one workspace. It is immutable and safe
// for concurrent use.
type Engine struct{ list []*Trigger }

// Compile compiles and indexes triggers. A trigger that cannot be compiled
// yields an error verdict and stops no other.
func Compile(list []*Trigger, calendars condition.Calendars) *Engine { return &Engine{list: list} }

// Triggers returns the engine's triggers in their order. Callers do not modify it.
func (e *Engine) Triggers() []*Trigger { return e.list }

// Trigger returns a trigger by id, nil where there is none.
func (e *Engine) Trigger(id string) *Trigger { return nil }

// Evaluate returns the verdicts of the triggers that could have fired, in the
// order of the engine. Detected holds, by system, the events that the change is.
func (e *Engine) Evaluate(change *ticket.Change, detected map[string][]string, memory Memory) []Verdict {
	return nil
}

// EvaluateAll returns the verdict of every trigger, in the order of the engine.
func (e *Engine) EvaluateAll(change *ticket.Change, detected map[string][]string, memory Memory) []Verdict {
	return nil
}

// EvaluateOne returns the verdict of one trigger, which need not be part of an engine.
func EvaluateOne(t *Trigger, calendars condition.Calendars, change *ticket.Change, detected map[string][]string, memory Memory) Verdict {
	return Verdict{}
}

// RuleInput makes the change that a fired trigger's note, tag and set actions
// ask for, nil where it has none. Deliveries are those the firing made. The
// change continues the causal chain.
func RuleInput(t *Trigger, change *ticket.Change, deliveries []string) (*ticket.Input, error) {
	return nil, nil
}

// Dropped is something of an import that could not be carried over.
type Dropped struct {
	Trigger string `json:"trigger"` // its title
	Path    string `json:"path"`    // such as triggers.0.conditions.all.1
	Row     any    `json:"row,omitempty"`
	Reason  string `json:"reason"`
}

// ImportZendesk reads the JSON of Zendesk triggers. Webhooks that the triggers
// name are looked up in endpoints, from Zendesk's webhook id to ours.
func ImportZendesk(data []byte, system string, endpoints map[string]string) ([]*Trigger, []Dropped, error) {
	return nil, nil, nil
}

// FieldDiff is one difference between two versions of a trigger.
type FieldDiff struct {
	Path string `json:"path"`
	From any    `json:"from,omitempty"`
	To   any    `json:"to,omitempty"`
}

// Diff lists the differences from a to b.
func Diff(a, b *Trigger) []FieldDiff { return nil }
