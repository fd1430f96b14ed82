package condition

import "testing"

// leafTest is a leaf and what it makes of the last change of a history.
type leafTest struct {
	name   string
	inputs []string
	leaf   string
	want   string
}

func runLeaves(t *testing.T, tests []leafTest) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			change := history(t, test.inputs...)
			got, outcome := evaluate(t, test.leaf, change)
			if got != test.want {
				t.Errorf("%s\n%v\ngot %s, want %s (%+v)", test.leaf, test.inputs, got, test.want, outcome.Leaves)
			}
			if again, _ := evaluate(t, test.leaf, change); again != got {
				t.Errorf("evaluated again: %s, then %s", got, again)
			}
		})
	}
}

func leafOf(field, op, value string) string {
	if value == "" {
		return `{"field": "` + field + `", "op": "` + op + `"}`
	}
	return `{"field": "` + field + `", "op": "` + op + `", "value": ` + value + `}`
}

// NIL is missing, null, "" and []: positive operators are false on it, their
// negations true, order and expressions false either way.
func TestNil(t *testing.T) {
	empties := map[string][]string{
		"missing":   {create("")},
		"null":      {create(`"justification": null, "tags": null, "due_at": null, "priority": null, "assignee": null, "custom_fields": {"x": null}, "category": null`)},
		"empty":     {create(`"justification": "", "tags": [], "priority": "", "assignee": "", "custom_fields": {"x": ""}, "category": ""`)},
		"emptied":   {create(`"justification": "j", "tags": ["a"], "priority": "High", "assignee": "Ann", "custom_fields": {"x": [1]}`), members(`"justification": "", "tags": [], "priority": null, "assignee": null, "custom_fields": {"x": []}`)},
		"object {}": {create(`"custom_fields": {"x": {}}`)},
	}
	wants := []struct{ field, op, value, want string }{
		{"justification", "present", "", fails},
		{"justification", "not_present", "", holds},
		{"justification", "is", `"a"`, fails},
		{"justification", "is_not", `"a"`, holds},
		{"justification", "is_any_of", `["a", "b"]`, fails},
		{"justification", "is_none_of", `["a", "b"]`, holds},
		{"justification", "contains", `"a"`, fails},
		{"justification", "not_contains", `"a"`, holds},
		{"justification", "contains_any_word", `"a"`, fails},
		{"justification", "contains_no_word", `"a"`, holds},
		{"justification", "starts_with", `"a"`, fails},
		{"justification", "ends_with", `"a"`, fails},
		{"justification", "matches", `".*"`, fails},
		{"justification", "not_matches", `"a"`, fails},
		{"priority", "less_than", `"High"`, fails},
		{"priority", "greater_or_equal", `"Low"`, fails},
		{"priority", "between", `["Low", "High"]`, fails},
		{"due_at", "before", `"2030-01-01"`, fails},
		{"due_at", "after", `"2000-01-01"`, fails},
		{"due_at", "on", `"2026-03-04"`, fails},
		{"due_at", "older_than", `"1d"`, fails},
		{"due_at", "within_last", `"1d"`, fails},
		{"due_at", "within_next", `"1d"`, fails},
		{"tags", "contains_all", `["a"]`, fails},
		{"tags", "contains_any", `["a"]`, fails},
		{"tags", "contains_none", `["a"]`, holds},
		{"tags", "equals_set", `["a"]`, fails},
		{"tags", "size_is", `0`, holds},
		{"tags", "size_greater_than", `0`, fails},
		{"category", "under", `"Hardware"`, fails},
		{"assignee", "present", "", fails},
		{"assignee", "is", `"ann@example.com"`, fails},
		{"assignee.email", "is_not", `"ann@example.com"`, holds},
		{"custom.x", "present", "", fails},
		{"custom.x", "is", `"a"`, fails},
		{"custom.x", "is_not", `5`, holds},
		{"custom.x", "less_than", `5`, fails},
		{"custom.x", "contains_none", `["a"]`, holds},
	}
	for name, inputs := range empties {
		var tests []leafTest
		for _, w := range wants {
			tests = append(tests, leafTest{name + "/" + w.field + " " + w.op, inputs, leafOf(w.field, w.op, w.value), w.want})
		}
		runLeaves(t, tests)
	}
}

