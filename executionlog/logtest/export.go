package logtest

import (
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// RunExport shows that a ledger in a database reads an export as it is
// written out, and does not gather it: whoever takes the first row slowly
// finds in the last ones what was recorded meanwhile, and nobody who writes
// has to wait for the export.
func RunExport(t *testing.T, ledger executionlog.Ledger) {
	t.Helper()
	b := newBench(t, ledger)
	const rows = 9000 // more than two reads of the engines
	first := b.now
	b.many(rows)
	for name, filter := range map[string]executionlog.Filter{
		"all":       {},
		"by index":  {Endpoint: "ep_1"},
		"by text":   {Error: "answered"},
		"compared":  {Number: 1},
		"in a time": {From: first},
	} {
		filter.Workspace, filter.OldestFirst = "default", true
		late, taken := "", 0
		var last *executionlog.Attempt
		b.ok(b.ledger.Export(b.ctx, filter, func(a *executionlog.Attempt) error {
			if taken++; taken == 1 {
				b.pass(time.Second)
				late = b.many(1)
				b.ok(b.ledger.Check(b.ctx))
			}
			last = a
			return nil
		}))
		if last == nil || last.ID != late {
			b.Errorf("%s: of %d rows the last is %+v, want the one that came meanwhile", name, taken, last)
		}
	}
}

// many records attempts that fail and returns the id of the last.
func (b *bench) many(n int) (last string) {
	b.Helper()
	const most = 1000
	for ; n > 0; n -= most {
		results := make([]*executionlog.Result, min(n, most))
		for i := range results {
			last = b.ids.New(id.Attempt)
			results[i] = &executionlog.Result{Outcome: executionlog.Failed, Attempt: executionlog.Attempt{
				ID: last, Workspace: "default", Delivery: b.ids.New(id.Delivery), Change: b.ids.New(id.Change), Ticket: "T-1",
				System: "faveo", Event: "ticket_created", Endpoint: "ep_1", Number: 1, At: b.now, Duration: time.Millisecond,
				Outcome: executionlog.Failed, HTTPStatus: 503, ErrorCode: "http_5xx", Error: "the receiver answered 503",
			}}
		}
		b.record(results...)
	}
	return last
}
