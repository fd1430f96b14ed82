package api

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/config/strictjson"
	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// FilterQuery chooses rows of the execution log; all that is given must hold.
// A replay takes the same members as JSON.
type FilterQuery struct {
	Ticket     string `query:"ticket" json:"ticket,omitempty" doc:"The ticket's number, exactly or with * anywhere"`
	Error      string `query:"error" json:"error,omitempty" doc:"The error contains this"`
	Words      string `query:"words" json:"words,omitempty" doc:"The error contains each of these words, in any order"`
	Response   string `query:"response" json:"response,omitempty" doc:"The response body contains this"`
	Q          string `query:"q" json:"q,omitempty" doc:"Ticket, error, error code or event contains this: what a row of the log shows. An answer is looked through as far as the error quotes it; response looks through all of it"`
	From       string `query:"from" json:"from,omitempty" doc:"Inclusive: a time, a date, or a duration before now such as -24h"`
	To         string `query:"to" json:"to,omitempty" doc:"Exclusive"`
	Outcome    string `query:"outcome" json:"outcome,omitempty" enum:"succeeded,failed"`
	HTTPStatus string `query:"http_status" json:"http_status,omitempty" doc:"Such as 503, 5xx or 500-599"`
	ErrorCode  string `query:"error_code" json:"error_code,omitempty"`
	System     string `query:"system" json:"system,omitempty"`
	Event      string `query:"event" json:"event,omitempty"`
	Trigger    string `query:"trigger" json:"trigger,omitempty"`
	Endpoint   string `query:"endpoint" json:"endpoint,omitempty"`
	Delivery   string `query:"delivery" json:"delivery,omitempty"`
	Change     string `query:"change" json:"change,omitempty"`
	Attempt    int    `query:"attempt" json:"attempt,omitempty" minimum:"1" doc:"The attempt's number"`
}

// longestFilter bounds each text of a filter, in bytes.
const longestFilter = 500

// filterOf returns what the ledger searches for on behalf of a caller.
func (a *api) filterOf(q FilterQuery, who caller) (executionlog.Filter, error) {
	if err := a.knownSystem(q.System); err != nil {
		return executionlog.Filter{}, err
	}
	return q.filter(who.workspace, a.now())
}

// filter returns what the ledger searches for.
func (q FilterQuery) filter(workspace string, now time.Time) (executionlog.Filter, error) {
	f := executionlog.Filter{
		Workspace: workspace, Ticket: q.Ticket, Error: q.Error, Words: q.Words, Response: q.Response, Q: q.Q,
		Outcome: executionlog.Outcome(q.Outcome), ErrorCode: q.ErrorCode, System: q.System, Event: q.Event,
		Trigger: q.Trigger, Endpoint: q.Endpoint, Delivery: q.Delivery, Change: q.Change, Number: q.Attempt,
	}
	for _, text := range []struct{ name, value string }{
		{"ticket", q.Ticket}, {"error", q.Error}, {"words", q.Words}, {"response", q.Response}, {"q", q.Q}, {"error_code", q.ErrorCode},
	} {
		if len(text.value) > longestFilter {
			return f, badQuery(text.name, nil, "must be at most %d bytes", longestFilter)
		}
	}
	for _, one := range []struct{ name, prefix, value string }{
		{"trigger", id.Trigger, q.Trigger}, {"endpoint", id.Endpoint, q.Endpoint}, {"delivery", id.Delivery, q.Delivery}, {"change", id.Change, q.Change},
	} {
		if err := ofKind(one.name, one.prefix, one.value); err != nil {
			return f, err
		}
	}
	if q.ErrorCode != "" && !slices.Contains(sender.Codes(), sender.Code(q.ErrorCode)) {
		return f, badQuery("error_code", q.ErrorCode, "must be one of %s", joined(sender.Codes()))
	}
	var err error
	if f.From, f.To, err = parseRange(q.From, q.To, now); err != nil {
		return f, err
	}
	f.StatusFrom, f.StatusTo, err = parseStatus(q.HTTPStatus)
	return f, err
}

