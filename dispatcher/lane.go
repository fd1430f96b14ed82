package dispatcher

import (
	"container/heap"
	"time"

	"golang.org/x/time/rate"

	"github.com/hookdesk/hookdesk/triggers"
)

const (
	// laneMemory is how many deliveries of one endpoint the feeder remembers;
	// what is beyond waits in the ledger alone.
	laneMemory = 4096
	// refillSize is how many due deliveries one look into the ledger brings.
	refillSize = 512
	// queueGrace is how long a task may wait in the queue before its
	// deliveries are offered again.
	queueGrace = 10 * time.Second
)

// item is a delivery that the feeder knows to be pending.
type item struct {
	id       string
	ticket   string
	attempts int
	due      time.Time
	// forced deliveries, tests and redeliveries, go out even while the
	// endpoint is disabled or paused.
	forced bool
}

// lane is what the feeder knows of one endpoint: which deliveries are ready,
// which are in flight, and how many more may be. It is guarded by the feeder's
// lock.
type lane struct {
	workspace string
	endpoint  string

	ready []item          // due, in order
	later itemHeap        // not due yet
	known map[string]bool // in ready, later, behind or in flight
	// inFlight holds a lease for each delivery handed to the queue: until
	// then somebody answers for it.
	inFlight map[string]lease
	leaseAt  time.Time // no lease ends before

	more      bool      // the ledger may have due deliveries that are not known
	refilling bool      // a look into the ledger is under way
	again     bool      // something arrived meanwhile
	pollAt    time.Time // when to look into the ledger, zero if nothing is expected

	window  window
	breaker breaker
	limiter *rate.Limiter
	limit   float64   // of limiter, deliveries per second
	hold    time.Time // nothing goes out before: the receiver asked for a pause

	state    triggers.EndpointState // when last configured
	failures int                    // consecutive failed attempts
	closedAt time.Time              // when somebody closed the breaker last

	// ordered lanes send one delivery of each ticket at a time. Which one is
	// the ledger's to say: they remember only the first of each ticket.
	ordered bool

	wakeAt  time.Time // when the feeder looks at the lane again, zero for not by itself
	wakeNth int       // its place in the feeder's wakes, while wakeAt is set
	waiting int       // pending in the ledger when last counted
}

type lease struct {
	item
	until time.Time
}

func newLane(workspace, endpoint string) *lane {
	return &lane{
		workspace: workspace, endpoint: endpoint,
		known: map[string]bool{}, inFlight: map[string]lease{}, window: newWindow(),
	}
}

// configure adopts the endpoint's limits.
func (l *lane) configure(endpoint *triggers.Endpoint) {
	if endpoint.State == triggers.EndpointActive && l.state != "" && l.state != endpoint.State {
		// Enabled again: the failures that led here are forgiven.
		l.failures, l.breaker = 0, breaker{}
	}
	if l.state != "" && !endpoint.BreakerClosedAt.Equal(l.closedAt) {
		l.close()
	}
	l.state, l.closedAt = endpoint.State, endpoint.BreakerClosedAt
	l.window.most = max(1, endpoint.MaxInFlight)
	if endpoint.RatePerSecond != l.limit {
		l.limit = endpoint.RatePerSecond
		l.limiter = nil
		if l.limit > 0 {
			l.limiter = rate.NewLimiter(rate.Limit(l.limit), max(1, int(l.limit/10)))
		}
	}
	if keeps := endpoint.Ordered == triggers.OrderedTicket; keeps != l.ordered {
		l.ordered = keeps
		l.forgetWaiting()
	}
}

// forgetWaiting drops what is not in flight, to be read from the ledger again.
func (l *lane) forgetWaiting() {
	l.ready, l.later = nil, nil
	clear(l.known)
	for id := range l.inFlight {
		l.known[id] = true
	}
	l.look()
}

// restart forgets all deliveries, those in flight too, to be read from the
// ledger again. Workers leave out what they are attempting already.
func (l *lane) restart() {
	clear(l.inFlight)
	l.forgetWaiting()
}

