package triggers

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/hookdesk/hookdesk/triggers/condition"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// MaxTriggerBytes bounds the JSON of one trigger.
const MaxTriggerBytes = 1 << 20

// triggerNames are the members of a trigger that a caller may write; those in
// triggerKept are accepted and ignored, so that what was read may be sent back.
var (
	triggerNames = []string{"name", "system", "enabled", "on", "when", "fire", "then", "allow_rule_changes"}
	triggerKept  = []string{"id", "version", "author", "created_at", "updated_at"}
)

// DecodeTrigger reads a trigger as a caller writes it and fills in the
// defaults: enabled, and firing on every matching change. It refuses unknown
// members; Validate checks the rest. The error is an *invalid.Error.
func DecodeTrigger(data []byte) (*Trigger, error) {
	if len(data) > MaxTriggerBytes {
		return nil, invalid.New("", nil, "at most %d bytes of JSON", MaxTriggerBytes)
	}
	members := map[string]json.RawMessage{}
	if err := decodeOne(data, &members); err != nil || members == nil {
		return nil, invalid.New("", nil, "a JSON object with the members of a trigger")
	}
	t := &Trigger{Enabled: true, Fire: FireEvery, On: []string{}, Then: []Action{}}
	var problems invalid.List
	for _, name := range slices.Sorted(maps.Keys(members)) {
		value := members[name]
		switch name {
		case "name":
			decodeMember(&problems, name, value, &t.Name, "a text")
		case "system":
			decodeMember(&problems, name, value, &t.System, "a text")
		case "enabled":
			decodeMember(&problems, name, value, &t.Enabled, "true or false")
		case "allow_rule_changes":
			decodeMember(&problems, name, value, &t.AllowRuleChanges, "true or false")
		case "on":
			decodeMember(&problems, name, value, &t.On, "a list of events")
		case "fire":
			decodeMember(&problems, name, value, &t.Fire, "every, edge or once_per_ticket")
		case "when":
			if string(value) != "null" {
				when, err := condition.Decode(value)
				problems.Merge(name, err)
				t.When = when
			}
		case "then":
			t.Then = decodeActions(&problems, value)
		default:
			if !slices.Contains(triggerKept, name) {
				problems.Add(name, nil, "%s", "no such member; there are "+strings.Join(triggerNames, ", ")+invalid.Suggest(name, triggerNames))
			}
		}
	}
	if t.On == nil {
		t.On = []string{}
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return t, nil
}

func decodeActions(problems *invalid.List, data json.RawMessage) []Action {
	var list []json.RawMessage
	if !decodeMember(problems, "then", data, &list, "a list of actions") {
		return nil
	}
	actions := make([]Action, len(list))
	for i, raw := range list {
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&actions[i]); err != nil {
			path, want := actionProblem(err)
			problems.Add(invalid.Join("then."+itoa(i), path), nil, "%s", want)
		}
	}
	return actions
}

// actionProblem turns a decoder's error into a path and a wish.
func actionProblem(err error) (path, want string) {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return wrong.Field, "a value of another type than " + wrong.Value
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		name = strings.Trim(name, `"`)
		known := []string{"webhook", "note", "tag", "set", "endpoint", "endpoints", "body", "private", "add", "remove", "field", "value"}
		return "", "no member " + name + "; an action is {webhook: {endpoint or endpoints}}, {note: {body, private}}, {tag: {add, remove}} or {set: {field, value}}" +
			invalid.Suggest(name, known)
	}
	return "", "an action: {webhook}, {note}, {tag} or {set}"
}

func decodeMember(problems *invalid.List, name string, data json.RawMessage, into any, want string) bool {
	if string(data) == "null" {
		return false
	}
	if err := json.Unmarshal(data, into); err != nil {
		problems.Add(name, json.RawMessage(data), "%s", want)
		return false
	}
	return true
}

// decodeOne reads exactly one JSON value.
func decodeOne(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
