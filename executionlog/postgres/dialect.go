package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
	"github.com/hookdesk/hookdesk/executionlog/internal/sqlstore"
)

// dialect is PostgreSQL's.
type dialect struct{ logger *slog.Logger }

func (*dialect) In(placeholder string) string { return "= ANY(" + placeholder + ")" }

func (*dialect) List(numbers []int64) any {
	if numbers == nil {
		return []int64{}
	}
	return numbers
}

// Among hides the column from its index. PostgreSQL looks into a table of the
// numbers that it makes once.
func (d *dialect) Among(column string, numbers []int64, arg func(any) string) string {
	return "(" + column + " + 0) " + d.In(arg(d.List(numbers))+"::bigint[]")
}

// Narrows needs a trigram.
func (*dialect) Narrows(folded string) bool { return len(criteria.Trigrams(folded)) > 0 }

var escaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func (*dialect) Contains(_, alias string, folded []string, arg func(any) string) string {
	terms := make([]string, len(folded))
	for i, text := range folded {
		terms[i] = alias + ".folded LIKE " + arg("%"+escaper.Replace(text)+"%")
	}
	return strings.Join(terms, " AND ")
}

// ContainsPart has none: what the index finds is compared with the whole text.
func (*dialect) ContainsPart(string, []string, func(any) string) string { return "" }

// Ends is what an index of its own answers for the mark of long responses:
// trigrams know letters and digits only.
func (*dialect) Ends(_, alias, folded string, arg func(any) string) string {
	return fmt.Sprintf("right(%s.folded, %d) = %s", alias, utf8.RuneCountInString(folded), arg(folded))
}

// InOrder is not how GIN works.
func (*dialect) InOrder() bool { return false }

// Holds compares plain texts.
func (*dialect) Holds(column, placeholder string) string {
	return "strpos(" + column + ", " + placeholder + ") > 0"
}

// HoldsFolded lowers ASCII only, whatever the database's locale is.
func (*dialect) HoldsFolded(column, folded string) string {
	expression, ok := criteria.FoldInSQL("lower("+column+` COLLATE "C")`, folded)
	if !ok {
		return ""
	}
	return "strpos(" + expression + ", %s) > 0"
}

// Aside leaves the choice to PostgreSQL, which has statistics of columns but
// not of expressions.
func (*dialect) Aside(column string) string { return column }

// AttemptsOf looks each ticket up by itself: for a list of them PostgreSQL
// would rather read everything. The first attempts of all belong to those
// tickets whose own first ones come first, of which it needs no more.
func (*dialect) AttemptsOf(tickets, low, high, direction, limit string) string {
	first := func(of, limit string) string {
		return "SELECT a.id FROM attempts a WHERE a.ticket = " + of + " AND a.id >= " + low + " AND a.id < " + high +
			" ORDER BY a.id" + direction + " LIMIT " + limit
	}
	return "SELECT k.id FROM (" +
		"SELECT t.ticket, f.id FROM unnest(" + tickets + "::bigint[]) t (ticket) CROSS JOIN LATERAL (" + first("t.ticket", "1") + ") f" +
		" ORDER BY f.id" + direction + " LIMIT " + limit +
		") t CROSS JOIN LATERAL (" + first("t.ticket", limit) + ") k ORDER BY k.id" + direction + " LIMIT " + limit
}

func (*dialect) Each(placeholder, alias string) string {
	return "unnest(" + placeholder + "::text[]) " + alias + " (value)"
}

func (*dialect) Texts(texts []string) any { return texts }

// Unused takes numbers from the sequence behind the column.
func (*dialect) Unused(ctx context.Context, conn *sql.Conn, count int) ([]int64, error) {
	rows, err := conn.QueryContext(ctx, `SELECT nextval(pg_get_serial_sequence('numbers', 'id')) FROM generate_series(1, $1)`, count)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	numbers := make([]int64, 0, count)
	for rows.Next() {
		var number int64
		if err := rows.Scan(&number); err != nil {
			return nil, err
		}
		numbers = append(numbers, number)
	}
	return numbers, rows.Err()
}

// Disconnecting has nothing to do: pgx keeps its statements itself.
func (*dialect) Disconnecting() {}

// RunAll sends all statements at once and waits for all answers.
func (*dialect) RunAll(ctx context.Context, conn *sql.Conn, statements []sqlstore.Statement, _ func(sqlstore.Statement) (int64, error)) ([]int64, error) {
	changed := make([]int64, len(statements))
	err := conn.Raw(func(driver any) error {
		var batch pgx.Batch
		for _, s := range statements {
			batch.Queue(s.Text, s.Args...)
		}
		answers := driver.(*stdlib.Conn).Conn().SendBatch(ctx, &batch)
		for i := range changed {
			tag, err := answers.Exec()
			if err != nil {
				return errors.Join(err, answers.Close())
			}
			changed[i] = tag.RowsAffected()
		}
		return answers.Close()
	})
	return changed, err
}

func (*dialect) Committed(context.Context, *sql.Conn) error { return nil }

func (*dialect) Classify(err error) error { return classify(err) }

// Unsent is what pgx says of errors before anything was written.
func (*dialect) Unsent(err error) bool { return pgconn.SafeToRetry(err) }

// Codes of PostgreSQL, from appendix A of its manual.
const (
	codeUniqueViolation = "23505"
	codeDuplicateTable  = "42P07"
	codeLockTimeout     = "55P03"
	classConnection     = "08"
	classRollback       = "40" // serialization failures and deadlocks
	classResources      = "53" // disk full, too many connections
	classNotInState     = "55" // such as a lock that is not available
	classIntervention   = "57" // shutdown, cancelled statements
	classSystem         = "58" // input and output
	classDefinition     = "42" // tables and columns that are not as a statement has them
	codeReadOnly        = "25006"
)

func hasCode(err error, code string) bool {
	var failure *pgconn.PgError
	return errors.As(err, &failure) && failure.Code == code
}

// classify takes everything that did not come from the server as an answer
// for a server out of reach.
func classify(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	var failure *pgconn.PgError
	if !errors.As(err, &failure) {
		return fmt.Errorf("%w: %w", executionlog.ErrUnavailable, err)
	}
	if failure.Code == codeUniqueViolation {
		return fmt.Errorf("%w: %w", executionlog.ErrConflict, err)
	}
	if failure.Code == codeReadOnly {
		return fmt.Errorf("%w: %w", executionlog.ErrUnavailable, err)
	}
	switch failure.Code[:min(2, len(failure.Code))] {
	case classConnection, classResources, classNotInState, classIntervention, classSystem:
		return fmt.Errorf("%w: %w", executionlog.ErrUnavailable, err)
	case classRollback:
		return fmt.Errorf("%w: %w: %w", executionlog.ErrUnavailable, sqlstore.ErrRetry, err)
	}
	return err
}
