package memory

import (
	"context"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
)

// removalDay is a workspace's day in the account of removals.
type removalDay struct {
	workspace string
	day       time.Time
}

// sweep is one round of retention.
type sweep struct {
	store   *Store
	policy  executionlog.Retention
	clock   executionlog.RetentionClock
	now     time.Time // what it shows
	removed map[string]executionlog.Removed
}

// Maintain removes what retention does not keep.
func (s *Store) Maintain(_ context.Context, policy executionlog.Retention, now time.Time) (executionlog.Upkeep, error) {
	w := &sweep{store: s, policy: policy, removed: map[string]executionlog.Removed{}}
	err := s.lock(func() error {
		s.retention = s.retention.Told(criteria.Time(now), policy)
		w.clock, w.now = s.retention, s.retention.Now()
		w.bodies()
		w.attempts()
		w.deliveries()
		w.changes()
		w.account()
		return nil
	})
	return executionlog.Upkeep{Removed: w.removed, Clock: w.clock}, err
}

// RetentionClock returns the time that the last round went by.
func (s *Store) RetentionClock(context.Context) (clock executionlog.RetentionClock, err error) {
	err = s.lock(func() error {
		clock = s.retention
		return nil
	})
	return clock, err
}

// TrustClock says that now is right.
func (s *Store) TrustClock(_ context.Context, now time.Time) error {
	return s.lock(func() error {
		s.retention = executionlog.Trusting(criteria.Time(now))
		return nil
	})
}

// Removals says what was removed from a workspace, by day.
func (s *Store) Removals(_ context.Context, workspace string, from time.Time) ([]executionlog.Removal, error) {
	var out []executionlog.Removal
	err := s.lock(func() error {
		for key, removed := range s.removals {
			if key.workspace == workspace && !key.day.Before(executionlog.Midnight(from)) {
				out = append(out, executionlog.Removal{Day: key.day, Removed: removed})
			}
		}
		executionlog.SortRemovals(out)
		return nil
	})
	return out, err
}

func (w *sweep) account() {
	for workspace, removed := range w.removed {
		key := removalDay{workspace, executionlog.Midnight(w.now)}
		removed.Add(w.store.removals[key])
		w.store.removals[key] = removed
	}
	for key := range w.store.removals {
		if key.day.Before(executionlog.Midnight(w.now.Add(-executionlog.RemovalsKept))) {
			delete(w.store.removals, key)
		}
	}
}

func (w *sweep) count(workspace string, more executionlog.Removed) {
	sum := w.removed[workspace]
	sum.Add(more)
	w.removed[workspace] = sum
}

// expired says whether a row is older than what is kept; 0 keeps all.
func (w *sweep) expired(number int64, kept time.Duration) bool {
	return kept > 0 && number < since(w.now.Add(-kept))
}

// needed returns the deliveries whose requests pending deliveries use.
func (w *sweep) needed() map[int64]bool {
	sources := map[int64]bool{}
	for _, d := range w.store.deliveries {
		if d.Outcome == executionlog.Pending {
			sources[d.source] = true
		}
	}
	return sources
}

func (w *sweep) bodies() {
	needed := w.needed()
	for number, d := range w.store.deliveries {
		if w.expired(number, w.policy.Of(d.Workspace).Bodies) && d.request != nil && !needed[number] {
			d.request = nil
			w.count(d.Workspace, executionlog.Removed{Bodies: 1})
		}
	}
	for number, a := range w.store.attempts {
		if w.expired(number, w.policy.Of(a.Workspace).Bodies) && a.Detail != nil {
			a.Detail = nil
			w.count(a.Workspace, executionlog.Removed{Bodies: 1})
		}
	}
}

func (w *sweep) attempts() {
	for number, a := range w.store.attempts {
		if w.expired(number, w.policy.Of(a.Workspace).Outcome(a.Outcome)) {
			delete(w.store.attempts, number)
			w.count(a.Workspace, executionlog.Removed{Attempts: 1})
		}
	}
}

func (w *sweep) deliveries() {
	needed := w.needed()
	for number, d := range w.store.deliveries {
		if w.expired(number, w.policy.Of(d.Workspace).Outcome(d.Outcome)) && !needed[number] {
			delete(w.store.deliveries, number)
			w.count(d.Workspace, executionlog.Removed{Deliveries: 1})
		}
	}
}

func (w *sweep) changes() {
	for number, c := range w.store.changes {
		if w.expired(number, w.policy.Of(c.Workspace).Changes) {
			delete(w.store.changes, number)
			delete(w.store.keys, [2]string{c.Workspace, c.Key})
			w.count(c.Workspace, executionlog.Removed{Changes: 1})
		}
	}
}
