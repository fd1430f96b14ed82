package condition

import (
	"strings"
	"testing"
)

func TestEquality(t *testing.T) {
	ticket := []string{create(`"status": {"id": "7", "name": "In Progress", "state": "open"}, "priority": 3, "language": "pt-BR",
		"requester": {"id": "12", "email": "Carla@Example.com", "user_name": "carla", "first_name": "Carla", "last_name": "Díaz"},
		"category": "Hardware/Printers", "justification": "Straße", "due_at": "2026-03-04T23:30:00Z",
		"custom_fields": {"n": 1.10, "t": "1.10", "b": true, "list": ["a"], "huge": 1e999999999, "obj": {"a": 1}}`)}
	runLeaves(t, []leafTest{
		{"name", ticket, leafOf("status", "is", `"in progress"`), holds},
		{"id", ticket, leafOf("status", "is", `7`), holds},
		{"id field", ticket, leafOf("status.id", "is", `"7"`), holds},
		{"state", ticket, leafOf("status.state", "is", `"open"`), holds},
		{"any of", ticket, leafOf("status", "is_any_of", `["Open", "In Progress"]`), holds},
		{"none of", ticket, leafOf("status", "is_none_of", `["Open", "In Progress"]`), fails},
		{"number as id", ticket, leafOf("priority", "is", `3`), holds},
		{"folded", ticket, leafOf("justification", "is", `"STRASSE"`), holds},
		{"heeding case", ticket, `{"field": "justification", "op": "is", "value": "straße", "options": {"case": "sensitive"}}`, fails},
		{"normalised", ticket, leafOf("requester.last_name", "is", `"DI\u0301AZ"`), holds},
		{"heeding case, said with true", ticket, `{"field": "justification", "op": "is", "value": "straße", "options": {"case": true}}`, fails},
		{"not heeding case, said with false", ticket, `{"field": "justification", "op": "is", "value": "STRASSE", "options": {"case": false}}`, holds},
		{"normalised, heeding case", ticket, `{"field": "requester.last_name", "op": "is", "value": "Di\u0301az", "options": {"case": "sensitive"}}`, holds},
		{"person by address", ticket, leafOf("requester", "is", `"carla@example.com"`), holds},
		{"person by id", ticket, leafOf("requester", "is", `12`), holds},
		{"person by name", ticket, leafOf("requester", "is", `"carla díaz"`), holds},
		{"another person", ticket, leafOf("requester", "is_not", `"bob@example.com"`), holds},
		{"role", ticket, leafOf("requester.role", "is", `"client"`), holds},
		{"path", ticket, leafOf("category", "is", `"hardware / printers"`), holds},
		{"category by name", ticket, leafOf("category", "is", `"printers"`), holds},
		{"decimal", ticket, leafOf("custom.n", "is", `1.1`), holds},
		{"decimal as text", ticket, leafOf("custom.t", "is", `1.1`), holds},
		{"text stays text", ticket, leafOf("custom.t", "is", `"1.1"`), fails},
		{"flag", ticket, leafOf("custom.b", "is", `true`), holds},
		{"flag as text", ticket, leafOf("custom.b", "is", `"true"`), holds},
		{"a list is not one value", ticket, leafOf("custom.list", "is", `"a"`), errs},
		{"an object is not one value", ticket, leafOf("custom.obj", "is_not", `"a"`), errs},
		{"a text is no number", ticket, leafOf("custom.t", "is_any_of", `[true]`), errs},
		{"day", ticket, leafOf("due_at", "is", `"2026-03-04"`), holds},
		{"instant", ticket, leafOf("due_at", "is", `"2026-03-05T00:30:00+01:00"`), holds},
	})
}

