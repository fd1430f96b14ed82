package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/sqlstore"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// partitioned are the tables that are cut by month.
var partitioned = []string{"attempts", "details", "attempt_errors"}

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

// executer is a connection or a pool.
type executer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// makePartitions makes the partitions of this month and the next ones. A
// month of which rows have come too early keeps them in the rest.
func makePartitions(ctx context.Context, db executer, now time.Time, logger *slog.Logger) error {
	m := monthOf(now)
	for range ahead + 1 {
		for _, table := range partitioned {
			statement := fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %[1]s_%[2]s PARTITION OF %[1]s FOR VALUES FROM (%[3]d) TO (%[4]d)`,
				table, m.suffix(), id.First(m.begin), id.First(m.next().begin))
			if _, err := db.ExecContext(ctx, statement); err != nil {
				if hasCode(err, codeCheckViolation) {
					logger.Warn("partition not made: the rest holds rows of its month", "table", table, "month", m.suffix())
					continue
				}
				return fmt.Errorf("make partition: %w", err)
			}
		}
		m = m.next()
	}
	return nil
}

// Maintain makes partitions ahead of time and drops those that are older
// than everything retention keeps.
func (d *dialect) Maintain(ctx context.Context, store *sqlstore.Store, policy executionlog.Retention, now time.Time) (executionlog.Removed, error) {
	var removed executionlog.Removed
	if err := makePartitions(ctx, store.Write, now, d.logger); err != nil {
		return removed, err
	}
	tables, err := partitions(ctx, store.Read)
	if err != nil {
		return removed, err
	}
	for _, p := range tables {
		if p.table == "details" && past(p.month, policy.Bodies, now) {
			n, err := dropPartition(ctx, store, p)
			removed.Bodies += n
			if err != nil {
				return removed, err
			}
		}
	}
	for _, p := range tables {
		if p.table == "attempts" && past(p.month, policy.Succeeded, now) && past(p.month, policy.Failed, now) {
			n, err := dropMonth(ctx, store, p.month)
			removed.Attempts += n
			if err != nil {
				return removed, err
			}
		}
	}
	return removed, nil
}

// past says whether everything in a month is older than what is kept.
func past(m month, kept time.Duration, now time.Time) bool {
	return kept > 0 && !m.next().begin.After(now.Add(-kept))
}

// partition is a table of one month.
type partition struct {
	table string
	month month
}

func (p partition) name() string { return p.table + "_" + p.month.suffix() }

// partitions lists the partitions that there are.
func partitions(ctx context.Context, db *sql.DB) ([]partition, error) {
	rows, err := db.QueryContext(ctx, `SELECT p.relname, c.relname FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
		JOIN pg_class c ON c.oid = i.inhrelid WHERE p.relkind = 'p' ORDER BY 1, 2`)
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

// dropPartition drops one table and returns how many rows it had.
func dropPartition(ctx context.Context, store *sqlstore.Store, p partition) (int64, error) {
	return count(ctx, store, p, sqlstore.Statement{Text: `DROP TABLE ` + p.name()})
}

// dropMonth drops a month of attempts with everything that belongs to them,
// and their counts.
func dropMonth(ctx context.Context, store *sqlstore.Store, m month) (int64, error) {
	low, high := m.begin.Unix(), m.next().begin.Unix()
	statements := []sqlstore.Statement{
		{Text: `DELETE FROM attempt_counts WHERE at >= $1 AND at < $2`, Args: []any{low, high}},
		{Text: `DELETE FROM facet_counts WHERE at >= $1 AND at < $2`, Args: []any{low, high}},
		{Text: `DELETE FROM failure_counts WHERE at >= $1 AND at < $2`, Args: []any{low, high}},
	}
	for _, table := range partitioned {
		statements = append(statements, sqlstore.Statement{Text: `DROP TABLE IF EXISTS ` + partition{table, m}.name()})
	}
	return count(ctx, store, partition{"attempts", m}, statements...)
}

func count(ctx context.Context, store *sqlstore.Store, p partition, statements ...sqlstore.Statement) (int64, error) {
	var rows int64
	if err := store.Read.QueryRowContext(ctx, `SELECT count(*) FROM `+p.name()).Scan(&rows); err != nil {
		return 0, fmt.Errorf("count rows of a partition: %w", err)
	}
	if _, err := store.Transact(ctx, statements...); err != nil {
		return 0, fmt.Errorf("drop partition: %w", err)
	}
	return rows, nil
}
