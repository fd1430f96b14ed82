package faults

import (
	"errors"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/redisqueue/redistest"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/sqlite"
	"github.com/hookdesk/hookdesk/triggers"
)

// kills is how often the process is killed, in each of the two tests.
func kills() int {
	if long {
		return 50
	}
	return 4
}

func TestKillsLoseNothing(t *testing.T) {
	t.Run("redis forgets", func(t *testing.T) {
		t.Parallel()
		killed(t, redistest.Start(t))
	})
	t.Run("redis remembers", func(t *testing.T) {
		t.Parallel()
		killed(t, redistest.Start(t, "--appendonly", "yes", "--appendfsync", "everysec"))
	})
}

// killed posts changes all the while and kills the process at random moments
// of its life: while it starts, accepts, sends, records. A change without an
// answer is submitted again with the same key.
func killed(t *testing.T, redis *redistest.Server) {
	const window = 32
	r := newReceiver(t)
	r.set(flaky, func(event string, n int) { time.Sleep(time.Duration(share(event)%20) * time.Millisecond) })
	spec := childSpec{
		Database: filepath.Join(t.TempDir(), "ledger.db"), Redis: redis.URL(),
		Endpoints: []*triggers.Endpoint{r.endpoint(0, func(e *triggers.Endpoint) { e.MaxInFlight = window })},
	}
	c := &changes{accepted: map[int][]string{}}
	begun := time.Now()
	for i := range kills() {
		p := startProcess(t, spec)
		life := time.Duration(rand.Int64N(int64(900 * time.Millisecond)))
		if i == 0 {
			life += time.Second // the first has to make the database
		}
		timer := time.AfterFunc(life, func() { _ = p.cmd.Process.Kill() })
		for c.post(t, p, 5) {
			time.Sleep(10 * time.Millisecond)
		}
		timer.Stop()
		p.kill()
		if long && (i+1)%10 == 0 {
			t.Logf("%d of %d kills, %d changes accepted so far", i+1, kills(), len(c.accepted))
		}
	}
	p := startProcess(t, spec)
	for len(c.unanswered) > 0 {
		if !c.post(t, p, 10) {
			t.Fatalf("the last process died: %s", p.errors.String())
		}
	}
	deadline := time.Now().Add(60 * time.Second)
	for pending := -1; pending != 0; time.Sleep(20 * time.Millisecond) {
		a, err := p.ask(order{})
		if err != nil {
			t.Fatalf("%v: %s", err, p.errors.String())
		}
		if pending = a.Pending; pending > 0 && time.Now().After(deadline) {
			t.Fatalf("%d deliveries still pending", pending)
		}
	}
	p.end()
	events, surplus := r.count()
	t.Logf("%d kills in %s: %d changes accepted, %d delivered, %d arrived again, %d requests",
		kills(), time.Since(begun).Round(time.Millisecond), len(c.accepted), events, surplus, r.total())
	c.check(t, r, spec.Database, kills()*window)
}

// changes is the poster's account.
type changes struct {
	next       int
	unanswered []int            // were submitted, to be submitted again
	accepted   map[int][]string // change number to delivery ids
}

// post submits some changes and returns false if the process is gone.
func (c *changes) post(t *testing.T, p *process, n int) bool {
	t.Helper()
	for len(c.unanswered) < n {
		c.unanswered = append(c.unanswered, c.next)
		c.next++
	}
	a, err := p.ask(order{Submit: c.unanswered})
	if errors.Is(err, errKilled) {
		return false
	}
	if err != nil || len(a.Errors) > 0 {
		t.Fatalf("submit: %v %v", err, a.Errors)
	}
	for number, deliveries := range a.Deliveries {
		if len(deliveries) != 1 {
			t.Errorf("change %d has deliveries %v", number, deliveries)
		}
		c.accepted[number] = deliveries
	}
	c.unanswered = nil
	return true
}

// check is tally where the receiver answered as flaky does.
func (c *changes) check(t *testing.T, r *receiver, database string, inFlight int) {
	t.Helper()
	for _, row := range c.tally(t, r, database, inFlight) {
		switch taken := r.took(row.EventID); {
		case hopeless(row.EventID):
			if row.Outcome != executionlog.Failed || taken != 0 {
				t.Errorf("%s is %s and arrived %d times, want exhausted", row.ID, row.Outcome, taken)
			}
		case row.Outcome != executionlog.Succeeded || taken == 0:
			t.Errorf("%s is %s and arrived %d times, want delivered", row.ID, row.Outcome, taken)
		}
	}
}

// tally holds what was accepted, what arrived and the ledger against one
// another, and returns the ledger's deliveries. At most inFlight requests may
// have been cut off by faults.
func (c *changes) tally(t *testing.T, r *receiver, database string, inFlight int) map[string]*executionlog.Delivery {
	t.Helper()
	ledger, err := sqlite.Open(t.Context(), database, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ledger.Close() }()
	rows := outcomes(t, ledger)
	if len(rows) != len(c.accepted) {
		t.Errorf("%d changes were accepted, but there are %d deliveries", len(c.accepted), len(rows))
	}
	for number, deliveries := range c.accepted {
		if rows[deliveries[0]] == nil {
			t.Errorf("change %d was accepted and is not in the ledger", number)
		}
	}
	for number, events := range r.tickets {
		if len(events) != 1 {
			t.Errorf("ticket %s came with %d event ids", number, len(events))
		}
	}
	_, surplus := r.count()
	if surplus > inFlight {
		t.Errorf("%d arrived again, more than the %d that can have been in flight", surplus, inFlight)
	}
	_, attempts := attemptsOf(t, ledger)
	// An attempt that got no answer may have ended before its request was out,
	// as when the process was frozen in between.
	silent := unanswered(t, ledger)
	if missing := r.total() - attempts; missing < -silent || missing > inFlight {
		t.Errorf("%d requests arrived and %d attempts are in the log, %d of them without an answer", r.total(), attempts, silent)
	}
	return rows
}
