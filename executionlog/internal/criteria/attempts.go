package criteria

import (
	"math"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// None is the number of a text that is no identifier; no row has it.
const None = -1

// Number returns the number of an identifier, None if it is none.
func Number(prefix, text string) int64 {
	number, err := id.Parse(prefix, text)
	if err != nil {
		return None
	}
	return number
}

// Span returns the numbers of the identifiers made between two times, from
// low up to but not including high; zero times are open ends.
func Span(from, to time.Time) (low, high int64) {
	low, high = 0, math.MaxInt64
	if !from.IsZero() {
		low = First(from)
	}
	if !to.IsZero() {
		high = First(to)
	}
	return low, high
}

// First returns the smallest number that could have been made at or after t.
func First(t time.Time) int64 {
	micros := t.UnixMicro()
	if t.Nanosecond()%1000 != 0 {
		micros++
	}
	return max(0, min(micros, math.MaxInt64/id.Nodes)) * id.Nodes
}

// Attempts is a Filter made ready for comparing.
type Attempts struct {
	executionlog.Filter
	// Low and High bound the numbers of matching attempts, High exclusive.
	Low, High int64
	Number    struct{ Delivery, Change int64 } // None where not asked for
	Ticket    Pattern                          // if Filter.Ticket is not empty
	Contains  []string                         // folded: the error must contain all
	Q         string                           // folded
	Response  string                           // folded
}

// Compile makes a filter ready.
func Compile(filter executionlog.Filter) *Attempts {
	c := &Attempts{Filter: filter, Q: Fold(filter.Q), Response: Fold(filter.Response)}
	c.Low, c.High = Span(filter.From, filter.To)
	c.Ticket = ParsePattern(filter.Ticket)
	c.Number.Delivery, c.Number.Change = None, None
	if filter.Delivery != "" {
		c.Number.Delivery = Number(id.Delivery, filter.Delivery)
	}
	if filter.Change != "" {
		c.Number.Change = Number(id.Change, filter.Change)
	}
	if filter.Error != "" {
		c.Contains = append(c.Contains, Fold(filter.Error))
	}
	for word := range strings.FieldsSeq(filter.Words) {
		c.Contains = append(c.Contains, Fold(word))
	}
	return c
}

// Match says whether an attempt, with its number, matches in everything but
// the response body.
func (c *Attempts) Match(number int64, a *executionlog.Attempt) bool {
	f := &c.Filter
	switch {
	case number < c.Low || number >= c.High,
		f.Workspace != "" && a.Workspace != f.Workspace,
		f.Outcome != "" && a.Outcome != f.Outcome,
		(f.StatusFrom != 0 || f.StatusTo != 0) && !c.statusMatches(a.HTTPStatus),
		f.ErrorCode != "" && a.ErrorCode != f.ErrorCode,
		f.System != "" && a.System != f.System,
		f.Event != "" && a.Event != f.Event,
		f.Trigger != "" && a.Trigger != f.Trigger,
		f.Endpoint != "" && a.Endpoint != f.Endpoint,
		f.Delivery != "" && a.Delivery != f.Delivery,
		f.Change != "" && a.Change != f.Change,
		f.Number != 0 && a.Number != f.Number,
		f.Ticket != "" && !c.Ticket.Match(Fold(a.Ticket)),
		!f.EndedFrom.IsZero() && a.At.Add(a.Duration).Before(f.EndedFrom):
		return false
	}
	if len(c.Contains) == 0 && c.Q == "" {
		return true
	}
	folded := Fold(a.Error)
	for _, part := range c.Contains {
		if !strings.Contains(folded, part) {
			return false
		}
	}
	return c.Q == "" || strings.Contains(folded, c.Q) ||
		strings.Contains(Fold(a.Ticket), c.Q) ||
		strings.Contains(Fold(a.ErrorCode), c.Q) ||
		strings.Contains(Fold(a.Event), c.Q)
}

// statusMatches treats an open upper end as such; a status of 0 is that of an
// attempt without an answer and is in no range.
func (c *Attempts) statusMatches(status int) bool {
	to := c.StatusTo
	if to == 0 {
		to = math.MaxInt
	}
	return status != 0 && status >= c.StatusFrom && status <= to
}

// MatchResponse says whether a response body contains what the filter asks
// for.
func (c *Attempts) MatchResponse(body []byte) bool {
	return c.Response == "" || strings.Contains(Fold(string(body)), c.Response)
}

// Facets are what a filter asks for beside workspace, time and outcome, where
// it is nothing but names that roll-ups may know.
type Facets struct{ System, Event, Trigger, Endpoint, ErrorCode string }

// Facets returns the filter's facets; ok is false if it asks for more.
func (c *Attempts) Facets() (facets Facets, ok bool) {
	rest := c.Filter
	facets = Facets{rest.System, rest.Event, rest.Trigger, rest.Endpoint, rest.ErrorCode}
	rest.System, rest.Event, rest.Trigger, rest.Endpoint, rest.ErrorCode = "", "", "", "", ""
	rest.Workspace, rest.Outcome, rest.OldestFirst = "", "", false
	rest.From, rest.To = time.Time{}, time.Time{}
	return facets, rest == executionlog.Filter{}
}
