package triggers

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const zendeskTriggers = `{"triggers": [
  {"id": 1, "title": "Urgent to the warehouse", "active": true,
   "conditions": {
     "all": [
       {"field": "status", "operator": "value", "value": "solved"},
       {"field": "update_type", "operator": "is", "value": "Change"},
       {"field": "current_tags", "operator": "includes", "value": "vip b2b"},
       {"field": "priority", "operator": "greater_than", "value": "normal"},
       {"field": "assignee_id", "operator": "is", "value": ""},
       {"field": "group_id", "operator": "changed"},
       {"field": "comment_includes_word", "operator": "is", "value": "parcel lost"},
       {"field": "custom_fields_360", "operator": "is_not", "value": "red"},
       {"field": "via_id", "operator": "is", "value": 4}],
     "any": [
       {"field": "comment_is_public", "operator": "is", "value": "true"},
       {"field": "role", "operator": "is", "value": "end_user"}]},
   "actions": [
     {"field": "notification_webhook", "value": ["wh_1", "{\"id\": \"{{ticket.id}}\"}"]},
     {"field": "current_tags", "value": "sent"},
     {"field": "status", "value": "hold"},
     {"field": "group_id", "value": "12"},
     {"field": "notification_user", "value": ["requester_id", "Hello", "Body"]}]},
  {"title": "Loses a condition", "active": true,
   "conditions": {"all": [{"field": "organization_id", "operator": "is", "value": "5"}, {"field": "type", "operator": "is", "value": "incident"}], "any": []},
   "actions": [{"field": "notification_webhook", "value": ["wh_1", ""]}]},
  {"title": "Nothing left", "active": true, "conditions": {"all": [], "any": []}, "actions": [{"field": "notification_webhook", "value": ["wh_2", ""]}]},
  {"title": "Off", "active": false, "conditions": {"all": [], "any": []}, "actions": [{"field": "remove_tags", "value": "a"}]}
]}`

