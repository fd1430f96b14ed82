package condition

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// argument reads the value of one leaf.
type argument struct {
	c       *compiler
	l       *leaf
	path    string
	given   any
	present bool
}

func (a argument) refuse(path string, value any, want string) {
	a.c.problems.Add(path, value, "%s", want)
}

func (a argument) none() {
	if a.present && a.given != nil {
		a.refuse(a.path, a.given, "nothing: "+a.l.op.Name+" takes no value")
	}
}

// list returns the given list; a scalar is a list of one.
func (a argument) list(least, most int) []any {
	list, ok := a.given.([]any)
	if !ok {
		list = []any{a.given}
	}
	if len(list) < least || len(list) > most {
		a.refuse(a.path, len(list), fmt.Sprintf("a list of %d to %d values", least, most))
		return nil
	}
	return list
}

// scalars reads values of the field's type.
func (a argument) scalars(list []any) []operand {
	operands := make([]operand, 0, len(list))
	for i, value := range list {
		path := a.path
		if _, isList := a.given.([]any); isList && a.l.op.Argument != ArgOne {
			path = fmt.Sprintf("%s.%d", a.path, i)
		}
		if o, ok := a.scalar(path, value); ok {
			operands = append(operands, o)
		}
	}
	return operands
}

// scalar reads one value of the field's type.
func (a argument) scalar(path string, value any) (operand, bool) {
	o, ok := readOperand(value, a.l.zone)
	if !ok || len(o.raw) > MaxValueBytes {
		a.refuse(path, value, a.want())
		return o, false
	}
	f := a.l.field
	if f.Closed && !slices.ContainsFunc(f.Values, func(v string) bool { return v == o.folded }) {
		a.refuse(path, value, a.want()+invalid.Suggest(o.raw, f.Values))
		return o, false
	}
	switch f.Type {
	case Number:
		ok = o.isNumber
	case Boolean:
		if !o.isBoolean && (o.folded == "true" || o.folded == "false") {
			o.isBoolean, o.boolean = true, o.folded == "true"
		}
		ok = o.isBoolean
	case Datetime:
		ok = o.isTime
	case Duration:
		ok = o.isDuration
	case Ordinal:
		if a.ordering() {
			o.rank, ok = a.l.rankOf(o.raw, "")
		}
	case Tree:
		o.folded = Fold(normalPath(o.raw))
		ok = o.folded != ""
	case Custom:
		ok = !a.ordering() || o.isNumber || o.isTime || o.isDuration
	default:
		ok = o.raw != ""
	}
	if !ok {
		a.refuse(path, value, a.want())
	}
	return o, ok
}

// ordering reports whether the operator compares by order.
func (a argument) ordering() bool {
	switch a.l.op.Name {
	case "less_than", "less_or_equal", "greater_than", "greater_or_equal", "between":
		return true
	}
	return false
}

// want says what the field's values look like.
func (a argument) want() string {
	f := a.l.field
	switch {
	case f.Closed:
		return "one of " + strings.Join(f.Values, ", ")
	case f.Type == Number:
		return "a number"
	case f.Type == Boolean:
		return "true or false"
	case f.Type == Datetime:
		return "a date such as 2026-01-31 or a time such as 2026-01-31T12:00:00Z"
	case f.Type == Duration:
		return "a duration such as 30m, 8h, 3d or PT8H"
	case f.Type == Ordinal && a.ordering() && a.l.order != nil:
		return "a name of options.order: " + strings.Join(a.l.spec.Options.Order, ", ")
	case f.Type == Ordinal && a.ordering():
		return "a name whose place is known (" + strings.Join(usualPriorities, ", ") + "), or options.order with all names from lowest to highest"
	case f.Type == Custom && a.ordering():
		return "a number, a time or a duration"
	}
	return fmt.Sprintf("a text of 1 to %d bytes", MaxValueBytes)
}

func (a argument) bounds() {
	list, ok := a.given.([]any)
	if !ok || len(list) != 2 {
		a.refuse(a.path, a.given, "a list of two values: [low, high]")
		return
	}
	if a.l.op.Argument == ArgNumbers {
		a.numbers(list)
		return
	}
	a.l.operands = a.scalars(list)
	if len(a.l.operands) == 2 && a.l.field.Type == Number && a.l.operands[0].number.compare(a.l.operands[1].number) > 0 {
		a.refuse(a.path, a.given, "[low, high], the lower first")
	}
}

func (a argument) number() { a.numbers([]any{a.given}) }

func (a argument) numbers(list []any) {
	for _, value := range list {
		o, ok := readOperand(value, a.l.zone)
		if !ok || !o.isNumber {
			a.refuse(a.path, value, "a number")
			return
		}
		a.l.operands = append(a.l.operands, o)
	}
}

