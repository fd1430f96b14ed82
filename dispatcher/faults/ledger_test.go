package faults

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite" // to lock the ledger's file from outside

	"github.com/hookdesk/hookdesk/dispatcher/redisqueue/redistest"
	"github.com/hookdesk/hookdesk/triggers"
)

// A ledger that cannot write refuses changes whole and with the error that
// says so. Attempts made meanwhile are recorded when it can write again; what
// waited longer than workers do is attempted again with the same event id.
func TestALedgerThatCannotWrite(t *testing.T) {
	hold := time.Second
	if long {
		hold = 20 * time.Second
	}
	t.Run("locked by another connection", func(t *testing.T) {
		t.Parallel()
		refused(t, hold, func(spec childSpec, _ *process) func() {
			db, err := sql.Open("sqlite", spec.Database)
			if err != nil {
				t.Fatal(err)
			}
			db.SetMaxOpenConns(1)
			for _, statement := range []string{"PRAGMA busy_timeout = 5000", "BEGIN IMMEDIATE"} {
				if _, err := db.ExecContext(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
			}
			return func() {
				if _, err := db.ExecContext(t.Context(), "ROLLBACK"); err != nil {
					t.Error(err)
				}
				_ = db.Close()
			}
		})
	})
	t.Run("disk full", func(t *testing.T) {
		t.Parallel()
		refused(t, hold, func(spec childSpec, p *process) func() {
			file, err := os.Stat(spec.Database + "-wal")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.ask(order{Room: max(1, file.Size())}); err != nil {
				t.Fatal(err)
			}
			return func() {
				if _, err := p.ask(order{Room: -1}); err != nil {
					t.Fatal(err)
				}
			}
		})
	})
}

// refused posts changes before, while and after the ledger cannot write.
func refused(t *testing.T, hold time.Duration, strike func(childSpec, *process) (mend func())) {
	const window = 16
	r := newReceiver(t)
	gate := make(chan struct{})
	r.set(nil, func(string, int) { <-gate })
	spec := childSpec{
		Database: filepath.Join(t.TempDir(), "ledger.db"), Redis: redistest.Start(t).URL(),
		Endpoints: []*triggers.Endpoint{r.endpoint(0, func(e *triggers.Endpoint) { e.MaxInFlight, e.TimeoutSeconds = window, 30 })},
	}
	p := startProcess(t, spec)
	c := &changes{accepted: map[int][]string{}}
	if !c.post(t, p, 40) {
		t.Fatal(p.errors.String())
	}
	eventually(t, "attempts are under way", func() bool { return r.total() >= 4 })
	mend := strike(spec, p)
	close(gate) // answers come while nothing can be recorded
	for range 10 {
		c.unanswered = append(c.unanswered, c.next)
		c.next++
	}
	a, err := p.ask(order{Submit: c.unanswered})
	if err != nil {
		t.Fatalf("%v: %s", err, p.errors.String())
	}
	if len(a.Deliveries) != 0 || len(a.Errors) != 10 || a.Unavailable != 10 {
		t.Errorf("%d were accepted, %d of %d errors say unavailable: %v", len(a.Deliveries), a.Unavailable, len(a.Errors), a.Errors)
	}
	time.Sleep(hold)
	mend()
	if !c.post(t, p, 20) { // the ten again, with ten more
		t.Fatal(p.errors.String())
	}
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if a, err = p.ask(order{}); err != nil {
			t.Fatalf("%v: %s", err, p.errors.String())
		}
		if a.Pending == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d deliveries still pending", a.Pending)
		}
	}
	p.end()
	again := 0
	if long {
		again = window // their workers gave up recording
	}
	events, surplus := r.count()
	t.Logf("%d changes accepted, %d delivered, %d arrived again", len(c.accepted), events, surplus)
	if events != len(c.accepted) {
		t.Errorf("%d changes were accepted and %d delivered", len(c.accepted), events)
	}
	c.tally(t, r, spec.Database, again)
}
