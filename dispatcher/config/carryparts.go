package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// changedSecret stands in a Difference for a secret's old and new value.
const changedSecret = "(secret)"

func (a *assembly) addEndpoints() error {
	var existing []known
	ids := map[string]bool{}
	for _, endpoint := range a.Endpoints(a.by.Workspace) {
		existing = append(existing, known{endpoint.ID, endpoint.Name})
		a.endpoints[endpoint.ID] = endpoint
	}
	for _, part := range a.want.Endpoints {
		ids[part.ID] = true
	}
	for _, part := range a.want.Endpoints {
		found, ok := a.match(kindEndpoint, part.Path, part.ID, part.Input.Name, existing, ids)
		if !ok {
			continue
		}
		add := a.changeEndpoint
		if found == "" {
			add = a.createEndpoint
		}
		if err := add(part, a.endpoints[found]); err != nil {
			var wrong *invalid.Error
			if !errors.As(err, &wrong) {
				return err
			}
			a.list.Merge(part.Path, wrong)
		}
	}
	for _, endpoint := range a.Endpoints(a.by.Workspace) {
		if a.unnamed(kindEndpoint, endpoint.ID, endpoint.Name) {
			delete(a.endpoints, endpoint.ID)
			a.writes = append(a.writes, removal(kindEndpoint, endpoint.ID, endpoint.Version, struct{}{}, a.Public(endpoint)))
		}
	}
	return nil
}

func (a *assembly) createEndpoint(part DesiredEndpoint, _ *triggers.Endpoint) error {
	var list invalid.List
	for _, path := range slices.Sorted(maps.Keys(part.Unset)) {
		list.Add(path, nil, "needs the variable %s, which is not set", part.Unset[path])
	}
	now := a.now()
	endpoint := &triggers.Endpoint{
		ID: a.ids.New(id.Endpoint), Workspace: a.by.Workspace, Version: 1,
		Author: a.by.Name, CreatedAt: now, UpdatedAt: now, State: triggers.EndpointActive, StateSince: now,
	}
	if err := list.Err(); err != nil {
		return err
	}
	if err := a.apply(endpoint, part.Input, nil, a.by); err != nil {
		return err
	}
	secret, err := a.firstSecret(endpoint, part.Input.Secret)
	if err != nil {
		return err
	}
	if part.Input.Secret != "" {
		secret = ""
	}
	a.setEndpoint(part, endpoint)
	a.differences = append(a.differences, Difference{Kind: kindEndpoint, Action: ActionCreated, ID: endpoint.ID, Name: endpoint.Name, Secret: secret})
	w, err := a.endpointWrite(endpoint, nil, "endpoint.created")
	a.writes = append(a.writes, w)
	a.tried = append(a.tried, tried{part.Path, endpoint})
	return err
}

func (a *assembly) setEndpoint(part DesiredEndpoint, endpoint *triggers.Endpoint) {
	a.endpoints[endpoint.ID] = endpoint
	if part.ID != "" {
		a.aliases[part.ID] = endpoint.ID
	}
}

func (a *assembly) changeEndpoint(part DesiredEndpoint, before *triggers.Endpoint) error {
	in, err := kept(part, before)
	if err != nil {
		return err
	}
	secrets, err := a.changedSecrets(in, before)
	if err != nil {
		return err
	}
	after := a.successor(before, a.by)
	if err := a.apply(after, in, before, a.by); err != nil {
		return err
	}
	if !slices.ContainsFunc(secrets, func(d triggers.FieldDiff) bool { return d.Path == "secret" }) {
		in.Secret = ""
	}
	made, err := a.replaceSecret(after, before, in.Secret, false)
	if err != nil {
		return err
	}
	fields := slices.Concat(differences(a.Public(before), a.Public(after)), secrets, a.hiddenDiffs(before, after))
	if len(fields) == 0 {
		return nil
	}
	a.setEndpoint(part, after)
	a.differences = append(a.differences, Difference{Kind: kindEndpoint, Action: ActionChanged, ID: after.ID, Name: after.Name, Fields: fields, Secret: made})
	w, err := a.endpointWrite(after, before, "endpoint.updated")
	a.writes = append(a.writes, w)
	a.changed = append(a.changed, struct{ before, after *triggers.Endpoint }{before, after})
	if after.URL != before.URL {
		a.tried = append(a.tried, tried{part.Path, after})
	}
	return err
}

