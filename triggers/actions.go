package triggers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hookdesk/hookdesk/triggers/condition"
	"github.com/hookdesk/hookdesk/triggers/invalid"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// NextChain returns the chain of what follows from a change: of the deliveries
// it made and, with the id of the trigger as rule, of the changes that the
// trigger's actions make.
func NextChain(change *ticket.Change, fired []string, rule string) ticket.Chain {
	chain := ticket.Chain{ID: change.Chain.ID, Depth: change.Chain.Depth + 1, Rule: rule}
	chain.Fired = slices.Concat(change.Chain.Fired, fired)
	slices.Sort(chain.Fired)
	chain.Fired = slices.Compact(chain.Fired)
	return chain
}

// RuleInput makes the one change that the note, tag and set actions of a fired
// trigger ask for, nil where it has none of them. Deliveries are those that the
// firing made. The new change continues the causal chain of the change that
// fired the trigger; fired lists what else that one fired, which shall not
// fire again in the chain either.
func RuleInput(t *Trigger, change *ticket.Change, deliveries []string, fired ...string) (*ticket.Input, error) {
	var in *ticket.Input
	start := func() {
		if in != nil {
			return
		}
		chain := NextChain(change, append(slices.Clone(fired), t.ID), t.ID)
		at := change.At
		in = &ticket.Input{
			Actor: &ticket.Person{ID: t.ID, Name: t.Name, Role: ticket.RoleRule}, Via: "rule", At: &at,
			Ticket: ticket.Patch{Number: change.After.Number}, Chain: &chain,
		}
	}
	var notes []string
	private := true
	for i, action := range t.Then {
		switch {
		case action.Note != nil:
			start()
			parts, err := parseTemplate(action.Note.Body)
			if err != nil {
				return nil, fmt.Errorf("fill note of action %d: %w", i, err)
			}
			notes = append(notes, parts.fill(change, deliveries))
			private = private && (action.Note.Private == nil || *action.Note.Private)
		case action.Tag != nil:
			start()
			in.Ticket.AddTags = append(in.Ticket.AddTags, action.Tag.Add...)
			in.Ticket.RemoveTags = append(in.Ticket.RemoveTags, action.Tag.Remove...)
		case action.Set != nil:
			start()
			patch, err := setPatch(action.Set)
			if err != nil {
				return nil, fmt.Errorf("set field of action %d: %w", i, err)
			}
			in.Ticket.Merge(patch)
		}
	}
	if len(notes) > 0 {
		in.Note = &ticket.NoteInput{
			Values:  ticket.Note{Body: strings.Join(notes, "<br>"), Private: private, Author: *in.Actor},
			Touched: []string{"author", "body", "private"},
		}
	}
	return in, nil
}

// setPatch turns a set action into what a caller would have sent.
func setPatch(a *SetAction) (ticket.Patch, error) {
	member, value := a.Field, any(a.Value)
	if key, ok := strings.CutPrefix(a.Field, condition.CustomPrefix); ok {
		member, value = "custom_fields", map[string]any{key: a.Value}
	}
	var buffer bytes.Buffer
	if err := json.NewEncoder(&buffer).Encode(map[string]any{member: value}); err != nil {
		return ticket.Patch{}, invalid.New("", nil, "valid JSON")
	}
	in, err := ticket.PatchTicketInput("0", buffer.Bytes())
	if err != nil {
		var list invalid.List
		list.Merge("", err)
		return ticket.Patch{}, list.Err()
	}
	return in.Ticket, nil
}
