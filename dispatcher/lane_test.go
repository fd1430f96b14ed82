package dispatcher

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
)

func endpoint(change func(*triggers.Endpoint)) *triggers.Endpoint {
	e := &triggers.Endpoint{
		ID: "ep_1", State: triggers.EndpointActive, TimeoutSeconds: 15, MaxInFlight: 64,
		Ordered: triggers.Unordered, OnFailure: triggers.OnFailureBlock,
	}
	if change != nil {
		change(e)
	}
	return e
}

func laneWith(e *triggers.Endpoint, n int) *lane {
	l := newLane("default", e.ID)
	l.configure(e)
	for i := range n {
		l.arrived(item{id: fmt.Sprintf("dlv_%04d", i), ticket: fmt.Sprint("t", i%3), due: start}, start)
	}
	return l
}

func ids(items []item) []string {
	var list []string
	for _, it := range items {
		list = append(list, it.id)
	}
	return list
}

func succeeded(it item) Report {
	return Report{Delivery: it.id, Ticket: it.ticket, Attempt: it.attempts + 1, Outcome: executionlog.Succeeded, Effect: EffectSuccess}
}

func retried(it item, due time.Time) Report {
	return Report{Delivery: it.id, Ticket: it.ticket, Attempt: it.attempts + 1, Outcome: executionlog.Pending, DueAt: due, Effect: EffectFailure}
}

func TestLaneHandsOutNoMoreThanItsWindow(t *testing.T) {
	e := endpoint(func(e *triggers.Endpoint) { e.MaxInFlight = 4 })
	l := laneWith(e, 10)
	taken := l.take(start, e)
	if len(taken) != 4 || len(l.take(start, e)) != 0 {
		t.Fatalf("handed out %v", ids(taken))
	}
	l.finished(succeeded(taken[0]), start)
	if next := l.take(start, e); len(next) != 1 || next[0].id != "dlv_0004" {
		t.Errorf("after one success handed out %v", ids(next))
	}
}

func TestLaneSendsNothingToDisabledEndpointsButWhatWasAskedFor(t *testing.T) {
	for _, state := range []triggers.EndpointState{triggers.EndpointDisabled, triggers.EndpointPaused} {
		e := endpoint(func(e *triggers.Endpoint) { e.State = state })
		l := laneWith(e, 3)
		l.arrived(item{id: "dlv_test", due: start, forced: true}, start)
		if taken := l.take(start, e); len(taken) != 1 || taken[0].id != "dlv_test" {
			t.Errorf("%s: handed out %v", state, ids(taken))
		}
		e.State = triggers.EndpointActive
		if taken := l.take(start, e); len(taken) != 3 {
			t.Errorf("%s: when active again handed out %v", state, ids(taken))
		}
	}
}

func TestLaneKeepsARetryUntilItIsDue(t *testing.T) {
	e := endpoint(nil)
	l := laneWith(e, 1)
	first := l.take(start, e)[0]
	due := start.Add(3 * time.Second)
	l.finished(retried(first, due), start)
	if next := l.next(start); !next.Equal(due) {
		t.Errorf("wants to be looked at %s, want %s", next, due)
	}
	l.promote(due.Add(-time.Millisecond))
	if taken := l.take(due.Add(-time.Millisecond), e); len(taken) != 0 {
		t.Fatal("handed out early")
	}
	l.promote(due)
	taken := l.take(due, e)
	if len(taken) != 1 || taken[0].attempts != 1 {
		t.Fatalf("handed out %+v", taken)
	}
}

func TestLaneTakesBackWhatNobodyAnswersFor(t *testing.T) {
	e := endpoint(nil)
	l := laneWith(e, 2)
	l.take(start, e)
	end := l.next(start)
	if want := start.Add(25 * time.Second); !end.Equal(want) {
		t.Fatalf("lease ends %s, want %s", end, want)
	}
	l.promote(end)
	if len(l.inFlight) != 0 || !l.wantsRefill(end, e) {
		t.Errorf("in flight %d, wants refill %t", len(l.inFlight), l.wantsRefill(end, e))
	}
}

