package condition

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func clausesOf(t *testing.T, tree string) string {
	t.Helper()
	group, err := Decode([]byte(tree))
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := Compile(group, testCalendars)
	if err != nil {
		t.Fatal(err)
	}
	var clauses []string
	for _, clause := range compiled.Clauses() {
		var predicates []string
		for _, p := range clause {
			predicates = append(predicates, fmt.Sprintf("%s %d %q", p.Field.Name, p.Demand, p.Keys))
		}
		clauses = append(clauses, strings.Join(predicates, " or "))
	}
	return strings.Join(clauses, ", ")
}

func TestClauses(t *testing.T) {
	const (
		open    = `{"field": "status", "op": "is", "value": "Open"}`
		to      = `{"field": "priority", "op": "changed_to", "value": ["High", "Urgent"]}`
		touched = `{"field": "subject", "op": "touched"}`
		part    = `{"field": "subject", "op": "contains", "value": "x"}`
	)
	for tree, want := range map[string]string{
		`{"all": [` + open + `, ` + part + `, ` + to + `]}`:                                       `status 0 ["open"], priority 1 ["high" "urgent"]`,
		`{"any": [` + open + `, {"all": [` + part + `, ` + touched + `]}]}`:                       `status 0 ["open"] or subject 3 []`,
		`{"any": [` + open + `, ` + part + `]}`:                                                   ``,
		`{"none": [` + open + `]}`:                                                                ``,
		`{"all": [` + part + `], "any": [` + open + `]}`:                                          `status 0 ["open"]`,
		`{"all": [{"field": "tags", "op": "contains_all", "value": ["B", "a"]}]}`:                 `tags 0 ["b"]`,
		`{"all": [{"field": "priority", "op": "changed_to", "value": null}]}`:                     `priority 2 []`,
		`{"all": [{"field": "tags", "op": "added", "value": ["a"]}]}`:                             `tags 2 []`,
		`{"all": [{"field": "status", "op": "is_not", "value": "Open"}]}`:                         ``,
		`{"all": [{"field": "description_html", "op": "is", "value": "x"}]}`:                      ``,
		`{"all": [{"field": "subject", "op": "is", "value": "x", "options": {"html": "strip"}}]}`: ``,
		`{"all": [{"field": "custom.b", "op": "is", "value": true}]}`:                             ``,
		`{"all": [{"field": "replies.count", "op": "is", "value": 2.0}]}`:                         `replies.count 0 ["\x001.2e1"]`,
		`{"all": [{"field": "custom.n", "op": "is", "value": 20}]}`:                               `custom.n 0 ["\x001.2e2" "\x00word"]`,
		`{"all": [{"field": "custom.n", "op": "is", "value": "20"}]}`:                             `custom.n 0 ["\x001.2e2" "20"]`,
	} {
		if got := clausesOf(t, tree); got != want {
			t.Errorf("%s:\n got %s\nwant %s", tree, got, want)
		}
	}
}

func TestKeysOfFields(t *testing.T) {
	change := history(t, create(`"priority": {"id": "X1", "name": "HIGH"}, "category": "Hardware / Printers", "tags": ["A", "b"],
		"assignee": {"id": 7, "email": "Bob@example.com", "name": "Bob"},
		"custom_fields": {"n": 2.50, "s": "2.5", "w": "Many", "list": ["a"], "flag": true, "obj": {"a": 1}, "huge": 1e99999999999}`))
	for field, want := range map[string]string{
		"priority":      `["high" "x1"] false`,
		"category":      `["printers" "hardware/printers"] false`,
		"tags":          `["a" "b"] false`,
		"assignee":      `["7" "bob@example.com" "bob"] false`,
		"replies.count": `["\x000.e0"] false`,
		"due_at":        `[] false`,
		"created_at":    `[] true`,
		"event.kind":    `["ticket_created"] false`,
		"custom.n":      `["\x001.25e1"] false`,
		"custom.s":      `["2.5" "\x001.25e1"] false`,
		"custom.w":      `["many" "\x00word"] false`,
		"custom.list":   `["a"] true`,
		"custom.flag":   `["true"] true`,
		"custom.obj":    `[] true`,
		"custom.huge":   `[] true`,
		"custom.none":   `[] false`,
	} {
		f, ok := LookupField(field)
		if !ok {
			t.Fatalf("no field %s", field)
		}
		keys, wide := f.AppendKeys([]string{}, change)
		if got := fmt.Sprintf("%q %v", keys, wide); got != want {
			t.Errorf("%s: %s, want %s", field, got, want)
		}
	}
}

func TestLookupField(t *testing.T) {
	change := history(t, create(`"tags": ["a", "b"], "assignee": "Bob", "custom_fields": {"obj": {"a": 1}}`))
	for name, want := range map[string]string{"subject": "S", "tags": "a, b", "assignee.name": "Bob", "custom.obj": "", "event.kind": "ticket_created", "due_at": ""} {
		f, ok := LookupField(name)
		if !ok || f.Text(change) != want {
			t.Errorf("%s: %q, want %q", name, f.Text(change), want)
		}
	}
	for name, want := range map[string]string{"assignee.email": "assignee", "custom.x": "custom.x", "sla.response_due_at": "response_due_at", "via": ""} {
		if f, ok := LookupField(name); !ok || f.Root() != want {
			t.Errorf("%s belongs to %q, want %q", name, f.Root(), want)
		}
	}
	for _, name := range []string{"", "colour", "custom.", "custom.<id>", "Status"} {
		if _, ok := LookupField(name); ok {
			t.Errorf("%q is a field", name)
		}
	}
	all := Fields()
	names := map[string]bool{}
	for _, f := range all {
		names[f.Name] = true
	}
	if len(names) != len(all) || slices.Contains([]bool{names["subject"], names["custom.<id>"], names["via"]}, false) {
		t.Errorf("%d fields of %d names", len(all), len(names))
	}
}
