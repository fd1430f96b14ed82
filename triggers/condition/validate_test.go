package condition

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// wantPath checks that err is an *invalid.Error whose first path is path.
func wantPath(t *testing.T, input string, err error, path string) {
	t.Helper()
	var list *invalid.Error
	if !errors.As(err, &list) {
		t.Errorf("%s: error %v, want one about %q", input, err, path)
		return
	}
	if list.Fields[0].Path != path {
		t.Errorf("%s: path %q, want %q (%v)", input, list.Fields[0].Path, path, err)
	}
	if list.Fields[0].Want == "" {
		t.Errorf("%s: the error does not say what is right", input)
	}
}

func TestErrorsNameThePath(t *testing.T) {
	for input, path := range map[string]string{
		`5`:                             "",
		`{"op": "is"}`:                  "op",
		`{"field": "status"}`:           "all.0.op",
		`[{"field": "nope"}]`:           "all.0.field",
		`{"all": [], "none": []}`:       "",
		`{"every": []}`:                 "every",
		`{"all": {}}`:                   "all",
		`{"all": [5]}`:                  "all.0",
		`{"all": [{"feld": "status"}]}`: "all.0.feld",
		`{"all": [{"field": "status", "op": "is", "value": "x", "options": {"caze": "sensitive"}}]}`:              "all.0.options.caze",
		`{"all": [{"any": [{"all": [], "any": []}]}]}`:                                                            "all.0.any.0",
		`{"all": [{"field": "statsu", "op": "is", "value": "x"}]}`:                                                "all.0.field",
		`{"all": [{"field": "custom.", "op": "is", "value": "x"}]}`:                                               "all.0.field",
		`{"all": [{"any": [{"field": "status", "op": "equals", "value": "x"}]}]}`:                                 "all.0.any.0.op",
		`{"all": [{"field": "via", "op": "changed"}]}`:                                                            "all.0.op",
		`{"all": [{"field": "tags", "op": "is", "value": "x"}]}`:                                                  "all.0.op",
		`{"all": [{"field": "subject", "op": "less_than", "value": 1}]}`:                                          "all.0.op",
		`{"all": [{"field": "status", "op": "is"}]}`:                                                              "all.0.value",
		`{"all": [{"field": "status", "op": "is", "value": null}]}`:                                               "all.0.value",
		`{"all": [{"field": "status", "op": "is", "value": ["a"]}]}`:                                              "all.0.value",
		`{"all": [{"field": "status", "op": "is_any_of", "value": []}]}`:                                          "all.0.value",
		`{"all": [{"field": "status", "op": "is_any_of", "value": ["a", {}]}]}`:                                   "all.0.value.1",
		`{"all": [{"field": "status", "op": "present", "value": 1}]}`:                                             "all.0.value",
		`{"all": [{"field": "status.state", "op": "is", "value": "opn"}]}`:                                        "all.0.value",
		`{"all": [{"field": "replies.count", "op": "less_than", "value": "many"}]}`:                               "all.0.value",
		`{"all": [{"field": "replies.count", "op": "between", "value": [2, 1]}]}`:                                 "all.0.value",
		`{"all": [{"field": "replies.count", "op": "between", "value": 2}]}`:                                      "all.0.value",
		`{"all": [{"field": "due_at", "op": "before", "value": "tomorrow"}]}`:                                     "all.0.value",
		`{"all": [{"field": "due_at", "op": "within_last", "value": "soon"}]}`:                                    "all.0.value",
		`{"all": [{"field": "subject", "op": "matches", "value": "("}]}`:                                          "all.0.value",
		`{"all": [{"field": "subject", "op": "matches", "value": "` + strings.Repeat("a", MaxPattern+1) + `"}]}`:  "all.0.value",
		`{"all": [{"field": "subject", "op": "contains_any_word", "value": "?!"}]}`:                               "all.0.value",
		`{"all": [{"field": "status", "op": "changed_from_to", "value": {"from": "a"}}]}`:                         "all.0.value",
		`{"all": [{"field": "status", "op": "changed_to"}]}`:                                                      "all.0.value",
		`{"all": [{"field": "tags", "op": "size_is", "value": "x"}]}`:                                             "all.0.value",
		`{"all": [{"field": "comment.is_public", "op": "is", "value": "maybe"}]}`:                                 "all.0.value",
		`{"all": [{"field": "priority", "op": "less_than", "value": "Purple"}]}`:                                  "all.0.value",
		`{"all": [{"field": "custom.n", "op": "less_than", "value": "Purple"}]}`:                                  "all.0.value",
		`{"all": [{"field": "event.at", "op": "in_business_hours"}]}`:                                             "all.0.options.calendar",
		`{"all": [{"field": "event.at", "op": "in_business_hours", "options": {"calendar": "x"}}]}`:               "all.0.options.calendar",
		`{"all": [{"field": "status", "op": "is", "value": "x", "options": {"calendar": "office"}}]}`:             "all.0.options.calendar",
		`{"all": [{"field": "status", "op": "is", "value": "x", "options": {"case": "maybe"}}]}`:                  "all.0.options.case",
		`{"all": [{"field": "due_at", "op": "before", "value": "2026-01-01", "options": {"case": "sensitive"}}]}`: "all.0.options.case",
		`{"all": [{"field": "status", "op": "is", "value": "x", "options": {"html": "strip"}}]}`:                  "all.0.options.html",
		`{"all": [{"field": "subject", "op": "is", "value": "x", "options": {"order": ["a"]}}]}`:                  "all.0.options.order",
		`{"all": [{"field": "priority", "op": "less_than", "value": "a", "options": {"order": ["a", "A"]}}]}`:     "all.0.options.order.1",
	} {
		group, err := Decode([]byte(input))
		if err == nil {
			err = Validate(group, testCalendars)
		}
		wantPath(t, input, err, path)
	}
}

