package executionlog

import (
	"slices"
	"time"
)

// Keep says how long things are kept; zero keeps them.
type Keep struct {
	Bodies    time.Duration // requests and responses
	Succeeded time.Duration // attempts and deliveries that succeeded
	Failed    time.Duration // those that failed or were cancelled
	Changes   time.Duration
}

// Outcome returns how long deliveries and attempts with an outcome are kept;
// what is pending is always kept.
func (k Keep) Outcome(outcome Outcome) time.Duration {
	switch outcome {
	case Succeeded:
		return k.Succeeded
	case Failed, Cancelled:
		return k.Failed
	case Pending:
	}
	return 0
}

// Retention is the policy of all workspaces.
type Retention struct {
	// Keep is for workspaces that are not named.
	Keep
	// Workspaces are those with a policy of their own, which takes the place
	// of Keep wholly.
	Workspaces map[string]Keep
	// Step is how many rows one transaction removes at most, 500 if 0. It
	// removes fewer where so many would hold up those who write.
	Step int
	// Leap is by how much the clock may go ahead between two rounds and be
	// trusted at once, and Settle for how long one that leapt further has to
	// go on evenly until it is (RetentionClock). A Leap of 0 trusts any clock.
	Leap, Settle time.Duration
}

// Of returns the policy of a workspace.
func (r Retention) Of(workspace string) Keep {
	if own, named := r.Workspaces[workspace]; named {
		return own
	}
	return r.Keep
}

// Longest returns the longest time that any workspace keeps something for, 0
// if one keeps it for ever.
func (r Retention) Longest(of func(Keep) time.Duration) time.Duration {
	longest := of(r.Keep)
	for _, own := range r.Workspaces {
		if longest == 0 || of(own) == 0 {
			return 0
		}
		longest = max(longest, of(own))
	}
	return longest
}

// Removed counts what retention removed.
type Removed struct {
	Bodies, Attempts, Deliveries, Changes int64
}

// Add adds more to the counts.
func (r *Removed) Add(more Removed) {
	r.Bodies += more.Bodies
	r.Attempts += more.Attempts
	r.Deliveries += more.Deliveries
	r.Changes += more.Changes
}

// Upkeep is what one round of upkeep did.
type Upkeep struct {
	// Removed is what was removed, by workspace; those that lost nothing are
	// not in it.
	Removed map[string]Removed
	// Steps is how many transactions that took, and Longest how long the
	// longest of them held up those who write.
	Steps   int
	Longest time.Duration
	// Clock is the time that it went by; zero where another process was at
	// its upkeep.
	Clock RetentionClock
}

// Total is what was removed from all workspaces.
func (u Upkeep) Total() Removed {
	var total Removed
	for _, removed := range u.Removed {
		total.Add(removed)
	}
	return total
}

// Removal is what was removed from a workspace on a day.
type Removal struct {
	Day time.Time // midnight, UTC
	Removed
}

// RemovalsKept is how long a ledger remembers what it removed.
const RemovalsKept = 400 * 24 * time.Hour

// Midnight returns the beginning of the day, in UTC, that a time is in.
func Midnight(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// SortRemovals puts the newest day first.
func SortRemovals(removals []Removal) {
	slices.SortFunc(removals, func(a, b Removal) int { return b.Day.Compare(a.Day) })
}
