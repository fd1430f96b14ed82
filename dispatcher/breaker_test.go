package dispatcher

import (
	"math/rand/v2"
	"testing"
	"time"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func TestBreakerNeedsASampleToOpen(t *testing.T) {
	var b breaker
	for range breakerSample - 1 {
		b.failed(start)
	}
	if !b.allows(start, 100) {
		t.Fatal("opened before the sample was complete")
	}
	b.failed(start)
	if b.allows(start, 0) {
		t.Fatal("closed after a whole sample of failures")
	}
}

func TestBreakerProbesOnceAndCloses(t *testing.T) {
	b := openBreaker(t)
	probe := b.probeAt()
	if !b.allows(probe, 0) || b.allows(probe, 1) {
		t.Fatal("wants exactly one probe when the wait is over")
	}
	if b.describe(probe) != breakerHalfOpen {
		t.Errorf("described as %s", b.describe(probe))
	}
	b.succeeded(probe)
	if !b.allows(probe, 50) {
		t.Error("still open after a successful probe")
	}
}

func TestBreakerWaitsLongerAfterEachFailedProbe(t *testing.T) {
	b := openBreaker(t)
	last := breakerWait
	for range 10 {
		probe := b.probeAt()
		b.failed(probe)
		wait := b.probeAt().Sub(probe)
		if want := min(last*2, breakerMaxWait); wait != want {
			t.Fatalf("waits %s after %s, want %s", wait, last, want)
		}
		last = wait
	}
}

func TestBreakerIgnoresLateEndsOfEarlierAttempts(t *testing.T) {
	b := openBreaker(t)
	probe := b.probeAt()
	b.failed(probe.Add(-time.Second))
	b.succeeded(probe.Add(-time.Second))
	if b.probeAt() != probe {
		t.Error("an attempt from before it opened moved the probe")
	}
}

// However attempts end, a breaker that lets nothing through has a time at
// which it will.
func TestBreakerNeverGetsStuck(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var b breaker
	now := start
	for range 10_000 {
		now = now.Add(time.Duration(random.IntN(3000)) * time.Millisecond)
		if !b.allows(now, 0) {
			probe := b.probeAt()
			if !probe.After(now) || probe.Sub(now) > breakerMaxWait {
				t.Fatalf("closed to everything until %s at %s", probe, now)
			}
			now = probe
		}
		if random.IntN(4) > 0 {
			b.failed(now)
		} else {
			b.succeeded(now)
		}
	}
}

func openBreaker(t *testing.T) *breaker {
	t.Helper()
	b := &breaker{}
	for range breakerSample {
		b.failed(start)
	}
	if b.current() != breakerOpen {
		t.Fatal("did not open")
	}
	return b
}

func TestWindowGrowsWithSuccessAndHalvesWithoutAnswer(t *testing.T) {
	w := newWindow()
	w.most = 64
	for range 100 {
		w.succeeded()
	}
	if w.size() != 64 {
		t.Errorf("grew to %d, want the endpoint's limit", w.size())
	}
	for range 20 {
		w.failed()
	}
	if w.size() != 1 || !w.open(0) || w.open(1) {
		t.Errorf("a receiver that hangs still holds %d", w.size())
	}
}
