package treeform

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/hookdesk/hookdesk/triggers/condition"
)

func argumentOf(op string) condition.Argument {
	if o, ok := condition.LookupOperator(op); ok {
		return o.Argument
	}
	return condition.ArgOne
}

// TwoFields reports whether the values of an operator are written in two
// fields of the form.
func TwoFields(argument condition.Argument) bool {
	return argument == condition.ArgTwo || argument == condition.ArgNumbers || argument == condition.ArgFromTo
}

// isList reports whether commas separate the values of an operator.
func isList(argument condition.Argument) bool {
	switch argument {
	case condition.ArgList, condition.ArgWords, condition.ArgOptional, condition.ArgChange:
		return true
	}
	return false
}

// valueJSON writes the text of the form as the value of a leaf. A text that is
// a JSON list, object or string is taken as it is, so that every value can be
// written.
func valueJSON(argument condition.Argument, field, value, second string) json.RawMessage {
	value, second = strings.TrimSpace(value), strings.TrimSpace(second)
	numeric := argument == condition.ArgNumber || argument == condition.ArgNumbers || isNumber(field)
	if structured(value) {
		return json.RawMessage(value)
	}
	switch {
	case argument == condition.ArgNone:
		return nil
	case argument == condition.ArgFromTo:
		return encode(map[string]json.RawMessage{"from": listOrScalar(value, numeric), "to": listOrScalar(second, numeric)})
	case TwoFields(argument):
		return encode([]json.RawMessage{scalar(value, numeric), scalar(second, numeric)})
	case argument == condition.ArgOptional && value == "":
		return nil
	case argument == condition.ArgChange && value == "null":
		return json.RawMessage("null")
	case argument == condition.ArgChange:
		return listOrScalar(value, numeric)
	case isList(argument):
		return list(value, numeric)
	case value == "":
		return encode("")
	}
	return scalar(value, numeric)
}

func isNumber(field string) bool {
	f, ok := condition.LookupField(field)
	return ok && f.Type == condition.Number
}

// structured reports whether a text is JSON of more than a plain word.
func structured(text string) bool {
	return text != "" && strings.ContainsRune(`[{"`, rune(text[0])) && json.Valid([]byte(text))
}

// listOrScalar writes one value alone and several as a list.
func listOrScalar(text string, numeric bool) json.RawMessage {
	if structured(text) {
		return json.RawMessage(text)
	}
	if items := split(text); len(items) > 1 {
		return list(text, numeric)
	}
	return scalar(text, numeric)
}

func list(text string, numeric bool) json.RawMessage {
	values := []json.RawMessage{}
	for _, item := range split(text) {
		values = append(values, scalar(item, numeric))
	}
	return encode(values)
}

// scalar writes a number where numbers are wanted and it is one, else a text.
func scalar(text string, numeric bool) json.RawMessage {
	if structured(text) {
		return json.RawMessage(text)
	}
	var number json.Number
	if numeric && json.Unmarshal([]byte(text), &number) == nil && number != "" {
		return json.RawMessage(text)
	}
	return encode(text)
}

func encode(value any) json.RawMessage {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil // nothing here fails to encode: texts and valid JSON only
	}
	return bytes.TrimSpace(text.Bytes())
}

// split separates a text at its commas.
func split(text string) []string {
	var items []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// valueText writes a leaf's value as the text of the form, so that reading it
// again gives the same value.
func valueText(argument condition.Argument, value json.RawMessage) (first, second string) {
	if len(value) == 0 {
		return "", ""
	}
	if argument == condition.ArgFromTo {
		var members map[string]json.RawMessage
		if json.Unmarshal(value, &members) == nil {
			return plain(argument, members["from"]), plain(argument, members["to"])
		}
	}
	if TwoFields(argument) {
		var bounds []json.RawMessage
		if json.Unmarshal(value, &bounds) == nil && len(bounds) == 2 {
			return plain(argument, bounds[0]), plain(argument, bounds[1])
		}
	}
	return plain(argument, value), ""
}

// plain writes one value or a list without quotes where that is safe.
func plain(argument condition.Argument, value json.RawMessage) string {
	var items []json.RawMessage
	if json.Unmarshal(value, &items) == nil && items != nil {
		if !isList(argument) && argument != condition.ArgFromTo || len(items) < 2 && argument != condition.ArgList && argument != condition.ArgWords && argument != condition.ArgOptional {
			return string(value)
		}
		texts := make([]string, len(items))
		for i, item := range items {
			text, ok := word(argument, item)
			if !ok {
				return string(value)
			}
			texts[i] = text
		}
		return strings.Join(texts, ", ")
	}
	if text, ok := word(argument, value); ok {
		return text
	}
	return string(value)
}

// word returns a scalar as a bare word; false where that would be read as
// something else.
func word(argument condition.Argument, value json.RawMessage) (string, bool) {
	var text string
	if json.Unmarshal(value, &text) != nil || bytes.Equal(value, []byte("null")) {
		return string(value), !bytes.ContainsAny(value, "[{,")
	}
	switch {
	case text == "", text != strings.TrimSpace(text), structured(text), text == "null",
		(isList(argument) || argument == condition.ArgFromTo) && strings.Contains(text, ","):
		return "", false
	}
	return text, true
}
