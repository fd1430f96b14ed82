// Package sqlstore is the ledger in a relational database. The folders sqlite
// and postgres open it with their Dialect; everything that the two have in
// common, down to the SQL texts, is here.
//
// Identifiers are kept as numbers, so that the primary key is the order in
// time. Names that repeat (systems, events, endpoints…) are numbers too, kept
// once in the table names; ticket numbers are kept once in the table numbers.
package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

// Dialect is what differs between databases.
type Dialect interface {
	// In compares with any of a list passed as the argument that List makes.
	In(placeholder string) string
	List(numbers []int64) any
	// Among is the condition that a column is in a list of many numbers, for
	// rows that are gone through anyway: it leads to none. arg adds an argument
	// and returns its placeholder.
	Among(column string, numbers []int64, arg func(any) string) string
	// Narrows says whether a text index can narrow a search for a folded text.
	Narrows(folded string) bool
	// Contains is the condition that the rows of a text index, read under an
	// alias, may contain all of the folded texts, which Narrows agreed to;
	// arg adds an argument and returns its placeholder.
	Contains(table, alias string, folded []string, arg func(any) string) string
	// ContainsPart is the same for a part of the texts, which is faster and
	// finds more; empty where there is no such part.
	ContainsPart(table string, folded []string, arg func(any) string) string
	// Ends is the condition that they may end with a text.
	Ends(table, alias, folded string, arg func(any) string) string
	// InOrder says whether a text index finds its rows one by one in the order
	// of their numbers. One that does not finds all before the first is known.
	InOrder() bool
	// Holds is the condition that a text contains another, a placeholder.
	Holds(column, placeholder string) string
	// HoldsFolded is the condition, with %s for the folded text, that a text
	// which is not folded contains it when it is; empty where the database
	// cannot say.
	HoldsFolded(column, folded string) string
	// Classify wraps an error of the driver in the ledger's error that fits:
	// ErrUnavailable, ErrConflict for a broken uniqueness, or none.
	Classify(err error) error
	// Unsent says whether a query failed because its connection had broken
	// before, so that it was never sent.
	Unsent(err error) bool
	// Aside writes a column so that a search is not led by its index, where
	// the database does not know better by itself.
	Aside(column string) string
	// AttemptsOf is a query for the numbers of the attempts of tickets: of
	// those from low up to, not including, high, the first ones in a
	// direction ("" or " DESC") up to a limit. The texts are placeholders.
	AttemptsOf(tickets, low, high, direction, limit string) string
	// Each makes rows, under an alias with the column value, of a list of
	// texts passed as the argument that Texts makes.
	Each(placeholder, alias string) string
	Texts(texts []string) any
	// RunAll runs statements in order, on the connection or with run, and
	// returns how many rows each changed.
	RunAll(ctx context.Context, conn *sql.Conn, statements []Statement, run func(Statement) (int64, error)) ([]int64, error)
	// Unused returns numbers that no row of the ticket dictionary has or will
	// get from another call.
	Unused(ctx context.Context, conn *sql.Conn, count int) ([]int64, error)
	// Disconnecting is called before the writer gives up its connection.
	Disconnecting()
	// Committed is called by the writer between transactions.
	Committed(ctx context.Context, conn *sql.Conn) error
	// Alone runs a round of upkeep, unless another process that shares the
	// database is at it.
	Alone(ctx context.Context, store *Store, run func() error) error
	// Maintain begins every round of upkeep with what the database can do
	// better than row by row. It calls removed for what it has removed from
	// a workspace. Rows come by the clock's Seen, and go by its Now.
	Maintain(ctx context.Context, store *Store, policy executionlog.Retention, clock executionlog.RetentionClock, removed func(workspace int64, n executionlog.Removed)) error
}

// Config is what a Store is made of.
type Config struct {
	Dialect Dialect
	// Write and Read are the pools for writing and reading; they may be one.
	Write, Read *sql.DB
	Node        int
	// SearchRows is how many rows that do not match a search looks through
	// before it gives a partial page; 0 is a good number.
	SearchRows int
	Identity   Identity
	// Begin starts a transaction that writes.
	Begin string
	// WriteTimeout bounds one transaction: a database that does not answer for
	// so long is unavailable. 0 is for one whose own limits bound it; every
	// statement costs less then.
	WriteTimeout time.Duration
	// Close is called when the Store is closed, after the writer stopped and
	// before the pools are closed.
	Close func() error
}

// Store is a ledger in a database.
type Store struct {
	Config
	names   *names
	numbers *numbers
	active  *activity
	lookups lookupSizes
	counted int64 // candidates of a text index that are compared to count them
	writer  *writer
	shares  shares
	swept   places

	statements sync.Map // SQL text to *sql.Stmt of Read
	prepared   atomic.Int64
}

var _ executionlog.Ledger = (*Store)(nil)

