package ticket

import (
	"hash/fnv"
	"strconv"
	"strings"
)

// NumericID returns the ticket's number in systems that count with integers:
// extra.id where there is one, else the number itself where it is one, else a
// stable positive number of at most 31 bits derived from the text.
func (t *Ticket) NumericID() int64 {
	if n, ok := t.Extra.Int("id"); ok {
		return n
	}
	return NumericID(t.Number)
}

// NumericID returns text as a number where it is one, else a stable positive
// number of at most 31 bits derived from it; 0 for the empty text.
func NumericID(text string) int64 {
	if text == "" {
		return 0
	}
	if n, err := strconv.ParseInt(text, 10, 63); err == nil && n >= 0 {
		return n
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(text))
	return int64(h.Sum32() & 0x7fffffff)
}

// FullName returns the person's full name, put together from its parts where
// it is not given; failing that the user name or the address.
func (p *Person) FullName() string {
	if p == nil {
		return ""
	}
	for _, name := range []string{p.Name, strings.TrimSpace(p.FirstName + " " + p.LastName), p.UserName, p.Email} {
		if name != "" {
			return name
		}
	}
	return ""
}

// Names returns the person's first and last name, split off the full name at
// its last space where they are not given.
func (p *Person) Names() (first, last string) {
	if p == nil {
		return "", ""
	}
	if p.FirstName != "" || p.LastName != "" {
		return p.FirstName, p.LastName
	}
	name := strings.TrimSpace(p.Name)
	if cut := strings.LastIndexByte(name, ' '); cut > 0 {
		return strings.TrimSpace(name[:cut]), name[cut+1:]
	}
	return name, ""
}

// NumericID returns the person's id as a number, 0 for nobody.
func (p *Person) NumericID() int64 {
	if p == nil {
		return 0
	}
	if p.ID != "" {
		return NumericID(p.ID)
	}
	return NumericID(p.Email)
}

// stateByName says which State a status name stands for where the caller gives
// the name alone. Compared in lower case, with spaces and hyphens as underscores.
var stateByName = map[string]State{
	"new": New, "open": Open, "opened": Open, "reopened": Open, "active": Open,
	"in_progress": Open, "in_attendance": Open, "assigned": Open, "inattendance": Open,
	"pending": Pending, "waiting": Pending, "postponed": Pending, "answered": Pending,
	"on_hold": OnHold, "hold": OnHold, "stopped": OnHold, "paused": OnHold,
	"resolved": Resolved, "solved": Resolved,
	"closed": Closed, "completed": Closed, "done": Closed, "canceled": Closed, "cancelled": Closed, "deleted": Closed,
}

var underscored = strings.NewReplacer(" ", "_", "-", "_")

// StateOf returns the State that a status name stands for, Open where the name
// is none that hookdesk knows.
func StateOf(name string) State {
	key := underscored.Replace(strings.ToLower(strings.TrimSpace(name)))
	if state, ok := stateByName[key]; ok {
		return state
	}
	return Open
}