// text reads a text, which for matches is a regular expression.
func (a argument) text() {
	o, ok := readOperand(a.given, a.l.zone)
	if !ok || o.raw == "" || len(o.raw) > MaxValueBytes {
		a.refuse(a.path, a.given, fmt.Sprintf("a text of 1 to %d bytes", MaxValueBytes))
		return
	}
	a.l.operands = []operand{o}
	if a.l.op.Name != "matches" && a.l.op.Name != "not_matches" {
		return
	}
	if len(o.raw) > MaxPattern {
		a.refuse(a.path, len(o.raw), fmt.Sprintf("a regular expression of at most %d bytes", MaxPattern))
		return
	}
	source := norm.NFC.String(o.raw)
	if !a.l.sensitive {
		source = "(?i)" + source
	}
	pattern, err := regexp.Compile(source)
	if err != nil {
		a.refuse(a.path, o.raw, "a regular expression in RE2's syntax: "+strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		return
	}
	a.l.pattern = pattern
}

// words reads words and phrases; a text counts as its words.
func (a argument) words() {
	var phrases []string
	switch given := a.given.(type) {
	case string:
		phrases = strings.Fields(given)
	case json.Number:
		phrases = []string{given.String()}
	case []any:
		for i, element := range given {
			o, ok := readOperand(element, a.l.zone)
			if !ok {
				a.refuse(fmt.Sprintf("%s.%d", a.path, i), element, "a word")
				return
			}
			phrases = append(phrases, o.raw)
		}
	}
	for _, phrase := range phrases {
		if a.l.sensitive {
			phrase = norm.NFC.String(phrase)
		} else {
			phrase = Fold(phrase)
		}
		if found := words(phrase); strings.TrimSpace(found) != "" {
			a.l.phrases = append(a.l.phrases, found)
		}
	}
	if len(a.l.phrases) == 0 || len(a.l.phrases) > MaxValues {
		a.refuse(a.path, a.given, fmt.Sprintf("1 to %d words, as a list or a text", MaxValues))
	}
}

func (a argument) time() {
	o, ok := readOperand(a.given, a.l.zone)
	if !ok || !o.isTime {
		a.refuse(a.path, a.given, "a date such as 2026-01-31 or a time such as 2026-01-31T12:00:00Z")
		return
	}
	a.l.operands = []operand{o}
}

// duration reads a duration; business time may be a number of hours.
func (a argument) duration() {
	o, ok := readOperand(a.given, a.l.zone)
	if ok && o.isNumber && a.l.op.Name == "business_hours_since" {
		o, ok = readOperand(o.raw+"h", a.l.zone)
	}
	if !ok || !o.isDuration {
		a.refuse(a.path, a.given, "a duration such as 30m, 8h, 3d or PT8H")
		return
	}
	a.l.duration = o.duration
}

// alternatives reads what a value changed to or from: a value, a list of
// alternatives, null for nothing, or * for anything. A set is one alternative.
func (a argument) alternatives(path string, given any, present bool) []operand {
	if !present {
		a.refuse(path, nil, "a value, a list of values, null for nothing, or *")
		return nil
	}
	list, ok := given.([]any)
	if !ok {
		list = []any{given}
	} else if len(list) == 0 || len(list) > MaxValues {
		a.refuse(path, len(list), fmt.Sprintf("a list of 1 to %d values", MaxValues))
		return nil
	}
	var operands []operand
	var set []string
	for i, value := range list {
		below := path
		if ok {
			below = fmt.Sprintf("%s.%d", path, i)
		}
		switch value {
		case nil:
			operands = append(operands, operand{null: true})
		case "*":
			operands = append(operands, operand{any: true})
		default:
			if o, valid := a.scalar(below, value); valid {
				set = append(set, o.raw)
				operands = append(operands, o)
			}
		}
	}
	if len(set) == len(operands) && (a.l.field.Type == Set || a.l.field.Type == Custom) {
		for i := range operands {
			operands[i].set = set
		}
	}
	return operands
}

func (a argument) fromTo() {
	switch given := a.given.(type) {
	case map[string]any:
		from, hasFrom := given["from"]
		to, hasTo := given["to"]
		if hasFrom && hasTo && len(given) == 2 {
			a.l.from = a.alternatives(a.path+".from", from, true)
			a.l.operands = a.alternatives(a.path+".to", to, true)
			return
		}
	case []any:
		if len(given) == 2 {
			a.l.from = a.alternatives(a.path+".0", given[0], true)
			a.l.operands = a.alternatives(a.path+".1", given[1], true)
			return
		}
	}
	a.refuse(a.path, a.given, `{"from": …, "to": …}, each a value, a list of values, null or *`)
}
