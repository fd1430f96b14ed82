package id

import (
	"slices"
	"sync"
	"testing"
	"time"
)

var then = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func TestIdentifiersSortByTime(t *testing.T) {
	now := then
	source := NewSource(7, func() time.Time { return now })
	var all []string
	for range 1000 {
		all = append(all, source.New(Change))
		now = now.Add(300 * time.Nanosecond)
	}
	if !slices.IsSorted(all) || len(slices.Compact(slices.Clone(all))) != len(all) {
		t.Error("identifiers are not in order, or not unique")
	}
}

func TestClockTurnedBack(t *testing.T) {
	now := then
	source := NewSource(0, func() time.Time { return now })
	first := source.Next()
	now = now.Add(-time.Hour)
	if second := source.Next(); second <= first {
		t.Errorf("%d came after %d", second, first)
	}
}

// A process that starts while the clock is behind what the store holds makes
// greater numbers all the same.
func TestClockTurnedBackAcrossARestart(t *testing.T) {
	highest := NewSource(Nodes-1, func() time.Time { return then }).Next()
	source := NewSource(0, func() time.Time { return then.Add(-time.Hour) }).Above(highest)
	first := source.Next()
	if first <= highest || source.Next() <= first {
		t.Errorf("%d came after %d", first, highest)
	}
	ahead := NewSource(0, func() time.Time { return then.Add(time.Hour) }).Above(highest)
	if at := Time(ahead.Next()); !at.Equal(then.Add(time.Hour)) {
		t.Errorf("made at %s, by the clock %s", at, then.Add(time.Hour))
	}
}

func TestNodesDoNotCollide(t *testing.T) {
	seen := map[int64]bool{}
	for _, node := range []int{0, 1, Nodes - 1, Nodes, -1} {
		seen[NewSource(node, func() time.Time { return then }).Next()] = true
	}
	if len(seen) != 3 { // Nodes is 0 again, and -1 the last one
		t.Errorf("%d different numbers", len(seen))
	}
}

func TestConcurrentUse(t *testing.T) {
	source := NewSource(0, func() time.Time { return then })
	var mu sync.Mutex
	seen := map[int64]bool{}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 500 {
				n := source.Next()
				mu.Lock()
				seen[n] = true
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	if len(seen) != 4000 {
		t.Errorf("%d different numbers of 4000", len(seen))
	}
}

func TestParse(t *testing.T) {
	number := NewSource(5, func() time.Time { return then }).Next()
	text := Format(Delivery, number)
	if back, err := Parse(Delivery, text); err != nil || back != number {
		t.Errorf("%s is %d, %v; want %d", text, back, err, number)
	}
	if !Time(number).Equal(then) || First(then) > number || First(then.Add(time.Microsecond)) <= number {
		t.Errorf("%s was made at %s", text, Time(number))
	}
	for _, wrong := range []string{"", "dlv_", text + "0", text[:len(text)-1], "chg" + text[3:], "dlv_zzzzzzzzzzzzz", "dlv_0000000000u00", "dlv_000000000000A"} {
		if n, err := Parse(Delivery, wrong); err == nil {
			t.Errorf("%q is %d", wrong, n)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("dlv_01c3vq0rk8g7a")
	f.Fuzz(func(t *testing.T, text string) {
		if number, err := Parse(Delivery, text); err == nil && Format(Delivery, number) != text {
			t.Errorf("%q came back as %q", text, Format(Delivery, number))
		}
	})
}
