package triggers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hookdesk/hookdesk/triggers/condition"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// MaxImportBytes bounds the JSON of an import, MaxImported its triggers.
const (
	MaxImportBytes = 8 << 20
	MaxImported    = 10_000
)

// Dropped is something of an import that could not be carried over.
type Dropped struct {
	Trigger string `json:"trigger"` // its title
	Path    string `json:"path"`    // such as triggers.0.conditions.all.1
	Row     any    `json:"row,omitempty"`
	Reason  string `json:"reason"`
}

// ImportZendesk reads the JSON of Zendesk's triggers: one, a list, or what its
// API answers. Endpoints tells by the id of a Zendesk webhook which endpoint
// takes its place. A trigger that lost a condition comes back switched off,
// since it would fire more often than it did. The error is an *invalid.Error.
func ImportZendesk(data []byte, system string, endpoints map[string]string) ([]*Trigger, []Dropped, error) {
	if len(data) > MaxImportBytes {
		return nil, nil, invalid.New("", nil, "at most %d bytes of JSON", MaxImportBytes)
	}
	rows, prefix, err := zendeskRows(data)
	if err != nil {
		return nil, nil, err
	}
	if len(rows) > MaxImported {
		return nil, nil, invalid.New(prefix, len(rows), "at most %d triggers", MaxImported)
	}
	z := &zendesk{system: system, endpoints: endpoints}
	var list []*Trigger
	for i, row := range rows {
		z.path = prefix
		if prefix != "trigger" {
			z.path = invalid.Join(prefix, itoa(i))
		}
		if t := z.trigger(row); t != nil {
			list = append(list, t)
		}
	}
	return list, z.dropped, nil
}

// zendeskRows finds the triggers in the document, and their path.
func zendeskRows(data []byte) ([]any, string, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var document any
	if err := decoder.Decode(&document); err != nil {
		return nil, "", invalid.New("", nil, "valid JSON: %s", err.Error())
	}
	switch d := document.(type) {
	case []any:
		return d, "", nil
	case map[string]any:
		if list, ok := d["triggers"].([]any); ok {
			return list, "triggers", nil
		}
		if one, ok := d["trigger"].(map[string]any); ok {
			return []any{one}, "trigger", nil
		}
		if d["conditions"] != nil {
			return []any{d}, "", nil
		}
	}
	return nil, "", invalid.New("", nil, "a Zendesk trigger with conditions and actions, a list of them, or {triggers: […]}")
}

// zendesk is an import under way.
type zendesk struct {
	system    string
	endpoints map[string]string
	dropped   []Dropped

	path  string // of the trigger at hand
	title string
	lost  bool // a condition of it was dropped
}

func (z *zendesk) drop(path string, row any, reason string, args ...any) {
	if len(args) > 0 {
		reason = fmt.Sprintf(reason, args...)
	}
	z.dropped = append(z.dropped, Dropped{Trigger: z.title, Path: invalid.Join(z.path, path), Row: row, Reason: reason})
}

func (z *zendesk) trigger(row any) *Trigger {
	z.title, z.lost = "", false
	members, ok := row.(map[string]any)
	if !ok {
		z.drop("", row, "It is not an object.")
		return nil
	}
	z.title = strings.TrimSpace(asText(members["title"]))
	if z.title == "" {
		z.title = "Imported from Zendesk"
	}
	t := &Trigger{Name: shortName(z.title), System: z.system, Enabled: true, On: []string{}, Fire: FireEvery, Then: []Action{}}
	if active, ok := members["active"].(bool); ok {
		t.Enabled = active
	}
	conditions, ok := members["conditions"].(map[string]any)
	if !ok && members["conditions"] != nil {
		z.drop("conditions", members["conditions"], "Conditions are an object with all and any.")
		z.lost = true
	}
	t.When = &condition.Group{All: z.rows("all", conditions["all"]), Any: z.rows("any", conditions["any"])}
	if err := condition.Validate(t.When, nil); err != nil {
		z.drop("conditions", nil, "The conditions cannot be used together: %s.", err.Error())
		return nil
	}
	if z.lost {
		t.Enabled = false
	}
	actions, ok := members["actions"].([]any)
	if !ok && members["actions"] != nil {
		z.drop("actions", members["actions"], "Actions are a list.")
	}
	for i, action := range actions {
		if len(t.Then) == MaxActions {
			z.drop("actions."+itoa(i), action, "A trigger has at most %d actions.", MaxActions)
			continue
		}
		z.action("actions."+itoa(i), action, t)
	}
	if len(t.Then) == 0 {
		z.drop("", nil, "None of its actions can be carried over, so there is nothing left for it to do.")
		return nil
	}
	return t
}

