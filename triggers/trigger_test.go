package triggers

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/invalid"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

var testEnv = Env{
	Systems: testEvents, Calendars: testCalendars,
	Endpoint: func(id string) *Endpoint {
		return map[string]*Endpoint{"ep_1": {ID: "ep_1", System: "alpha"}, "ep_2": {ID: "ep_2", System: "beta"}}[id]
	},
}

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
}

func TestDecodeTriggerFillsInDefaults(t *testing.T) {
	trigger, err := DecodeTrigger([]byte(`{"id": "trg_9", "version": 4, "name": "n", "system": "alpha", "then": [{"webhook": {"endpoints": ["ep_1", "ep_1"]}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if !trigger.Enabled || trigger.Fire != FireEvery || trigger.When != nil || trigger.On == nil || trigger.ID != "" || trigger.Version != 0 {
		t.Errorf("%+v", trigger)
	}
	if err := Validate(trigger, testEnv); err != nil {
		t.Error(err)
	}
}

// Events about endpoints are every system's; one trigger may listen to them
// and to tickets.
func TestEndpointEventsAreOfEverySystem(t *testing.T) {
	trigger, err := DecodeTrigger([]byte(`{"name": "n", "system": "alpha", "on": ["created", "endpoint.failing", "endpoint.disabled", "endpoint.enabled"], "then": [{"webhook": {"endpoint": "ep_1"}}]}`))
	if err == nil {
		err = Validate(trigger, testEnv)
	}
	if err != nil {
		t.Error(err)
	}
}

func TestTriggersAreChecked(t *testing.T) {
	with := func(members string) string {
		return `{"name": "n", "system": "alpha", "then": [{"webhook": {"endpoint": "ep_1"}}], ` + members + `}`
	}
	then := func(action string) string { return `{"name": "n", "system": "alpha", "then": [` + action + `]}` }
	for input, path := range map[string]string{
		``:                                   "",
		`[]`:                                 "",
		`null`:                               "",
		`{"name": "n"} x`:                    "",
		with(`"nmae": "x"`):                  "nmae",
		with(`"enabled": "yes"`):             "enabled",
		with(`"name": 5`):                    "name",
		with(`"name": " "`):                  "name",
		with(`"system": "gamma"`):            "system",
		with(`"on": ["creatd"]`):             "on.0",
		with(`"on": ["created", "created"]`): "on.1",
		with(`"on": 5`):                      "on",
		with(`"on": "craeted"`):              "on.0",
		with(`"name": "a\u0000b"`):           "name",
		with(`"on": ["endpoint.disabledd"]`): "on.0",
		with(`"on": ["created", "endpoint.disabled"], "when": {"all": [{"field": "status", "op": "is", "value": "x"}]}`):                     "when",
		`{"name": "n", "system": "alpha", "on": ["endpoint.failing"], "then": [{"webhook": {"endpoint": "ep_1"}}, {"tag": {"add": ["a"]}}]}`: "then.1",
		with(`"fire": "twice"`): "fire",
		with(`"when": 5`):       "when",
		with(`"when": {"all": [{"field": "status", "op": "is", "value": "x"}, {"any": [{"field": "status", "op": "eq", "value": 1}]}]}`): "when.all.1.any.0.op",
		with(`"when": {"all": [{"field": "event.at", "op": "in_business_hours", "options": {"calendar": "cal_9"}}]}`):                    "when.all.0.options.calendar",
		`{"name": "n", "system": "alpha", "then": []}`: "then",
		`{"name": "n", "system": "alpha", "then": {}}`: "then.0",
		then(`{}`):                                             "then.0",
		then(`5`):                                              "then.0",
		then(`{"mail": {}}`):                                   "then.0.mail",
		then(`{"webhook": {"url": "x"}}`):                      "then.0.webhook.url",
		then(`{"webhook": 7}`):                                 "then.0.webhook",
		then(`{"webhook": "ep_7"}`):                            "then.0.webhook.endpoint",
		then(`{"type": "nope", "endpoint": "ep_1"}`):           "then.0.endpoint",
		then(`{"set": {"colour": "red"}}`):                     "then.0.set.field",
		then(`{"set": {"priority": "High", "type": "x"}}`):     "then.0.set.priority",
		then(`{"tag": {"add": 7}}`):                            "then.0.tag.add",
		then(`{"webhook": {}}`):                                "then.0.webhook.endpoint",
		then(`{"webhook": {"endpoint": 5}}`):                   "then.0.webhook.endpoint",
		then(`{"webhook": {"endpoint": "ep_9"}}`):              "then.0.webhook.endpoint",
		then(`{"webhook": {"endpoints": ["ep_1", "ep_2"]}}`):   "then.0.webhook.endpoints.1",
		then(`{"note": {"body": "x"}, "tag": {"add": ["a"]}}`): "then.0",
		then(`{"note": {"body": ""}}`):                         "then.0.note.body",
		then(`{"note": {"body": "{{ticket.colour}}"}}`):        "then.0.note.body",
		then(`{"note": {"body": "{{ticket.number"}}`):          "then.0.note.body",
		then(`{"tag": {}}`):                                    "then.0.tag",
		then(`{"tag": {"add": ["a", ""]}}`):                    "then.0.tag.add.1",
		then(`{"tag": {"add": ["a"], "remove": ["a"]}}`):       "then.0.tag.add.0",
		then(`{"set": {"field": "number", "value": 1}}`):       "then.0.set.field",
		then(`{"set": {"field": "priority.id", "value": 1}}`):  "then.0.set.field",
		then(`{"set": {"field": "priority"}}`):                 "then.0.set.value",
		then(`{"set": {"field": "due_at", "value": "soon"}}`):  "then.0.set.value.due_at",
	} {
		trigger, err := DecodeTrigger([]byte(input))
		if err == nil {
			err = Validate(trigger, testEnv)
		}
		wantPath(t, input, err, path)
	}
}

func TestErrorsSuggest(t *testing.T) {
	trigger := mustDecode(t, `{"name": "n", "system": "alhpa", "then": [{"webhook": {"endpoint": "ep_1"}}]}`)
	if err := Validate(trigger, testEnv); err == nil || !strings.Contains(err.Error(), "did you mean alpha?") {
		t.Errorf("no suggestion for the system: %v", err)
	}
	trigger = mustDecode(t, `{"name": "n", "system": "alpha", "on": ["udpated"], "then": [{"note": {"body": "{{ticket.subjct}}"}}]}`)
	err := Validate(trigger, testEnv)
	if err == nil || !strings.Contains(err.Error(), "did you mean updated?") || !strings.Contains(err.Error(), "did you mean subject?") {
		t.Errorf("no suggestions: %v", err)
	}
}

func TestWarnings(t *testing.T) {
	for text, want := range map[string]int{
		`{"when": {"all": [{"field": "tags", "op": "contains_any", "value": ["a"]}]}, "then": [{"tag": {"add": ["b"]}}]}`:                              1,
		`{"when": {"all": [{"any": [{"field": "priority.id", "op": "present"}]}]}, "then": [{"set": {"field": "priority", "value": "Low"}}]}`:          1,
		`{"when": {"all": [{"field": "status", "op": "present"}]}, "then": [{"tag": {"add": ["b"]}}]}`:                                                 0,
		`{"when": {"all": [{"field": "comment.body", "op": "present"}]}, "then": [{"note": {"body": "b"}}]}`:                                           1,
		`{"allow_rule_changes": true, "when": {"none": [{"field": "tags", "op": "contains_any", "value": ["a"]}]}, "then": [{"tag": {"add": ["b"]}}]}`: 2,
		`{"then": [{"webhook": {"endpoint": "ep_1"}}]}`:                                                                                                0,
	} {
		if got := Warnings(mustDecode(t, text)); len(got) != want {
			t.Errorf("%s: %v, want %d warnings", text, got, want)
		}
	}
	got := Warnings(mustDecode(t, `{"when": {"all": [{"field": "tags", "op": "present"}]}, "then": [{"tag": {"add": ["b"]}}]}`))
	if diff := cmp.Diff([]string{"This trigger writes tags, which it also reads."}, got); diff != "" {
		t.Error(diff)
	}
}

func TestRuleInput(t *testing.T) {
	trigger := mustDecode(t, `{"name": "Rule", "system": "alpha", "then": [
		{"webhook": {"endpoint": "ep_1"}},
		{"note": {"body": "<b>Sent</b>: {{ delivery.id }} for {{ticket.number}} {{ticket.subject}} by {{change.id}}, {{tags}}, {{ticket.custom_fields.color}}"}},
		{"tag": {"add": ["sent", "a"], "remove": ["waiting"]}},
		{"set": {"field": "status", "value": "Pending"}},
		{"set": {"field": "custom.color", "value": 1.50}},
		{"set": {"field": "assignee", "value": null}}]}`)
	if err := Validate(trigger, testEnv); err != nil {
		t.Fatal(err)
	}
	change := changes(t, ticket.Chain{ID: "chn_1", Depth: 2, Fired: []string{"trg_0"}},
		`{"ticket": {"number": 7, "subject": "A <b> & c", "tags": ["waiting", "a"], "assignee": "Ann", "custom_fields": {"color": "red"}}}`)[0]
	in, err := RuleInput(trigger, change, []string{"dlv_1", "dlv_2"}, "trg_5")
	if err != nil {
		t.Fatal(err)
	}
	ids := newIDs()
	after, err := in.Apply(change.After, ticket.Env{Now: epoch, ChangeID: ids(id.Change), NewID: ids})
	if err != nil {
		t.Fatal(err)
	}
	want := ticket.Chain{ID: "chn_1", Depth: 3, Fired: []string{"trg_0", "trg_1", "trg_5"}, Rule: "trg_1"}
	if diff := cmp.Diff(want, after.Chain); diff != "" {
		t.Error(diff)
	}
	if after.Kind != ticket.NoteAdded || after.Actor.Role != ticket.RoleRule || after.Via != "rule" || !after.At.Equal(change.At) {
		t.Errorf("%+v", after)
	}
	body := fmt.Sprintf("<b>Sent</b>: dlv_1 for 7 A &lt;b&gt; &amp; c by %s, waiting, a, red", change.ID)
	if after.Note.Body != body || !after.Note.Private {
		t.Errorf("note %+v, want %q", after.Note, body)
	}
	if got := fmt.Sprint(after.After.Tags, after.After.Status.Name, after.After.CustomFields, after.After.Assignee); got != "[a sent]Pendingmap[color:1.50] <nil>" {
		t.Error(got)
	}
	if in, err := RuleInput(mustDecode(t, urgent("")), change, nil); in != nil || err != nil {
		t.Errorf("a trigger with webhooks only wants %+v, %v", in, err)
	}
}

// What one trigger's action wrote stays when the next one's is applied.
func TestActionsOfSeveralTriggersAddUp(t *testing.T) {
	change := changes(t, ticket.Chain{}, `{"ticket": {"number": 7, "subject": "S", "tags": ["a"]}}`)[0]
	ids := newIDs()
	stored := change.After
	for _, tag := range []string{"b", "c"} {
		in, err := RuleInput(mustDecode(t, `{"then": [{"tag": {"add": ["`+tag+`"]}}]}`), change, nil)
		if err != nil {
			t.Fatal(err)
		}
		next, err := in.Apply(stored, ticket.Env{Now: epoch, ChangeID: ids(id.Change), NewID: ids})
		if err != nil {
			t.Fatal(err)
		}
		stored = next.After
	}
	if got := strings.Join(stored.Tags, " "); got != "a b c" {
		t.Error(got)
	}
}

func TestDiff(t *testing.T) {
	a := mustDecode(t, urgent(""))
	b := mustDecode(t, `{"name": "Urgent!", "system": "alpha", "on": ["updated"], "when": {"all": [{"field": "priority", "op": "is", "value": "Low"},
		{"field": "status", "op": "present"}]}, "then": [{"webhook": {"endpoint": "ep_1"}}]}`)
	a.Version, b.Version, b.Author = 1, 2, "ann"
	var got []string
	for _, d := range Diff(a, b) {
		from, _ := json.Marshal(d.From)
		to, _ := json.Marshal(d.To)
		got = append(got, d.Path+" "+string(from)+" "+string(to))
	}
	want := []string{
		`name "Urgent" "Urgent!"`, `on.0 null "updated"`, `when.all.0.value "High" "Low"`, `when.all.1 null {"field":"status","op":"present"}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if d := Diff(a, a); len(d) != 0 {
		t.Errorf("a trigger differs from itself: %v", d)
	}
}
