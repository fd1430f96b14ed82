package executionlog_test

import (
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

// TestRetentionClock tells a clock the time, hour by hour, and looks at what
// it goes by.
func TestRetentionClock(t *testing.T) {
	begin := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	policy := executionlog.Retention{Leap: 6 * time.Hour, Settle: 10 * time.Hour}
	const day, year = 24, 365 * 24
	for _, test := range []struct {
		name   string
		told   []int // hours since the beginning, by the process's clock
		want   int   // what it goes by
		behind int
	}{
		{"the first time is taken as it is", []int{year}, year, 0},
		{"it follows", []int{0, 1, 2, 7}, 7, 0},
		{"a short leap is followed", []int{0, 6}, 6, 0},
		{"a long one is not", []int{0, year}, 0, year},
		{"it goes on meanwhile", []int{0, year, year + 3, year + 4}, 4, year},
		{"until it is settled", []int{0, year, year + 5, year + 10}, year + 10, 0},
		{"another leap begins anew", []int{0, year, year + 5, 2 * year, 2*year + 5}, 10, 2*year - 5},
		{"set right it is trusted at once", []int{0, year, year + 5, 5}, 5, 0},
		{"back by little", []int{10, 8}, 8, 0},
		{"back by much it goes by the earlier time", []int{year, 0, 1}, 1, 0},
		{"and forward again", []int{year, 0, year + 1}, year + 1, 0},
		{"back for long it is settled", []int{year, 0, 5, 10, year}, 10, year - 10},
		{"a process that was away for long waits", []int{0, 5 * day, 5*day + 6}, 6, 5 * day},
		{"and is settled then", []int{0, 5 * day, 5*day + 6, 5*day + 11}, 5*day + 11, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			var clock executionlog.RetentionClock
			for _, hours := range test.told {
				clock = clock.Told(begin.Add(time.Duration(hours)*time.Hour), policy)
			}
			if got := clock.Now().Sub(begin); got != time.Duration(test.want)*time.Hour {
				t.Errorf("it goes by the hour %v, want %d", got.Hours(), test.want)
			}
			if got := clock.Behind(); got != time.Duration(test.behind)*time.Hour {
				t.Errorf("it is %v hours behind, want %d", got.Hours(), test.behind)
			}
			if settles := clock.Settles(policy); settles.IsZero() != clock.Leapt.IsZero() || !settles.IsZero() && settles.Sub(clock.Leapt) != policy.Settle {
				t.Errorf("it settles at %v", settles)
			}
		})
	}
	clock := executionlog.RetentionClock{}.Told(begin, executionlog.Retention{}).Told(begin.AddDate(9, 0, 0), executionlog.Retention{})
	if clock != executionlog.Trusting(begin.AddDate(9, 0, 0)) {
		t.Errorf("without a limit it does not follow: %+v", clock)
	}
}
