package faults

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/redisqueue/redistest"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/triggers"
)

// Two processes together keep the endpoint's rate: in no second do more
// arrive than it allows, but for the little that may go out at once and what
// the way to the receiver squeezes together.
func TestTheRateHoldsAcrossProcesses(t *testing.T) {
	t.Parallel()
	const perSecond, all = 100, 400
	server := redistest.Start(t)
	ledger := memory.New()
	r := newReceiver(t)
	e := r.endpoint(0, func(e *triggers.Endpoint) { e.RatePerSecond = perSecond })
	names := add(t, ledger, newIDs(), e.ID, all, all)
	config := newConfiguration(e)
	for range 2 {
		run(t, ledger, config, nodeOptions{redis: server.URL()})
	}
	settle(t, ledger, 60*time.Second)
	if events, surplus := r.count(); events != len(names) || surplus > 0 {
		t.Errorf("%d of %d arrived, %d again", events, len(names), surplus)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	// Requests may wait on the way, but never arrive before they may be sent:
	// the n-th cannot arrive earlier than its token after the first.
	const burst = perSecond / 10
	first := r.moments[0]
	for n, at := range r.moments {
		allowed := burst + int(at.Sub(first).Seconds()*perSecond) + 1
		// The first itself may have waited on the way.
		if n+1 > allowed+burst {
			t.Fatalf("%d arrived within %s, the rate allows %d", n+1, at.Sub(first), allowed)
		}
	}
	if took := r.moments[len(r.moments)-1].Sub(first); took < (all-2*burst)*time.Second/perSecond {
		t.Errorf("%d arrived within %s at %d per second", all, took, perSecond)
	}
}

// Two processes together never have more requests under way than the endpoint
// allows; the receiver counts.
func TestMaxInFlightHoldsAcrossProcesses(t *testing.T) {
	t.Parallel()
	const most, all = 6, 400
	server := redistest.Start(t)
	ledger := memory.New()
	r := newReceiver(t)
	r.set(flaky, func(string, int) { time.Sleep(10 * time.Millisecond) })
	e := r.endpoint(0, func(e *triggers.Endpoint) { e.MaxInFlight = most })
	names := add(t, ledger, newIDs(), e.ID, all, all)
	config := newConfiguration(e)
	for range 2 {
		run(t, ledger, config, nodeOptions{redis: server.URL()})
	}
	settle(t, ledger, 60*time.Second)
	account(t, ledger, r, names, 0)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.peak > most {
		t.Errorf("%d were under way at a time, %d may be", r.peak, most)
	}
	if r.peak < 2 {
		t.Errorf("%d under way at most: nothing was tested", r.peak)
	}
}

// What was under way when Redis lost its memory counts all the same: a process
// never has more than the endpoint allows, whatever its feeder has forgotten,
// and two have not more than that each.
func TestMaxInFlightHoldsWhenRedisForgets(t *testing.T) {
	for nodes := 1; nodes <= 2; nodes++ {
		for _, fault := range redisFaults {
			t.Run(fmt.Sprintf("%s, %d", fault.name, nodes), func(t *testing.T) {
				t.Parallel()
				const most, all = 6, 150
				server := redistest.Start(t, fault.args...)
				ledger := memory.New()
				r := newReceiver(t)
				r.set(nil, func(string, int) { time.Sleep(100 * time.Millisecond) })
				e := r.endpoint(0, func(e *triggers.Endpoint) { e.MaxInFlight = most })
				names := add(t, ledger, newIDs(), e.ID, all, all)
				config := newConfiguration(e)
				for range nodes {
					run(t, ledger, config, nodeOptions{redis: server.URL(), exclusive: nodes == 1})
				}
				for i := range 3 {
					before := i * all / 4
					eventually(t, "deliveries are under way", func() bool { events, _ := r.count(); return events > before })
					fault.strike(server)
				}
				settle(t, ledger, 60*time.Second)
				if events, surplus := r.count(); events != len(names) || surplus > 3*most*nodes {
					t.Errorf("%d of %d arrived, %d again", events, len(names), surplus)
				}
				r.mu.Lock()
				defer r.mu.Unlock()
				if r.peak > most*nodes {
					t.Errorf("%d were under way at a time, %d may be", r.peak, most*nodes)
				}
			})
		}
	}
}

// The feeder has forgotten what is under way and finds other deliveries first,
// because they were due before: the worker knows better.
func TestWhatIsUnderWayCountsWhenTheFeederForgets(t *testing.T) {
	t.Parallel()
	const most = 6
	server := redistest.Start(t)
	ledger, ids := memory.New(), newIDs()
	r := newReceiver(t)
	release := make(chan struct{})
	hold := func(_ string, n int) {
		if n == 2 {
			<-release
		}
	}
	r.set(func(string, int) int { return http.StatusInternalServerError }, hold)
	e := r.endpoint(0, func(e *triggers.Endpoint) { e.MaxInFlight, e.TimeoutSeconds = most, 30 })
	names := add(t, ledger, ids, e.ID, most, most)
	run(t, ledger, newConfiguration(e), nodeOptions{redis: server.URL(), exclusive: true})
	underWay := func() int {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.inFlight
	}
	eventually(t, "all are tried for the second time", func() bool { return r.total() == 2*most && underWay() == most })
	r.set(nil, hold)
	names = append(names, addDue(t, ledger, ids, e.ID, 4*most, 4*most, time.Now().Add(-time.Hour))...)
	server.Do("FLUSHALL")
	time.Sleep(3 * time.Second) // the feeder notices within one
	if n := underWay(); n != most {
		t.Errorf("%d are under way, %d may be", n, most)
	}
	close(release)
	settle(t, ledger, 60*time.Second)
	if events, surplus := r.count(); events != len(names) || surplus > 0 {
		t.Errorf("%d of %d arrived, %d again", events, len(names), surplus)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.peak > most {
		t.Errorf("%d were under way at a time, %d may be", r.peak, most)
	}
}
