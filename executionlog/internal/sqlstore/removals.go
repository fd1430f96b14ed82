package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
)

// noteRemoval adds to what was removed from a workspace on a day.
const noteRemoval = `INSERT INTO removals (workspace, day, bodies, attempts, deliveries, changes) VALUES ($1, $2, $3, $4, $5, $6)
	ON CONFLICT (workspace, day) DO UPDATE SET bodies = removals.bodies + excluded.bodies, attempts = removals.attempts + excluded.attempts,
	deliveries = removals.deliveries + excluded.deliveries, changes = removals.changes + excluded.changes`

// NoteRemoval is the statement that adds to what was removed, for a Dialect
// that removes by itself.
func NoteRemoval(workspace int64, now time.Time, removed executionlog.Removed) Statement {
	return Statement{noteRemoval, []any{
		workspace, executionlog.Midnight(now).Unix(), removed.Bodies, removed.Attempts, removed.Deliveries, removed.Changes,
	}}
}

// Removals says what was removed from a workspace, by day.
func (s *Store) Removals(ctx context.Context, workspace string, since time.Time) ([]executionlog.Removal, error) {
	owner, err := s.names.find(ctx, workspace)
	if err != nil || owner == criteria.None {
		return nil, s.classify("read removals", err)
	}
	var out []executionlog.Removal
	err = s.each(ctx, `SELECT day, bodies, attempts, deliveries, changes FROM removals WHERE workspace = $1 AND day >= $2 ORDER BY day DESC`,
		[]any{owner, executionlog.Midnight(since).Unix()}, func(rows *sql.Rows) (bool, error) {
			var day int64
			var r executionlog.Removal
			err := rows.Scan(&day, &r.Bodies, &r.Attempts, &r.Deliveries, &r.Changes)
			r.Day = time.Unix(day, 0).UTC()
			out = append(out, r)
			return true, err
		})
	return out, s.classify("read removals", err)
}

// forget removes the account of removals that are long past.
func (r *round) forget(ctx context.Context) error {
	past := executionlog.Midnight(r.now.Add(-executionlog.RemovalsKept)).Unix()
	var n int64
	err := r.store.each(ctx, `SELECT count(*) FROM removals WHERE day < $1`, []any{past}, func(rows *sql.Rows) (bool, error) {
		return false, rows.Scan(&n)
	})
	if err != nil || n == 0 {
		return err
	}
	_, err = r.store.Transact(ctx, Statement{`DELETE FROM removals WHERE day < $1`, []any{past}})
	return err
}
