package faults

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/redisqueue/redistest"
	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/triggers"
)

// A receiver that answers after the timeout has taken what counts as failed:
// it gets it again, with the same event id.
func TestAnAnswerThatComesTooLate(t *testing.T) {
	t.Parallel()
	ledger := memory.New()
	r := newReceiver(t)
	r.set(nil, func(_ string, n int) {
		if n == 1 {
			time.Sleep(1500 * time.Millisecond)
		}
	})
	e := r.endpoint(0, func(e *triggers.Endpoint) { e.TimeoutSeconds = 1 })
	names := add(t, ledger, newIDs(), e.ID, 5, 5)
	run(t, ledger, newConfiguration(e), nodeOptions{})
	settle(t, ledger, 30*time.Second)
	eventually(t, "the late answers are given", func() bool {
		_, surplus := r.count()
		return surplus == len(names)
	})
	for _, name := range names {
		log, err := ledger.Attempts(t.Context(), workspace, name)
		if err != nil || len(log) != 2 {
			t.Fatalf("%d attempts in the log (%v), want 2", len(log), err)
		}
		if log[0].ErrorCode != string(sender.TimeoutHeaders) || log[1].Outcome != executionlog.Succeeded {
			t.Errorf("attempts ended with %q and %s", log[0].ErrorCode, log[1].Outcome)
		}
	}
}

// frozen is a Poster that stands still until it is thawed, whatever deadline
// it is given.
type frozen struct {
	dispatcher.Poster
	thawed chan struct{}
	held   atomic.Int64
}

func (f *frozen) Do(ctx context.Context, post *sender.Post) *sender.Exchange {
	f.held.Add(1)
	<-f.thawed
	return f.Poster.Do(ctx, post)
}

// A worker that freezes with deliveries in its hands loses them to another
// process when its lease and its claims have ended. When it goes on, what it
// sends late has the same event ids and changes no outcome.
func TestAFrozenWorker(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	ledger := memory.New()
	r := newReceiver(t)
	e := r.endpoint(0, func(e *triggers.Endpoint) { e.TimeoutSeconds = 1 })
	config := newConfiguration(e)
	names := add(t, ledger, newIDs(), e.ID, 20, 20)
	ice := &frozen{thawed: make(chan struct{})}
	first := run(t, ledger, config, nodeOptions{redis: server.URL(), drain: time.Minute, wrap: func(p dispatcher.Poster) dispatcher.Poster {
		ice.Poster = p
		return ice
	}})
	eventually(t, "the first process holds deliveries", func() bool { return ice.held.Load() > 0 })
	stopped := make(chan error, 1)
	go func() { stopped <- first.stop() }() // it takes no more, and holds what it has
	run(t, ledger, config, nodeOptions{redis: server.URL()})
	settle(t, ledger, 60*time.Second)
	before := outcomes(t, ledger)
	close(ice.thawed)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if before[name].Outcome != executionlog.Succeeded || r.took(name) == 0 {
			t.Errorf("%s is %s and arrived %d times", name, before[name].Outcome, r.took(name))
		}
	}
	for name, row := range outcomes(t, ledger) {
		if was := before[name]; row.Outcome != was.Outcome || row.Attempts != was.Attempts || !row.FinishedAt.Equal(was.FinishedAt) {
			t.Errorf("%s was %s after %d attempts and is %s after %d", name, was.Outcome, was.Attempts, row.Outcome, row.Attempts)
		}
	}
	if _, surplus := r.count(); surplus > int(ice.held.Load()) {
		t.Errorf("%d arrived again, %d were held", surplus, ice.held.Load())
	}
}

// A process that is stopped and continued, as a machine that is suspended,
// goes on as if nothing had been.
func TestAFrozenProcess(t *testing.T) {
	t.Parallel()
	freeze := 3 * time.Second
	if long {
		freeze = 13 * time.Second // longer than the lease
	}
	const window = 16
	r := newReceiver(t)
	r.set(flaky, func(string, int) { time.Sleep(20 * time.Millisecond) })
	spec := childSpec{
		Database: filepath.Join(t.TempDir(), "ledger.db"), Redis: redistest.Start(t).URL(),
		Endpoints: []*triggers.Endpoint{r.endpoint(0, func(e *triggers.Endpoint) { e.MaxInFlight, e.TimeoutSeconds = window, 1 })},
	}
	p := startProcess(t, spec)
	c := &changes{accepted: map[int][]string{}}
	for range 2 {
		if !c.post(t, p, 150) {
			t.Fatal(p.errors.String())
		}
		p.signal(syscall.SIGSTOP)
		time.Sleep(freeze)
		p.signal(syscall.SIGCONT)
	}
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		a, err := p.ask(order{})
		if err != nil {
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
	c.check(t, r, spec.Database, 2*window)
}

// The clock is set forward and back by hours while deliveries come, fail and
// are tried again.
func TestTheClockJumps(t *testing.T) {
	t.Parallel()
	ledger := memory.New()
	r := newReceiver(t)
	pause := func(string, int) { time.Sleep(5 * time.Millisecond) }
	e := r.endpoint(0, func(e *triggers.Endpoint) { e.Retry.ScheduleSeconds = []float64{2, 2} })
	var offset atomic.Int64
	n := run(t, ledger, newConfiguration(e), nodeOptions{
		now: func() time.Time { return time.Now().Add(time.Duration(offset.Load())) },
	})
	var names []string
	for i, jump := range []time.Duration{time.Hour, -time.Hour, 2 * time.Hour, -3 * time.Hour} {
		r.set(flaky, pause)
		names = append(names, n.acceptAll(t, len(names), 100)...)
		eventually(t, "deliveries are under way", func() bool { events, _ := r.count(); return events > 100*i+20 })
		// Retries wait when the clock jumps. What fails in that very moment
		// may be planned by one clock and waited for by the other.
		r.set(nil, pause)
		time.Sleep(500 * time.Millisecond)
		offset.Add(int64(jump))
	}
	settle(t, ledger, 30*time.Second)
	if events, surplus := r.count(); events != len(names) || surplus > 0 {
		t.Errorf("%d of %d arrived, %d again", events, len(names), surplus)
	}
}
