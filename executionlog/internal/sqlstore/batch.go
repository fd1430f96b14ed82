package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
)

// batch is one transaction of the writer.
type batch struct {
	ctx   context.Context
	w     *writer
	store *Store
	how   manner
	// What this transaction made and others may know once it is committed.
	names   map[string]int64
	numbers map[numberKey]int64
	// tickets and keys are the versions and idempotency keys that it writes:
	// what is queued cannot be read yet.
	tickets map[int64]int64
	keys    map[numberKey]int64
	counts  counts
	spans   map[int64]times // by block of tickets

	queue []queued
	texts []Statement
}

// queued is a statement that runs later, and what depends on the number of
// rows that it changes.
type queued struct {
	Statement
	then func(changed int64) error
}

func newBatch(ctx context.Context, w *writer, how manner) *batch {
	return &batch{
		ctx: ctx, w: w, store: w.store, how: how,
		names: map[string]int64{}, numbers: map[numberKey]int64{},
		tickets: map[int64]int64{}, keys: map[numberKey]int64{}, counts: newCounts(), spans: map[int64]times{},
	}
}

func (b *batch) statement(text string) (*sql.Stmt, error) {
	if statement := b.w.statements[text]; statement != nil {
		return statement, nil
	}
	statement, err := b.w.conn.PrepareContext(b.ctx, text)
	if err != nil {
		return nil, fmt.Errorf("prepare statement: %w", err)
	}
	b.w.statements[text] = statement
	return statement, nil
}

