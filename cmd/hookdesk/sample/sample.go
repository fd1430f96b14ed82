// Package sample makes the requests that a system would send for one of its
// own sample changes, with members of the ticket changed as somebody wishes:
// a signed webhook without a server.
package sample

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// Spec says what to make.
type Spec struct {
	System   systems.System
	Event    string
	Revision string // empty: the system's default
	URL      string
	Settings map[string]string
	Set      []string // each path=value
	Matched  []systems.Matched
	Tries    int // attempts that the receiver shall believe in

	Scheme signing.Scheme // nil: unsigned
	Header string         // for schemes whose user chooses the header
	Keys   []string
	Now    time.Time
	// Delivery is what ids on the wire are derived from; empty: a new one.
	Delivery string
}

// Make returns the request, ready to be sent.
func Make(spec Spec) (body []byte, header []executionlog.Header, err error) {
	change, err := Change(spec)
	if err != nil {
		return nil, nil, err
	}
	if err := checkSettings(spec); err != nil {
		return nil, nil, err
	}
	if spec.Delivery == "" {
		spec.Delivery = id.NewSource(0, func() time.Time { return spec.Now }).New(id.Delivery)
	}
	request, err := spec.System.Render(systems.Occasion{
		Event: spec.Event, Revision: spec.Revision, Change: change, Matched: spec.Matched, Delivery: spec.Delivery,
		Endpoint: systems.Endpoint{ID: id.Format(id.Endpoint, 1), Name: "hookdesk send", URL: spec.URL, Settings: spec.Settings},
	})
	if err != nil {
		return nil, nil, err
	}
	header = []executionlog.Header{{Name: "Content-Type", Value: request.ContentType}}
	for _, h := range slices.Concat(request.Header, spec.System.AttemptHeaders(spec.Tries)) {
		header = append(header, executionlog.Header(h))
	}
	if spec.Scheme != nil && len(spec.Keys) > 0 {
		message := signing.Message{ID: request.EventID, Timestamp: spec.Now, Body: request.Body}
		signed, err := spec.Scheme.Sign(message, spec.Keys, signing.Options{Header: spec.Header})
		if err != nil {
			return nil, nil, err
		}
		for _, h := range signed {
			header = append(header, executionlog.Header(h))
		}
	}
	return request.Body, header, nil
}

