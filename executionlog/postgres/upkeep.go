package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/sqlstore"
)

// Alone runs a round of upkeep, unless another process is at it: two that
// delete the same rows would wait for each other, and with them their writers.
func (*dialect) Alone(ctx context.Context, store *sqlstore.Store, run func() error) (err error) {
	conn, err := store.Write.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	var free bool
	if err := conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1)`, int64(lockUpkeep)).Scan(&free); err != nil || !free {
		return err
	}
	defer func() {
		_, unlockErr := conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, int64(lockUpkeep))
		err = errors.Join(err, unlockErr)
	}()
	return run()
}

// Maintain moves rows that came before their partitions, makes partitions ahead of time, drops those that are older
// than everything that any workspace keeps, and keeps the statistics of what is left.
func (d *dialect) Maintain(ctx context.Context, store *sqlstore.Store, policy executionlog.Retention, clock executionlog.RetentionClock, removed func(int64, executionlog.Removed)) error {
	if err := clearRests(ctx, store.Write, d.logger); err != nil {
		return err
	}
	if err := makePartitions(ctx, store.Write, clock.Seen, d.logger); err != nil {
		return err
	}
	now := clock.Now()
	tables, err := partitions(ctx, store.Read)
	if err != nil {
		return err
	}
	bodies := policy.Longest(func(k executionlog.Keep) time.Duration { return k.Bodies })
	succeeded := policy.Longest(func(k executionlog.Keep) time.Duration { return k.Succeeded })
	failed := policy.Longest(func(k executionlog.Keep) time.Duration { return k.Failed })
	// Bodies first: with its attempts a month loses them uncounted.
	slices.SortStableFunc(tables, func(a, b partition) int { return strings.Compare(b.table, a.table) })
	for _, p := range tables {
		var gone map[int64]executionlog.Removed
		switch {
		case p.table == "details" && past(p.month, bodies, now):
			gone, err = dropBodies(ctx, store, p, now)
		case p.table == "attempts" && past(p.month, succeeded, now) && past(p.month, failed, now):
			gone, err = dropMonth(ctx, store, p.month, now)
		default:
			continue
		}
		if hasCode(err, codeLockTimeout) {
			d.logger.Info("partition not dropped yet: somebody reads it", "table", p.name())
			continue
		}
		if err != nil {
			return fmt.Errorf("drop partition: %w", err)
		}
		for workspace, n := range gone {
			removed(workspace, n)
		}
	}
	return analyzeTables(ctx, store.Write)
}

// past says whether everything in a month is older than what is kept.
func past(m month, kept time.Duration, now time.Time) bool {
	return kept > 0 && !m.next().begin.After(now.Add(-kept))
}

// dropBodies drops a month of requests and responses.
func dropBodies(ctx context.Context, store *sqlstore.Store, p partition, now time.Time) (map[int64]executionlog.Removed, error) {
	gone := map[int64]executionlog.Removed{}
	// Counted beforehand, without holding up anybody: nothing comes to a
	// month that is past.
	err := byWorkspace(ctx, store.Read, `SELECT a.workspace, count(*) FROM `+p.name()+` t JOIN attempts a ON a.id = t.attempt GROUP BY 1`, nil,
		func(workspace, n int64) { gone[workspace] = executionlog.Removed{Bodies: n} })
	if err != nil {
		return nil, err
	}
	return gone, briefly(ctx, store.Write, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DROP TABLE IF EXISTS `+p.name()); err != nil {
			return err
		}
		return note(ctx, tx, gone, now)
	})
}

// dropMonth drops a month of attempts with everything that belongs to them,
// and their counts, which say how many there were.
func dropMonth(ctx context.Context, store *sqlstore.Store, m month, now time.Time) (map[int64]executionlog.Removed, error) {
	gone := map[int64]executionlog.Removed{}
	low, high := m.begin.Unix(), m.next().begin.Unix()
	return gone, briefly(ctx, store.Write, func(tx *sql.Tx) error {
		for _, c := range partitioned {
			if _, err := tx.ExecContext(ctx, `DROP TABLE IF EXISTS `+partition{c.table, m}.name()); err != nil {
				return err
			}
		}
		err := byWorkspace(ctx, tx, `DELETE FROM attempt_counts WHERE at >= $1 AND at < $2 RETURNING workspace, CASE step WHEN 3600 THEN n ELSE 0 END`,
			[]any{low, high}, func(workspace, n int64) {
				gone[workspace] = executionlog.Removed{Attempts: gone[workspace].Attempts + n}
			})
		if err != nil {
			return err
		}
		for _, table := range []string{"facet_counts", "failure_counts"} {
			if _, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE at >= $1 AND at < $2`, low, high); err != nil {
				return err
			}
		}
		return note(ctx, tx, gone, now)
	})
}

// note adds to the account of what was removed.
func note(ctx context.Context, tx *sql.Tx, gone map[int64]executionlog.Removed, now time.Time) error {
	for workspace, n := range gone {
		if n == (executionlog.Removed{}) {
			delete(gone, workspace)
			continue
		}
		s := sqlstore.NoteRemoval(workspace, now, n)
		if _, err := tx.ExecContext(ctx, s.Text, s.Args...); err != nil {
			return err
		}
	}
	return nil
}

// querier is a pool or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// byWorkspace reads pairs of a workspace and a count.
func byWorkspace(ctx context.Context, db querier, text string, args []any, use func(workspace, n int64)) error {
	rows, err := db.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var workspace, n int64
		if err := rows.Scan(&workspace, &n); err != nil {
			return err
		}
		use(workspace, n)
	}
	return rows.Err()
}
