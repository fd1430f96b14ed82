package faults

import (
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
