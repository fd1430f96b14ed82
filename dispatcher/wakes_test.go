package dispatcher

import (
	"math/rand/v2"
	"testing"
	"time"
)

// However often lanes are wanted, sooner, later or no longer, each stands there
// once at most, and the first is the one that is wanted first.
func TestWakesHoldEachLaneOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var w wakes
	lanes := make([]*lane, 20)
	for i := range lanes {
		lanes[i] = &lane{}
	}
	wanted := map[*lane]time.Time{}
	for range 20_000 {
		l := lanes[random.IntN(len(lanes))]
		if random.IntN(3) == 0 {
			w.remove(l)
			delete(wanted, l)
		} else {
			at := start.Add(time.Duration(random.IntN(1000)) * time.Second)
			w.add(l, at)
			if was, ok := wanted[l]; !ok || at.Before(was) {
				wanted[l] = at
			}
		}
		var first time.Time
		for l, at := range wanted {
			if !l.wakeAt.Equal(at) {
				t.Fatalf("wanted at %s, stands at %s", at, l.wakeAt)
			}
			if first.IsZero() || at.Before(first) {
				first = at
			}
		}
		if len(w) != len(wanted) || !w.next().Equal(first) {
			t.Fatalf("%d lanes, the first at %s; want %d, at %s", len(w), w.next(), len(wanted), first)
		}
	}
	w.add(lanes[0], time.Time{})
	if len(w) != len(wanted) {
		t.Error("a lane that is not wanted was added")
	}
}
