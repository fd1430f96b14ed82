package config

import (
	"encoding/json"

	"github.com/hookdesk/hookdesk/dispatcher/config/strictjson"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// authNames are other names of members of auth that people bring along from
// elsewhere.
var authNames = map[string]string{"username": "user", "value": "key", "name": "header"}

// usualForm rewrites an endpoint, or a patch of one, from the forms that will
// do as well: a signing scheme by its name alone, and other names of members
// of auth. A zero in retry, which is how a default is kept, gets the meaning it
// has for who writes it. What is no object is returned as it is, for the
// decoder to refuse.
func usualForm(data []byte) ([]byte, error) {
	var list invalid.List
	usual, err := rewrite(data, func(endpoint map[string]any) bool {
		changed := false
		if retry, ok := endpoint["retry"].(map[string]any); ok {
			changed = usualRetry(retry, &list)
		}
		if name, ok := endpoint["signing"].(string); ok {
			endpoint["signing"] = map[string]any{"scheme": name}
			changed = true
		}
		if auth, ok := endpoint["auth"].(map[string]any); ok {
			changed = rename(auth, authNames) || changed
		}
		return changed
	})
	if err == nil {
		err = list.Err()
	}
	return usual, err
}

// shortestWait is the wait of a retry at once, in seconds.
const shortestWait = 0.001

// usualRetry turns waits of zero into the shortest and a schedule without waits
// into a single attempt, and refuses no attempts at all.
func usualRetry(retry map[string]any, list *invalid.List) bool {
	changed := false
	for _, name := range []string{"initial_seconds", "max_seconds"} {
		if zero(retry[name]) {
			retry[name], changed = shortestWait, true
		}
	}
	if zero(retry["max_attempts"]) {
		list.Add("retry.max_attempts", 0, "must be from 1 to %d", MaxAttempts)
	}
	if schedule, ok := retry["schedule_seconds"].([]any); ok && len(schedule) == 0 {
		delete(retry, "schedule_seconds")
		if len(retry) == 0 {
			retry["max_attempts"] = 1
		}
		changed = true
	}
	return changed
}

func zero(value any) bool {
	number, ok := value.(json.Number)
	n, err := number.Float64()
	return ok && err == nil && n == 0
}

// replacing makes a patch that chooses another kind of retry or of auth drop
// what only the former kind has; a merge would keep it.
func replacing(patch []byte) ([]byte, error) {
	return rewrite(patch, func(endpoint map[string]any) bool {
		changed := false
		drop := func(members map[string]any, names ...string) {
			for _, name := range names {
				if _, given := members[name]; !given {
					members[name] = nil
					changed = true
				}
			}
		}
		if retry, ok := endpoint["retry"].(map[string]any); ok {
			switch {
			case retry["schedule_seconds"] != nil:
				drop(retry, "initial_seconds", "max_seconds", "max_attempts")
			case retry["initial_seconds"] != nil || retry["max_seconds"] != nil:
				drop(retry, "schedule_seconds")
			}
		}
		if auth, ok := endpoint["auth"].(map[string]any); ok && auth["type"] != nil {
			drop(auth, "user", "header")
		}
		return changed
	})
}

func rewrite(data []byte, change func(object map[string]any) bool) ([]byte, error) {
	value, err := strictjson.Parse(data)
	if err != nil {
		return nil, err
	}
	if object, ok := value.(map[string]any); !ok || !change(object) {
		return data, nil
	}
	return json.Marshal(value)
}
