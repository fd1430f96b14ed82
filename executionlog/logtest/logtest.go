// Package logtest is the suite that every engine of the ledger passes: the
// contract of each method, pages that neither skip nor repeat, hostile texts,
// and random searches compared with the engine in memory.
package logtest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// Run runs the whole suite. open returns a new, empty ledger, and closes it
// when the test ends.
func Run(t *testing.T, open func(t *testing.T) executionlog.Ledger) {
	t.Helper()
	for _, suite := range []struct {
		name  string
		tests []namedTest
	}{
		{"intake", intakeTests},
		{"deliveries", deliveryTests},
		{"due", dueTests},
		{"search", searchTests},
		{"hostile", hostileTests},
		{"pages", pageTests},
		{"figures", figureTests},
		{"documents", documentTests},
		{"retention", retentionTests},
		{"store", storeTests},
		{"model", modelTests},
	} {
		t.Run(suite.name, func(t *testing.T) {
			for _, test := range suite.tests {
				t.Run(test.name, func(t *testing.T) { test.run(newBench(t, open(t))) })
			}
		})
	}
}

// RunPartial runs what searches on a ledger that gives partial pages after few
// rows: read to their end, they hold the same.
func RunPartial(t *testing.T, open func(t *testing.T) executionlog.Ledger) {
	t.Helper()
	for _, test := range slices.Concat(searchTests, hostileTests[:1], modelTests, partialTests) {
		t.Run(test.name, func(t *testing.T) { test.run(newBench(t, open(t))) })
	}
}

var partialTests = []namedTest{{"a search without an index stops on the way and goes on", testPartial}}

func testPartial(b *bench) {
	all := b.attempts()
	filter := executionlog.Filter{Workspace: "default", Response: "answer 0"}
	page := must[executionlog.Page[*executionlog.Attempt]](b)(b.ledger.Executions(b.ctx, filter, 5, ""))
	if !page.Partial || page.Next == "" || len(page.Items) > 0 {
		b.Fatalf("the first page is %+v, want one that is partial and empty", page)
	}
	b.equal("all pages", []string{all[0].ID}, b.pages(filter, 5))
	total, exact, err := b.ledger.Estimate(b.ctx, filter)
	b.ok(err)
	if exact && total != 1 {
		b.Errorf("the estimate is exactly %d, want 1", total)
	}
	exported := 0
	b.ok(b.ledger.Export(b.ctx, filter, func(*executionlog.Attempt) error { exported++; return nil }))
	b.equal("exported", 1, exported)
}

type namedTest struct {
	name string
	run  func(*bench)
}

// bench is a ledger with a clock of its own and shortcuts that fail the test.
type bench struct {
	*testing.T
	ctx    context.Context
	ledger executionlog.Ledger
	now    time.Time
	ids    *id.Source
}

// noon is when the tests begin: not on the hour, with microseconds.
var noon = time.Date(2026, 3, 14, 12, 34, 56, 789012000, time.UTC)

func newBench(t *testing.T, ledger executionlog.Ledger) *bench {
	t.Helper()
	b := &bench{T: t, ctx: t.Context(), ledger: ledger, now: noon}
	b.ids = id.NewSource(7, func() time.Time { return b.now })
	return b
}

func (b *bench) pass(d time.Duration) { b.now = b.now.Add(d) }

func (b *bench) ok(err error) {
	b.Helper()
	if err != nil {
		b.Fatalf("unexpected error: %v", err)
	}
}

func (b *bench) equal(what string, want, got any) {
	b.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		b.Fatalf("%s differs (-want +got):\n%s", what, diff)
	}
}

func must[T any](b *bench) func(T, error) T {
	b.Helper()
	return func(value T, err error) T {
		b.Helper()
		b.ok(err)
		return value
	}
}

// ticket returns a ticket's row as it would be after a change.
func (b *bench) ticket(number string, version int64) *executionlog.Ticket {
	return &executionlog.Ticket{
		Workspace: "default", Number: number, Version: version,
		Doc:  fmt.Appendf(nil, `{"number":%q,"version":%d}`, number, version),
		Meta: []byte(`{"seen":true}`), UpdatedAt: b.now,
	}
}

