package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// partitioned are the tables that are cut by month.
var partitioned = []cut{{"attempts", "id"}, {"details", "attempt"}, {"attempt_errors", "rowid"}}

// cut is a table that is cut into partitions, by a column.
type cut struct{ table, column string }

// ahead is how many months have their partitions before they begin.
const ahead = 2

// month is a partition's month.
type month struct{ begin time.Time }

func monthOf(t time.Time) month {
	t = t.UTC()
	return month{time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)}
}

func (m month) next() month { return month{m.begin.AddDate(0, 1, 0)} }

func (m month) suffix() string { return m.begin.Format("2006_01") }

// partition is a table of one month.
type partition struct {
	table string
	month month
}

func (p partition) name() string { return p.table + "_" + p.month.suffix() }

// partitions lists the partitions that there are.
func partitions(ctx context.Context, db *sql.DB) ([]partition, error) {
	rows, err := db.QueryContext(ctx, `SELECT p.relname, c.relname FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
		JOIN pg_class c ON c.oid = i.inhrelid WHERE p.relkind = 'p' AND pg_table_is_visible(p.oid) ORDER BY 1, 2`)
	if err != nil {
		return nil, fmt.Errorf("list partitions: %w", err)
	}
	defer rows.Close()
	var out []partition
	for rows.Next() {
		var table, name string
		if err := rows.Scan(&table, &name); err != nil {
			return nil, fmt.Errorf("list partitions: %w", err)
		}
		begin, err := time.Parse("2006_01", strings.TrimPrefix(name, table+"_"))
		if err != nil {
			continue // the rest
		}
		out = append(out, partition{table, month{begin}})
	}
	return out, rows.Err()
}

// makePartitions makes the partitions of this month and the next ones that
// are missing. What cannot be made now, because somebody is at work in the
// table, can be made later: until then the rest takes the rows.
func makePartitions(ctx context.Context, db *sql.DB, now time.Time, logger *slog.Logger) error {
	there, err := partitions(ctx, db)
	if err != nil {
		return err
	}
	made := make(map[string]bool, len(there))
	for _, p := range there {
		made[p.name()] = true
	}
	m := monthOf(now)
	for range ahead + 1 {
		for _, c := range partitioned {
			p := partition{c.table, m}
			if made[p.name()] {
				continue
			}
			switch err := makePartition(ctx, db, c, p); {
			case errors.Is(err, errRestIsLarge), hasCode(err, codeLockTimeout):
				logger.Warn("partition not made, its rows go to the rest", "table", p.table, "month", m.suffix(), "error", err)
			case err != nil && !hasCode(err, codeDuplicateTable):
				return fmt.Errorf("make partition: %w", err)
			}
		}
		m = m.next()
	}
	return nil
}

var errRestIsLarge = errors.New("the rest holds many rows, which are moved to their months first")

// makePartition makes one partition. Rows of its month that have come before
// it, because a clock was wrong or nobody made partitions for long, move over
// from the rest.
func makePartition(ctx context.Context, db *sql.DB, c cut, p partition) error {
	low, high := p.month.bounds()
	return briefly(ctx, db, func(tx *sql.Tx) error {
		run := func(statement string, args ...any) (int64, error) {
			result, err := tx.ExecContext(ctx, fmt.Sprintf(statement, p.table, p.name(), c.column), args...)
			if err != nil {
				return 0, err
			}
			return result.RowsAffected()
		}
		// Nobody writes to the rest between looking and attaching, for which
		// all of it is read.
		if _, err := run(`LOCK TABLE %[1]s_rest IN ACCESS EXCLUSIVE MODE`); err != nil {
			return err
		}
		var held, early int64
		if err := tx.QueryRowContext(ctx, fmt.Sprintf(`SELECT count(*), count(*) FILTER (WHERE row_id >= $1 AND row_id < $2) FROM (SELECT %[2]s row_id FROM %[1]s_rest LIMIT $3) r`,
			p.table, c.column), low, high, restRows+1).Scan(&held, &early); err != nil {
			return err
		}
		if held > restRows {
			return errRestIsLarge
		}
		if _, err := run(`CREATE TABLE %[2]s (LIKE %[1]s INCLUDING ALL)`); err != nil {
			return err
		}
		if early > 0 {
			if _, err := run(`WITH early AS (DELETE FROM %[1]s_rest WHERE %[3]s >= $1 AND %[3]s < $2 RETURNING *) INSERT INTO %[2]s SELECT * FROM early`, low, high); err != nil {
				return err
			}
		}
		_, err := run(fmt.Sprintf(`ALTER TABLE %%[1]s ATTACH PARTITION %%[2]s FOR VALUES FROM (%d) TO (%d)`, low, high))
		return err
	})
}

// lockTimeout is how long a change of the tables waits for its turn. While it
// waits, so does everybody who comes after it.
const lockTimeout = 80 * time.Millisecond

// briefly runs a transaction that takes hold of whole tables, on a connection
// of its own: the writer does not wait while files are removed.
func briefly(ctx context.Context, db *sql.DB, work func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, fmt.Sprintf(`SET LOCAL lock_timeout = '%dms'`, lockTimeout.Milliseconds()))
	if err == nil {
		err = work(tx)
	}
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