func TestChanged(t *testing.T) {
	runLeaves(t, []leafTest{
		{"create with a value", []string{create(`"priority": "High"`)}, leafOf("priority", "changed", ""), holds},
		{"create without one", []string{create("")}, leafOf("priority", "changed", ""), fails},
		{"create, changed to", []string{create(`"status": "Open"`)}, leafOf("status", "changed_to", `"Open"`), holds},
		{"create, changed from anything", []string{create(`"status": "Open"`)}, leafOf("status", "changed_from", `"*"`), holds},
		{"create, changed from nothing", []string{create(`"status": "Open"`)}, leafOf("status", "changed_from", `null`), holds},
		{"create, was", []string{create(`"status": "Open"`)}, leafOf("status", "was", `"Open"`), fails},
		{"create, was not", []string{create(`"status": "Open"`)}, leafOf("status", "was_not", `"Open"`), holds},
		{"create, increased", []string{create(`"priority": "High"`)}, leafOf("priority", "increased", ""), fails},

		{"same again", []string{create(`"status": "Solved"`), members(`"status": "Solved"`)}, leafOf("status", "changed_to", `"Solved"`), fails},
		{"same again is", []string{create(`"status": "Solved"`), members(`"status": "Solved"`)}, leafOf("status", "is", `"Solved"`), holds},
		{"same again touched", []string{create(`"status": "Solved"`), members(`"status": "Solved"`)}, leafOf("status", "touched", ""), holds},
		{"not written", []string{create(`"status": "Solved"`), members(`"priority": "Low"`)}, leafOf("status", "touched", ""), fails},
		{"changed to", []string{create(`"status": "Open"`), members(`"status": "Solved"`)}, leafOf("status", "changed_to", `"solved"`), holds},
		{"changed to another", []string{create(`"status": "Open"`), members(`"status": "Solved"`)}, leafOf("status", "changed_to", `"Closed"`), fails},
		{"not changed to, unchanged", []string{create(`"status": "Solved"`), members(`"status": "Solved"`)}, leafOf("status", "not_changed_to", `"Solved"`), holds},
		{"not changed to, changed", []string{create(`"status": "Open"`), members(`"status": "Solved"`)}, leafOf("status", "not_changed_to", `"Solved"`), fails},
		{"changed from", []string{create(`"status": "Open"`), members(`"status": "Solved"`)}, leafOf("status", "changed_from", `"Open"`), holds},
		{"not changed from", []string{create(`"status": "Open"`), members(`"status": "Solved"`)}, leafOf("status", "not_changed_from", `"Open"`), fails},
		{"from to", []string{create(`"status": "Open"`), members(`"status": "Solved"`)}, leafOf("status", "changed_from_to", `{"from": ["New", "Open"], "to": "*"}`), holds},
		{"from to as a pair", []string{create(`"status": "Open"`), members(`"status": "Solved"`)}, leafOf("status", "changed_from_to", `["Open", ["Closed", "Solved"]]`), holds},
		{"from another to", []string{create(`"status": "Open"`), members(`"status": "Solved"`)}, leafOf("status", "changed_from_to", `{"from": "New", "to": "*"}`), fails},
		{"changed to nothing", []string{create(`"assignee": "Ann"`), members(`"assignee": null`)}, leafOf("assignee", "changed_to", `null`), holds},
		{"changed to a list", []string{create(`"status": "Open"`), members(`"status": "Solved"`)}, leafOf("status", "changed_to", `["Closed", "Solved"]`), holds},
		{"emptied", []string{create(`"assignee": "Ann"`), members(`"assignee": null`)}, leafOf("assignee", "removed", ""), holds},
		{"filled", []string{create(""), members(`"assignee": "Ann"`)}, leafOf("assignee", "added", ""), holds},
		{"was", []string{create(`"status": "Open"`), members(`"status": "Solved"`)}, leafOf("status", "was", `"Open"`), holds},

		{"case is no change", []string{create(`"justification": "Größe"`), members(`"justification": "GRÖSSE"`)}, leafOf("justification", "changed", ""), fails},
		{"unless told", []string{create(`"justification": "a"`), members(`"justification": "A"`)}, `{"field": "justification", "op": "changed", "options": {"case": "sensitive"}}`, holds},
		{"order of tags is no change", []string{create(`"tags": ["a", "b"]`), members(`"tags": ["b", "a"]`)}, leafOf("tags", "changed", ""), fails},
		{"same instant is no change", []string{create(`"due_at": "2026-03-04T12:00:00Z"`), members(`"due_at": "2026-03-04T13:00:00+01:00"`)}, leafOf("due_at", "changed", ""), fails},
		{"1 is \"1\" for a number", []string{create(`"custom_fields": {"n": 1}`), members(`"custom_fields": {"n": "1.0"}`)}, leafOf("custom.n", "changed", ""), fails},
		{"1 is not 2", []string{create(`"custom_fields": {"n": 1}`), members(`"custom_fields": {"n": 2}`)}, leafOf("custom.n", "changed", ""), holds},
		{"lists of a custom field", []string{create(`"custom_fields": {"n": ["a", 1]}`), members(`"custom_fields": {"n": ["1", "a"]}`)}, leafOf("custom.n", "changed", ""), fails},
		{"a plain name keeps the reference", []string{create(`"priority": {"id": "1", "name": "Low"}`), members(`"priority": "Low"`)}, leafOf("priority", "changed", ""), fails},
		{"another id is a change", []string{create(`"priority": {"id": "1", "name": "Low"}`), members(`"priority": {"id": "2", "name": "Low"}`)}, leafOf("priority", "changed", ""), holds},

		{"tag added", []string{create(`"tags": ["a"]`), members(`"tags": ["a", "VIP"]`)}, leafOf("tags", "added", `["vip"]`), holds},
		{"tag that was there", []string{create(`"tags": ["vip"]`), members(`"tags": ["a", "vip"]`)}, leafOf("tags", "added", `["vip"]`), fails},
		{"any tag added", []string{create(`"tags": ["vip"]`), members(`"tags": ["a", "vip"]`)}, leafOf("tags", "added", ""), holds},
		{"tag removed", []string{create(`"tags": ["vip", "a"]`), members(`"tags": ["a"]`)}, leafOf("tags", "removed", `"vip"`), holds},
		{"tags changed to a set", []string{create(`"tags": ["a"]`), members(`"tags": ["b", "a"]`)}, leafOf("tags", "changed_to", `["a", "b"]`), holds},
		{"tags changed to another set", []string{create(`"tags": ["a"]`), members(`"tags": ["b", "a"]`)}, leafOf("tags", "changed_to", `["b"]`), fails},

		{"priority rose", []string{create(`"priority": "Low"`), members(`"priority": "Urgent"`)}, leafOf("priority", "increased", ""), holds},
		{"priority fell", []string{create(`"priority": "Urgent"`), members(`"priority": "Low"`)}, leafOf("priority", "decreased", ""), holds},
		{"priority without a place", []string{create(`"priority": "Low"`), members(`"priority": "Purple"`)}, leafOf("priority", "increased", ""), errs},
		{"same priority without a place", []string{create(`"priority": "Purple"`), members(`"priority": "Purple"`)}, leafOf("priority", "increased", ""), fails},
		{"number rose", []string{create(`"custom_fields": {"n": "9"}`), members(`"custom_fields": {"n": 10}`)}, leafOf("custom.n", "increased", ""), holds},
		{"replies rose", []string{create(""), `{"ticket": {"number": 1}, "reply": {"body": "x"}}`}, leafOf("replies.count", "increased", ""), holds},
		{"times of a custom field", []string{create(`"custom_fields": {"d": "2026-03-04"}`), members(`"custom_fields": {"d": "2026-03-05"}`)}, leafOf("custom.d", "increased", ""), holds},
		{"durations of a custom field", []string{create(`"custom_fields": {"d": "90m"}`), members(`"custom_fields": {"d": "1h"}`)}, leafOf("custom.d", "decreased", ""), holds},
		{"words have no order", []string{create(`"custom_fields": {"d": "a"}`), members(`"custom_fields": {"d": "b"}`)}, leafOf("custom.d", "increased", ""), errs},
		{"due later", []string{create(`"due_at": "2026-03-04"`), members(`"due_at": "2026-03-05"`)}, leafOf("due_at", "increased", ""), holds},
		{"same instant in a custom field", []string{create(`"custom_fields": {"d": "2026-03-04T12:00:00Z"}`), members(`"custom_fields": {"d": "2026-03-04T13:00:00+01:00"}`)}, leafOf("custom.d", "changed", ""), fails},
		{"a flag", []string{create(`"custom_fields": {"d": true}`), members(`"custom_fields": {"d": false}`)}, leafOf("custom.d", "changed_to", `false`), holds},
		{"an object", []string{create(`"custom_fields": {"d": {"a": 1}}`), members(`"custom_fields": {"d": {"a": 2}}`)}, leafOf("custom.d", "changed", ""), holds},
		{"a list becomes a text", []string{create(`"custom_fields": {"d": ["a"]}`), members(`"custom_fields": {"d": "a"}`)}, leafOf("custom.d", "changed", ""), holds},
		{"the same person, better known", []string{create(`"assignee": "bob@example.com"`), members(`"assignee": {"id": "7", "email": "Bob@example.com"}`)}, leafOf("assignee", "changed", ""), fails},
		{"another person", []string{create(`"assignee": {"id": "7", "email": "bob@example.com"}`), members(`"assignee": {"id": "8", "email": "bob@example.com"}`)}, leafOf("assignee", "changed", ""), holds},
		{"the same user name", []string{create(`"assignee": {"user_name": "bob"}`), members(`"assignee": {"user_name": "BOB", "phone": "1"}`)}, leafOf("assignee", "changed", ""), fails},
		{"another name", []string{create(`"assignee": "Bob"`), members(`"assignee": "Bo"`)}, leafOf("assignee", "changed_to", `"bo"`), holds},
		{"status moved on", []string{create(`"status": "Open"`), members(`"status": "Solved"`)}, leafOf("status", "increased", ""), holds},
	})
}

