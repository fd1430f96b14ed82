package console

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/executionlog"
)

// The form of a filter asks for the same filter.
func TestFormOfFilter(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 123_000, time.UTC)
	for name, want := range map[string]executionlog.Filter{
		"everything": {},
		"texts": {
			Ticket: "HDSK*", Error: "a & b", Words: "x y", Response: "r", Q: "q", ErrorCode: "http_5xx", System: "faveo", Event: "ticket_created",
			Trigger: "trg_1", Endpoint: "ep_1", Delivery: "dlv_1", Change: "chg_1", Outcome: executionlog.Failed,
		},
		"numbers":     {From: at, To: at.Add(time.Hour), StatusFrom: 500, StatusTo: 504, Number: 3, OldestFirst: true},
		"one status":  {StatusFrom: 503, StatusTo: 503},
		"from a time": {From: at},
	} {
		want.Workspace = "default"
		form := formOfFilter(want, at)
		if diff := cmp.Diff(want, form.Filter); diff != "" || form.Refused() {
			t.Errorf("%s: %s %v", name, diff, form.faults)
		}
	}
	open := formOfFilter(executionlog.Filter{StatusFrom: 400}, at).Filter
	if open.StatusFrom != 400 || open.StatusTo != 599 {
		t.Errorf("an open range of statuses became %d to %d", open.StatusFrom, open.StatusTo)
	}
}