// setBack moves all times of the lane back with the clock.
func (l *lane) setBack(by time.Duration) {
	for i := range l.later {
		l.later[i].due = l.later[i].due.Add(-by)
	}
	for id, held := range l.inFlight {
		held.until = held.until.Add(-by)
		l.inFlight[id] = held
	}
	for _, at := range []*time.Time{&l.leaseAt, &l.pollAt, &l.hold, &l.wakeAt, &l.breaker.until} {
		if !at.IsZero() {
			*at = at.Add(-by)
		}
	}
}

// close closes the breaker and ends a pause, because somebody says that the
// receiver is well. The window stays: it grows by successes only.
func (l *lane) close() {
	l.breaker, l.hold = breaker{}, time.Time{}
}

// look makes the feeder read the ledger for this lane, once more if it is
// reading just now.
func (l *lane) look() {
	l.more = true
	l.again = l.refilling
}

// add makes a pending delivery known. Deliveries that are already known, or
// that the lane has no room for, are left to the ledger.
func (l *lane) add(it item, now time.Time) {
	if l.known[it.id] {
		return
	}
	if len(l.known) >= laneMemory {
		l.leave(it, now)
		return
	}
	l.known[it.id] = true
	l.place(it, now)
}

// leave lets the ledger remember a delivery until there is room or it is due.
func (l *lane) leave(it item, now time.Time) {
	if !it.due.After(now) {
		l.look()
	} else if l.pollAt.IsZero() || it.due.Before(l.pollAt) {
		l.pollAt = it.due
	}
}

func (l *lane) place(it item, now time.Time) {
	if it.due.After(now) {
		heap.Push(&l.later, it)
		return
	}
	l.ready = append(l.ready, it)
}

// arrived makes a delivery known that was just committed. While the ledger
// holds earlier ones that are not known, it has to wait behind them there.
func (l *lane) arrived(it item, now time.Time) {
	if !it.forced && (l.more || l.ordered) {
		l.look()
		return
	}
	l.add(it, now)
}

// promote moves what has become due to ready, and takes back what was handed
// out and never came back.
func (l *lane) promote(now time.Time) {
	for len(l.later) > 0 && !l.later[0].due.After(now) {
		l.ready = append(l.ready, heap.Pop(&l.later).(item)) //nolint:forcetypeassert // the heap holds items only
	}
	if !now.Before(l.leaseAt) {
		l.expire(now)
	}
	if !l.pollAt.IsZero() && !l.pollAt.After(now) {
		l.pollAt = time.Time{}
		l.look()
	}
}

// expire takes back the deliveries whose lease has ended.
func (l *lane) expire(now time.Time) {
	l.leaseAt = now.Add(time.Hour)
	for id, held := range l.inFlight {
		if !held.until.After(now) {
			l.drop(id)
			l.look()
			continue
		}
		if held.until.Before(l.leaseAt) {
			l.leaseAt = held.until
		}
	}
}

// drop forgets a delivery that was in flight.
func (l *lane) drop(id string) lease {
	held := l.inFlight[id]
	delete(l.inFlight, id)
	delete(l.known, id)
	return held
}

// take returns the deliveries to hand to the queue now.
func (l *lane) take(now time.Time, endpoint *triggers.Endpoint) []item {
	if endpoint == nil || now.Before(l.hold) {
		return nil
	}
	active := endpoint.State == triggers.EndpointActive
	lasts := queueGrace + time.Duration(endpoint.TimeoutSeconds)*time.Second
	var taken, kept []item
	asked := l.askedFor()
	for i, it := range l.ready {
		if !it.forced && (!active || asked[it.ticket]) {
			kept = append(kept, it)
			continue
		}
		if !l.admits(now) {
			kept = append(kept, l.ready[i:]...)
			break
		}
		until := now.Add(lasts)
		l.inFlight[it.id] = lease{item: it, until: until}
		if until.Before(l.leaseAt) || len(l.inFlight) == 1 {
			l.leaseAt = until
		}
		taken = append(taken, it)
	}
	l.ready = kept
	return taken
}

