package executionlog

import "time"

// What retention makes of a clock that leaps, where a policy does not say
// otherwise: servers that rest at night or over a weekend are no leap for
// long, and whoever is told of a wrong date has a day to set it right.
const (
	DefaultLeap   = 24 * time.Hour
	DefaultSettle = 24 * time.Hour
)

// RetentionClock is the time that retention goes by. It follows the clock of
// the processes; where that leaps ahead by more than a policy's Leap it goes
// on by what has passed since, until the new time is settled. So a date that
// is wrong for an hour removes nothing, and retention does not stop either.
type RetentionClock struct {
	// At is what it showed in the last round of retention, zero before the
	// first one.
	At time.Time
	// Seen is what the process's clock showed then.
	Seen time.Time
	// Leapt is when, by the process's clock, it was first seen to have leapt;
	// zero while it is trusted.
	Leapt time.Time
}

// Behind is by how much the clock is behind that of the processes, 0 where
// that is trusted or was set back.
func (c RetentionClock) Behind() time.Duration {
	if c.Leapt.IsZero() {
		return 0
	}
	return max(0, c.Seen.Sub(c.At))
}

// Settles is when, by the process's clock, the new time will be trusted if it
// does not leap again; zero while it is trusted.
func (c RetentionClock) Settles(policy Retention) time.Time {
	if c.Leapt.IsZero() {
		return time.Time{}
	}
	return c.Leapt.Add(policy.Settle)
}

// Trusting returns the clock after somebody said that the time is right.
func Trusting(now time.Time) RetentionClock { return RetentionClock{At: now, Seen: now} }

// Told returns the clock after it was told the process's time. Its At is what
// retention goes by, where that is not later than now.
func (c RetentionClock) Told(now time.Time, policy Retention) RetentionClock {
	near := func(t time.Time) bool { return now.Sub(t).Abs() <= policy.Leap }
	switch {
	case policy.Leap <= 0 || c.At.IsZero() || near(c.At):
		return Trusting(now)
	case c.Leapt.IsZero() || !near(c.Seen):
		return RetentionClock{At: c.At, Seen: now, Leapt: now}
	case now.Sub(c.Leapt) >= policy.Settle:
		return Trusting(now)
	}
	return RetentionClock{At: c.At.Add(max(0, now.Sub(c.Seen))), Seen: now, Leapt: c.Leapt}
}

// Now is the time that retention goes by: what is younger by either clock is
// kept.
func (c RetentionClock) Now() time.Time {
	if c.Seen.Before(c.At) {
		return c.Seen
	}
	return c.At
}
