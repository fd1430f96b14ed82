package console

import (
	"maps"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// logFilter is the form above the execution log, as people wrote it.
type logFilter struct {
	values url.Values
	faults faults
	now    time.Time

	// Filter is what the form asks the ledger for.
	Filter executionlog.Filter
}

// logFields are the fields of the form, in the order of the address.
var logFields = []string{
	"from", "to", "last", "ticket", "error", "outcome", "status", "code", "system",
	"event", "endpoint", "trigger", "delivery", "change", "q", "response", "words", "attempt", "order",
}

// spans are the values of the field last.
var spans = map[string]time.Duration{
	"15m": 15 * time.Minute, "1h": time.Hour, "24h": 24 * time.Hour,
	"7d": 7 * 24 * time.Hour, "30d": 30 * 24 * time.Hour,
}

// readLogFilter reads the form of a log page.
func readLogFilter(values url.Values, workspace string, now time.Time) *logFilter {
	values = formQuery(values, now)
	f := &logFilter{values: url.Values{}, faults: faults{}, now: now.UTC()}
	for _, name := range logFields {
		if value := strings.TrimSpace(values.Get(name)); value != "" {
			f.values.Set(name, value)
		}
	}
	if f.Value("from") != "" || f.Value("to") != "" {
		f.values.Del("last") // what somebody wrote goes before what was chosen
	}
	f.Filter = executionlog.Filter{
		Workspace: workspace,
		Ticket:    f.Value("ticket"), Error: f.Value("error"), Q: f.Value("q"), Response: f.Value("response"), Words: f.Value("words"),
		ErrorCode: f.Value("code"), System: f.Value("system"), Event: f.Value("event"),
		Endpoint: f.Value("endpoint"), Trigger: f.Value("trigger"),
		Delivery: f.Value("delivery"), Change: f.Value("change"),
		OldestFirst: f.Value("order") == "oldest",
	}
	f.Filter.From, f.Filter.To = f.time("from"), f.time("to")
	if span, ok := spans[f.Value("last")]; ok {
		f.Filter.From = f.now.Add(-span)
	}
	if !f.Filter.From.IsZero() && !f.Filter.To.IsZero() && !f.Filter.From.Before(f.Filter.To) {
		f.faults["to"] = "Must be after the start."
	}
	switch outcome := executionlog.Outcome(f.Value("outcome")); outcome {
	case "", executionlog.Succeeded, executionlog.Failed:
		f.Filter.Outcome = outcome
	default:
		f.faults["outcome"] = "Choose succeeded or failed."
	}
	f.readStatus()
	if text := f.Value("attempt"); text != "" {
		number, err := strconv.Atoi(text)
		if err != nil || number < 1 {
			f.faults["attempt"] = "A whole number from 1."
		}
		f.Filter.Number = max(0, number)
	}
	return f
}

// readStatus reads one status such as 503, a class such as 5xx or a range such
// as 500-504.
func (f *logFilter) readStatus() {
	text := strings.ToLower(f.Value("status"))
	if text == "" {
		return
	}
	low, high, isRange := strings.Cut(text, "-")
	if !isRange {
		high = low
	}
	from, okFrom := statusBound(strings.TrimSpace(low), '0')
	to, okTo := statusBound(strings.TrimSpace(high), '9')
	if !okFrom || !okTo || from > to {
		f.faults["status"] = "Such as 503, 5xx or 500-504."
		return
	}
	f.Filter.StatusFrom, f.Filter.StatusTo = from, to
}

func statusBound(text string, fill rune) (int, bool) {
	text = strings.ReplaceAll(text, "x", string(fill))
	number, err := strconv.Atoi(text)
	return number, err == nil && number >= 100 && number <= 599
}

func (f *logFilter) time(name string) time.Time {
	text := f.Value(name)
	if text == "" {
		return time.Time{}
	}
	t, ok := ticket.ParseTime(text)
	if !ok {
		f.faults[name] = "A time such as 2026-05-07 11:17, in UTC."
		return time.Time{}
	}
	if name == "to" && len(text) == len("2006-01-02") {
		t = t.AddDate(0, 0, 1) // the whole day
	}
	return t
}

// Value returns a field as it was written.
func (f *logFilter) Value(name string) string { return f.values.Get(name) }

// Local returns a time field as a field of type datetime-local wants it.
func (f *logFilter) Local(name string) string {
	t := f.time(name)
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02T15:04:05")
}

// Fault returns what is wrong with a field.
func (f *logFilter) Fault(name string) string { return f.faults[name] }

// Refused reports whether something is wrong with a field, so that nothing was
// searched.
func (f *logFilter) Refused() bool { return len(f.faults) > 0 }

// Any reports whether the form filters at all.
func (f *logFilter) Any() bool { return len(f.values) > 0 }

// ticketPart is a search for the numbers that contain what was searched for as
// a whole number, or as the beginning of one.
type ticketPart struct{ Number, Query string }

// Part offers a search for the ticket numbers that contain the one searched
// for; nil where that is what was searched for.
func (f *logFilter) Part() *ticketPart {
	number := strings.Trim(f.Value("ticket"), "*")
	part := "*" + number + "*"
	if number == "" || part == f.Value("ticket") {
		return nil
	}
	return &ticketPart{Number: number, Query: f.With("ticket", part)}
}

// Exact reports whether one ticket number is searched for, without a *.
func (f *logFilter) Exact() bool {
	number := f.Value("ticket")
	return number != "" && !strings.Contains(number, "*")
}

// More reports whether any of the fields behind the first three is used.
func (f *logFilter) More() bool {
	for name := range f.values {
		switch name {
		case "from", "to", "last", "ticket", "error":
		default:
			return true
		}
	}
	return false
}

// Query returns the form as the query of an address.
func (f *logFilter) Query() string { return f.values.Encode() }

// With returns the query with fields changed, given as names and values in
// turn; an empty value removes its field.
func (f *logFilter) With(pairs ...string) string {
	changed := url.Values{}
	maps.Copy(changed, f.values)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			changed.Del(pairs[i])
		} else {
			changed.Set(pairs[i], pairs[i+1])
		}
	}
	return changed.Encode()
}

// Fields lists what the form holds, for repeating it in another form.
func (f *logFilter) Fields() []field {
	var fields []field
	for _, name := range logFields {
		if value := f.Value(name); value != "" {
			fields = append(fields, field{name, value})
		}
	}
	return fields
}

// field is one field of a form.
type field struct{ Name, Value string }

// window returns the range and the step of the histogram: what the form asks
// for, or the last 24 hours.
func (f *logFilter) window() (from, to time.Time, step time.Duration) {
	from, to = f.Filter.From, f.Filter.To
	if to.IsZero() {
		to = f.now
	}
	if from.IsZero() || !from.Before(to) {
		from = to.Add(-24 * time.Hour)
	}
	const day = 24 * time.Hour
	switch span := to.Sub(from); {
	case span <= 3*time.Hour:
		step = time.Minute
	case span <= 8*day:
		step = time.Hour
	default:
		step = day
		if most := 400 * day; span > most {
			from = to.Add(-most)
		}
	}
	return from, to, step
}
