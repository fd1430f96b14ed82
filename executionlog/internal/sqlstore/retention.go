package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
)

// defaultStep is how many rows one transaction of retention removes.
const defaultStep = 500

// Maintain removes what retention does not keep, in steps between which other
// writes have their turn.
func (s *Store) Maintain(ctx context.Context, policy executionlog.Retention, now time.Time) (executionlog.Removed, error) {
	removed, err := s.Dialect.Maintain(ctx, s, policy, now)
	if err != nil {
		return removed, s.classify("maintain", err)
	}
	step := policy.Step
	if step <= 0 {
		step = defaultStep
	}
	before := func(kept time.Duration) int64 {
		if kept <= 0 {
			return 0
		}
		return criteria.First(now.Add(-kept))
	}
	for _, work := range []struct {
		before int64
		count  *int64
		step   func(b *batch, before int64, step int) (int64, error)
	}{
		{before(policy.Bodies), &removed.Bodies, (*batch).removeRequests},
		{before(policy.Bodies), &removed.Bodies, (*batch).removeDetails},
		{before(policy.Succeeded), &removed.Attempts, removeAttempts(succeeded)},
		{before(policy.Failed), &removed.Attempts, removeAttempts(failed)},
		{before(policy.Succeeded), &removed.Deliveries, removeDeliveries(succeeded)},
		{before(policy.Failed), &removed.Deliveries, removeDeliveries(failed)},
		{before(policy.Failed), &removed.Deliveries, removeDeliveries(cancelled)},
		{before(policy.Changes), &removed.Changes, (*batch).removeChanges},
	} {
		for more := work.before > 0; more; {
			if err := ctx.Err(); err != nil {
				return removed, err
			}
			var n int64
			err := s.write(ctx, func(b *batch) error {
				var err error
				n, err = work.step(b, work.before, step)
				return err
			})
			if err != nil {
				return removed, fmt.Errorf("remove old rows: %w", err)
			}
			*work.count += n
			more = n >= int64(step)
		}
	}
	return removed, nil
}

// remove runs a statement for each number.
func (b *batch) remove(numbers []int64, texts ...string) error {
	for _, number := range numbers {
		for _, text := range texts {
			if _, err := b.exec(text, number); err != nil {
				return err
			}
		}
	}
	return nil
}

// removeRequests keeps the requests that a pending delivery needs, its own or
// that of the one it repeats.
func (b *batch) removeRequests(before int64, step int) (int64, error) {
	numbers, err := b.numbersOf(`SELECT r.delivery FROM requests r WHERE r.delivery < $1
		AND NOT EXISTS (SELECT 1 FROM deliveries p WHERE p.request_of = r.delivery AND p.outcome = 0)
		ORDER BY r.delivery LIMIT $2`, before, step)
	if err != nil {
		return 0, err
	}
	return int64(len(numbers)), b.remove(numbers, `DELETE FROM requests WHERE delivery = $1`)
}

func (b *batch) removeDetails(before int64, step int) (int64, error) {
	numbers, err := b.numbersOf(`SELECT attempt FROM details WHERE attempt < $1 ORDER BY attempt LIMIT $2`, before, step)
	if err != nil {
		return 0, err
	}
	return int64(len(numbers)), b.remove(numbers, `DELETE FROM details WHERE attempt = $1`)
}

func removeAttempts(outcome int64) func(*batch, int64, int) (int64, error) {
	return func(b *batch, before int64, step int) (int64, error) {
		numbers, err := b.numbersOf(`SELECT id FROM attempts WHERE id < $1 AND outcome = $2 ORDER BY id LIMIT $3`, before, outcome, step)
		if err != nil {
			return 0, err
		}
		for _, number := range numbers {
			var workspace, endpoint, code int64
			if _, err := b.one(`SELECT workspace, endpoint, error_code FROM attempts WHERE id = $1`, []any{number}, &workspace, &endpoint, &code); err != nil {
				return 0, err
			}
			b.counts.attempt(number, workspace, endpoint, outcome, code, -1)
		}
		texts := []string{`DELETE FROM attempts WHERE id = $1`, `DELETE FROM details WHERE attempt = $1`}
		if outcome == failed {
			texts = append(texts, `DELETE FROM attempt_errors WHERE rowid = $1`)
		}
		return int64(len(numbers)), b.remove(numbers, texts...)
	}
}

func removeDeliveries(outcome int64) func(*batch, int64, int) (int64, error) {
	return func(b *batch, before int64, step int) (int64, error) {
		numbers, err := b.numbersOf(`SELECT d.id FROM deliveries d WHERE d.id < $1 AND d.outcome = $2
			AND NOT EXISTS (SELECT 1 FROM deliveries p WHERE p.request_of = d.id AND p.outcome = 0)
			ORDER BY d.id LIMIT $3`, before, outcome, step)
		if err != nil {
			return 0, err
		}
		for _, number := range numbers {
			var workspace, endpoint int64
			if _, err := b.one(`SELECT workspace, endpoint FROM deliveries WHERE id = $1`, []any{number}, &workspace, &endpoint); err != nil {
				return 0, err
			}
			b.counts.delivery(number, workspace, endpoint, outcome, -1)
		}
		return int64(len(numbers)), b.remove(numbers, `DELETE FROM deliveries WHERE id = $1`, `DELETE FROM requests WHERE delivery = $1`)
	}
}

func (b *batch) removeChanges(before int64, step int) (int64, error) {
	numbers, err := b.numbersOf(`SELECT id FROM changes WHERE id < $1 ORDER BY id LIMIT $2`, before, step)
	if err != nil {
		return 0, err
	}
	return int64(len(numbers)), b.remove(numbers, `DELETE FROM changes WHERE id = $1`)
}
