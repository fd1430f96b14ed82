package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

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
	grams      map[string]*grams
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

// widestMap is the widest range of numbers of which a map is made: a byte for
// each.
const widestMap = 16 << 20

// Among looks into a map of the numbers, which takes a tenth of the time that
// looking into a table of them takes.
func (d *dialect) Among(column string, numbers []int64, arg func(any) string) string {
	low, high := slices.Min(numbers), slices.Max(numbers)
	column = d.Aside(column)
	if high-low >= widestMap {
		return column + " " + d.In(arg(d.List(numbers)))
	}
	there := make([]byte, high-low+1)
	for _, number := range numbers {
		there[number-low] = 1
	}
	lowest := arg(low)
	return fmt.Sprintf("%[1]s BETWEEN %[2]s AND %[3]s AND substr(%[4]s, %[1]s - %[2]s + 1, 1) = x'01'", column, lowest, arg(high), arg(there))
}

// Narrows needs a trigram.
func (*dialect) Narrows(folded string) bool { return len(criteria.Trigrams(folded)) > 0 }

// Contains asks a full text index of trigrams that keeps no positions: rows
// that have them all may still have them elsewhere.
func (d *dialect) Contains(table, _ string, folded []string, arg func(any) string) string {
	return table + " MATCH " + arg(allOf(d.grams[table].rarest(folded)))
}

// ContainsPart asks for the rarest trigram.
func (d *dialect) ContainsPart(table string, folded []string, arg func(any) string) string {
	grams := d.grams[table].rarest(folded)
	if len(grams) < 2 {
		return ""
	}
	return table + " MATCH " + arg(allOf(grams[:1]))
}

// Ends asks for what contains it: without positions there is no end.
func (d *dialect) Ends(table, alias, folded string, arg func(any) string) string {
	return d.Contains(table, alias, []string{folded}, arg)
}

// InOrder is how FTS5 goes through its lists.
func (*dialect) InOrder() bool { return true }

// Holds compares plain texts.
func (*dialect) Holds(column, placeholder string) string {
	return "instr(" + column + ", " + placeholder + ") > 0"
}

// HoldsFolded goes by SQLite's lower, which knows ASCII.
func (*dialect) HoldsFolded(column, folded string) string {
	expression, ok := criteria.FoldInSQL("lower("+column+")", folded)
	if !ok {
		return ""
	}
	return "instr(" + expression + ", %s) > 0"
}

// Aside makes an expression of the column: without statistics SQLite takes
// whatever index there is.
func (*dialect) Aside(column string) string { return "+" + column }

// AttemptsOf reads nothing but the index by ticket: of each ticket the first
// attempt, and the others of those tickets alone whose first ones come first.
func (*dialect) AttemptsOf(tickets, low, high, direction, limit string) string {
	end := "max"
	if direction == "" {
		end = "min"
	}
	behind := " a.id >= " + low + " AND a.id < " + high
	return "SELECT a.id FROM (SELECT k.ticket FROM (" +
		"SELECT t.value AS ticket, (SELECT " + end + "(a.id) FROM attempts a WHERE a.ticket = t.value AND" + behind + ") AS first FROM json_each(" + tickets + ") t" +
		") k WHERE k.first IS NOT NULL ORDER BY k.first" + direction + " LIMIT " + limit +
		") f CROSS JOIN attempts a ON a.ticket = f.ticket WHERE" + behind + " ORDER BY a.id" + direction + " LIMIT " + limit
}

func (*dialect) Classify(err error) error { return classify(err) }

// Unsent is never so: there is no connection that could break.
func (*dialect) Unsent(error) bool { return false }

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
