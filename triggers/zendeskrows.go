package triggers

import (
	"strings"

	"github.com/hookdesk/hookdesk/triggers/condition"
)

// zendeskStates translates the names of Zendesk's statuses.
var zendeskStates = map[string]string{
	"new": "new", "open": "open", "pending": "pending", "hold": "on_hold", "solved": "resolved", "closed": "closed",
}

// zendeskVia translates the numbers of Zendesk's channels.
var zendeskVia = map[string]string{
	"0": "web", "4": "email", "5": "api", "29": "chat", "mail": "email", "web_form": "web", "web_service": "api",
}

func asIs(value string) string { return value }

func translated(table map[string]string) func(string) string {
	return func(value string) string {
		if known, ok := table[strings.ToLower(value)]; ok {
			return known
		}
		return value
	}
}

// zendeskField returns the field that stands for one of Zendesk's, and how its
// values are translated; no field where there is none.
func zendeskField(name string) (string, func(string) string) {
	for _, prefix := range []string{"custom_fields_", "ticket_fields_"} {
		if id, ok := strings.CutPrefix(name, prefix); ok && id != "" {
			return condition.CustomPrefix + id, asIs
		}
	}
	switch name {
	case "status":
		return "status.state", translated(zendeskStates)
	case "custom_status_id":
		return "status.id", asIs
	case "priority", "type", "subject", "description":
		return name, asIs
	case "group_id":
		return "team.id", asIs
	case "assignee_id":
		return "assignee.id", asIs
	case "requester_id":
		return "requester.id", asIs
	case "current_via_id":
		return "via", translated(zendeskVia)
	case "via_id":
		return "source", translated(zendeskVia)
	case "role":
		return "actor.role", translated(map[string]string{"end_user": "client", "admin": "agent"})
	}
	return "", nil
}

// zendeskOperators translates operators of fields with one value.
var zendeskOperators = map[string]string{
	"": "is", "is": "is", "is_not": "is_not", "less_than": "less_than", "greater_than": "greater_than",
	"less_than_equal": "less_or_equal", "greater_than_equal": "greater_or_equal",
	"changed": "changed", "not_changed": "not_changed",
	"value": "changed_to", "not_value": "not_changed_to",
	"value_previous": "changed_from", "not_value_previous": "not_changed_from",
	"present": "present", "not_present": "not_present",
	"includes": "contains_any", "not_includes": "contains_none",
}

// zendeskLeaf carries over one condition, or says why it cannot.
func zendeskLeaf(row any) (leaf *condition.Leaf, reason string) {
	members, ok := row.(map[string]any)
	if !ok {
		return nil, "It is not an object."
	}
	field, operator, value := asText(members["field"]), asText(members["operator"]), members["value"]
	if leaf, reason, ok := zendeskSpecial(field, operator, value); ok {
		return leaf, reason
	}
	target, convert := zendeskField(field)
	if target == "" {
		return nil, "The condition " + field + " has no equal here."
	}
	op, ok := zendeskOperators[operator]
	if !ok {
		return nil, "The operator " + operator + " has no equal here."
	}
	leaf = &condition.Leaf{Field: target, Op: op}
	switch op {
	case "changed", "not_changed", "present", "not_present":
		return leaf, ""
	case "contains_any", "contains_none":
		leaf.Value = rawJSON(zendeskList(value, convert))
		return leaf, ""
	}
	text := convert(asText(value))
	switch {
	case text == "current_user" || text == "requester_id" || text == "assignee_id" || text == "current_groups":
		return nil, "It compares with " + text + ", which has no equal here."
	case text == "" && op == "is":
		leaf.Op = "not_present"
	case text == "" && op == "is_not":
		leaf.Op = "present"
	case text == "" && strings.Contains(op, "changed"):
		leaf.Value = []byte("null")
	default:
		leaf.Value = rawJSON(text)
	}
	return leaf, ""
}

func zendeskList(value any, convert func(string) string) []string {
	list, ok := value.([]any)
	if !ok {
		return strings.Fields(asText(value))
	}
	texts := make([]string, 0, len(list))
	for _, element := range list {
		texts = append(texts, convert(asText(element)))
	}
	return texts
}

// zendeskSpecial carries over conditions that are built differently here; ok
// is false for the others.
func zendeskSpecial(field, operator string, value any) (leaf *condition.Leaf, reason string, ok bool) {
	negative := strings.HasPrefix(operator, "is_not") || strings.HasPrefix(operator, "not_")
	pick := func(positive, negation string) string {
		if negative {
			return negation
		}
		return positive
	}
	text := strings.ToLower(asText(value))
	switch field {
	case "update_type":
		if text == "change" {
			negative = !negative
		} else if text != "create" {
			return nil, "An update is Create or Change.", true
		}
		return &condition.Leaf{Field: "event.kind", Op: pick("is", "is_not"), Value: rawJSON("ticket_created")}, "", true
	case "current_tags":
		return &condition.Leaf{Field: "tags", Op: pick("contains_any", "contains_none"), Value: rawJSON(zendeskList(value, asIs))}, "", true
	case "comment_is_public":
		switch text {
		case "true", "false":
			return &condition.Leaf{Field: "comment.is_public", Op: pick("is", "is_not"), Value: []byte(text)}, "", true
		case "not_relevant":
			return &condition.Leaf{Field: "comment.is_public", Op: pick("present", "not_present")}, "", true
		}
		return nil, "This state of a comment has no equal here.", true
	case "attachment":
		return &condition.Leaf{Field: "comment.attachments.count", Op: "greater_than", Value: []byte("0")}, "", true
	case "comment_includes_word", "subject_includes_word", "description_includes_word":
		target := map[string]string{"comment_includes_word": "comment.body", "subject_includes_word": "subject", "description_includes_word": "description"}[field]
		leaf := &condition.Leaf{Field: target, Value: rawJSON(asText(value))}
		switch operator {
		case "includes", "not_includes":
			leaf.Op = pick("contains_any_word", "contains_no_word")
		case "is", "is_not":
			leaf.Op = pick("contains", "not_contains")
		default:
			return nil, "The operator " + operator + " has no equal here.", true
		}
		if target == "comment.body" {
			leaf.Options = &condition.Options{HTML: "strip"}
		}
		return leaf, "", true
	}
	return nil, "", false
}
