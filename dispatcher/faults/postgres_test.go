package faults

import (
	"errors"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/logtest/pgtest"
	"github.com/hookdesk/hookdesk/executionlog/postgres"
	"github.com/hookdesk/hookdesk/triggers"
)

// A PostgreSQL that crashes under traffic and comes back: what comes in
// meanwhile is refused at once, and with the error that says so; what was
// accepted arrives, and workers go on by themselves.
func TestPostgresRestartsUnderTraffic(t *testing.T) {
	const (
		window = 16
		each   = 120
		crises = 2
	)
	server := pgtest.Start(t)
	ledger, err := postgres.Open(t.Context(), server.Database(t), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ledger.Close(); err != nil {
			t.Error(err)
		}
	})
	r := newReceiver(t)
	r.set(flaky, func(string, int) { time.Sleep(2 * time.Millisecond) })
	config := newConfiguration(r.endpoint(0, func(e *triggers.Endpoint) { e.MaxInFlight, e.RatePerSecond = window, 300 }))
	n := run(t, ledger, config, nodeOptions{exclusive: true})
	var names []string
	next := 0
	accept := func(count int) {
		names = append(names, n.acceptAll(t, next, count)...)
		next += count
	}
	for range crises {
		accept(each)
		eventually(t, "deliveries are under way", func() bool {
			events, _ := r.count()
			return events > len(names)-each*2/3
		})
		server.Kill(t)
		begun := time.Now()
		numbers := make([]int, 10)
		for i := range numbers {
			numbers[i] = next + i // each comes again later, with the same key
		}
		a, err := n.accept(t.Context(), numbers)
		if err != nil || len(a.Deliveries) != 0 || a.Unavailable != len(numbers) {
			t.Errorf("without the database %d were accepted, %d of %d errors say unavailable: %v, %v", len(a.Deliveries), a.Unavailable, len(a.Errors), a.Errors, err)
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("refusing took %s", took)
		}
		if err := ledger.Check(t.Context()); !errors.Is(err, executionlog.ErrUnavailable) {
			t.Errorf("the check says %v, want ErrUnavailable", err)
		}
		before := r.total()
		server.Run(t)
		begun = time.Now()
		eventually(t, "workers go on by themselves", func() bool { return r.total() > before })
		t.Logf("went on %s after the database was back", time.Since(begun).Round(time.Millisecond))
	}
	accept(each)
	settle(t, ledger, 30*time.Second)
	_, surplus := r.count()
	t.Logf("%d deliveries, %d arrived again", len(names), surplus)
	if surplus > crises*window {
		t.Errorf("%d arrived again, more than were in flight", surplus)
	}
	account(t, ledger, r, names, crises*window)
}