func TestOrder(t *testing.T) {
	ticket := []string{create(`"status": {"name": "Warten", "state": "pending"}, "priority": "Medium", "urgency": "P2",
		"due_at": "2026-03-04T12:00:00Z", "created_at": "2026-03-02T12:00:00Z",
		"custom_fields": {"small": 0.1, "text": "9", "word": "many", "huge": 1e999999999, "tiny": -1e-999999999, "when": "2026-03-04", "long": "90m", "list": [1]}`)}
	runLeaves(t, []leafTest{
		{"exact decimals", ticket, leafOf("custom.small", "less_or_equal", `0.10000000000000000000000001`), holds},
		{"exact decimals, other side", ticket, leafOf("custom.small", "greater_than", `0.09999999999999999999999999`), holds},
		{"text as number", ticket, leafOf("custom.text", "less_than", `10`), holds},
		{"word as number", ticket, leafOf("custom.word", "less_than", `10`), errs},
		{"list as number", ticket, leafOf("custom.list", "less_than", `10`), errs},
		{"giant exponent", ticket, leafOf("custom.huge", "greater_than", `1e999999998`), holds},
		{"tiny negative", ticket, leafOf("custom.tiny", "less_than", `0`), holds},
		{"between, ends included", ticket, leafOf("custom.text", "between", `[9, 9]`), holds},
		{"custom time", ticket, leafOf("custom.when", "less_than", `"2026-03-05"`), holds},
		{"custom time day equality", ticket, leafOf("custom.when", "greater_or_equal", `"2026-03-04"`), holds},
		{"custom duration", ticket, leafOf("custom.long", "greater_than", `"1h"`), holds},
		{"custom mismatch", ticket, leafOf("custom.word", "greater_than", `"1h"`), errs},
		{"state order", ticket, leafOf("status", "greater_than", `"Open"`), holds},
		{"state order below", ticket, leafOf("status", "less_than", `"resolved"`), holds},
		{"usual priorities", ticket, leafOf("priority", "between", `["Low", "High"]`), holds},
		{"no place", ticket, leafOf("urgency", "less_than", `"High"`), errs},
		{"configured order", ticket, `{"field": "urgency", "op": "less_than", "value": "P1", "options": {"order": ["P3", "P2", "P1"]}}`, holds},
		{"day, before", ticket, leafOf("due_at", "less_than", `"2026-03-04"`), fails},
		{"day, included", ticket, leafOf("due_at", "less_or_equal", `"2026-03-04"`), holds},
		{"day, after", ticket, leafOf("due_at", "greater_than", `"2026-03-04"`), fails},
		{"instant", ticket, leafOf("due_at", "greater_or_equal", `"2026-03-04T12:00:00Z"`), holds},
		{"age", ticket, leafOf("age", "is", `"2d"`), holds},
		{"age less", ticket, leafOf("age", "less_than", `"PT49H"`), holds},
		{"count", ticket, leafOf("replies.count", "less_than", `1`), holds},
	})
}

func TestText(t *testing.T) {
	ticket := []string{
		create(`"justification": "The Printer-XL is ÖFFNET now", "description_html": "<p>Hello <b>Wor</b>ld &amp; all</p><script>secret()</script>"`),
		`{"ticket": {"number": 1}, "reply": {"body": "<p>Thanks</p><p>a lot</p>", "author": {"name": "Carla", "role": "client"}}}`,
	}
	runLeaves(t, []leafTest{
		{"contains", ticket, leafOf("justification", "contains", `"printer-xl"`), holds},
		{"contains, folded", ticket, leafOf("justification", "contains", `"öffnet"`), holds},
		{"contains, heeding case", ticket, `{"field": "justification", "op": "contains", "value": "printer", "options": {"case": "sensitive"}}`, fails},
		{"not contains", ticket, leafOf("justification", "not_contains", `"scanner"`), holds},
		{"words", ticket, leafOf("justification", "contains_any_word", `"scanner printer"`), holds},
		{"word of words", ticket, leafOf("justification", "contains_any_word", `["print"]`), fails},
		{"phrase", ticket, leafOf("justification", "contains_any_word", `["printer xl is"]`), holds},
		{"no word", ticket, leafOf("justification", "contains_no_word", `["print", "scanner"]`), holds},
		{"prefix", ticket, leafOf("justification", "starts_with", `"THE "`), holds},
		{"suffix", ticket, leafOf("justification", "ends_with", `"now"`), holds},
		{"expression", ticket, leafOf("justification", "matches", `"printer-\\w+"`), holds},
		{"expression, heeding case", ticket, `{"field": "justification", "op": "matches", "value": "printer", "options": {"case": "sensitive"}}`, fails},
		{"not expression", ticket, leafOf("justification", "not_matches", `"^scanner"`), holds},
		{"tags hide text", ticket, leafOf("description_html", "contains", `"world & all"`), fails},
		{"stripped", ticket, `{"field": "description_html", "op": "contains", "value": "world & all", "options": {"html": "strip"}}`, holds},
		{"scripts are no text", ticket, `{"field": "description_html", "op": "contains", "value": "secret", "options": {"html": "strip"}}`, fails},
		{"blocks part words", ticket, `{"field": "comment.body", "op": "is", "value": "thanks a lot", "options": {"html": "strip"}}`, holds},
		{"comment", ticket, leafOf("comment.author_role", "is", `"client"`), holds},
		{"comment is public", ticket, leafOf("comment.is_public", "is", `true`), holds},
	})
}

// An expression sees the first 64 kB only.
func TestExpressionsSeeABoundedText(t *testing.T) {
	long := strings.Repeat("a", MaxMatchInput)
	near := history(t, `{"ticket": {"number": 1, "subject": "S", "description": "`+long[1:]+`b"}}`)
	far := history(t, `{"ticket": {"number": 1, "subject": "S", "description": "`+long+`b"}}`)
	leaf := leafOf("description", "matches", `"b$"`)
	if got, _ := evaluate(t, leaf, near); got != holds {
		t.Errorf("within the bound: %s", got)
	}
	if got, _ := evaluate(t, leaf, far); got != fails {
		t.Errorf("beyond the bound: %s", got)
	}
}

