package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	sqlitedriver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
	"github.com/hookdesk/hookdesk/executionlog/internal/sqlstore"
)

// dialect is SQLite's.
type dialect struct {
	highest int64 // number given to a ticket; the writer's

	log        *checkpointer
	statements statements
	grams      *grams
}

func (*dialect) In(placeholder string) string {
	return "IN (SELECT value FROM json_each(" + placeholder + "))"
}

func (*dialect) List(numbers []int64) any {
	if len(numbers) == 0 {
		return "[]"
	}
	text, err := json.Marshal(numbers)
	if err != nil {
		return "[]"
	}
	return string(text)
}

// Narrows needs a trigram.
func (*dialect) Narrows(folded string) bool { return len(criteria.Trigrams(folded)) > 0 }

// Contains asks a full text index of trigrams that keeps no positions: rows
// that have them all may still have them elsewhere.
func (d *dialect) Contains(table, _ string, folded []string, arg func(any) string) string {
	return table + " MATCH " + arg(allOf(d.grams.rarest(folded)))
}

// Ends asks for what contains it: without positions there is no end.
func (d *dialect) Ends(table, alias, folded string, arg func(any) string) string {
	return d.Contains(table, alias, []string{folded}, arg)
}

// Holds compares plain texts.
func (*dialect) Holds(column, placeholder string) string {
	return "instr(" + column + ", " + placeholder + ") > 0"
}

// HoldsFolded goes by SQLite's lower, which knows ASCII.
func (*dialect) HoldsFolded(column, folded string) string {
	if !criteria.FoldsFromASCII(folded) {
		return ""
	}
	return "instr(lower(" + column + "), %s) > 0"
}

// Aside makes an expression of the column: without statistics SQLite takes
// whatever index there is.
func (*dialect) Aside(column string) string { return "+" + column }

// AttemptsOf reads nothing but the index by ticket.
func (*dialect) AttemptsOf(tickets, low, high, direction, limit string) string {
	return "SELECT a.id FROM json_each(" + tickets + ") t CROSS JOIN attempts a ON a.ticket = t.value" +
		" WHERE a.id >= " + low + " AND a.id < " + high + " ORDER BY a.id" + direction + " LIMIT " + limit
}

func (*dialect) Classify(err error) error { return classify(err) }

func classify(err error) error {
	var failure *sqlitedriver.Error
	if !errors.As(err, &failure) {
		if errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("%w: %w", executionlog.ErrUnavailable, err)
		}
		return err
	}
	switch failure.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_INTERRUPT,
		sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL:
		return fmt.Errorf("%w: %w", executionlog.ErrUnavailable, err)
	case sqlite3.SQLITE_CONSTRAINT:
		return fmt.Errorf("%w: %w", executionlog.ErrConflict, err)
	}
	return err
}

func (*dialect) Each(placeholder, alias string) string {
	return "json_each(" + placeholder + ") " + alias
}

func (*dialect) Texts(texts []string) any {
	text, err := json.Marshal(texts)
	if err != nil {
		return "[]"
	}
	return string(text)
}

// RunAll runs one after the other.
func (d *dialect) RunAll(ctx context.Context, conn *sql.Conn, list []sqlstore.Statement, _ func(sqlstore.Statement) (int64, error)) ([]int64, error) {
	return d.statements.run(ctx, conn, list)
}

// Unused counts on from the highest number: nobody else has the file open.
func (d *dialect) Unused(ctx context.Context, conn *sql.Conn, count int) ([]int64, error) {
	if d.highest == 0 {
		if err := conn.QueryRowContext(ctx, `SELECT coalesce(max(id), 0) FROM numbers`).Scan(&d.highest); err != nil {
			return nil, err
		}
	}
	numbers := make([]int64, count)
	for i := range numbers {
		d.highest++
		numbers[i] = d.highest
	}
	return numbers, nil
}

// Disconnecting closes the writer's statements.
func (d *dialect) Disconnecting() { d.statements.forget() }

// Committed keeps the log of writes short.
func (d *dialect) Committed(ctx context.Context, conn *sql.Conn) error {
	return d.log.committed(ctx, conn)
}

// Alone has nobody to share the file with.
func (*dialect) Alone(_ context.Context, _ *sqlstore.Store, run func() error) error { return run() }

// Maintain has nothing to do: retention works row by row.
func (*dialect) Maintain(context.Context, *sqlstore.Store, executionlog.Retention, executionlog.RetentionClock, func(int64, executionlog.Removed)) error {
	return nil
}
