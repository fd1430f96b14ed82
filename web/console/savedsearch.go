package console

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A saved search is a query of the API's log: the console and its users find
// the same with it. The form's own names are shorter.
var formNames = map[string]string{"http_status": "status", "error_code": "code"}

// formQuery returns a saved search as the form has it; what the form wrote is
// left as it is.
func formQuery(saved url.Values, now time.Time) url.Values {
	values := maps.Clone(saved)
	for name, short := range formNames {
		if value := values.Get(name); value != "" && values.Get(short) == "" {
			values.Set(short, value)
		}
	}
	ago, err := time.ParseDuration(strings.TrimPrefix(values.Get("from"), "-"))
	if err != nil || !strings.HasPrefix(values.Get("from"), "-") {
		return values
	}
	for name, span := range spans {
		if span == ago {
			values.Del("from")
			values.Set("last", name)
			return values
		}
	}
	values.Set("from", now.Add(-ago).UTC().Format(time.RFC3339))
	return values
}

// apiQuery returns what the form asks for as a query of the API. A span such
// as the last day stays one.
func (f *logFilter) apiQuery() string {
	values := maps.Clone(f.values)
	for name, short := range formNames {
		if value := values.Get(short); value != "" {
			values.Set(name, value)
		}
		values.Del(short)
	}
	for name, at := range map[string]time.Time{"from": f.Filter.From, "to": f.Filter.To} {
		if !at.IsZero() {
			values.Set(name, at.UTC().Format(time.RFC3339Nano))
		}
	}
	if span, ok := spans[values.Get("last")]; ok {
		values.Set("from", "-"+span.String())
	}
	values.Del("last")
	return values.Encode()
}

// savedSearches lists the workspace's saved searches, newest first.
func (r *request) savedSearches() []savedSearch {
	var list []savedSearch
	for _, s := range r.Config.Searches(r.session.Workspace) {
		list = append(list, savedSearch{ID: s.ID, Name: s.Name, Query: s.Query})
	}
	slices.Reverse(list)
	return list
}
