package triggers

import (
	"html"
	"strings"

	"github.com/hookdesk/hookdesk/triggers/condition"
	"github.com/hookdesk/hookdesk/triggers/invalid"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// template is a note's body: texts and placeholders in turn.
type template []part

type part struct {
	text string
	fill func(change *ticket.Change, deliveries []string) string // nil for a text
}

// parseTemplate reads a body with placeholders such as {{ticket.number}}. The
// error is an *invalid.Error.
func parseTemplate(body string) (template, error) {
	var parts template
	var problems invalid.List
	for body != "" {
		text, rest, found := strings.Cut(body, "{{")
		if text != "" {
			parts = append(parts, part{text: text})
		}
		if !found {
			break
		}
		name, after, closed := strings.Cut(rest, "}}")
		if !closed {
			problems.Add("", "{{"+rest, "}} behind the placeholder's name")
			break
		}
		name = strings.TrimSpace(name)
		fill := placeholder(name)
		if fill == nil {
			problems.Add("", name, "%s", "a placeholder: delivery.id, delivery.ids, change.id, or a field such as ticket.number or priority"+
				invalid.Suggest(strings.TrimPrefix(name, "ticket."), placeholders()))
		}
		parts = append(parts, part{fill: fill})
		body = after
	}
	return parts, problems.Err()
}

// placeholder returns what fills a placeholder in, nil for an unknown one.
func placeholder(name string) func(*ticket.Change, []string) string {
	switch name {
	case "delivery.id":
		return func(_ *ticket.Change, deliveries []string) string {
			if len(deliveries) == 0 {
				return ""
			}
			return deliveries[0]
		}
	case "delivery.ids":
		return func(_ *ticket.Change, deliveries []string) string { return strings.Join(deliveries, ", ") }
	case "change.id":
		return func(c *ticket.Change, _ []string) string { return c.ID }
	}
	field, ok := condition.LookupField(condition.UsualField(strings.TrimPrefix(name, "ticket.")))
	if !ok {
		return nil
	}
	return func(c *ticket.Change, _ []string) string { return field.Text(c) }
}

func placeholders() []string {
	names := []string{"delivery.id", "delivery.ids", "change.id"}
	for _, f := range condition.Fields() {
		names = append(names, f.Name)
	}
	return names
}

// fill writes the body; what comes from the ticket is escaped for HTML.
func (t template) fill(change *ticket.Change, deliveries []string) string {
	var b strings.Builder
	for _, p := range t {
		if p.fill == nil {
			b.WriteString(p.text)
		} else {
			b.WriteString(html.EscapeString(p.fill(change, deliveries)))
		}
	}
	return b.String()
}
