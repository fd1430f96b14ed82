package condition

import (
	"fmt"
	"strings"
)

// Describe says in words what a leaf asked for and what it found, such as
// Priority is "High" (it is "Low").
func (r Result) Describe() string {
	title, op := r.Field, r.Op
	if f := lookup(r.Field); f != nil {
		title = f.Title
	}
	if o, ok := LookupOperator(r.Op); ok {
		op = o.Title
	}
	text := title + " " + op
	if r.Expected != nil {
		text += " " + inWords(r.Expected)
	}
	if r.Error != "" {
		return text + " (" + r.Error + ")"
	}
	switch actual := r.Actual.(type) {
	case Transition:
		return text + " (it was " + inWords(actual.From) + " and is " + inWords(actual.To) + ")"
	case bool:
		if r.Op == "touched" {
			return text
		}
	}
	return text + " (it is " + inWords(r.Actual) + ")"
}

// inWords writes a value for people to read.
func inWords(value any) string {
	const most = 80
	switch v := value.(type) {
	case nil:
		return "empty"
	case string:
		if len(v) > most {
			v = cut(v, most) + "…"
		}
		return `"` + v + `"`
	case []string:
		words := make([]string, 0, len(v))
		for _, element := range v {
			words = append(words, inWords(element))
		}
		return strings.Join(words, ", ")
	case []any:
		words := make([]string, 0, len(v))
		for _, element := range v {
			words = append(words, inWords(element))
		}
		return strings.Join(words, ", ")
	case map[string]any:
		return inWords(v["from"]) + " to " + inWords(v["to"])
	default:
		return fmt.Sprint(v)
	}
}
