package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
)

// defaultStep is how many rows one transaction of retention removes.
const defaultStep = 250

// sweep removes one kind of rows.
type sweep struct {
	kept  time.Duration
	count *int64
	// find lists rows from $1 up to, not including, $2, at most $3, in the
	// order of their numbers: a number, and what counts need to know.
	find string
	// remove removes a row if it may still be removed.
	remove func(*batch, old) (bool, error)
}

// old is a row to remove.
type old struct{ number, workspace, system, event, trigger, endpoint, outcome, code int64 }

// A request is needed while a delivery that sends it is pending.
const unneeded = ` AND NOT EXISTS (SELECT 1 FROM deliveries p WHERE p.request_of = %s AND p.outcome = 0)`

// sweeps lists what retention removes, in order.
func sweeps(policy executionlog.Retention, removed *executionlog.Removed) []sweep {
	attempts := `SELECT id, workspace, system, event, trigger_id, endpoint, outcome, error_code FROM attempts WHERE id >= $1 AND id < $2 AND outcome = %d ORDER BY id LIMIT $3`
	deliveries := `SELECT d.id, d.workspace, 0, 0, 0, d.endpoint, d.outcome, 0 FROM deliveries d WHERE d.id >= $1 AND d.id < $2 AND d.outcome = %d` +
		fmt.Sprintf(unneeded, "d.id") + ` ORDER BY d.id LIMIT $3`
	return []sweep{
		{policy.Bodies, &removed.Bodies, `SELECT r.delivery, 0, 0, 0, 0, 0, 0, 0 FROM requests r WHERE r.delivery >= $1 AND r.delivery < $2` +
			fmt.Sprintf(unneeded, "r.delivery") + ` ORDER BY r.delivery LIMIT $3`, (*batch).removeRequest},
		{policy.Bodies, &removed.Bodies, `SELECT attempt, 0, 0, 0, 0, 0, 0, 0 FROM details WHERE attempt >= $1 AND attempt < $2 ORDER BY attempt LIMIT $3`, (*batch).removeDetail},
		{policy.Succeeded, &removed.Attempts, fmt.Sprintf(attempts, succeeded), (*batch).removeAttempt},
		{policy.Failed, &removed.Attempts, fmt.Sprintf(attempts, failed), (*batch).removeAttempt},
		{policy.Succeeded, &removed.Deliveries, fmt.Sprintf(deliveries, succeeded), (*batch).removeDelivery},
		{policy.Failed, &removed.Deliveries, fmt.Sprintf(deliveries, failed), (*batch).removeDelivery},
		{policy.Failed, &removed.Deliveries, fmt.Sprintf(deliveries, cancelled), (*batch).removeDelivery},
		{policy.Changes, &removed.Changes, `SELECT id, 0, 0, 0, 0, 0, 0, 0 FROM changes WHERE id >= $1 AND id < $2 ORDER BY id LIMIT $3`, (*batch).removeChange},
	}
}

// Maintain removes what retention does not keep. Rows are looked for by
// reading; the writer only removes them, in steps between which other writes
// have their turn.
func (s *Store) Maintain(ctx context.Context, policy executionlog.Retention, now time.Time) (executionlog.Removed, error) {
	removed, err := s.Dialect.Maintain(ctx, s, policy, now)
	if err != nil {
		return removed, s.classify("maintain", err)
	}
	step := policy.Step
	if step <= 0 {
		step = defaultStep
	}
	for _, sweep := range sweeps(policy, &removed) {
		if sweep.kept <= 0 {
			continue
		}
		if err := s.sweep(ctx, sweep, criteria.First(now.Add(-sweep.kept)), step); err != nil {
			return removed, s.classify("remove old rows", err)
		}
	}
	return removed, nil
}

func (s *Store) sweep(ctx context.Context, w sweep, before int64, step int) error {
	from := int64(0)
	for {
		rows, err := s.find(ctx, w.find, from, before, step)
		if err != nil || len(rows) == 0 {
			return err
		}
		var n int64
		err = s.write(ctx, func(b *batch) error {
			n = 0
			for _, row := range rows {
				gone, err := w.remove(b, row)
				if err != nil {
					return err
				}
				if gone {
					n++
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		*w.count += n
		if len(rows) < step {
			return nil
		}
		from = rows[len(rows)-1].number + 1
	}
}

func (s *Store) find(ctx context.Context, text string, from, before int64, step int) ([]old, error) {
	var found []old
	err := s.each(ctx, text, []any{from, before, step}, func(rows *sql.Rows) (bool, error) {
		var row old
		err := rows.Scan(&row.number, &row.workspace, &row.system, &row.event, &row.trigger, &row.endpoint, &row.outcome, &row.code)
		found = append(found, row)
		return true, err
	})
	return found, err
}

func (b *batch) remove(text string, number int64) (bool, error) {
	changed, err := b.exec(text, number)
	return changed > 0, err
}

func (b *batch) removeRequest(row old) (bool, error) {
	return b.remove(`DELETE FROM requests WHERE delivery = $1`+fmt.Sprintf(unneeded, "requests.delivery"), row.number)
}

func (b *batch) removeDetail(row old) (bool, error) {
	return b.remove(`DELETE FROM details WHERE attempt = $1`, row.number)
}

func (b *batch) removeAttempt(row old) (bool, error) {
	gone, err := b.remove(`DELETE FROM attempts WHERE id = $1`, row.number)
	if err != nil || !gone {
		return false, err
	}
	b.counts.attempt(counted(row), -1)
	b.later(`DELETE FROM details WHERE attempt = $1`, row.number)
	if row.outcome == failed {
		b.laterText(`DELETE FROM attempt_errors WHERE rowid = $1`, row.number)
	}
	return true, nil
}

func (b *batch) removeDelivery(row old) (bool, error) {
	gone, err := b.remove(`DELETE FROM deliveries WHERE id = $1`+fmt.Sprintf(unneeded, "deliveries.id"), row.number)
	if err != nil || !gone {
		return false, err
	}
	b.counts.delivery(row.number, row.workspace, row.endpoint, row.outcome, -1)
	b.later(`DELETE FROM requests WHERE delivery = $1`, row.number)
	return true, nil
}

func (b *batch) removeChange(row old) (bool, error) {
	return b.remove(`DELETE FROM changes WHERE id = $1`, row.number)
}
