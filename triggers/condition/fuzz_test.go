package condition

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/invalid"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

var fuzzTrees = []string{
	`{"all": [{"field": "status", "op": "changed_to", "value": "Open"}, {"any": [{"field": "tags", "op": "contains_any", "value": ["vip"]}]}]}`,
	`{"none": [{"field": "custom.n", "op": "between", "value": [1, "2e9"]}]}`,
	`{"all": [{"field": "comment.body", "op": "matches", "value": "(a|b)*", "options": {"html": "strip"}}], "any": []}`,
	`{"any": [{"field": "due_at", "op": "business_hours_since", "value": "8h", "options": {"calendar": "office"}}]}`,
	`{"all": [{"field": "priority", "op": "changed_from_to", "value": {"from": "*", "to": ["High", null]}}]}`,
}

var fuzzTickets = []string{
	`{"ticket": {"number": 1, "subject": "Größe", "status": "Open", "tags": ["vip"], "custom_fields": {"n": 1e400}}}`,
	`{"ticket": {"number": 1, "due_at": "0001-01-01"}, "reply": {"body": "<p>aa"}}`,
	`{"kind": "ticket_updated", "ticket": {"number": 1, "priority": {"id": 2}, "custom_fields": {"n": [[1]]}}}`,
}

// What can be read can be written, and read again to the same.
func FuzzDecode(f *testing.F) {
	for _, tree := range fuzzTrees {
		f.Add([]byte(tree))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		group, err := Decode(data)
		if err != nil {
			var list *invalid.Error
			if !errors.As(err, &list) || len(list.Fields) == 0 {
				t.Fatalf("not an *invalid.Error: %v", err)
			}
			return
		}
		first, err := json.Marshal(group)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Decode(first)
		if err != nil {
			t.Fatalf("%s was written as %s, which is refused: %v", data, first, err)
		}
		second, err := json.Marshal(again)
		if err != nil || string(first) != string(second) {
			t.Fatalf("%s was written as %s, then as %s (%v)", data, first, second, err)
		}
	})
}

// Any tree on any ticket gives an outcome, and always the same.
func FuzzEvaluate(f *testing.F) {
	for _, tree := range fuzzTrees {
		for _, before := range fuzzTickets {
			f.Add([]byte(tree), []byte(before), []byte(fuzzTickets[1]))
		}
	}
	f.Fuzz(func(t *testing.T, tree, before, after []byte) {
		group, err := Decode(tree)
		if err != nil {
			return
		}
		compiled, err := Compile(group, testCalendars)
		if err != nil {
			return
		}
		number := int64(0)
		newID := func(prefix string) string { number++; return id.Format(prefix, number*id.Nodes) }
		var stored *ticket.Ticket
		for _, data := range [][]byte{before, after} {
			in, err := ticket.DecodeInput(data)
			if err != nil {
				continue
			}
			change, err := in.Apply(stored, ticket.Env{Now: noon, ChangeID: newID(id.Change), NewID: newID})
			if err != nil {
				continue
			}
			stored = change.After
			outcome := compiled.Evaluate(change)
			if diff := cmp.Diff(outcome, compiled.Evaluate(change)); diff != "" {
				t.Fatal(diff)
			}
			if outcome.Matched && outcome.Failed {
				t.Fatal("matched and failed")
			}
			if _, err := json.Marshal(outcome); err != nil {
				t.Fatal(err)
			}
			compiled.EvaluateBefore(change)
		}
	})
}