// kept returns the input with what the endpoint has in the place of values
// whose variables are not set. Secrets stay by being left out.
func kept(part DesiredEndpoint, before *triggers.Endpoint) (EndpointInput, error) {
	in := part.Input
	in.Headers, in.Settings = maps.Clone(in.Headers), maps.Clone(in.Settings)
	var list invalid.List
	for _, path := range slices.Sorted(maps.Keys(part.Unset)) {
		has := false
		switch group, name, _ := strings.Cut(path, "."); {
		case path == "secret":
			has = len(before.Sealed.Secrets) > 0
		case path == "auth.password":
			has = before.Sealed.Password != ""
		case path == "auth.token":
			has = before.Sealed.Token != ""
		case path == "auth.key":
			has = before.Sealed.Key != ""
		case path == "tls.key":
			has = before.Sealed.TLSKey != ""
		case path == "url":
			in.URL, has = before.URL, true
		case group == "headers":
			if _, has = before.Headers[name]; has {
				if in.Headers == nil {
					in.Headers = map[string]string{}
				}
				in.Headers[name] = before.Headers[name]
			}
		case group == "settings":
			if _, has = before.Settings[name]; has {
				if in.Settings == nil {
					in.Settings = map[string]Scalar{}
				}
				in.Settings[name] = Scalar(before.Settings[name])
			}
		}
		if !has {
			list.Add(path, nil, "needs the variable %s, which is not set, and there is no value to keep", part.Unset[path])
		}
		if group, _, _ := strings.Cut(path, "."); has && (group == "headers" || group == "settings") && origin(in.URL) != origin(before.URL) {
			list.Add(path, nil, again, origin(before.URL))
		}
	}
	return in, list.Err()
}

// changedSecrets says which of the secrets that the input brings are new. It
// takes those out of the input that are not.
func (a *assembly) changedSecrets(in EndpointInput, before *triggers.Endpoint) ([]triggers.FieldDiff, error) {
	keys, err := a.SigningKeys(before, a.now())
	if err != nil {
		return nil, err
	}
	var newest string
	if len(keys) > 0 {
		newest = keys[0]
	}
	opened, err := a.Credentials(before)
	if err != nil {
		return nil, err
	}
	var auth triggers.Auth
	if in.Auth != nil {
		auth = *in.Auth
	}
	var tlsKey string
	if in.TLS != nil {
		tlsKey = in.TLS.Key
	}
	var fields []triggers.FieldDiff
	for _, secret := range []struct{ path, given, have string }{
		{"secret", in.Secret, newest},
		{"auth.password", auth.Password, opened.Password},
		{"auth.token", auth.Token, opened.Token},
		{"auth.key", auth.Key, opened.Key},
		{"tls.key", tlsKey, opened.TLSKey},
	} {
		if secret.given != "" && secret.given != secret.have {
			fields = append(fields, triggers.FieldDiff{Path: secret.path, From: changedSecret, To: changedSecret})
		}
	}
	return fields, nil
}

func (a *assembly) addCalendars() error {
	var existing []known
	ids := map[string]bool{}
	for _, calendar := range a.CalendarList(a.by.Workspace) {
		existing = append(existing, known{calendar.ID, calendar.Name})
		a.calendars[calendar.ID] = calendar
	}
	for _, part := range a.want.Calendars {
		ids[part.ID] = true
	}
	for _, part := range a.want.Calendars {
		found, ok := a.match(kindCalendar, part.Path, part.ID, part.Calendar.Name, existing, ids)
		if !ok {
			continue
		}
		if err := part.Calendar.Validate(); err != nil {
			a.list.Merge(part.Path, err)
			continue
		}
		before, action := a.calendars[found], ActionChanged
		after := &Calendar{Calendar: *part.Calendar, Workspace: a.by.Workspace, Version: 1, Author: a.by.Name, CreatedAt: a.now(), UpdatedAt: a.now()}
		w := write{kind: kindCalendar, body: after, after: after, action: "calendar.created"}
		var fields []triggers.FieldDiff
		if before == nil {
			after.ID, action = a.ids.New(id.Calendar), ActionCreated
		} else {
			after.ID, after.Version, after.CreatedAt = before.ID, before.Version+1, before.CreatedAt
			if fields = differences(before, after); len(fields) == 0 {
				continue
			}
			w.before, w.action = before, "calendar.updated"
		}
		w.id, w.version = after.ID, after.Version
		a.calendars[after.ID] = after
		if part.ID != "" {
			a.aliases[part.ID] = after.ID
		}
		a.differ(kindCalendar, action, after.ID, after.Name, fields)
		a.writes = append(a.writes, w)
	}
	for _, calendar := range a.CalendarList(a.by.Workspace) {
		if a.unnamed(kindCalendar, calendar.ID, calendar.Name) {
			delete(a.calendars, calendar.ID)
			a.writes = append(a.writes, removal(kindCalendar, calendar.ID, calendar.Version, calendar, calendar))
		}
	}
	return nil
}

// unversioned are the members that differ between versions anyway.
var unversioned = []string{"version", "author", "created_at", "updated_at", "state_since", "breaker_closed_at"}

// differences lists what differs between two values as they are shown.
func differences(before, after any) []triggers.FieldDiff {
	from, to := members(before), members(after)
	for _, name := range unversioned {
		delete(from, name)
		delete(to, name)
	}
	return triggers.DiffValues(from, to)
}

func members(value any) map[string]any {
	all := map[string]any{}
	text, err := json.Marshal(value)
	if err != nil {
		return all
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&all); err != nil {
		return map[string]any{"error": fmt.Sprint(err)}
	}
	return all
}