func (b *bench) change(number string) *executionlog.Change {
	return &executionlog.Change{
		ID: b.ids.New(id.Change), Workspace: "default", Ticket: number, Kind: "ticket_updated",
		At: b.now.Add(-time.Second), AcceptedAt: b.now, Chain: b.ids.New(id.Chain), Depth: 1,
		Doc: []byte(`{"after":{}}`), Verdicts: []byte(`[{"outcome":"fired"}]`), Fired: []string{b.ids.New(id.Trigger)},
	}
}

// delivery returns a pending delivery, due now.
func (b *bench) delivery(endpoint, number string) *executionlog.NewDelivery {
	return &executionlog.NewDelivery{
		Delivery: executionlog.Delivery{
			ID: b.ids.New(id.Delivery), Workspace: "default", Change: b.ids.New(id.Change), Ticket: number,
			System: "faveo", Event: "ticket_created", Revision: "v1", Endpoint: endpoint, Trigger: "trg_0000000000001",
			TriggerVersion: 3, EventID: "event-" + b.ids.New(id.Chain), Chain: b.ids.New(id.Chain), Depth: 2,
			Outcome: executionlog.Pending, CreatedAt: b.now, DueAt: b.now,
		},
		Request: &executionlog.Request{
			ContentType: "application/json",
			Header:      []executionlog.Header{{Name: "X-One", Value: "1"}, {Name: "X-One", Value: "2"}},
			Body:        []byte("{\"text\":\"\x00 bytes \xff\"}"),
		},
	}
}

// accept records one acceptance and returns its error.
func (b *bench) accept(a *executionlog.Acceptance) error {
	b.Helper()
	if a.Workspace == "" {
		a.Workspace = "default"
	}
	errs := b.ledger.Accept(b.ctx, []*executionlog.Acceptance{a})
	if len(errs) != 1 {
		b.Fatalf("%d results for one acceptance", len(errs))
	}
	return errs[0]
}

func (b *bench) add(deliveries ...*executionlog.NewDelivery) {
	b.Helper()
	b.ok(b.ledger.Add(b.ctx, deliveries))
}

// attempt returns what became of the next attempt of a delivery.
func (b *bench) attempt(d *executionlog.Delivery, number int, outcome executionlog.Outcome) *executionlog.Result {
	r := &executionlog.Result{
		Outcome: outcome,
		Attempt: executionlog.Attempt{
			ID: b.ids.New(id.Attempt), Workspace: d.Workspace, Delivery: d.ID, Change: d.Change, Ticket: d.Ticket,
			System: d.System, Event: d.Event, Trigger: d.Trigger, Endpoint: d.Endpoint,
			Number: number, At: b.now, Duration: 1234 * time.Microsecond, Outcome: executionlog.Succeeded, HTTPStatus: 200,
			Detail: &executionlog.AttemptDetail{
				Method: "POST", URL: "https://receiver.example/hook",
				RequestHeader:  []executionlog.Header{{Name: "Content-Type", Value: "application/json"}},
				ResponseHeader: []executionlog.Header{{Name: "Server", Value: "test"}},
				ResponseBody:   []byte("thanks \xff"), Address: "192.0.2.1:443", TLSVersion: "TLS 1.3",
				Timings: executionlog.Timings{DNS: 1, Connect: 2, TLS: 3, FirstByte: 4, Total: 5}, Node: 7,
			},
		},
	}
	if outcome != executionlog.Succeeded {
		a := &r.Attempt
		a.Outcome, a.HTTPStatus = executionlog.Failed, 503
		a.ErrorCode, a.Error = "http_5xx", "the receiver answered 503 Service Unavailable"
	}
	if outcome == executionlog.Pending {
		r.DueAt = b.now.Add(30 * time.Second)
	}
	return r
}

func (b *bench) record(results ...*executionlog.Result) {
	b.Helper()
	for i, err := range b.ledger.Record(b.ctx, results) {
		if err != nil {
			b.Fatalf("record result %d: %v", i, err)
		}
	}
}

func (b *bench) read(deliveryID string) *executionlog.Delivery {
	b.Helper()
	d, err := b.ledger.Delivery(b.ctx, "default", deliveryID)
	b.ok(err)
	return d
}