func TestErrorsSuggest(t *testing.T) {
	for input, want := range map[string]string{
		`{"all": [{"field": "statsu", "op": "is", "value": "x"}]}`:          "did you mean status?",
		`{"all": [{"field": "subject", "op": "contians", "value": "x"}]}`:   "did you mean contains?",
		`{"all": [{"field": "status.state", "op": "is", "value": "opne"}]}`: "did you mean open?",
	} {
		group, err := Decode([]byte(input))
		if err == nil {
			err = Validate(group, nil)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", input, err, want)
		}
	}
}

func TestLimits(t *testing.T) {
	leaf := `{"field": "subject", "op": "present"}`
	nested := func(depth int) string {
		return strings.Repeat(`{"all": [`, depth) + leaf + strings.Repeat(`]}`, depth)
	}
	wide := func(count int) string {
		return `{"all": [` + strings.Repeat(leaf+",", count-1) + leaf + `]}`
	}
	for input, ok := range map[string]bool{
		nested(MaxDepth): true, nested(MaxDepth + 1): false, nested(5000): false,
		wide(MaxLeaves): true, wide(MaxLeaves + 1): false, wide(50_000): false,
	} {
		group, err := Decode([]byte(input))
		if err == nil {
			err = Validate(group, nil)
		}
		if (err == nil) != ok {
			t.Errorf("%.60s… of %d bytes: %v", input, len(input), err)
		}
	}
}

// Trees made in Go, not read from JSON, meet the same checks.
func TestValidateChecksTreesMadeInGo(t *testing.T) {
	for name, group := range map[string]*Group{
		"empty node":    {All: []Node{{}}},
		"both":          {All: []Node{{Leaf: &Leaf{Field: "subject", Op: "present"}, Group: &Group{All: []Node{}}}}},
		"no members":    {},
		"bad raw value": {All: []Node{{Leaf: &Leaf{Field: "subject", Op: "is", Value: json.RawMessage("{")}}}},
	} {
		var list *invalid.Error
		if err := Validate(group, nil); !errors.As(err, &list) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTreesRoundTrip(t *testing.T) {
	for _, text := range []string{
		`{"all":[]}`,
		`{"any":[]}`,
		`{"all":[{"field":"subject","op":"is","value":"<b>&"}],"any":[]}`,
		`{"none":[{"any":[{"field":"custom.n","op":"less_than","value":0.10000000000000000000000001}]}]}`,
		`{"all":[{"field":"status","op":"changed_to","value":null}]}`,
		`{"all":[{"field":"urgency","op":"less_than","value":"b","options":{"case":"insensitive","order":["a","b"]}}]}`,
	} {
		group, err := Decode([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var out bytes.Buffer
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(group); err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(out.String()); got != text {
			t.Errorf("%s came back as %s", text, got)
		}
	}
}

// Every operator of every field can be written and evaluated.
func TestEveryFieldHasItsOperators(t *testing.T) {
	change := history(t, create(`"status": "Open", "custom_fields": {"x": "5"}`))
	sample := map[Type]string{
		Text: `"a"`, HTML: `"a"`, Number: `1`, Boolean: `true`, Datetime: `"2026-01-01"`, Duration: `"1h"`,
		Choice: `"a"`, Ordinal: `"High"`, Person: `"a"`, Set: `"a"`, Tree: `"a"`, Custom: `5`,
	}
	for _, field := range Fields() {
		if field.Title == "" || field.Description == "" || len(field.Operators) == 0 {
			t.Errorf("field %s does not describe itself", field.Name)
		}
		one := sample[field.Type]
		if field.Closed {
			one = fmt.Sprintf("%q", field.Values[0])
		}
		name := strings.NewReplacer("<id>", "x", "<name>", "x").Replace(field.Name)
		for _, op := range field.Operators {
			operator, ok := LookupOperator(op)
			if !ok {
				t.Fatalf("field %s has the unknown operator %s", field.Name, op)
			}
			value := map[Argument]string{
				ArgNone: "", ArgOne: one, ArgList: "[" + one + "]", ArgTwo: "[" + one + "," + one + "]",
				ArgFromTo: `{"from": "*", "to": ` + one + `}`, ArgText: `"a"`, ArgWords: `"a b"`, ArgTime: `"2026-01-01"`,
				ArgDuration: `"1h"`, ArgNumber: `1`, ArgNumbers: `[1, 2]`, ArgOptional: "", ArgChange: one,
			}[operator.Argument]
			leaf := leafOf(name, op, value)
			if slices.Contains(operator.Options, "calendar") {
				leaf = strings.TrimSuffix(leaf, "}") + `, "options": {"calendar": "office"}}`
			}
			compileLeaf(t, leaf).Evaluate(change)
		}
	}
	for _, operator := range Operators() {
		if operator.Title == "" || operator.Argument == "" {
			t.Errorf("operator %s does not describe itself", operator.Name)
		}
	}
}
