package ascode

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/condition"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// File is a file that was read.
type File struct {
	Desired config.Desired
	// Kept lists the variables without a value in whose place an endpoint
	// that exists keeps what it has.
	Kept []string
	doc  *document
}

// sections are the members of a file, with the kinds they hold.
var sections = map[string]string{
	"endpoints": config.KindEndpoint, "calendars": config.KindCalendar, "triggers": config.KindTrigger,
}

// Read reads a file. lookup returns the values of variables. With prune, what
// a section of the file does not name is to be removed; a section left out is
// left alone. The error is an *Error.
func Read(text []byte, lookup func(name string) (string, bool), prune bool) (*File, error) {
	doc, err := parse(text, lookup)
	if err != nil {
		return nil, err
	}
	f := &File{doc: doc, Desired: config.Desired{Prune: map[string]bool{}}}
	var list invalid.List
	root, ok := doc.root.(map[string]any)
	if !ok && doc.root != nil {
		return nil, doc.errorAt(invalid.New("", nil, "must be a mapping with endpoints, calendars and triggers"))
	}
	for _, name := range slices.Sorted(maps.Keys(root)) {
		kind, known := sections[name]
		if !known {
			names := slices.Sorted(maps.Keys(sections))
			list.Add(name, nil, "is not known; there are %s%s", strings.Join(names, ", "), invalid.Suggest(name, names))
			continue
		}
		items, ok := root[name].([]any)
		if !ok && root[name] != nil {
			list.Add(name, nil, "must be a list")
			continue
		}
		f.Desired.Prune[kind] = prune
		for i, item := range items {
			path := fmt.Sprintf("%s.%d", name, i)
			list.Merge(path, f.add(kind, path, item))
		}
	}
	for path, variable := range doc.unset {
		if !f.keeps(path) {
			list.Add(path, nil, "needs the variable %s, which is not set", variable)
		} else if !slices.Contains(f.Kept, variable) {
			f.Kept = append(f.Kept, variable)
		}
	}
	slices.Sort(f.Kept)
	if err := list.Err(); err != nil {
		return nil, doc.errorAt(sorted(err, doc))
	}
	return f, nil
}

// sorted puts complaints in the order of the file.
func sorted(err error, doc *document) error {
	if wrong, ok := err.(*invalid.Error); ok { //nolint:errorlint // just made by an invalid.List
		slices.SortStableFunc(wrong.Fields, func(a, b invalid.Field) int {
			x, y := doc.locate(a.Path), doc.locate(b.Path)
			if x.line != y.line {
				return x.line - y.line
			}
			return strings.Compare(a.Path, b.Path)
		})
	}
	return err
}

// Explain returns an error of carrying a file out with the places of the file;
// errors that are not about it as they are.
func (f *File) Explain(err error) error {
	if err == nil {
		return nil
	}
	return f.doc.errorAt(err)
}

func (f *File) add(kind, path string, item any) error {
	members, ok := item.(map[string]any)
	if !ok {
		return invalid.New("", nil, "must be a mapping")
	}
	var list invalid.List
	id, named := members["id"].(string)
	if _, given := members["id"]; given && !named {
		list.Add("id", members["id"], "must be a text")
	}
	if f.doc.unset[path+".name"] != "" {
		return nil // said where variables are
	}
	if name, _ := members["name"].(string); strings.TrimSpace(name) == "" {
		list.Add("name", nil, "must be a text that is not empty, since the name says which %s is meant", kind)
	}
	delete(members, "id")
	if err := list.Err(); err != nil {
		return err
	}
	text, err := json.Marshal(members)
	if err != nil {
		return invalid.New("", nil, "must be readable as JSON: %s", err)
	}
	switch kind {
	case config.KindEndpoint:
		in, err := config.DecodeEndpoint(text)
		if err != nil {
			return err
		}
		f.Desired.Endpoints = append(f.Desired.Endpoints, config.DesiredEndpoint{Path: path, ID: id, Input: in, Unset: f.unsetBelow(path)})
	case config.KindCalendar:
		calendar, err := condition.DecodeCalendar(text)
		if err != nil {
			return err
		}
		f.Desired.Calendars = append(f.Desired.Calendars, config.DesiredCalendar{Path: path, ID: id, Calendar: calendar})
	default:
		trigger, err := triggers.DecodeTrigger(text)
		if err != nil {
			return err
		}
		f.Desired.Triggers = append(f.Desired.Triggers, config.DesiredTrigger{Path: path, ID: id, Trigger: trigger})
	}
	return nil
}

// unsetBelow returns the variables without a value of one part, by their
// paths in it.
func (f *File) unsetBelow(part string) map[string]string {
	unset := map[string]string{}
	for path, variable := range f.doc.unset {
		if below, ok := strings.CutPrefix(path, part+"."); ok {
			unset[below] = variable
		}
	}
	return unset
}

// keeps says whether the member at a path of the file may keep its value.
func (f *File) keeps(path string) bool {
	parts := strings.SplitN(path, ".", 4)
	if parts[0] != "endpoints" || len(parts) < 3 {
		return false
	}
	switch parts[2] {
	case "secret", "url":
		return true
	case "auth", "tls":
		return len(parts) == 4 && slices.Contains([]string{"password", "token", "key"}, parts[3])
	case "headers", "settings":
		return len(parts) == 4
	}
	return false
}