// askedFor returns the tickets of an ordered lane that have a redelivery which
// has not ended. Somebody asked for it because it holds back what came later,
// so it goes first.
func (l *lane) askedFor() map[string]bool {
	if !l.ordered {
		return nil
	}
	var tickets map[string]bool
	note := func(it item) {
		if !it.forced || it.ticket == "" {
			return
		}
		if tickets == nil {
			tickets = map[string]bool{}
		}
		tickets[it.ticket] = true
	}
	for _, it := range l.ready {
		note(it)
	}
	for _, it := range l.later {
		note(it)
	}
	for _, held := range l.inFlight {
		note(held.item)
	}
	return tickets
}

// admits says whether one more delivery may go out, and counts it.
func (l *lane) admits(now time.Time) bool {
	open := l.window.open(len(l.inFlight)) && l.breaker.allows(now, len(l.inFlight))
	return open && (l.limiter == nil || l.limiter.AllowN(now, 1))
}

// putBack returns deliveries that could not be handed to the queue, but for
// those that were reported or forgotten meanwhile: some may have been taken.
func (l *lane) putBack(items []item) {
	var back []item
	for _, it := range items {
		if _, out := l.inFlight[it.id]; out {
			delete(l.inFlight, it.id)
			back = append(back, it)
		}
	}
	l.ready = append(back, l.ready...)
}

// wantsRefill says whether it is time to look into the ledger.
func (l *lane) wantsRefill(now time.Time, endpoint *triggers.Endpoint) bool {
	if !l.more || l.refilling || endpoint == nil {
		return false
	}
	return len(l.ready) < l.window.size() && l.breaker.allows(now, 0)
}

// filled takes in what the ledger answered. Complete says that there was no
// more.
func (l *lane) filled(rows []item, complete bool, now time.Time) {
	l.refilling = false
	l.more = l.again || !complete
	l.again = false
	for _, row := range rows {
		if !l.known[row.id] && len(l.known) >= laneMemory {
			l.more = true
			break
		}
		l.add(row, now)
	}
}

// next returns when the lane should be looked at again, zero for not before
// something happens.
func (l *lane) next(now time.Time) time.Time {
	var next time.Time
	sooner := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	if len(l.later) > 0 {
		sooner(l.later[0].due)
	}
	sooner(l.pollAt)
	if len(l.ready) > 0 || l.more {
		// Times that have come are no reason to look: what still stands in the
		// way then, such as a probe under way, ends with a report.
		for _, at := range []time.Time{l.hold, l.breaker.probeAt(), l.tokenAt(now)} {
			if at.After(now) {
				sooner(at)
			}
		}
	}
	if len(l.inFlight) > 0 {
		sooner(l.leaseAt)
	}
	return next
}

// tokenAt returns when the endpoint's rate allows one more delivery, zero where
// it does.
func (l *lane) tokenAt(now time.Time) time.Time {
	if l.limiter == nil || len(l.ready) == 0 {
		return time.Time{}
	}
	lacks := 1 - l.limiter.TokensAt(now)
	if lacks <= 0 {
		return time.Time{}
	}
	return now.Add(time.Duration(lacks/l.limit*float64(time.Second)) + time.Microsecond) // never a little too early
}

// backlog returns how many deliveries wait, as far as is known: a lane that
// does not know them all goes by the ledger's last count.
func (l *lane) backlog() int {
	waiting := len(l.known) - len(l.inFlight)
	if l.more {
		return max(waiting, l.waiting)
	}
	return waiting
}

// idle says that there is nothing left to remember about the lane.
func (l *lane) idle() bool {
	return len(l.known) == 0 && !l.more && !l.refilling && l.failures == 0 && l.pollAt.IsZero()
}

// itemHeap orders items by when they are due.
type itemHeap []item

func (h itemHeap) Len() int           { return len(h) }
func (h itemHeap) Less(i, j int) bool { return h[i].due.Before(h[j].due) }
func (h itemHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *itemHeap) Push(x any)        { *h = append(*h, x.(item)) } //nolint:forcetypeassert // by heap.Interface
func (h *itemHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
