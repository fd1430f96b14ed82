package faults

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog/sqlite"
	"github.com/hookdesk/hookdesk/triggers"
)

// A process that is told to stop in the middle of 500 deliveries ends what it
// has begun and records it; the next process delivers the rest.
func TestStopInTheMiddle(t *testing.T) {
	t.Parallel()
	const all = 500
	ledger, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ledger.Close() })
	r := newReceiver(t)
	r.set(nil, func(string, int) { time.Sleep(150 * time.Millisecond) })
	config := newConfiguration(r.endpoint(0, func(e *triggers.Endpoint) { e.MaxInFlight = 32 }))
	names := add(t, ledger, newIDs(), r.endpoint(0, nil).ID, all, all)
	first := run(t, ledger, config, nodeOptions{drain: 15 * time.Second})
	eventually(t, "a hundred arrived", func() bool { return r.total() > 100 })
	begun := time.Now()
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took > 15*time.Second {
		t.Errorf("draining took %s", took)
	}
	arrived := r.total()
	if _, attempts := attemptsOf(t, ledger); attempts != arrived {
		t.Errorf("%d arrived and %d attempts are in the log", arrived, attempts)
	}
	if arrived >= all {
		t.Error("everything was delivered before the stop")
	}
	run(t, ledger, config, nodeOptions{})
	settle(t, ledger, 60*time.Second)
	for _, name := range names {
		if r.took(name) != 1 {
			t.Errorf("%s arrived %d times", name, r.took(name))
		}
	}
}

// Receivers that hang do not keep a process from stopping in time.
func TestStopWhileReceiversHang(t *testing.T) {
	t.Parallel()
	const all = 40
	ledger, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ledger.Close() })
	r := newReceiver(t)
	gate := make(chan struct{})
	r.set(nil, func(string, int) { <-gate })
	e := r.endpoint(0, func(e *triggers.Endpoint) { e.TimeoutSeconds = 60 })
	names := add(t, ledger, newIDs(), e.ID, all, all)
	first := run(t, ledger, newConfiguration(e), nodeOptions{drain: time.Second})
	eventually(t, "some hang", func() bool { return r.total() >= 8 })
	begun := time.Now()
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("stopping took %s, draining may take a second", took)
	}
	close(gate)
	run(t, ledger, newConfiguration(e), nodeOptions{})
	settle(t, ledger, 60*time.Second)
	for _, name := range names {
		if n := r.took(name); n < 1 || n > 2 {
			t.Errorf("%s arrived %d times", name, n)
		}
	}
}
