package dispatcher

import "testing"

func TestReplayPace(t *testing.T) {
	for _, c := range []struct {
		perSecond   float64
		first, made int // in the first turn, and in ten
	}{
		{0.25, 1, 3}, {0.5, 1, 5}, {1, 1, 10}, {2.5, 2, 25}, {100, 100, 1000}, {ReplayMaxRate, ReplayMaxRate, 10 * ReplayMaxRate},
	} {
		var pace replayPace
		first, made := 0, 0
		for turn := range 10 {
			n := pace.turn(c.perSecond)
			pace.spend(n)
			if made += n; turn == 0 {
				first = n
			}
		}
		if first != c.first || made != c.made {
			t.Errorf("%g a second: %d in the first turn and %d in ten, want %d and %d", c.perSecond, first, made, c.first, c.made)
		}
	}
}
