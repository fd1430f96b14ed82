package triggers

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/hookdesk/hookdesk/triggers/condition"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// Limits of a trigger.
const (
	MaxNameBytes = 200
	MaxActions   = 20
	MaxTargets   = 50       // endpoints of one action
	MaxNoteBytes = 16 << 10 // of a note's template
)

// Env is what checking a trigger needs to know of the rest of the
// configuration.
type Env struct {
	// Systems holds the names of each system's events. EndpointEvents come on
	// top of them.
	Systems map[string][]string
	// Endpoint returns an endpoint of the workspace, nil where there is none.
	Endpoint  func(id string) *Endpoint
	Calendars condition.Calendars
}

// Validate checks a trigger. The error is an *invalid.Error with paths such as
// when.all.2.any.0.op.
func Validate(t *Trigger, env Env) error {
	var problems invalid.List
	switch {
	case strings.TrimSpace(t.Name) == "" || len(t.Name) > MaxNameBytes:
		problems.Add("name", t.Name, "a name of 1 to %d bytes", MaxNameBytes)
	case strings.ContainsFunc(t.Name, unicode.IsControl):
		problems.Add("name", t.Name, "a name on one line, without control characters")
	}
	checkEvents(&problems, t, env)
	if t.When != nil {
		problems.Merge("when", condition.Validate(t.When, env.Calendars))
	}
	switch t.Fire {
	case FireEvery, FireEdge, FireOncePerTicket:
	default:
		fires := []string{string(FireEvery), string(FireEdge), string(FireOncePerTicket)}
		problems.Add("fire", string(t.Fire), "%s", "one of "+strings.Join(fires, ", ")+invalid.Suggest(string(t.Fire), fires))
	}
	if len(t.Then) == 0 || len(t.Then) > MaxActions {
		problems.Add("then", len(t.Then), "1 to %d actions", MaxActions)
	}
	for i := range t.Then {
		checkAction(&problems, fmt.Sprintf("then.%d", i), &t.Then[i], t, env)
	}
	return problems.Err()
}

func checkEvents(problems *invalid.List, t *Trigger, env Env) {
	events, ok := env.Systems[t.System]
	if !ok {
		names := sortedKeys(env.Systems)
		problems.Add("system", t.System, "%s", "one of "+strings.Join(names, ", ")+invalid.Suggest(t.System, names))
		return
	}
	events = slices.Clone(events)
	for _, event := range EndpointEvents() {
		events = append(events, event.Name)
	}
	for i, event := range t.On {
		path := fmt.Sprintf("on.%d", i)
		if !slices.Contains(events, event) {
			problems.Add(path, event, "%s", "an event of "+t.System+": "+strings.Join(events, ", ")+invalid.Suggest(event, events))
		} else if slices.Contains(t.On[:i], event) {
			problems.Add(path, event, "each event once")
		}
	}
	checkEndpointEvents(problems, t)
}

// checkEndpointEvents refuses what an event about an endpoint, which has no
// ticket, could not fulfil.
func checkEndpointEvents(problems *invalid.List, t *Trigger) {
	i := slices.IndexFunc(t.On, IsEndpointEvent)
	if i < 0 {
		return
	}
	if t.When != nil {
		problems.Add("when", nil, "no conditions beside on %s, which is not about a ticket; make another trigger for it", t.On[i])
	}
	for k := range t.Then {
		if t.Then[k].Webhook == nil {
			problems.Add(fmt.Sprintf("then.%d", k), nil, "webhooks only beside on %s, which is not about a ticket", t.On[i])
		}
	}
}

func checkAction(problems *invalid.List, path string, a *Action, t *Trigger, env Env) {
	members := 0
	if a.Webhook != nil {
		members++
		checkWebhook(problems, path+".webhook", a.Webhook, t, env)
	}
	if a.Note != nil {
		members++
		checkNote(problems, path+".note", a.Note)
	}
	if a.Tag != nil {
		members++
		checkTags(problems, path+".tag", a.Tag)
	}
	if a.Set != nil {
		members++
		checkSet(problems, path+".set", a.Set)
	}
	if members != 1 {
		problems.Add(path, nil, "exactly one of webhook, note, tag and set")
	}
}

func checkWebhook(problems *invalid.List, path string, w *WebhookAction, t *Trigger, env Env) {
	targets := w.Targets()
	if len(targets) == 0 || len(targets) > MaxTargets {
		problems.Add(path+".endpoint", nil, "an endpoint to send to: its id as endpoint, or up to %d ids as endpoints", MaxTargets)
	}
	for _, id := range targets {
		at := path + ".endpoint"
		if i := slices.Index(w.Endpoints, id); i >= 0 && id != w.Endpoint {
			at = fmt.Sprintf("%s.endpoints.%d", path, i)
		}
		if env.Endpoint == nil {
			continue
		}
		endpoint := env.Endpoint(id)
		if endpoint == nil {
			problems.Add(at, id, "the id of an endpoint that exists")
		} else if endpoint.System != t.System && env.Systems[t.System] != nil {
			problems.Add(at, id, "an endpoint of %s; this one is of %s", t.System, endpoint.System)
		}
	}
}

func checkNote(problems *invalid.List, path string, n *NoteAction) {
	if strings.TrimSpace(n.Body) == "" || len(n.Body) > MaxNoteBytes {
		problems.Add(path+".body", nil, "a text of 1 to %d bytes", MaxNoteBytes)
		return
	}
	if _, err := parseTemplate(n.Body); err != nil {
		problems.Merge(path+".body", err)
	}
}

func checkTags(problems *invalid.List, path string, a *TagAction) {
	const most, mostBytes = 50, 256
	if len(a.Add) == 0 && len(a.Remove) == 0 || len(a.Add)+len(a.Remove) > most {
		problems.Add(path, nil, "1 to %d tags to add or remove", most)
	}
	for name, tags := range map[string][]string{"add": a.Add, "remove": a.Remove} {
		for i, tag := range tags {
			if strings.TrimSpace(tag) == "" || len(tag) > mostBytes {
				problems.Add(fmt.Sprintf("%s.%s.%d", path, name, i), tag, "a tag of 1 to %d bytes", mostBytes)
			}
		}
	}
	for i, tag := range a.Add {
		if slices.Contains(a.Remove, tag) {
			problems.Add(fmt.Sprintf("%s.add.%d", path, i), tag, "a tag that is not removed at the same time")
		}
	}
}

func checkSet(problems *invalid.List, path string, a *SetAction) {
	field, ok := condition.LookupField(a.Field)
	if !ok || !field.Writable {
		names := writable()
		problems.Add(path+".field", a.Field, "%s", "a field that can be set: "+strings.Join(names, ", ")+invalid.Suggest(a.Field, names))
		return
	}
	if len(a.Value) == 0 {
		problems.Add(path+".value", nil, "a value, or null to empty the field")
		return
	}
	if _, err := setPatch(a); err != nil {
		problems.Merge(path+".value", err)
	}
}

func writable() []string {
	var names []string
	for _, f := range condition.Fields() {
		if f.Writable {
			names = append(names, f.Name)
		}
	}
	return names
}
