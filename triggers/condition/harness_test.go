package condition

import (
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC) // a Wednesday

// history applies inputs to one ticket and returns the last change.
func history(tb testing.TB, inputs ...string) *ticket.Change {
	tb.Helper()
	at := noon
	source := id.NewSource(0, func() time.Time { at = at.Add(time.Second); return at })
	var stored *ticket.Ticket
	var change *ticket.Change
	for _, text := range inputs {
		in, err := ticket.DecodeInput([]byte(text))
		if err != nil {
			tb.Fatalf("decode %s: %v", text, err)
		}
		change, err = in.Apply(stored, ticket.Env{Workspace: "default", Now: noon, ChangeID: source.New(id.Change), NewID: source.New})
		if err != nil {
			tb.Fatalf("apply %s: %v", text, err)
		}
		stored = change.After
	}
	return change
}

// members wraps the members of a ticket into an input; the first of a history
// needs a subject to count as a whole ticket.
func members(json string) string { return `{"ticket": {"number": 1` + comma(json) + `}}` }

func create(json string) string {
	return `{"ticket": {"number": 1, "subject": "S"` + comma(json) + `}}`
}

func comma(json string) string {
	if json == "" {
		return ""
	}
	return ", " + json
}

// The verdicts of a leaf.
const (
	holds = "holds"
	fails = "fails"
	errs  = "errs"
)

func evaluate(tb testing.TB, leaf string, change *ticket.Change) (string, Outcome) {
	tb.Helper()
	compiled := compileLeaf(tb, leaf)
	outcome := compiled.Evaluate(change)
	switch {
	case outcome.Failed:
		return errs, outcome
	case outcome.Matched:
		return holds, outcome
	default:
		return fails, outcome
	}
}

func compileLeaf(tb testing.TB, leaf string) *Compiled {
	tb.Helper()
	group, err := Decode([]byte(`{"all": [` + leaf + `]}`))
	if err != nil {
		tb.Fatalf("decode %s: %v", leaf, err)
	}
	compiled, err := Compile(group, testCalendars)
	if err != nil {
		tb.Fatalf("compile %s: %v", leaf, err)
	}
	return compiled
}

var testCalendars = Calendars{
	"office": {
		ID: "office", Name: "Office", Zone: "Europe/Berlin", Holidays: []string{"2026-03-05"},
		Hours: []Interval{
			{Day: "monday", From: "09:00", To: "17:00"},
			{Day: "tuesday", From: "09:00", To: "17:00"},
			{Day: "wednesday", From: "09:00", To: "12:00"},
			{Day: "wednesday", From: "13:00", To: "17:00"},
			{Day: "thursday", From: "09:00", To: "17:00"},
			{Day: "friday", From: "09:00", To: "17:00"},
		},
	},
	"night": {
		ID: "night", Name: "Night", Zone: "America/New_York",
		Hours: []Interval{{Day: "sunday", From: "00:00", To: "24:00"}},
	},
}