// checkSettings refuses settings that the system does not know, and values
// that it cannot use.
func checkSettings(spec Spec) error {
	sheet := spec.System.Sheet()
	names := make([]string, len(sheet.Settings))
	for i, setting := range sheet.Settings {
		names[i] = setting.Name
		if err := setting.Accept(spec.Settings[setting.Name]); err != nil {
			return fmt.Errorf("--setting %s; %w", setting.Name, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(spec.Settings)) {
		switch {
		case slices.Contains(names, name):
		case len(names) == 0:
			return fmt.Errorf("--setting %s; %s has no settings", name, sheet.Name)
		default:
			return fmt.Errorf("--setting %s; %s has %s", name, sheet.Name, strings.Join(names, ", "))
		}
	}
	return nil
}

// Change returns the sample change of an event with its members set.
func Change(spec Spec) (*ticket.Change, error) {
	event, ok := spec.System.Sheet().Event(spec.Event)
	if !ok || event.Sample == nil {
		return nil, fmt.Errorf("%s has no event %q; want one of %s",
			spec.System.Sheet().Name, spec.Event, strings.Join(spec.System.Sheet().EventNames(), ", "))
	}
	change := event.Sample()
	members := map[string]any{}
	for _, assignment := range spec.Set {
		path, text, ok := strings.Cut(assignment, "=")
		if !ok || path == "" {
			return nil, fmt.Errorf("--set %s; want path=value, such as subject=Hello", assignment)
		}
		var err error
		switch first, rest, _ := strings.Cut(path, "."); first {
		case "actor":
			err = overlay(&change.Actor, rest, text)
		case "reply":
			if change.Reply == nil {
				change.Reply = &ticket.Reply{Public: true, CreatedAt: change.At}
			}
			err = overlay(change.Reply, rest, text)
			replaceReply(change)
		case "note":
			if change.Note == nil {
				change.Note = &ticket.Note{Private: true, CreatedAt: change.At}
			}
			err = overlay(change.Note, rest, text)
			replaceNote(change)
		default:
			err = assign(members, change.After, path, text)
		}
		if err != nil {
			return nil, fmt.Errorf("--set %s: %w", path, err)
		}
	}
	if len(members) == 0 {
		return change, nil
	}
	return change, merge(change, members)
}

// merge writes members of the ticket as the API would take them.
func merge(change *ticket.Change, members map[string]any) error {
	if number, ok := members["number"].(string); ok {
		// A sample's number may change, a stored ticket's may not.
		delete(members, "number")
		change.After.Number = number
		if change.Before != nil {
			change.Before.Number = number
		}
	}
	content, err := json.Marshal(members)
	if err != nil {
		return fmt.Errorf("encode members: %w", err)
	}
	input, err := ticket.PatchTicketInput(change.After.Number, content)
	if err != nil {
		return err
	}
	env := ticket.Env{Workspace: change.Workspace, Now: change.At, ChangeID: change.ID, NewID: func(prefix string) string { return id.Format(prefix, 1) }}
	applied, err := input.Apply(change.After, env)
	if err != nil {
		return err
	}
	updated := change.After.UpdatedAt
	change.After = applied.After
	change.After.UpdatedAt = updated
	for _, name := range applied.Touched {
		if !slices.Contains(change.Touched, name) {
			change.Touched = append(change.Touched, name)
		}
	}
	return nil
}

// assign notes one member; what lies deeper than the first step of a path
// keeps its neighbours.
func assign(members map[string]any, t *ticket.Ticket, path, text string) error {
	steps := strings.Split(path, ".")
	if steps[0] == "custom" {
		steps[0] = "custom_fields"
	}
	free := steps[0] == "custom_fields" || steps[0] == "extra"
	if len(steps) == 1 {
		members[steps[0]] = value(text, steps[0] == "tags", free)
		return nil
	}
	if _, ok := members[steps[0]].(map[string]any); !ok {
		content, err := json.Marshal(t)
		if err != nil {
			return fmt.Errorf("encode ticket: %w", err)
		}
		var whole map[string]any
		if err := json.Unmarshal(content, &whole); err != nil {
			return fmt.Errorf("decode ticket: %w", err)
		}
		object, ok := whole[steps[0]].(map[string]any)
		if !ok {
			object = map[string]any{}
		}
		members[steps[0]] = object
	}
	at, _ := members[steps[0]].(map[string]any)
	for _, step := range steps[1 : len(steps)-1] {
		next, ok := at[step].(map[string]any)
		if !ok {
			next = map[string]any{}
			at[step] = next
		}
		at = next
	}
	at[steps[len(steps)-1]] = value(text, false, free)
	return nil
}

// value reads what stands behind the =: JSON where it is meant, else text. A
// list of tags is separated by commas.
func value(text string, list, free bool) any {
	var parsed any
	if text == "null" || text == "true" || text == "false" || strings.HasPrefix(text, "[") || strings.HasPrefix(text, "{") || strings.HasPrefix(text, `"`) || free {
		if json.Unmarshal([]byte(text), &parsed) == nil {
			return parsed
		}
	}
	if list {
		tags := []any{}
		for tag := range strings.SplitSeq(text, ",") {
			if tag = strings.TrimSpace(tag); tag != "" {
				tags = append(tags, tag)
			}
		}
		return tags
	}
	return text
}

// overlay writes one member of a reply, a note or a person.
func overlay(target any, path, text string) error {
	if path == "" {
		return errors.New("want a member, such as reply.body")
	}
	tree := value(text, false, false)
	steps := strings.Split(path, ".")
	for _, step := range slices.Backward(steps) {
		tree = map[string]any{step: tree}
	}
	content, err := json.Marshal(tree)
	if err != nil {
		return fmt.Errorf("encode value: %w", err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(content)))
	decoder.DisallowUnknownFields()
	return decoder.Decode(target)
}

func replaceReply(change *ticket.Change) {
	for i, r := range change.After.Replies {
		if r.ID == change.Reply.ID {
			change.After.Replies[i] = *change.Reply
		}
	}
}

func replaceNote(change *ticket.Change) {
	for i, n := range change.After.Notes {
		if n.ID == change.Note.ID {
			change.After.Notes[i] = *change.Note
		}
	}
}