// exec runs a statement and returns how many rows it changed.
func (b *batch) exec(text string, args ...any) (int64, error) {
	statement, err := b.statement(text)
	if err != nil {
		return 0, err
	}
	result, err := statement.ExecContext(b.ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// insert runs a statement that must change one row; one that changes none
// because the row is there already is a conflict.
func (b *batch) insert(text string, args ...any) error {
	changed, err := b.exec(text, args...)
	if err == nil && changed == 0 {
		err = executionlog.ErrConflict
	}
	return err
}

// one scans the row that a query finds and says whether there is one.
func (b *batch) one(text string, args []any, targets ...any) (bool, error) {
	statement, err := b.statement(text)
	if err != nil {
		return false, err
	}
	err = statement.QueryRowContext(b.ctx, args...).Scan(targets...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// each runs a statement and calls scan for every row.
func (b *batch) each(text string, args []any, scan func(*sql.Rows) error) error {
	statement, err := b.statement(text)
	if err != nil {
		return err
	}
	rows, err := statement.QueryContext(b.ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// numbersOf reads a column of numbers.
func (b *batch) numbersOf(text string, args ...any) ([]int64, error) {
	var out []int64
	err := b.each(text, args, func(rows *sql.Rows) error {
		var number int64
		err := rows.Scan(&number)
		out = append(out, number)
		return err
	})
	return out, err
}

// name returns the number of a name, and makes one for a new name. The empty
// name is 0.
func (b *batch) name(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	if number, ok := b.store.names.number(text); ok {
		return number, nil
	}
	if number, ok := b.names[text]; ok {
		return number, nil
	}
	number, err := b.intern(
		`SELECT id FROM names WHERE name = $1`,
		`INSERT INTO names (name) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id`, criteria.Clean(text))
	if err != nil {
		return 0, fmt.Errorf("intern name: %w", err)
	}
	b.names[text] = number
	return number, nil
}

// nameAll is name for many; it stops at the first error.
func (b *batch) nameAll(texts ...string) ([]int64, error) {
	out := make([]int64, len(texts))
	for i, text := range texts {
		number, err := b.name(text)
		if err != nil {
			return nil, err
		}
		out[i] = number
	}
	return out, nil
}

// newNumber is number for a ticket number that is most likely new: it is made
// unseen, together with everything else that is queued.
func (b *batch) newNumber(workspace int64, text string) (int64, error) {
	if b.how == carefully || text == "" {
		return b.number(workspace, text)
	}
	key := numberKey{workspace, criteria.Clean(text)}
	if number, ok := b.knownNumber(key); ok {
		return number, nil
	}
	number, err := b.w.unusedNumber(b.ctx)
	if err != nil {
		return 0, err
	}
	insert, index := insertNumber(key, number)
	b.laterInsert(insert.Text, insert.Args...)
	b.laterText(index.Text, index.Args...)
	b.numbers[key] = number
	return number, nil
}

func (b *batch) knownNumber(key numberKey) (int64, bool) {
	if number, ok := b.store.numbers.get(key); ok {
		return number, true
	}
	number, ok := b.numbers[key]
	return number, ok
}

// number returns the number of a ticket number in the dictionary, and makes
// one for a new ticket number. Between looking and making another process may
// make the row.
func (b *batch) number(workspace int64, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	key := numberKey{workspace, criteria.Clean(text)}
	if number, ok := b.knownNumber(key); ok {
		return number, nil
	}
	for _, try := range []func(numberKey) (int64, bool, error){b.findNumber, b.makeNumber, b.findNumber} {
		number, ok, err := try(key)
		if err != nil {
			return 0, fmt.Errorf("find ticket number: %w", err)
		}
		if ok {
			b.numbers[key] = number
			return number, nil
		}
	}
	return 0, errors.New("find ticket number: row cannot be made")
}

func (b *batch) findNumber(key numberKey) (number int64, ok bool, err error) {
	ok, err = b.one(`SELECT id FROM numbers WHERE workspace = $1 AND number = $2`, []any{key.workspace, key.number}, &number)
	return number, ok, err
}

// makeNumber puts a ticket number into the dictionary and its text index,
// unless it is there.
func (b *batch) makeNumber(key numberKey) (number int64, ok bool, err error) {
	if number, err = b.w.unusedNumber(b.ctx); err != nil {
		return 0, false, err
	}
	insert, index := insertNumber(key, number)
	changed, err := b.exec(insert.Text, insert.Args...)
	if changed > 0 {
		b.laterText(index.Text, index.Args...)
	}
	return number, changed > 0, err
}

func insertNumber(key numberKey, number int64) (row, index Statement) {
	folded := criteria.Fold(key.number)
	row = Statement{
		`INSERT INTO numbers (id, workspace, number, folded) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		[]any{number, key.workspace, key.number, folded},
	}
	index = Statement{`INSERT INTO number_grams (rowid, folded) VALUES ($1, $2)`, []any{number, folded}}
	return row, index
}

// intern finds a row's number, or makes the row; between the two another
// process may make it.
func (b *batch) intern(find, make string, args ...any) (int64, error) {
	var number int64
	for _, text := range []string{find, make, find} {
		found, err := b.one(text, args, &number)
		if err != nil || found {
			return number, err
		}
	}
	return 0, errors.New("row cannot be made")
}

// later has a statement run at the end of the transaction. Statements that
// wait can be sent together: what a server is asked one by one takes longest.
func (b *batch) later(text string, args ...any) {
	b.laterThen(nil, text, args...)
}

// laterThen calls then with the number of rows that the statement changed.
func (b *batch) laterThen(then func(changed int64) error, text string, args ...any) {
	b.queue = append(b.queue, queued{Statement{text, args}, then})
}

// laterInsert has a statement run that must change a row; one that changes
// none is a conflict, which undoes the transaction.
func (b *batch) laterInsert(text string, args ...any) {
	b.laterThen(conflictIfNone, text, args...)
}

func conflictIfNone(changed int64) error {
	if changed == 0 {
		return executionlog.ErrConflict
	}
	return nil
}

// laterText does so for statements on text indices, which come last of all
// and together: SQLite writes out what it has gathered for such an index at
// almost every statement on something else.
func (b *batch) laterText(text string, args ...any) {
	b.texts = append(b.texts, Statement{text, args})
}

// drain runs what is queued, and what is queued because of it.
func (b *batch) drain() error {
	for len(b.queue) > 0 {
		queue := b.queue
		b.queue = nil
		statements := make([]Statement, len(queue))
		for i := range queue {
			statements[i] = queue[i].Statement
		}
		changed, err := b.runAll(statements)
		if err != nil {
			return err
		}
		for i, q := range queue {
			if q.then == nil {
				continue
			}
			if err := q.then(changed[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *batch) runAll(statements []Statement) ([]int64, error) {
	if len(statements) == 0 {
		return nil, nil
	}
	return b.store.Dialect.RunAll(b.ctx, b.w.conn, statements, func(s Statement) (int64, error) { return b.exec(s.Text, s.Args...) })
}

// flush runs everything that was gathered for the end of the transaction.
func (b *batch) flush() error {
	if err := b.drain(); err != nil {
		return err
	}
	b.counts.write(b)
	b.writeSpans()
	if err := b.drain(); err != nil {
		return fmt.Errorf("write counts: %w", err)
	}
	if _, err := b.runAll(b.texts); err != nil {
		return fmt.Errorf("write text index: %w", err)
	}
	return nil
}

// publish makes known what the committed transaction made.
func (b *batch) publish() {
	b.store.names.add(b.names)
	b.store.numbers.add(b.numbers)
	b.store.active.add(b.spans)
}
