package api

import (
	"errors"
	"maps"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/hookdesk/hookdesk/executionlog"
)

// nouns are what the parts of paths are about.
var nouns = map[string]string{
	"calendars": "calendar", "changes": "change", "deliveries": "delivery", "endpoints": "endpoint", "executions": "execution",
	"replays": "replay", "searches": "saved search", "simulations": "simulation", "systems": "system", "tickets": "ticket",
	"tokens": "token", "triggers": "trigger", "versions": "version", "workspaces": "workspace", "events": "event",
}

// maxShown is how much of a value an error repeats.
const maxShown = 100

// named makes of an error that says that something is not there the problem
// that says what: the path of the operation names it, and in holds the values.
func named(err error, path string, in any) error {
	var told *Problem
	if !errors.Is(err, executionlog.ErrNotFound) || errors.As(err, &told) {
		return err
	}
	given := pathValues(reflect.Indirect(reflect.ValueOf(in)))
	segments := strings.Split(strings.Trim(path, "/"), "/")
	var things []string
	for i, segment := range segments {
		name, isValue := strings.CutPrefix(segment, "{")
		if !isValue || i == 0 {
			continue
		}
		value, noun := given[strings.TrimSuffix(name, "}")], nouns[segments[i-1]]
		if value == "" || noun == "" {
			return err
		}
		things = append([]string{noun + " " + excerpt(value)}, things...)
	}
	if len(things) == 0 {
		return err
	}
	where := " in this workspace"
	if segments[0] == "workspaces" || segments[0] == "systems" {
		where = ""
	}
	return problem(http.StatusNotFound, "there is no %s%s", strings.Join(things, " of "), where)
}

func excerpt(value string) string {
	if len(value) > maxShown {
		return strings.ToValidUTF8(value[:maxShown], "") + "…"
	}
	return value
}

// pathValues returns the parameters of an operation's input, embedded ones
// included, by their names in the path.
func pathValues(in reflect.Value) map[string]string {
	values := map[string]string{}
	if in.Kind() != reflect.Struct {
		return values
	}
	for i := range in.NumField() {
		field, value := in.Type().Field(i), in.Field(i)
		if field.Anonymous {
			maps.Copy(values, pathValues(value))
			continue
		}
		name := field.Tag.Get("path")
		switch {
		case name == "":
		case value.Kind() == reflect.String:
			values[name] = value.String()
		case value.CanInt():
			values[name] = strconv.FormatInt(value.Int(), 10)
		}
	}
	return values
}