// rows carries over one list of conditions.
func (z *zendesk) rows(name string, list any) []condition.Node {
	nodes := []condition.Node{}
	rows, ok := list.([]any)
	if !ok && list != nil {
		z.drop("conditions."+name, list, "It is not a list.")
		z.lost = true
	}
	for i, row := range rows {
		path := fmt.Sprintf("conditions.%s.%d", name, i)
		leaf, reason := zendeskLeaf(row)
		if reason == "" {
			if err := condition.Validate(&condition.Group{All: []condition.Node{{Leaf: leaf}}}, nil); err != nil {
				reason = "It has no equal here: " + strings.TrimPrefix(err.Error(), "all.0.") + "."
			}
		}
		if reason != "" {
			z.drop(path, row, "%s", reason)
			z.lost = true
			continue
		}
		nodes = append(nodes, condition.Node{Leaf: leaf})
	}
	return nodes
}

// action carries over one action.
func (z *zendesk) action(path string, row any, t *Trigger) {
	members, _ := row.(map[string]any)
	field, value := asText(members["field"]), members["value"]
	var a Action
	switch field {
	case "notification_webhook":
		list, _ := value.([]any)
		if len(list) == 0 {
			list = []any{value}
		}
		id := asText(list[0])
		endpoint := z.endpoints[id]
		if endpoint == "" {
			z.drop(path, row, "No endpoint was named for the Zendesk webhook %s.", id)
			return
		}
		if len(list) > 1 {
			z.drop(path, nil, "The body written for the webhook: endpoints send the format of their system.")
		}
		a.Webhook = &WebhookAction{Endpoint: endpoint}
	case "current_tags":
		a.Tag = &TagAction{Add: strings.Fields(asText(value))}
	case "remove_tags":
		a.Tag = &TagAction{Remove: strings.Fields(asText(value))}
	case "set_tags":
		a.Set = &SetAction{Field: "tags", Value: rawJSON(strings.Fields(asText(value)))}
	default:
		target, convert := zendeskField(field)
		if target == "" || asText(value) == "current_user" {
			z.drop(path, row, "The action %s has no equal here.", field)
			return
		}
		a.Set = setAction(target, asText(value), convert(asText(value)))
	}
	var problems invalid.List
	checked := *t
	checkAction(&problems, "", &a, &checked, Env{})
	if err := problems.Err(); err != nil {
		z.drop(path, row, "It cannot be carried over: %s.", err.Error())
		return
	}
	t.Then = append(t.Then, a)
}

// setAction sets the member that a field belongs to. Original is the value as
// Zendesk names it.
func setAction(target, original, value string) *SetAction {
	member, part, _ := strings.Cut(target, ".")
	switch {
	case strings.HasPrefix(target, condition.CustomPrefix):
		member = target
	case part == "id" && value != "":
		return &SetAction{Field: member, Value: rawJSON(map[string]string{"id": value})}
	case part == "state" && value != "":
		return &SetAction{Field: member, Value: rawJSON(map[string]string{"name": original, "state": value})}
	}
	if value == "" {
		return &SetAction{Field: member, Value: json.RawMessage("null")}
	}
	return &SetAction{Field: member, Value: rawJSON(value)}
}

func rawJSON(value any) json.RawMessage {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return json.RawMessage("null")
	}
	return json.RawMessage(bytes.TrimSpace(buffer.Bytes()))
}

func asText(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return ""
}

func shortName(title string) string {
	if len(title) <= MaxNameBytes {
		return title
	}
	return strings.ToValidUTF8(title[:MaxNameBytes], "")
}
