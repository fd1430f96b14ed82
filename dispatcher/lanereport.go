package dispatcher

import (
	"container/heap"
	"slices"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

// heldPause is after what time a delivery is offered again that another
// process has claimed.
const heldPause = time.Second

// heldElsewhere lets a delivery wait that another process has claimed. It may
// have died, and its claim lasts; the window is for what is being sent.
func (l *lane) heldElsewhere(report Report, now time.Time) {
	held, out := l.inFlight[report.Delivery]
	if !out || held.attempts+1 != report.Attempt {
		return
	}
	delete(l.inFlight, report.Delivery)
	held.due = now.Add(heldPause)
	heap.Push(&l.later, held.item)
}

// full lets a delivery wait for which there was no room. Its place in the window
// is kept meanwhile, or the next one would only meet the same.
func (l *lane) full(report Report, now time.Time) {
	held, out := l.inFlight[report.Delivery]
	if !out || held.attempts+1 != report.Attempt {
		return
	}
	held.until = now.Add(heldPause)
	l.inFlight[report.Delivery] = held
	if held.until.Before(l.leaseAt) {
		l.leaseAt = held.until
	}
}

// unlist removes a delivery from those that wait, where an attempt of it has
// ended that the lane did not count as in flight.
func (l *lane) unlist(id string) {
	if _, out := l.inFlight[id]; out || !l.known[id] {
		return
	}
	same := func(it item) bool { return it.id == id }
	l.ready = slices.DeleteFunc(l.ready, same)
	if i := slices.IndexFunc(l.later, same); i >= 0 {
		heap.Remove(&l.later, i)
	}
}

// finished learns how an attempt ended.
func (l *lane) finished(report Report, now time.Time) {
	switch {
	case report.Held:
		l.heldElsewhere(report, now)
		return
	case report.Full:
		l.full(report, now)
		return
	}
	l.unlist(report.Delivery)
	held := l.drop(report.Delivery)
	if report.Stale {
		l.look()
		return
	}
	l.learn(report, now)
	if report.Outcome == executionlog.Pending {
		l.add(item{
			id: report.Delivery, ticket: report.Ticket, attempts: report.Attempt,
			due: report.DueAt, forced: held.forced,
		}, now)
		return
	}
	if l.ordered {
		l.look() // the ticket's next delivery may go
	}
}

// learn adjusts the window, the breaker and the pause to an attempt's end.
func (l *lane) learn(report Report, now time.Time) {
	switch report.Effect {
	case EffectSuccess:
		l.failures = 0
		l.window.succeeded()
		l.breaker.succeeded(now)
	case EffectThrottled:
		l.failures++
		l.window.failed()
	case EffectSlow:
		l.failures++
		l.window.failed()
		l.breaker.failed(now)
	case EffectFailure:
		l.failures++
		l.breaker.failed(now)
	}
	if until := now.Add(report.Hold); report.Hold > 0 && until.After(l.hold) {
		l.hold = until
	}
}