// New starts a Store on a migrated database.
func New(config Config) *Store {
	s := &Store{Config: config}
	s.names = newNames(s)
	s.numbers = newNumbers()
	s.active = newActivity()
	s.lookups, s.counted = usualLookups, countedExactly
	s.writer = startWriter(s)
	return s
}

// Node returns the number of this process.
func (s *Store) Node() int { return s.Config.Node }

// Instance returns the ledger's name.
func (s *Store) Instance() string { return s.Identity.Instance }

// Newest returns the highest number of an id when the ledger was opened.
func (s *Store) Newest() int64 { return s.Identity.Newest }

// Check writes a row.
func (s *Store) Check(ctx context.Context) error {
	return s.write(ctx, func(b *batch) error {
		_, err := b.exec(`UPDATE settings SET value = value + 1 WHERE name = 'check'`)
		return err
	})
}

// Close stops the writer and closes the database.
func (s *Store) Close() error {
	if !s.writer.stop() {
		return nil
	}
	var errs []error
	s.statements.Range(func(_, statement any) bool {
		errs = append(errs, statement.(*sql.Stmt).Close())
		return true
	})
	if s.Config.Close != nil {
		errs = append(errs, s.Config.Close())
	}
	errs = append(errs, s.Read.Close())
	if s.Write != s.Read {
		errs = append(errs, s.Write.Close())
	}
	return errors.Join(errs...)
}

// classify maps an error of the database to the ledger's.
func (s *Store) classify(verb string, err error) error {
	if err == nil || isLedgerError(err) {
		return err
	}
	if errors.Is(err, sql.ErrConnDone) || err.Error() == "sql: database is closed" || err.Error() == "sql: statement is closed" {
		return fmt.Errorf("%s: %w: %w", verb, executionlog.ErrUnavailable, err)
	}
	return fmt.Errorf("%s: %w", verb, s.Dialect.Classify(err))
}

func isLedgerError(err error) bool {
	var duplicate *executionlog.DuplicateError
	return errors.Is(err, executionlog.ErrNotFound) || errors.Is(err, executionlog.ErrConflict) ||
		errors.Is(err, executionlog.ErrUnavailable) || errors.Is(err, executionlog.ErrState) ||
		errors.Is(err, executionlog.ErrCursor) || errors.As(err, &duplicate)
}

// maxStatements bounds the prepared statements kept for reading. Filters make
// a few dozen different texts.
const maxStatements = 300

// staleConnections is how many connections of the pool may turn out to be
// broken, one after the other, when a database was started anew.
const staleConnections = 64

// query runs a query on the read pool, with its statement kept prepared.
// Connections that broke while nobody used them are gone past.
func (s *Store) query(ctx context.Context, text string, args ...any) (rows *sql.Rows, err error) {
	for range staleConnections {
		rows, err = s.queryOnce(ctx, text, args...)
		if err == nil || !s.Dialect.Unsent(err) || ctx.Err() != nil {
			break
		}
	}
	return rows, err
}

func (s *Store) queryOnce(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if statement, ok := s.statements.Load(text); ok {
		return statement.(*sql.Stmt).QueryContext(ctx, args...)
	}
	if s.prepared.Load() >= maxStatements {
		return s.Read.QueryContext(ctx, text, args...)
	}
	statement, err := s.Read.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	if kept, raced := s.statements.LoadOrStore(text, statement); raced {
		if err := statement.Close(); err != nil {
			return nil, err
		}
		statement = kept.(*sql.Stmt)
	} else {
		s.prepared.Add(1)
	}
	return statement.QueryContext(ctx, args...)
}

// each runs a query and calls scan for every row until it returns false.
func (s *Store) each(ctx context.Context, text string, args []any, scan func(*sql.Rows) (bool, error)) error {
	rows, err := s.query(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		more, err := scan(rows)
		if err != nil || !more {
			return err
		}
	}
	return rows.Err()
}

// one runs a query for one row and scans it into targets; ErrNotFound if
// there is none.
func (s *Store) one(ctx context.Context, text string, args []any, targets ...any) error {
	found := false
	err := s.each(ctx, text, args, func(rows *sql.Rows) (bool, error) {
		found = true
		return false, rows.Scan(targets...)
	})
	if err == nil && !found {
		return executionlog.ErrNotFound
	}
	return err
}

// Statement is a statement with its arguments.
type Statement struct {
	Text string
	Args []any
}

// Transact runs statements in one transaction of the writer and returns how
// many rows each changed.
func (s *Store) Transact(ctx context.Context, statements ...Statement) ([]int64, error) {
	changed := make([]int64, len(statements))
	err := s.write(ctx, func(b *batch) error {
		for i, statement := range statements {
			result, err := b.w.conn.ExecContext(b.ctx, statement.Text, statement.Args...)
			if err != nil {
				return err
			}
			if changed[i], err = result.RowsAffected(); err != nil {
				return err
			}
		}
		return nil
	})
	return changed, err
}