func TestSetsAndTrees(t *testing.T) {
	ticket := []string{create(`"tags": ["VIP", "b2b", "late"], "category": "Hardware / Printers/Laser", "custom_fields": {"multi": ["a", 2, true], "one": "a", "obj": [{"a": 1}]}`)}
	runLeaves(t, []leafTest{
		{"all", ticket, leafOf("tags", "contains_all", `["vip", "B2B"]`), holds},
		{"not all", ticket, leafOf("tags", "contains_all", `["vip", "x"]`), fails},
		{"any", ticket, leafOf("tags", "contains_any", `["x", "late"]`), holds},
		{"any of one", ticket, leafOf("tags", "contains_any", `"late"`), holds},
		{"none", ticket, leafOf("tags", "contains_none", `["x", "y"]`), holds},
		{"exactly", ticket, leafOf("tags", "equals_set", `["late", "b2b", "vip"]`), holds},
		{"not exactly", ticket, leafOf("tags", "equals_set", `["late", "b2b"]`), fails},
		{"size", ticket, leafOf("tags", "size_is", `3`), holds},
		{"size less", ticket, leafOf("tags", "size_less_than", `3`), fails},
		{"size at most", ticket, leafOf("tags", "size_less_or_equal", `3`), holds},
		{"size at least", ticket, leafOf("tags", "size_greater_or_equal", `4`), fails},
		{"size between", ticket, leafOf("tags", "size_between", `[2, 3]`), holds},
		{"custom list", ticket, leafOf("custom.multi", "contains_all", `["A", "2", "true"]`), holds},
		{"custom scalar", ticket, leafOf("custom.one", "contains_any", `["a"]`), holds},
		{"custom objects", ticket, leafOf("custom.obj", "contains_any", `["a"]`), errs},
		{"under", ticket, leafOf("category", "under", `"hardware"`), holds},
		{"under itself", ticket, leafOf("category", "under", `"Hardware/Printers/Laser"`), holds},
		{"not under a like name", ticket, leafOf("category", "under", `"Hard"`), fails},
		{"under one of", ticket, leafOf("category", "under", `["Software", "Hardware/ Printers"]`), holds},
	})
}

// Time is the change's time; the clock has no say.
func TestDates(t *testing.T) {
	at := func(members string) []string {
		return []string{`{"at": "2026-03-04T12:00:00Z", "ticket": {"number": 1, "subject": "S", ` + members + `}}`}
	}
	runLeaves(t, []leafTest{
		{"before a day", at(`"due_at": "2026-03-03T23:59:59Z"`), leafOf("due_at", "before", `"2026-03-04"`), holds},
		{"not before the day itself", at(`"due_at": "2026-03-04T00:00:00Z"`), leafOf("due_at", "before", `"2026-03-04"`), fails},
		{"after a day", at(`"due_at": "2026-03-05T00:00:00Z"`), leafOf("due_at", "after", `"2026-03-04"`), holds},
		{"not after within the day", at(`"due_at": "2026-03-04T23:59:59Z"`), leafOf("due_at", "after", `"2026-03-04"`), fails},
		{"on", at(`"due_at": "2026-03-04T23:59:59Z"`), leafOf("due_at", "on", `"2026-03-04"`), holds},
		{"on, in the calendar's zone", at(`"due_at": "2026-03-04T23:30:00Z"`), `{"field": "due_at", "op": "on", "value": "2026-03-05", "options": {"calendar": "office"}}`, holds},
		{"within the last, edge", at(`"due_at": "2026-03-04T11:00:00Z"`), leafOf("due_at", "within_last", `"1h"`), holds},
		{"longer ago", at(`"due_at": "2026-03-04T10:59:59Z"`), leafOf("due_at", "within_last", `"1h"`), fails},
		{"ahead is not the last", at(`"due_at": "2026-03-04T12:00:01Z"`), leafOf("due_at", "within_last", `"1h"`), fails},
		{"within the next", at(`"due_at": "2026-03-04T13:00:00Z"`), leafOf("due_at", "within_next", `"PT1H"`), holds},
		{"past is not the next", at(`"due_at": "2026-03-04T11:59:59Z"`), leafOf("due_at", "within_next", `"1h"`), fails},
		{"older", at(`"due_at": "2026-03-01T11:59:59Z"`), leafOf("due_at", "older_than", `"3d"`), holds},
		{"not older", at(`"due_at": "2026-03-01T12:00:00Z"`), leafOf("due_at", "older_than", `"3d"`), fails},
		{"custom text", at(`"custom_fields": {"d": "2026-03-04T11:30:00Z"}`), leafOf("custom.d", "within_last", `"1h"`), holds},
		{"custom nonsense", at(`"custom_fields": {"d": "soon"}`), leafOf("custom.d", "within_last", `"1h"`), errs},
	})
}