// A to B to A in one change is no change; what it wrote is seen all the same.
func TestSeveralEditsAreOneChange(t *testing.T) {
	change := history(t, create(`"status": "Open"`), members(`"status": "Open"`))
	for leaf, want := range map[string]string{
		leafOf("status", "changed", ""):            fails,
		leafOf("status", "not_changed", ""):        holds,
		leafOf("status", "changed_to", `"Open"`):   fails,
		leafOf("status", "changed_from", `"Open"`): fails,
		leafOf("status", "touched", ""):            holds,
	} {
		if got, _ := evaluate(t, leaf, change); got != want {
			t.Errorf("%s: %s, want %s", leaf, got, want)
		}
	}
}

// A member missing from a partial update of an unknown ticket is unknown.
func TestUnknownIsAnError(t *testing.T) {
	partial := []string{members(`"status": "Solved"`)}
	twice := []string{members(`"status": "Solved"`), members(`"priority": "High"`)}
	complete := []string{members(`"status": "Solved"`), create(`"priority": "High"`)}
	runLeaves(t, []leafTest{
		{"written", partial, leafOf("status", "is", `"Solved"`), holds},
		{"written, before", partial, leafOf("status", "changed", ""), errs},
		{"written, was", partial, leafOf("status", "was", `"Open"`), errs},
		{"written, touched", partial, leafOf("status", "touched", ""), holds},
		{"not written", partial, leafOf("priority", "is", `"High"`), errs},
		{"not written, negated", partial, leafOf("priority", "is_not", `"High"`), errs},
		{"not written, not present", partial, leafOf("priority", "not_present", ""), errs},
		{"not written, not touched", partial, leafOf("priority", "touched", ""), fails},
		{"custom field not written", partial, leafOf("custom.x", "is", `"a"`), errs},
		{"the change itself is known", partial, leafOf("event.kind", "is", `"ticket_updated"`), holds},
		{"known from earlier", twice, leafOf("status", "is", `"Solved"`), holds},
		{"known from earlier, unchanged", twice, leafOf("status", "changed", ""), fails},
		{"written now, not before", twice, leafOf("priority", "changed", ""), errs},
		{"never written", twice, leafOf("urgency", "present", ""), errs},
		{"whole since", complete, leafOf("urgency", "present", ""), fails},
	})
}