// What another process has claimed, which may be dead, does not fill the
// window: it waits a moment, and the others go on.
func TestLaneLetsWaitWhatAnotherProcessHolds(t *testing.T) {
	e := endpoint(func(e *triggers.Endpoint) { e.MaxInFlight = 2 })
	l := laneWith(e, 4)
	held := func(it item) Report { return Report{Delivery: it.id, Attempt: it.attempts + 1, Held: true} }
	taken := l.take(start, e)
	for _, it := range taken {
		l.finished(held(it), start)
	}
	others := l.take(start, e)
	if len(others) != 2 || others[0].id != "dlv_0002" {
		t.Fatalf("beside what is held handed out %v", ids(others))
	}
	l.finished(held(item{id: others[0].id, attempts: 7}), start)
	if len(l.inFlight) != 2 {
		t.Error("a report about another attempt ends this one")
	}
	for _, it := range others {
		l.finished(succeeded(it), start)
	}
	// Whoever holds the first says that it is delivered; the second is offered again.
	l.finished(succeeded(taken[0]), start)
	later := l.next(start)
	if want := start.Add(heldPause); !later.Equal(want) {
		t.Fatalf("looks again at %s, want %s", later, want)
	}
	l.promote(later)
	if again := l.take(later, e); len(again) != 1 || again[0].id != taken[1].id {
		t.Errorf("offered again %v", ids(again))
	}
	if len(l.known) != 1 {
		t.Errorf("knows %v", l.known)
	}
}

func TestLaneLeavesTheRestToTheLedger(t *testing.T) {
	e := endpoint(nil)
	l := laneWith(e, laneMemory+10)
	if len(l.known) != laneMemory || !l.more {
		t.Errorf("knows %d, more %t", len(l.known), l.more)
	}
}

func TestLaneMissesNothingThatArrivesDuringARefill(t *testing.T) {
	e := endpoint(nil)
	l := laneWith(e, 0)
	l.more, l.refilling = true, true
	l.arrived(item{id: "dlv_late", due: start}, start) // not in what the refill has read
	l.filled(nil, true, start)
	if !l.wantsRefill(start, e) {
		t.Error("does not look again")
	}
}

func TestLaneRespectsARateAndAPause(t *testing.T) {
	e := endpoint(func(e *triggers.Endpoint) { e.RatePerSecond = 2 })
	l := laneWith(e, 10)
	if n := len(l.take(start, e)); n != 1 {
		t.Fatalf("handed out %d at once", n)
	}
	if n := len(l.take(start.Add(time.Second), e)); n != 1 {
		t.Errorf("handed out %d a second later, burst is 1", n)
	}
	paused := laneWith(endpoint(nil), 5)
	first := paused.take(start, endpoint(func(e *triggers.Endpoint) { e.MaxInFlight = 1 }))[0]
	report := retried(first, start.Add(time.Second))
	report.Effect, report.Hold = EffectThrottled, 10*time.Second
	paused.finished(report, start)
	if n := len(paused.take(start.Add(9*time.Second), endpoint(nil))); n != 0 {
		t.Errorf("handed out %d while the receiver wants a pause", n)
	}
	if paused.breaker.counted != 0 {
		t.Error("429 counts as sick")
	}
}

// An ordered lane does not trust its memory: whatever arrives or ends, it asks
// the ledger which delivery of each ticket is first.
func TestOrderedLaneAsksTheLedger(t *testing.T) {
	e := endpoint(func(e *triggers.Endpoint) { e.Ordered = triggers.OrderedTicket })
	l := laneWith(e, 3)
	if len(l.take(start, e)) != 0 || !l.wantsRefill(start, e) {
		t.Fatal("handed out an arrival without asking")
	}
	head := item{id: "dlv_1", ticket: "t", due: start}
	l.filled([]item{head}, true, start)
	if taken := l.take(start, e); len(taken) != 1 || l.wantsRefill(start, e) {
		t.Fatalf("handed out %v, wants refill %t", ids(taken), l.more)
	}
	l.finished(retried(head, start.Add(time.Minute)), start)
	if l.wantsRefill(start, e) {
		t.Error("asks although the first of the ticket only waits")
	}
	l.finished(succeeded(head), start)
	if !l.wantsRefill(start, e) {
		t.Error("does not ask for the next of the ticket")
	}
}

// A redelivery goes before what it held back, until it has ended, retries and
// all; other tickets go on.
func TestOrderedLaneLetsARedeliveryGoFirst(t *testing.T) {
	e := endpoint(func(e *triggers.Endpoint) { e.Ordered = triggers.OrderedTicket })
	l := laneWith(e, 0)
	again := item{id: "dlv_9", ticket: "t", due: start, forced: true}
	behind, other := item{id: "dlv_2", ticket: "t", due: start}, item{id: "dlv_3", ticket: "u", due: start}
	l.filled([]item{behind, other}, true, start)
	l.arrived(again, start)
	want := func(now time.Time, names ...string) {
		t.Helper()
		if got := ids(l.take(now, e)); !slices.Equal(got, names) {
			t.Fatalf("handed out %v, want %v", got, names)
		}
	}
	want(start, other.id, again.id)
	want(start)
	due := start.Add(time.Second)
	l.finished(retried(again, due), start)
	want(start)
	l.promote(due)
	want(due, again.id)
	l.finished(succeeded(again), due)
	want(due, behind.id)
}

