package sqlstore

import (
	"context"
	"time"

	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
)

// Clock moves due times when the clock was set back.
func (s *Store) Clock(ctx context.Context, seen, now time.Time) (time.Duration, error) {
	var back time.Duration
	err := s.write(ctx, func(b *batch) error {
		back = 0
		at, newest := criteria.Micros(now), int64(0)
		_, err := b.one(`SELECT value FROM settings WHERE name = 'clock'`, nil, &newest)
		if err != nil {
			return err
		}
		if !seen.IsZero() {
			newest = max(newest, criteria.Micros(seen))
		}
		behind := time.Duration(newest-at) * time.Microsecond
		if behind > 0 && behind <= criteria.ClockTolerance {
			return nil
		}
		if behind > 0 {
			back = behind
			if _, err := b.exec(`UPDATE deliveries SET due_at = due_at - $1 WHERE outcome = 0 AND due_at > $2`, back.Microseconds(), at); err != nil {
				return err
			}
		}
		_, err = b.exec(`INSERT INTO settings (name, value) VALUES ('clock', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, at)
		return err
	})
	return back, s.classify("tell the time", err)
}
