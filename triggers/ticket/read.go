package ticket

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hookdesk/hookdesk/triggers/invalid"
	"github.com/hookdesk/hookdesk/triggers/jsontree"
)

// reader reads the members of one JSON object and notes what is wrong with
// them, each with its path.
type reader struct {
	members  map[string]any
	path     string
	problems *invalid.List
}

// read parses data, which must hold one object and nothing behind it.
func read(data []byte) (*reader, error) {
	if len(data) > MaxInputBytes {
		return nil, invalid.New("", nil, "at most %d bytes of JSON", MaxInputBytes)
	}
	tree, err := jsontree.Parse(data, maxJSONDepth)
	if err != nil {
		return nil, unreadable(data, err)
	}
	members, ok := tree.(map[string]any)
	if !ok {
		return nil, invalid.New("", describe(tree), "a JSON object")
	}
	return &reader{members: members, problems: &invalid.List{}}, nil
}

func unreadable(data []byte, err error) error {
	var (
		repeated *jsontree.RepeatedError
		deep     *jsontree.DepthError
	)
	switch {
	case errors.As(err, &repeated):
		return invalid.New(repeated.Path, nil, "given once; it stands there twice")
	case errors.As(err, &deep):
		return invalid.New("", nil, "JSON at most %d levels deep", deep.Limit)
	case len(bytes.TrimSpace(data)) == 0:
		return invalid.New("", nil, "a JSON object, not an empty body")
	default:
		return invalid.New("", nil, "one JSON object; this is %s", err)
	}
}

// depth returns how deep tree is nested, counting no further than limit+1.
func depth(tree any, limit int) int {
	if limit < 0 {
		return 1
	}
	deepest := 0
	switch v := tree.(type) {
	case map[string]any:
		for _, child := range v {
			deepest = max(deepest, depth(child, limit-1))
		}
	case []any:
		for _, child := range v {
			deepest = max(deepest, depth(child, limit-1))
		}
	default:
		return 0
	}
	return deepest + 1
}

// describe names the JSON type of a value, for a message about it.
func describe(value any) any {
	switch v := value.(type) {
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	case nil:
		return "null"
	case json.Number:
		return v.String()
	default:
		return v
	}
}

func (r *reader) at(name string) string { return invalid.Join(r.path, name) }

func (r *reader) add(name string, value any, want string) {
	r.problems.Add(r.at(name), value, "%s", want)
}

func (r *reader) has(name string) bool { return r.members[name] != nil }

// given reports whether the member is there at all, be it null.
func (r *reader) given(name string) bool {
	_, ok := r.members[name]
	return ok
}

func (r *reader) require(name, want string) bool {
	if !r.has(name) {
		r.add(name, nil, want)
		return false
	}
	return true
}

func (r *reader) drop(names ...string) {
	for _, name := range names {
		delete(r.members, name)
	}
}

// object returns a reader of a member that must be an object.
func (r *reader) object(name string) *reader { return r.objectIn(name, r.members[name]) }

func (r *reader) objectIn(name string, value any) *reader {
	members, ok := value.(map[string]any)
	if !ok {
		r.add(name, describe(value), "an object")
	}
	return &reader{members: members, path: r.at(name), problems: r.problems}
}

// refuseRest notes every member that is not among the known ones.
func (r *reader) refuseRest(allowed ...string) {
	var rest []string
	for name := range r.members {
		if !slices.Contains(allowed, name) {
			rest = append(rest, name)
		}
	}
	slices.Sort(rest)
	for _, name := range rest {
		r.add(name, nil, "no such member; there are "+strings.Join(allowed, ", ")+suggest(name, allowed))
	}
}

// text returns a text.
func (r *reader) text(name string, limit int) string {
	return r.textIn(name, r.members[name], limit)
}

// id returns a text that identifies something: a number stands for its own
// digits, since many systems count their tickets and people.
func (r *reader) id(name string, limit int) string {
	return r.idIn(name, r.members[name], limit)
}

// segment returns an id that stands in the path of the API, where . and ..
// would lead elsewhere.
func (r *reader) segment(name string, limit int) string {
	id := strings.TrimSpace(r.id(name, limit))
	if id == "." || id == ".." {
		r.add(name, id, "a text other than . and .., which cannot stand in the path of a URL")
	}
	return id
}

func (r *reader) idIn(name string, value any, limit int) string {
	if number, ok := value.(json.Number); ok {
		value = number.String()
	}
	return r.textIn(name, value, limit)
}

func (r *reader) textIn(name string, value any, limit int) string {
	if value == nil {
		return ""
	}
	text, ok := value.(string)
	if !ok {
		r.add(name, describe(value), "a text")
		return ""
	}
	if len(text) > limit {
		r.add(name, nil, fmt.Sprintf("at most %d bytes, these are %d", limit, len(text)))
		return ""
	}
	if strings.ContainsRune(text, 0) || !utf8.ValidString(text) {
		r.add(name, nil, "UTF-8 text without NUL characters")
		return ""
	}
	return text
}

// flag returns a boolean, fallback where the member is missing.
func (r *reader) flag(name string, fallback bool) bool {
	switch v := r.members[name].(type) {
	case nil:
		return fallback
	case bool:
		return v
	default:
		r.add(name, describe(v), "true or false")
		return fallback
	}
}

func (r *reader) time(name string) *time.Time {
	value := r.members[name]
	if value == nil {
		return nil
	}
	text, ok := value.(string)
	if ok && text == "" {
		return nil
	}
	if ok {
		if at, ok := ParseTime(text); ok {
			at = at.Truncate(time.Microsecond)
			if at.IsZero() { // how .NET writes that there is none
				return nil
			}
			return &at
		}
	}
	r.add(name, describe(value), "a time such as 2026-01-31T12:00:00Z")
	return nil
}

func (r *reader) size(name string) int64 {
	value := r.members[name]
	if value == nil {
		return 0
	}
	if number, ok := value.(json.Number); ok {
		if n, err := number.Int64(); err == nil && n >= 0 {
			return n
		}
	}
	r.add(name, describe(value), "a whole number, 0 or more")
	return 0
}

// each calls do with a name such as tags.0 for every element of a list.
func (r *reader) each(name string, most int, do func(name string, value any)) {
	value := r.members[name]
	if value == nil {
		return
	}
	elements, ok := value.([]any)
	if !ok {
		r.add(name, describe(value), "a list")
		return
	}
	if len(elements) > most {
		r.add(name, len(elements), fmt.Sprintf("at most %d elements", most))
		return
	}
	for i, element := range elements {
		do(fmt.Sprintf("%s.%d", name, i), element)
	}
}

func known[T ~string](all []T, one T) bool { return slices.Contains(all, one) }

func names[T ~string](all []T) []string {
	texts := make([]string, len(all))
	for i, one := range all {
		texts[i] = string(one)
	}
	return texts
}

func list[T ~string](all []T) string { return strings.Join(names(all), ", ") }

func suggest(name string, allowed []string) string { return invalid.Suggest(name, allowed) }
