package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// The settings that hold the clock of retention, in microseconds.
const (
	retentionAt    = "retention_at"
	retentionSeen  = "retention_seen"
	retentionLeapt = "retention_leapt"
)

// RetentionClock returns the time that the last round of retention went by.
func (s *Store) RetentionClock(ctx context.Context) (executionlog.RetentionClock, error) {
	var clock executionlog.RetentionClock
	err := s.each(ctx, `SELECT name, value FROM settings WHERE name IN ($1, $2, $3)`, []any{retentionAt, retentionSeen, retentionLeapt},
		func(rows *sql.Rows) (bool, error) {
			var name string
			var micros int64
			err := rows.Scan(&name, &micros)
			switch at := criteria.FromMicros(micros); name {
			case retentionAt:
				clock.At = at
			case retentionSeen:
				clock.Seen = at
			case retentionLeapt:
				clock.Leapt = at
			}
			return true, err
		})
	return clock, s.classify("read retention's clock", err)
}

// TrustClock says that now is right.
func (s *Store) TrustClock(ctx context.Context, now time.Time) error {
	return s.setRetention(ctx, executionlog.Trusting(criteria.Time(now)))
}

// tellRetention tells retention's clock the time and returns what it shows.
func (s *Store) tellRetention(ctx context.Context, policy executionlog.Retention, now time.Time) (executionlog.RetentionClock, error) {
	clock, err := s.RetentionClock(ctx)
	if err != nil {
		return clock, err
	}
	if clock.At.IsZero() && s.Identity.Newest > 0 {
		// A ledger from before it had this clock: what it held when it was
		// opened says how late it was then.
		clock = executionlog.Trusting(id.Time(s.Identity.Newest))
	}
	clock = clock.Told(criteria.Time(now), policy)
	return clock, s.setRetention(ctx, clock)
}

func (s *Store) setRetention(ctx context.Context, clock executionlog.RetentionClock) error {
	const set = `INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`
	_, err := s.Transact(ctx,
		Statement{set, []any{retentionAt, criteria.Micros(clock.At)}},
		Statement{set, []any{retentionSeen, criteria.Micros(clock.Seen)}},
		Statement{set, []any{retentionLeapt, criteria.Micros(clock.Leapt)}},
	)
	return s.classify("tell retention the time", err)
}