// A lane that is told everything hands out each delivery until it ends, and
// never more than its window.
func TestLaneDeliversEverything(t *testing.T) {
	for _, e := range []*triggers.Endpoint{endpoint(nil), endpoint(func(e *triggers.Endpoint) { e.MaxInFlight = 3 })} {
		t.Run(fmt.Sprint(e.MaxInFlight), func(t *testing.T) {
			random := rand.New(rand.NewPCG(7, 8))
			const total = 3000
			l := newLane("default", e.ID)
			l.configure(e)
			now, made, ended := start, 0, 0
			var flying []item
			for ended < total {
				now = now.Add(time.Duration(random.IntN(50)) * time.Millisecond)
				for range min(random.IntN(20), total-made) {
					l.arrived(item{id: fmt.Sprintf("dlv_%06d", made), ticket: fmt.Sprint(random.IntN(50)), due: now}, now)
					made++
				}
				l.promote(now)
				flying = append(flying, l.take(now, e)...)
				if len(flying) > e.MaxInFlight {
					t.Fatalf("%d in flight", len(flying))
				}
				random.Shuffle(len(flying), func(i, j int) { flying[i], flying[j] = flying[j], flying[i] })
				for range random.IntN(len(flying) + 1) {
					it := flying[0]
					flying = flying[1:]
					if random.IntN(5) == 0 {
						l.finished(retried(it, now.Add(time.Duration(random.IntN(300))*time.Millisecond)), now)
						continue
					}
					l.finished(succeeded(it), now)
					ended++
				}
				if l.more { // nothing here is beyond the lane's memory
					t.Fatal("asks the ledger for what it was told")
				}
			}
			if len(l.known) != 0 {
				t.Errorf("still knows %d deliveries", len(l.known))
			}
		})
	}
}

// While a probe is under way, or nothing may go out at all, there is no time at
// which it pays to look: the feeder would do nothing else.
func TestLaneOfAnOpenBreakerIsLeftAlone(t *testing.T) {
	failing := func(e *triggers.Endpoint) *lane {
		l := laneWith(e, breakerSample+5)
		for range breakerSample {
			l.breaker.failed(start)
		}
		return l
	}
	probing := func(t *testing.T, change func(*triggers.Endpoint), want int) {
		e := endpoint(change)
		l := failing(e)
		probe := l.breaker.probeAt()
		if next := l.next(start); !next.Equal(probe) {
			t.Errorf("looks at %s, the probe is at %s", next, probe)
		}
		if taken := l.take(probe, e); len(taken) != want {
			t.Fatalf("handed out %v", ids(taken))
		}
		later := probe.Add(time.Second)
		if next := l.next(later); !next.IsZero() && !next.After(later) {
			t.Errorf("looks again at once, at %s of %s", next, later)
		}
	}
	t.Run("probing", func(t *testing.T) { probing(t, nil, 1) })
	t.Run("limited", func(t *testing.T) { probing(t, func(e *triggers.Endpoint) { e.RatePerSecond = 5 }, 1) })
	t.Run("disabled", func(t *testing.T) {
		probing(t, func(e *triggers.Endpoint) { e.State = triggers.EndpointDisabled }, 0)
	})
}

// The queue may take some tasks and refuse others: what was reported since is
// not put back.
func TestLanePutsBackWhatIsStillOut(t *testing.T) {
	e := endpoint(nil)
	l := laneWith(e, 3)
	taken := l.take(start, e)
	l.finished(succeeded(taken[1]), start)
	l.putBack(taken)
	if again := ids(l.take(start, e)); len(again) != 2 || again[0] != taken[0].id || again[1] != taken[2].id {
		t.Errorf("handed out %v", again)
	}
}

// A rate is kept to while there is something to send.
func TestLaneLooksWhenItsRateAllowsTheNext(t *testing.T) {
	e := endpoint(func(e *triggers.Endpoint) { e.RatePerSecond = 5 })
	l := laneWith(e, 2)
	l.take(start, e)
	next := l.next(start)
	if late := next.Sub(start.Add(200 * time.Millisecond)); late < 0 || late > time.Millisecond {
		t.Fatalf("looks after %s", next.Sub(start))
	}
	if taken := l.take(next, e); len(taken) != 1 {
		t.Errorf("handed out %v then", ids(taken))
	}
}

// Who reports that nothing was sent does not know the workspace: no lane is
// made that nobody would see.
func TestNoLaneIsMadeForNobody(t *testing.T) {
	f := newFeeder(Options{Now: func() time.Time { return start }})
	f.apply(&Notice{Reports: []Report{{Endpoint: "ep_1", Delivery: "dlv_1", Stale: true}}})
	if len(f.lanes) != 0 {
		t.Errorf("lanes %v", f.lanes)
	}
}
