// Package strictjson decodes JSON that people wrote: members that the target
// does not have are refused with the name that was probably meant, and every
// complaint carries the path of the member it is about.
package strictjson

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/triggers/invalid"
	"github.com/hookdesk/hookdesk/triggers/jsontree"
)

// SyntaxError says that the input is no JSON at all.
type SyntaxError = jsontree.SyntaxError

const (
	maxDepth  = 64 // nesting of arrays and objects
	maxFields = 20 // complaints in one error
)

// Unmarshal decodes data into target, a non-nil pointer. It returns a
// *SyntaxError or an *invalid.Error.
func Unmarshal(data []byte, target any) error {
	tree, err := Parse(data)
	if err != nil {
		return err
	}
	var list invalid.List
	check(tree, reflect.TypeOf(target).Elem(), "", &list)
	if err := list.Err(); err != nil {
		return limit(err)
	}
	return convert(json.Unmarshal(data, target))
}

// Parse reads exactly one JSON value into maps, slices and json.Numbers. It
// returns a *SyntaxError where data is none, names a member twice or nests too
// deeply.
func Parse(data []byte) (any, error) {
	tree, err := jsontree.Parse(data, maxDepth)
	var (
		repeated *jsontree.RepeatedError
		deep     *jsontree.DepthError
	)
	switch {
	case errors.As(err, &repeated):
		return nil, &SyntaxError{Offset: repeated.Offset, Reason: fmt.Sprintf("member %q stands there twice", repeated.Path)}
	case errors.As(err, &deep):
		return nil, &SyntaxError{Offset: deep.Offset, Reason: fmt.Sprintf("nested more than %d deep", deep.Limit)}
	}
	return tree, err
}

var (
	timeType        = reflect.TypeFor[time.Time]()
	rawType         = reflect.TypeFor[json.RawMessage]()
	unmarshalerType = reflect.TypeFor[json.Unmarshaler]()
	textType        = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// check notes what keeps value from being decoded into a target of type t.
func check(value any, t reflect.Type, path string, list *invalid.List) {
	if t.Kind() == reflect.Pointer {
		if value != nil {
			check(value, t.Elem(), path, list)
		}
		return
	}
	switch {
	case t == rawType || t.Kind() == reflect.Interface:
		return
	case t == timeType:
		checkTime(value, path, list)
		return
	case reflect.PointerTo(t).Implements(unmarshalerType) || reflect.PointerTo(t).Implements(textType):
		text, err := json.Marshal(value)
		if err == nil {
			err = json.Unmarshal(text, reflect.New(t).Interface())
		}
		list.Merge(path, convert(err))
		return
	}
	if value == nil {
		if t.Kind() != reflect.Slice && t.Kind() != reflect.Map {
			list.Add(path, nil, "must be %s, not null", describe(t))
		}
		return
	}
	checkKind(value, t, path, list)
}

func checkTime(value any, path string, list *invalid.List) {
	text, ok := value.(string)
	if ok {
		_, err := time.Parse(time.RFC3339, text)
		ok = err == nil
	}
	if !ok {
		list.Add(path, value, "must be a time such as 2026-01-31T12:00:00Z")
	}
}

func checkKind(value any, t reflect.Type, path string, list *invalid.List) {
	switch t.Kind() {
	case reflect.Struct:
		if members, ok := value.(map[string]any); ok {
			checkStruct(members, t, path, list)
			return
		}
	case reflect.Map:
		if members, ok := value.(map[string]any); ok {
			for _, name := range sortedNames(members) {
				check(members[name], t.Elem(), invalid.Join(path, name), list)
			}
			return
		}
	case reflect.Slice, reflect.Array:
		if items, ok := value.([]any); ok {
			for i, item := range items {
				check(item, t.Elem(), invalid.Join(path, fmt.Sprint(i)), list)
			}
			return
		}
	default:
		if scalar(value, t) {
			return
		}
	}
	list.Add(path, value, "must be %s", describe(t))
}

func scalar(value any, t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String:
		_, ok := value.(string)
		return ok
	case reflect.Bool:
		_, ok := value.(bool)
		return ok
	default:
		number, ok := value.(json.Number)
		return ok && json.Unmarshal([]byte(number), reflect.New(t).Interface()) == nil
	}
}

func checkStruct(members map[string]any, t reflect.Type, path string, list *invalid.List) {
	fields := map[string]reflect.Type{}
	collect(t, fields)
	for _, name := range sortedNames(members) {
		field, ok := fields[name]
		if !ok {
			list.Add(invalid.Join(path, name), nil, "is not known%s", Suggestion(name, sortedNames(fields)))
			continue
		}
		check(members[name], field, invalid.Join(path, name), list)
	}
}

func collect(t reflect.Type, fields map[string]reflect.Type) {
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous && name == "" && field.Type.Kind() == reflect.Struct:
			collect(field.Type, fields)
		case !field.IsExported() || name == "-":
		case name == "":
			fields[field.Name] = field.Type
		default:
			fields[name] = field.Type
		}
	}
}

func describe(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	default:
		return "a whole number"
	}
}

// convert turns encoding/json's errors into this package's.
func convert(err error) error {
	var (
		input *invalid.Error
		kind  *json.UnmarshalTypeError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &input):
		return input
	case errors.As(err, &kind):
		return invalid.New(kind.Field, nil, "must be %s, not %s", describe(kind.Type), kind.Value)
	default:
		return invalid.New("", nil, "%s", strings.TrimPrefix(err.Error(), "json: "))
	}
}

func limit(err error) error {
	var list *invalid.Error
	if errors.As(err, &list) && len(list.Fields) > maxFields {
		list.Fields = list.Fields[:maxFields]
	}
	return err
}

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