// joined lists words.
func joined[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, word := range words {
		texts[i] = string(word)
	}
	return strings.Join(texts, ", ")
}

var (
	statusClass = regexp.MustCompile(`^[1-5](?i:xx)$`)
	statusRange = regexp.MustCompile(`^([1-9][0-9]{2})(?:-([1-9][0-9]{2}))?$`)
)

// parseStatus reads an HTTP status, a class or a range.
func parseStatus(text string) (from, to int, err error) {
	if text == "" {
		return 0, 0, nil
	}
	if statusClass.MatchString(text) {
		class := int(text[0]-'0') * 100
		return class, class + 99, nil
	}
	parts := statusRange.FindStringSubmatch(text)
	if parts == nil {
		return 0, 0, badQuery("http_status", text, "must be a status such as 503, a class such as 5xx, or a range such as 500-599")
	}
	from, _ = strconv.Atoi(parts[1])
	to = from
	if parts[2] != "" {
		to, _ = strconv.Atoi(parts[2])
	}
	if to < from {
		return 0, 0, badQuery("http_status", text, "must not end before it begins")
	}
	return from, to, nil
}

// decodeFilter reads the filter of a caller from JSON, where an http_status may be a number.
func (a *api) decodeFilter(data []byte, who caller) (executionlog.Filter, error) {
	var members struct {
		FilterQuery
		HTTPStatus config.Scalar `json:"http_status,omitempty"`
	}
	if err := strictjson.Unmarshal(data, &members); err != nil {
		return executionlog.Filter{}, err
	}
	members.FilterQuery.HTTPStatus = string(members.HTTPStatus)
	var list invalid.List
	if o := members.Outcome; o != "" && o != string(executionlog.Succeeded) && o != string(executionlog.Failed) {
		list.Add("outcome", o, "must be one of succeeded, failed")
	}
	if members.Attempt < 0 {
		list.Add("attempt", members.Attempt, "must be from 1")
	}
	filter, err := a.filterOf(members.FilterQuery, who)
	if p, ok := err.(*Problem); ok { //nolint:errorlint // made by this package, never wrapped
		for _, field := range p.Errors {
			list.Add(field.Path, field.Value, "%s", field.Message)
		}
		return filter, list.Err()
	}
	list.Merge("", err)
	return filter, list.Err()
}

// filterView is a filter as it is shown.
type filterView struct {
	Ticket     string     `json:"ticket,omitempty"`
	Error      string     `json:"error,omitempty"`
	Words      string     `json:"words,omitempty"`
	Response   string     `json:"response,omitempty"`
	Q          string     `json:"q,omitempty"`
	From       *time.Time `json:"from,omitempty"`
	To         *time.Time `json:"to,omitempty"`
	Outcome    string     `json:"outcome,omitempty"`
	HTTPStatus string     `json:"http_status,omitempty"`
	ErrorCode  string     `json:"error_code,omitempty"`
	System     string     `json:"system,omitempty"`
	Event      string     `json:"event,omitempty"`
	Trigger    string     `json:"trigger,omitempty"`
	Endpoint   string     `json:"endpoint,omitempty"`
	Delivery   string     `json:"delivery,omitempty"`
	Change     string     `json:"change,omitempty"`
	Attempt    int        `json:"attempt,omitempty"`
}

func viewFilter(f executionlog.Filter) filterView {
	view := filterView{
		Ticket: f.Ticket, Error: f.Error, Words: f.Words, Response: f.Response, Q: f.Q, From: timeOrNil(f.From), To: timeOrNil(f.To),
		Outcome: string(f.Outcome), ErrorCode: f.ErrorCode, System: f.System, Event: f.Event, Trigger: f.Trigger,
		Endpoint: f.Endpoint, Delivery: f.Delivery, Change: f.Change, Attempt: f.Number,
	}
	if f.StatusFrom > 0 || f.StatusTo > 0 {
		view.HTTPStatus = strings.TrimSuffix(strconv.Itoa(f.StatusFrom)+"-"+strconv.Itoa(f.StatusTo), "-"+strconv.Itoa(f.StatusFrom))
	}
	return view
}