// A leaf that cannot be decided keeps the tree from matching; it is no error
// only where something that must hold is plainly false.
func TestErrorsInTrees(t *testing.T) {
	const (
		yes    = `{"field": "status", "op": "is", "value": "Open"}`
		no     = `{"field": "status", "op": "is", "value": "Closed"}`
		broken = `{"field": "custom.n", "op": "less_than", "value": 5}`
	)
	change := history(t, create(`"status": "Open", "custom_fields": {"n": "many"}`))
	for tree, want := range map[string]string{
		`{"all": []}`:                                                   holds,
		`{"none": []}`:                                                  holds,
		`{"any": []}`:                                                   fails,
		`{"all": [], "any": []}`:                                        holds,
		`{"all": [` + yes + `], "any": []}`:                             holds,
		`{"all": [` + no + `], "any": []}`:                              fails,
		`{"all": [` + yes + `], "any": [` + no + `]}`:                   fails,
		`{"all": [` + yes + `], "any": [` + yes + `]}`:                  holds,
		`{"all": [` + yes + `, ` + yes + `]}`:                           holds,
		`{"all": [` + yes + `, ` + no + `]}`:                            fails,
		`{"any": [` + yes + `, ` + no + `]}`:                            holds,
		`{"none": [` + no + `, ` + no + `]}`:                            holds,
		`{"none": [` + no + `, ` + yes + `]}`:                           fails,
		`{"none": [{"none": [` + yes + `]}]}`:                           holds,
		`{"all": [` + yes + `, ` + broken + `]}`:                        errs,
		`{"all": [` + no + `, ` + broken + `]}`:                         fails,
		`{"any": [` + yes + `, ` + broken + `]}`:                        errs,
		`{"any": [` + no + `, ` + broken + `]}`:                         errs,
		`{"none": [` + no + `, ` + broken + `]}`:                        errs,
		`{"none": [` + yes + `, ` + broken + `]}`:                       fails,
		`{"any": [{"all": [` + no + `, ` + broken + `]}, ` + yes + `]}`: errs,
		`{"all": [{"any": []}]}`:                                        fails,
	} {
		group, err := Decode([]byte(tree))
		if err != nil {
			t.Fatal(err)
		}
		compiled, err := Compile(group, nil)
		if err != nil {
			t.Fatal(err)
		}
		outcome := compiled.Evaluate(change)
		got := fails
		if outcome.Failed {
			got = errs
		} else if outcome.Matched {
			got = holds
		}
		if got != want {
			t.Errorf("%s: %s, want %s", tree, got, want)
		}
	}
}
