package console

import (
	"cmp"
	"net/url"
	"strconv"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

// formOfFilter returns the form that asks for a filter.
func formOfFilter(filter executionlog.Filter, now time.Time) *logFilter {
	values := url.Values{
		"ticket": {filter.Ticket}, "error": {filter.Error}, "words": {filter.Words}, "response": {filter.Response}, "q": {filter.Q},
		"outcome": {string(filter.Outcome)}, "code": {filter.ErrorCode}, "system": {filter.System}, "event": {filter.Event},
		"trigger": {filter.Trigger}, "endpoint": {filter.Endpoint}, "delivery": {filter.Delivery}, "change": {filter.Change},
	}
	for name, at := range map[string]time.Time{"from": filter.From, "to": filter.To} {
		if !at.IsZero() {
			values.Set(name, at.UTC().Format(time.RFC3339Nano))
		}
	}
	if filter.StatusFrom > 0 || filter.StatusTo > 0 {
		from, to := strconv.Itoa(cmp.Or(filter.StatusFrom, 100)), strconv.Itoa(cmp.Or(filter.StatusTo, 599))
		values.Set("status", from+"-"+to)
		if from == to {
			values.Set("status", from)
		}
	}
	if filter.Number > 0 {
		values.Set("attempt", strconv.Itoa(filter.Number))
	}
	if filter.OldestFirst {
		values.Set("order", "oldest")
	}
	return readLogFilter(values, filter.Workspace, now)
}
