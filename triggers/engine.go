package triggers

import (
	"slices"
	"strings"

	"github.com/hookdesk/hookdesk/triggers/condition"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// Engine is the compiled triggers of one workspace. It is immutable and safe
// for concurrent use.
type Engine struct {
	list  []*Trigger
	rules []rule
	byID  map[string]int
	index index
}

// rule is one trigger made ready.
type rule struct {
	trigger *Trigger
	when    *condition.Compiled // nil where the trigger is invalid
	invalid string              // why
}

// Compile compiles and indexes triggers. A trigger that cannot be compiled
// yields an error verdict and stops no other. The triggers must not be
// modified afterwards.
func Compile(list []*Trigger, calendars condition.Calendars) *Engine {
	e := &Engine{list: slices.Clone(list), rules: make([]rule, len(list)), byID: make(map[string]int, len(list))}
	for i, t := range list {
		e.rules[i] = compileRule(t, calendars)
		e.byID[t.ID] = i
	}
	e.index = buildIndex(e.rules)
	return e
}

func compileRule(t *Trigger, calendars condition.Calendars) rule {
	when, err := condition.CompileAt("when", t.When, calendars)
	if err != nil {
		return rule{trigger: t, invalid: err.Error()}
	}
	return rule{trigger: t, when: when}
}

// Triggers returns the engine's triggers in their order. Callers do not
// modify the list.
func (e *Engine) Triggers() []*Trigger { return e.list }

// Trigger returns a trigger by id, nil where there is none.
func (e *Engine) Trigger(id string) *Trigger {
	if i, ok := e.byID[id]; ok {
		return e.list[i]
	}
	return nil
}

// Evaluate returns the verdicts of the triggers that came into question, in
// the order of the engine: those that EvaluateAll gives for the same triggers.
// Every trigger that is left out did not fire and was not suppressed. Detected
// holds, by system, the events that the change is.
func (e *Engine) Evaluate(change *ticket.Change, detected map[string][]string, memory Memory) []Verdict {
	places := e.index.candidates(change, detected)
	if len(places) == 0 {
		return nil
	}
	verdicts := make([]Verdict, len(places))
	for i, place := range places {
		verdicts[i] = e.rules[place].verdict(change, detected, memory)
	}
	return verdicts
}

// EvaluateAll returns the verdict of every trigger, in the order of the engine.
func (e *Engine) EvaluateAll(change *ticket.Change, detected map[string][]string, memory Memory) []Verdict {
	verdicts := make([]Verdict, len(e.rules))
	for i := range e.rules {
		verdicts[i] = e.rules[i].verdict(change, detected, memory)
	}
	return verdicts
}

// verdict decides one trigger for one change.
func (r *rule) verdict(change *ticket.Change, detected map[string][]string, memory Memory) Verdict {
	t := r.trigger
	v := Verdict{Trigger: t.ID, Name: t.Name, System: t.System, Version: t.Version}
	if !t.Enabled {
		return v.because(Disabled, CodeDisabled, "")
	}
	v.Events = heard(t, detected)
	if len(v.Events) == 0 {
		return v.because(NotSubscribed, CodeNotSubscribed, happened(t, change, detected))
	}
	if r.when == nil {
		return v.because(Errored, CodeInvalidTrigger, r.invalid)
	}
	outcome := r.when.Evaluate(change)
	v.Leaves = outcome.Leaves
	switch {
	case outcome.Failed:
		return v.because(Errored, CodeLeafError, failure(v.Leaves))
	case !outcome.Matched:
		return v.because(NotMatched, CodeLeafFalse, missed(v.Leaves))
	}
	return r.suppress(v, change, memory)
}

// suppress gives the verdict of a trigger whose conditions hold.
func (r *rule) suppress(v Verdict, change *ticket.Change, memory Memory) Verdict {
	t, chain := r.trigger, change.Chain
	if t.Fire == FireEdge && !change.Created() {
		before := r.when.EvaluateBefore(change)
		switch {
		case before.Unknown:
			return v.because(Errored, CodeLeafError, "what the ticket was before is not known")
		case before.Matched:
			return v.because(Suppressed, CodeEdgeNotCrossed, "")
		}
	}
	switch {
	case chain.Rule != "" && !t.AllowRuleChanges:
		return v.because(Suppressed, CodeRuleChange, "")
	case slices.Contains(chain.Fired, t.ID):
		return v.because(Suppressed, CodeLoopRepeat, "")
	case chain.Depth >= MaxDepth:
		return v.because(Suppressed, CodeLoopDepth, "")
	}
	if t.Fire == FireOncePerTicket {
		if by, ok := memory.FiredOnce[t.ID]; ok {
			return v.because(Suppressed, CodeOnceAlready, by)
		}
	}
	return v.because(Fired, CodeFired, "")
}

func (v Verdict) because(kind VerdictKind, code Code, detail string) Verdict {
	v.Verdict, v.Code, v.Reason = kind, code, Sentence(code, detail)
	return v
}

// heard returns the events of a change that a trigger listens to.
func heard(t *Trigger, detected map[string][]string) []string {
	events := detected[t.System]
	if len(t.On) == 0 || len(events) == 0 {
		return events
	}
	matching := 0
	for _, event := range events {
		if slices.Contains(t.On, event) {
			matching++
		}
	}
	if matching == len(events) {
		return events
	}
	if matching == 0 {
		return nil
	}
	some := make([]string, 0, matching)
	for _, event := range events {
		if slices.Contains(t.On, event) {
			some = append(some, event)
		}
	}
	return some
}

// happened says what a trigger that does not listen missed.
func happened(t *Trigger, change *ticket.Change, detected map[string][]string) string {
	events := detected[t.System]
	if len(events) == 0 {
		return "to " + t.System + ", " + string(change.Kind) + " is no event in this case"
	}
	return "it was " + strings.Join(events, ", ") + ", and it listens to " + strings.Join(t.On, ", ")
}

// missed describes the first of the conditions that decided against it.
func missed(all []Leaf) string {
	switch {
	case len(all) == 0:
		return "there is none that could hold"
	case all[0].Matched:
		return "this one must not hold: " + all[0].Describe()
	default:
		return all[0].Describe()
	}
}

// failure is the first leaf's error.
func failure(all []Leaf) string {
	for _, leaf := range all {
		if leaf.Error != "" {
			return leaf.Error
		}
	}
	return ""
}
