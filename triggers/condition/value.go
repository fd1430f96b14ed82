package condition

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// kind is what a value is made of.
type kind uint8

const (
	isNil kind = iota // missing, null, "" or []
	isText
	isNumber
	isBoolean
	isTime
	isDuration
	isRef    // a name and an id
	isPerson // somebody
	isSet    // texts without order
	isObject // a custom field that conditions cannot compare
)

// value is what a field of a ticket holds.
type value struct {
	kind     kind
	text     string // isText, isNumber (its digits), isRef (the name)
	id       string // isRef
	path     string // isRef of a category
	state    string // isRef of a status
	boolean  bool
	time     time.Time
	duration time.Duration
	person   *ticket.Person
	set      []string
	object   any
}

func textValue(text string) value {
	if text == "" {
		return value{}
	}
	return value{kind: isText, text: text}
}

func numberValue(n int) value { return value{kind: isNumber, text: strconv.Itoa(n)} }

func booleanValue(b bool) value { return value{kind: isBoolean, boolean: b} }

func timeValue(at *time.Time) value {
	if at == nil || at.IsZero() {
		return value{}
	}
	return value{kind: isTime, time: *at}
}

func refValue(id, name, path string) value {
	if id == "" && name == "" && path == "" {
		return value{}
	}
	return value{kind: isRef, id: id, text: name, path: path}
}

func personValue(p *ticket.Person) value {
	if p == nil || p.ID == "" && p.FullName() == "" {
		return value{}
	}
	return value{kind: isPerson, person: p}
}

func setValue(set []string) value {
	if len(set) == 0 {
		return value{}
	}
	return value{kind: isSet, set: set}
}

// customValue types a custom field by what it holds.
func customValue(held any) value {
	switch v := held.(type) {
	case nil:
		return value{}
	case string:
		return textValue(v)
	case bool:
		return booleanValue(v)
	case json.Number:
		return value{kind: isNumber, text: v.String()}
	case float64:
		return value{kind: isNumber, text: strconv.FormatFloat(v, 'g', -1, 64)}
	case int:
		return numberValue(v)
	case int64:
		return value{kind: isNumber, text: strconv.FormatInt(v, 10)}
	case []string:
		return setValue(v)
	case []any:
		set := make([]string, 0, len(v))
		for _, element := range v {
			scalar := customValue(element)
			switch scalar.kind {
			case isText, isNumber:
				set = append(set, scalar.text)
			case isBoolean:
				set = append(set, strconv.FormatBool(scalar.boolean))
			default:
				return value{kind: isObject, object: held}
			}
		}
		return setValue(set)
	case map[string]any:
		if len(v) == 0 {
			return value{}
		}
		return value{kind: isObject, object: held}
	default:
		return value{kind: isObject, object: held}
	}
}

// same reports whether two values are equal after typing.
func same(a, b value, sensitive bool) bool {
	if a.kind == isNil || b.kind == isNil {
		return a.kind == b.kind
	}
	if a.kind != b.kind {
		return sameMixed(a, b)
	}
	switch a.kind {
	case isText:
		return sameText(a.text, b.text, sensitive) || sameInstant(a.text, b.text)
	case isNumber:
		return sameNumber(a.text, b.text)
	case isBoolean:
		return a.boolean == b.boolean
	case isTime:
		return a.time.Equal(b.time)
	case isDuration:
		return a.duration == b.duration
	case isRef:
		if a.id != "" && b.id != "" {
			return a.id == b.id && a.path == b.path
		}
		if a.text != "" && b.text != "" {
			return sameText(a.text, b.text, sensitive) && sameText(a.path, b.path, sensitive)
		}
		return false
	case isPerson:
		return samePerson(a.person, b.person)
	case isSet:
		return within(a.set, b.set, sensitive) && within(b.set, a.set, sensitive)
	default:
		return reflect.DeepEqual(a.object, b.object)
	}
}

