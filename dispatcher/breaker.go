package dispatcher

import "time"

// window is how many deliveries an endpoint may have in flight. It starts
// small, grows with every success up to the endpoint's max_in_flight, and
// halves when the receiver is slow or out of reach, so that a receiver that
// hangs soon holds one worker only.
type window struct {
	now  float64
	most int
}

const windowStart = 8

func newWindow() window { return window{now: windowStart, most: windowStart} }

func (w *window) size() int              { return max(1, min(int(w.now), w.most)) }
func (w *window) open(inFlight int) bool { return inFlight < w.size() }
func (w *window) succeeded()             { w.now = min(w.now+1, float64(w.most)) }
func (w *window) failed()                { w.now = max(w.now/2, 1) }

// breaker keeps a sick endpoint from being tried over and over. It opens when
// most of the last attempts failed, lets one probe through after a while, and
// closes when that succeeds. Waiting costs the deliveries no attempt.
type breaker struct {
	recent  uint64 // the last attempts, newest in bit 0; 1 is a failure
	counted int    // how many of recent are real, at most breakerSample
	state   breakerState
	until   time.Time // open: when to probe
	wait    time.Duration
}

type breakerState string

const (
	breakerClosed   breakerState = "closed"
	breakerOpen     breakerState = "open"
	breakerHalfOpen breakerState = "half_open"
)

const (
	breakerSample  = 20 // attempts looked at; fewer never open it
	breakerFailing = 12 // failures among them that open it
	breakerWait    = 5 * time.Second
	breakerMaxWait = 2 * time.Minute
)

// allows says whether a delivery may go out while inFlight others are.
func (b *breaker) allows(now time.Time, inFlight int) bool {
	switch b.current() {
	case breakerOpen:
		return !now.Before(b.until) && inFlight == 0
	case breakerHalfOpen:
		return inFlight == 0
	default:
		return true
	}
}

func (b *breaker) current() breakerState {
	if b.state == "" {
		return breakerClosed
	}
	return b.state
}

// probeAt returns when an open breaker lets a probe through, else zero.
func (b *breaker) probeAt() time.Time {
	if b.current() == breakerOpen {
		return b.until
	}
	return time.Time{}
}

func (b *breaker) succeeded(now time.Time) {
	if b.current() != breakerClosed && !now.Before(b.until) {
		*b = breaker{}
		return
	}
	b.note(0)
}

func (b *breaker) failed(now time.Time) {
	if b.current() != breakerClosed {
		if now.Before(b.until) {
			return // the late end of an attempt from before it opened
		}
		b.open(now)
		return
	}
	b.note(1)
	if b.counted == breakerSample && b.failing() >= breakerFailing {
		b.open(now)
	}
}

func (b *breaker) open(now time.Time) {
	b.wait = min(max(b.wait*2, breakerWait), breakerMaxWait)
	b.state, b.until = breakerOpen, now.Add(b.wait)
	b.recent, b.counted = 0, 0
}

func (b *breaker) note(bit uint64) {
	b.recent = (b.recent<<1 | bit) & (1<<breakerSample - 1)
	b.counted = min(b.counted+1, breakerSample)
}

func (b *breaker) failing() int {
	count := 0
	for rest := b.recent; rest != 0; rest &= rest - 1 {
		count++
	}
	return count
}

// describe returns the state for people: an open breaker whose wait is over
// is half open.
func (b *breaker) describe(now time.Time) breakerState {
	if b.current() == breakerOpen && !now.Before(b.until) {
		return breakerHalfOpen
	}
	return b.current()
}
