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
	triggerKept  = []string{"id", "version", "author", "created_at", "updated_at", "warnings"}
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
			decodeMember(&problems, name, usualList(value), &t.On, "a list of events")
		case "fire":
			decodeMember(&problems, name, value, &t.Fire, "every, edge or once_per_ticket")
			t.Fire = usualFire(t.Fire)
		case "when":
			when, err := condition.Decode(value)
			problems.Merge(name, err)
			t.When = when
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
	if !decodeMember(problems, "then", usualList(data), &list, "a list of actions") {
		return nil
	}
	actions := make([]Action, len(list))
	for i, raw := range list {
		path, raw := "then."+itoa(i), usualAction(raw)
		if !knownMembers(problems, path, raw) {
			continue
		}
		var wrong *json.UnmarshalTypeError
		if err := json.Unmarshal(raw, &actions[i]); errors.As(err, &wrong) {
			problems.Add(invalid.Join(path, wrong.Field), nil, "a value of another type than %s", wrong.Value)
		} else if err != nil {
			problems.Merge(path, err)
		}
	}
	return actions
}

// actionNames are the members of each kind of action.
var actionNames = map[string][]string{
	"webhook": {"endpoint", "endpoints"},
	"note":    {"body", "private"},
	"tag":     {"add", "remove"},
	"set":     {"field", "value"},
}

// knownMembers notes the members of an action that there are not, and reports
// whether the action is worth reading.
func knownMembers(problems *invalid.List, path string, raw json.RawMessage) bool {
	var action map[string]json.RawMessage
	if err := json.Unmarshal(raw, &action); err != nil {
		problems.Add(path, raw, "an action: {webhook}, {note}, {tag} or {set}")
		return false
	}
	ok := true
	refuse := func(path, name string, allowed []string) {
		problems.Add(invalid.Join(path, name), nil, "%s", "no such member; there are "+strings.Join(allowed, ", ")+invalid.Suggest(name, allowed))
		ok = false
	}
	for _, kind := range sortedKeys(action) {
		allowed := actionNames[kind]
		if allowed == nil {
			refuse(path, kind, sortedKeys(actionNames))
			continue
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal(action[kind], &members); err != nil {
			problems.Add(invalid.Join(path, kind), action[kind], "an object with %s", strings.Join(allowed, ", "))
			ok = false
		}
		for _, name := range sortedKeys(members) {
			if !slices.Contains(allowed, name) {
				refuse(invalid.Join(path, kind), name, allowed)
			}
		}
	}
	return ok
}

func decodeMember(problems *invalid.List, name string, data json.RawMessage, into any, want string) bool {
	if string(data) == "null" {
		return false
	}
	if err := json.Unmarshal(data, into); err != nil {
		problems.Add(name, data, "%s", want)
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