// sameMixed compares a number with the text of one, and a list of one with
// that one.
func sameMixed(a, b value) bool {
	if a.kind == isNumber && b.kind == isText || a.kind == isText && b.kind == isNumber {
		return sameNumber(a.text, b.text)
	}
	return false
}

func sameNumber(a, b string) bool {
	if a == b {
		return true
	}
	x, okX := parseDecimal(a)
	y, okY := parseDecimal(b)
	return okX && okY && x.compare(y) == 0
}

func sameInstant(a, b string) bool {
	x, dayX, okX := parseTime(a, time.UTC)
	if !okX {
		return false
	}
	y, dayY, okY := parseTime(b, time.UTC)
	return okY && dayX == dayY && x.Equal(y)
}

// samePerson compares by the best that both are known by.
func samePerson(a, b *ticket.Person) bool {
	switch {
	case a.ID != "" && b.ID != "":
		return a.ID == b.ID
	case a.Email != "" && b.Email != "":
		return sameText(a.Email, b.Email, false)
	case a.UserName != "" && b.UserName != "":
		return sameText(a.UserName, b.UserName, false)
	default:
		return sameText(a.FullName(), b.FullName(), false)
	}
}

// within reports whether every element of part is in whole.
func within(part, whole []string, sensitive bool) bool {
	for _, one := range part {
		if !slices.ContainsFunc(whole, func(other string) bool { return sameText(one, other, sensitive) }) {
			return false
		}
	}
	return true
}

// elements returns a value as the set of texts it stands for.
func (v value) elements() ([]string, bool) {
	switch v.kind {
	case isNil:
		return nil, true
	case isSet:
		return v.set, true
	case isText, isNumber:
		return []string{v.text}, true
	case isBoolean:
		return []string{strconv.FormatBool(v.boolean)}, true
	case isTime:
		return []string{v.time.UTC().Format(time.RFC3339Nano)}, true
	case isDuration:
		return []string{v.duration.String()}, true
	case isRef:
		return []string{v.name()}, true
	case isPerson:
		return []string{v.person.FullName()}, true
	default:
		return nil, false
	}
}

func (v value) name() string {
	switch {
	case v.path != "":
		return v.path
	case v.text != "":
		return v.text
	default:
		return v.id
	}
}

// shown returns the value as a verdict holds it: plain JSON, and not endless.
func (v value) shown() any {
	const most = 500
	switch v.kind {
	case isNil:
		return nil
	case isText:
		if len(v.text) > most {
			return cut(v.text, most) + "…"
		}
		return v.text
	case isNumber:
		if _, ok := parseDecimal(v.text); ok {
			return json.Number(v.text)
		}
		return v.text
	case isBoolean:
		return v.boolean
	case isTime:
		return v.time.UTC().Format(time.RFC3339Nano)
	case isDuration:
		return v.duration.String()
	case isRef:
		return v.name()
	case isPerson:
		if name := v.person.FullName(); name != "" {
			return name
		}
		return v.person.ID
	case isSet:
		return slices.Clone(v.set)
	default:
		text, err := encode(v.object)
		if err != nil {
			return "an object"
		}
		return cut(string(text), most)
	}
}

// answersTo reports whether a reference or a person goes by a folded name.
func (v value) answersTo(folded string, raw string) bool {
	if v.kind == isPerson {
		p := v.person
		return p.ID != "" && p.ID == raw || p.Email != "" && foldsTo(p.Email, folded) ||
			p.UserName != "" && foldsTo(p.UserName, folded) || foldsTo(p.FullName(), folded)
	}
	return v.text != "" && foldsTo(v.text, folded) || v.id != "" && v.id == raw ||
		v.path != "" && foldsTo(normalPath(v.path), folded)
}

// normalPath writes a category's path without spaces around its slashes.
func normalPath(path string) string {
	if !strings.Contains(path, "/") {
		return strings.TrimSpace(path)
	}
	parts := strings.Split(strings.Trim(path, "/ "), "/")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return strings.Join(parts, "/")
}
