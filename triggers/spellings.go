package triggers

import (
	"bytes"
	"encoding/json"
	"slices"
)

// People write the same trigger in several ways. The functions of this file
// turn what is unmistakable into the form that triggers are kept and shown in,
// and leave everything else as it is, for the decoder to refuse.

// otherActions are other names of the kinds of actions.
var otherActions = map[string]string{"webhooks": "webhook", "tags": "tag", "set_field": "set"}

// usualFire returns a way to fire by its own name.
func usualFire(fire Fire) Fire {
	if fire == "once" {
		return FireOncePerTicket
	}
	return fire
}

// usualList makes a list of a single text or object.
func usualList(data json.RawMessage) json.RawMessage {
	if trimmed := bytes.TrimSpace(data); len(trimmed) > 0 && (trimmed[0] == '"' || trimmed[0] == '{') {
		return slices.Concat(json.RawMessage("["), trimmed, json.RawMessage("]"))
	}
	return data
}

// usualAction rewrites an action: {"webhook": "ep_…"}, {"note": "text"},
// {"tag": "vip"}, {"set": {"priority": "High"}} and {"type": "note", "body":
// "text"} say all there is to say.
func usualAction(data json.RawMessage) json.RawMessage {
	var action map[string]json.RawMessage
	if json.Unmarshal(data, &action) != nil {
		return data
	}
	action = typedAction(action)
	for other, kind := range otherActions {
		if value, ok := action[other]; ok && action[kind] == nil {
			delete(action, other)
			action[kind] = value
		}
	}
	for kind, short := range shortForms {
		if value, ok := action[kind]; ok {
			action[kind] = short(value)
		}
	}
	return encoded(action, data)
}

// typedAction moves the members of {"type": "note", …} to where they belong.
func typedAction(action map[string]json.RawMessage) map[string]json.RawMessage {
	var kind string
	if json.Unmarshal(action["type"], &kind) != nil || actionNames[kind] == nil && otherActions[kind] == "" {
		return action
	}
	members := map[string]json.RawMessage{}
	for name, value := range action {
		if name != "type" {
			members[name] = value
		}
	}
	return map[string]json.RawMessage{kind: encoded(members, nil)}
}

// shortForms turn the short form of each kind of action into the whole.
var shortForms = map[string]func(json.RawMessage) json.RawMessage{
	"webhook": func(data json.RawMessage) json.RawMessage { return named(data, "endpoint", "endpoints") },
	"note":    func(data json.RawMessage) json.RawMessage { return named(data, "body", "") },
	"tag": func(data json.RawMessage) json.RawMessage {
		var members map[string]json.RawMessage
		if json.Unmarshal(data, &members) != nil {
			return named(usualList(data), "", "add")
		}
		for name, tags := range members {
			members[name] = usualList(tags)
		}
		return encoded(members, data)
	},
	"set": func(data json.RawMessage) json.RawMessage {
		var members map[string]json.RawMessage
		if json.Unmarshal(data, &members) != nil || len(members) != 1 {
			return data
		}
		for name, value := range members {
			if !slices.Contains(actionNames["set"], name) {
				return encoded(map[string]any{"field": name, "value": value}, data)
			}
		}
		return data
	},
}

// named makes an object of a text or of a list, as its only member.
func named(data json.RawMessage, text, list string) json.RawMessage {
	name := ""
	switch trimmed := bytes.TrimSpace(data); {
	case len(trimmed) == 0:
	case trimmed[0] == '"':
		name = text
	case trimmed[0] == '[':
		name = list
	}
	if name == "" {
		return data
	}
	return encoded(map[string]json.RawMessage{name: data}, data)
}

// encoded returns a value as JSON, fallback where it has none.
func encoded(value any, fallback json.RawMessage) json.RawMessage {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(value) != nil {
		return fallback
	}
	return bytes.TrimSpace(buffer.Bytes())
}