func TestImportZendesk(t *testing.T) {
	list, dropped, err := ImportZendesk([]byte(zendeskTriggers), "alpha", map[string]string{"wh_1": "ep_1"})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, trigger := range list {
		if err := Validate(trigger, testEnv); err != nil {
			t.Errorf("%s: %v", trigger.Name, err)
		}
		state := "on"
		if !trigger.Enabled {
			state = "off"
		}
		names = append(names, trigger.Name+" "+state)
	}
	if diff := cmp.Diff([]string{"Urgent to the warehouse on", "Loses a condition off", "Off off"}, names); diff != "" {
		t.Error(diff)
	}
	var got []string
	for _, d := range dropped {
		got = append(got, d.Path+" | "+d.Reason)
		if d.Trigger == "" {
			t.Errorf("%s does not say which trigger it belongs to", d.Path)
		}
	}
	want := []string{
		"triggers.0.actions.0 | The body written for the webhook: endpoints send the format of their system.",
		"triggers.0.actions.4 | The action notification_user has no equal here.",
		"triggers.1.conditions.all.0 | The condition organization_id has no equal here.",
		"triggers.1.actions.0 | The body written for the webhook: endpoints send the format of their system.",
		"triggers.2.actions.0 | No endpoint was named for the Zendesk webhook wh_2.",
		"triggers.2 | None of its actions can be carried over, so there is nothing left for it to do.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	when, _ := json.Marshal(list[0].When)
	wantWhen := `{"all":[{"field":"status.state","op":"changed_to","value":"resolved"},{"field":"event.kind","op":"is_not","value":"ticket_created"},` +
		`{"field":"tags","op":"contains_any","value":["vip","b2b"]},{"field":"priority","op":"greater_than","value":"normal"},` +
		`{"field":"assignee.id","op":"not_present"},{"field":"team.id","op":"changed"},` +
		`{"field":"comment.body","op":"contains","value":"parcel lost","options":{"html":"strip"}},{"field":"custom.360","op":"is_not","value":"red"},` +
		`{"field":"source","op":"is","value":"email"}],"any":[{"field":"comment.is_public","op":"is","value":true},{"field":"actor.role","op":"is","value":"client"}]}`
	if diff := cmp.Diff(wantWhen, string(when)); diff != "" {
		t.Error(diff)
	}
	then, _ := json.Marshal(list[0].Then)
	wantThen := `[{"webhook":{"endpoint":"ep_1"}},{"tag":{"add":["sent"]}},{"set":{"field":"status","value":{"name":"hold","state":"on_hold"}}},` +
		`{"set":{"field":"team","value":{"id":"12"}}}]`
	if diff := cmp.Diff(wantThen, string(then)); diff != "" {
		t.Error(diff)
	}
}

// An importer that leaves conditions out must say so, row by row.
func TestZendeskRows(t *testing.T) {
	for row, want := range map[string]string{
		`{"field": "status", "operator": "value_previous", "value": "hold"}`:           `{"field":"status.state","op":"changed_from","value":"on_hold"}`,
		`{"field": "status", "operator": "not_value", "value": "closed"}`:              `{"field":"status.state","op":"not_changed_to","value":"closed"}`,
		`{"field": "status", "operator": "less_than", "value": "solved"}`:              `{"field":"status.state","op":"less_than","value":"resolved"}`,
		`{"field": "assignee_id", "operator": "value", "value": ""}`:                   `{"field":"assignee.id","op":"changed_to","value":null}`,
		`{"field": "assignee_id", "operator": "is_not", "value": ""}`:                  `{"field":"assignee.id","op":"present"}`,
		`{"field": "update_type", "value": "Create"}`:                                  `{"field":"event.kind","op":"is","value":"ticket_created"}`,
		`{"field": "current_tags", "operator": "not_includes", "value": "a b"}`:        `{"field":"tags","op":"contains_none","value":["a","b"]}`,
		`{"field": "subject_includes_word", "operator": "not_includes", "value": "a"}`: `{"field":"subject","op":"contains_no_word","value":"a"}`,
		`{"field": "ticket_fields_5", "operator": "includes", "value": ["a", "b"]}`:    `{"field":"custom.5","op":"contains_any","value":["a","b"]}`,
		`{"field": "comment_is_public", "operator": "is", "value": "not_relevant"}`:    `{"field":"comment.is_public","op":"present"}`,
		`{"field": "attachment", "operator": "is", "value": "present"}`:                `{"field":"comment.attachments.count","op":"greater_than","value":0}`,
		`{"field": "assignee_id", "operator": "is", "value": "current_user"}`:          "",
		`{"field": "status", "operator": "resembles", "value": "open"}`:                "",
		`{"field": "status", "operator": "is", "value": "sleeping"}`:                   "",
		`{"field": "in_business_hours", "operator": "is", "value": "true"}`:            "",
		`{"field": "update_type", "operator": "is", "value": "Sometimes"}`:             "",
		`{"field": "comment_is_public", "operator": "is", "value": "perhaps"}`:         "",
		`5`: "",
	} {
		list, dropped, err := ImportZendesk([]byte(`[{"title": "t", "conditions": {"all": [`+row+`]}, "actions": [{"field": "current_tags", "value": "x"}]}]`), "alpha", nil)
		if err != nil || len(list) != 1 {
			t.Errorf("%s: %v, %v", row, list, err)
			continue
		}
		if want == "" {
			if len(dropped) != 1 || dropped[0].Path != "0.conditions.all.0" || len(list[0].When.All) != 0 || list[0].Enabled {
				t.Errorf("%s: dropped %+v", row, dropped)
			} else if !strings.HasSuffix(dropped[0].Reason, ".") {
				t.Errorf("%s: %q is no sentence", row, dropped[0].Reason)
			}
			continue
		}
		if len(dropped) != 0 || len(list[0].When.All) != 1 {
			t.Errorf("%s: dropped %+v", row, dropped)
			continue
		}
		if got, _ := json.Marshal(list[0].When.All[0]); string(got) != want {
			t.Errorf("%s:\n got %s\nwant %s", row, got, want)
		}
	}
}

func TestImportZendeskRefuses(t *testing.T) {
	for _, input := range []string{``, `{`, `5`, `{}`, `{"triggers": 5}`} {
		_, _, err := ImportZendesk([]byte(input), "alpha", nil)
		wantPath(t, input, err, "")
	}
	list, dropped, err := ImportZendesk([]byte(`{"trigger": {"title": "one", "conditions": {}, "actions": [{"field": "remove_tags", "value": "a"}]}}`), "alpha", nil)
	if err != nil || len(list) != 1 || len(dropped) != 0 {
		t.Errorf("a single trigger: %v, %v, %v", list, dropped, err)
	}
}

func FuzzImportZendesk(f *testing.F) {
	f.Add([]byte(zendeskTriggers))
	f.Add([]byte(`[{"conditions": {"all": 5, "any": [[]]}, "actions": [{"field": "notification_webhook", "value": [[]]}]}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, _, err := ImportZendesk(data, "alpha", map[string]string{"wh_1": "ep_1"})
		if err != nil && len(list) > 0 {
			t.Fatal("an error, and triggers")
		}
		for _, trigger := range list {
			if err := Validate(trigger, testEnv); err != nil {
				t.Fatalf("imported what cannot be saved: %v", err)
			}
		}
	})
}

func FuzzDecodeTrigger(f *testing.F) {
	f.Add([]byte(urgent(`, "on": ["created"], "fire": "edge"`)))
	f.Add([]byte(`{"name": "n", "system": "alpha", "then": [{"note": {"body": "{{ticket.number}}"}}, {"tag": {"add": ["a"]}}, {"set": {"field": "custom.x", "value": [1]}}]}`))
	change := busyChange(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		trigger, err := DecodeTrigger(data)
		if err != nil {
			return
		}
		Warnings(trigger)
		if Validate(trigger, testEnv) != nil {
			return
		}
		text, err := json.Marshal(trigger)
		if err != nil {
			t.Fatal(err)
		}
		again, err := DecodeTrigger(text)
		if err != nil {
			t.Fatalf("%s was written as %s, which is refused: %v", data, text, err)
		}
		if diff := Diff(trigger, again); len(diff) != 0 {
			t.Fatalf("%s came back different: %v", text, diff)
		}
		engine := Compile([]*Trigger{trigger}, testCalendars)
		for _, v := range engine.Evaluate(change, detectTest(change), Memory{}) {
			if v.Code == CodeInvalidTrigger {
				t.Fatalf("a trigger that may be saved cannot be used: %s", v.Reason)
			}
		}
		if _, err := RuleInput(trigger, change, []string{"dlv_1"}); err != nil {
			t.Fatalf("a trigger that may be saved cannot act: %v", err)
		}
	})
}
