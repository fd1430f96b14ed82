package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
)

// scanChunk is how many rows a search that has to compare them itself reads
// at a time, at most.
const scanChunk = 4000

// Executions lists attempts.
func (s *Store) Executions(ctx context.Context, filter executionlog.Filter, limit int, cursor string) (executionlog.Page[*executionlog.Attempt], error) {
	var page executionlog.Page[*executionlog.Attempt]
	query := criteria.AttemptsQuery(filter)
	after, err := query.Place(cursor)
	if err != nil {
		return page, err
	}
	limit = criteria.Limit(limit)
	var last int64
	w := walk{filter: filter, after: after, wanted: limit + 1, budget: s.searchRows()}
	err = s.walk(ctx, &w, func(number int64, a *executionlog.Attempt) (bool, error) {
		if len(page.Items) == limit {
			page.Next = query.Cursor(criteria.Place{Number: last})
			return false, nil
		}
		page.Items, last = append(page.Items, a), number
		return true, nil
	})
	if err == nil && w.partial {
		page.Next, page.Partial = query.Cursor(w.after), len(page.Items) < limit
	}
	return page, s.classify("search attempts", err)
}

// Export calls yield for each match.
func (s *Store) Export(ctx context.Context, filter executionlog.Filter, yield func(*executionlog.Attempt) error) error {
	var stopped error
	w := walk{filter: filter, wanted: scanChunk}
	err := s.walk(ctx, &w, func(_ int64, a *executionlog.Attempt) (bool, error) {
		stopped = yield(a)
		return stopped == nil, nil
	})
	if stopped != nil {
		return stopped
	}
	return s.classify("export attempts", err)
}

// plan is how a search finds its candidates: one or more ways whose results
// together, in order, contain every match.
type plan struct {
	store     *Store
	match     *criteria.Attempts
	common    []condition // hold for every way
	sparse    bool        // there are conditions that no index answers
	workspace int64
	ways      []way
	responses map[int64]bool // by attempt: whether its response matches
}

// condition is a comparison of a column with a value.
type condition struct {
	text  string // with %s for the value, if there is one
	value any
}

func (c condition) add(sel *selection) {
	if c.value == nil {
		sel.terms = append(sel.terms, c.text)
		return
	}
	sel.where(c.text, c.value)
}

// way is one way to candidates.
type way struct {
	from string // what is read, with attempts as a
	id   string // the column that the order goes by
	// by are conditions that an index answers.
	by []condition
	// text asks a text index for folded texts.
	table, alias string
	text         []string
	passing      passing
	// ending, if it is not empty, asks instead for texts that end so.
	ending string
	// tickets are looked up one by one, through the index; oneTicket says
	// that by holds the only one.
	tickets   []int64
	oneTicket bool
	// busy are those of them to look up first.
	busy busy
	// along, if it is not nil, is gone through for attempts of the tickets
	// where too many are busy.
	along *stroll
	// tail, if it is not nil, has instead the tickets that come first in the
	// order of the last attempts of all.
	tail *tail
}

const fromAttempts = "attempts a"

// stretch is a part of the order that has been read.
type stretch struct {
	found []*attemptRow
	// last is where it ends, if there may be more behind it.
	last int64
	more bool
	// short says that it ends for another reason than that there are enough:
	// none to read more at a time.
	short bool
	// passed is what it takes from a budget that the database has looked
	// through more than it found.
	passed int
}

// before says whether a number comes before another in the order.
func (p *plan) before(a, b int64) bool { return a != b && (a < b) == p.match.OldestFirst }

// read returns the next candidates in order.
func (p *plan) read(ctx context.Context, after criteria.Place, chunk int) (stretch, error) {
	var all stretch
	for i := range p.ways {
		part, err := p.readWay(ctx, &p.ways[i], after, chunk)
		if err != nil {
			return stretch{}, err
		}
		all.found = append(all.found, part.found...)
		all.passed += part.passed
		all.short = all.short || part.short
		// Behind the end of one way, the others are not complete.
		if part.more && (!all.more || p.before(part.last, all.last)) {
			all.last, all.more = part.last, true
		}
	}
	if len(p.ways) == 1 {
		return all, nil
	}
	slices.SortFunc(all.found, func(a, b *attemptRow) int {
		switch {
		case p.before(a.number, b.number):
			return -1
		case p.before(b.number, a.number):
			return 1
		}
		return 0
	})
	all.found = slices.CompactFunc(all.found, func(a, b *attemptRow) bool { return a.number == b.number })
	if all.more {
		all.found = slices.DeleteFunc(all.found, func(row *attemptRow) bool { return p.before(all.last, row.number) })
	}
	return all, nil
}

func (p *plan) readWay(ctx context.Context, w *way, after criteria.Place, chunk int) (stretch, error) {
	if len(w.tickets) > 0 {
		return p.readTickets(ctx, w, after, chunk)
	}
	if w.tail != nil {
		return p.readTail(ctx, w, after, chunk)
	}
	if len(w.text) > 0 && !p.store.Dialect.InOrder() {
		return p.readTexts(ctx, w, after, chunk)
	}
	if w.table == "" && len(w.by) == 0 && p.workspace != anyWorkspace {
		var there bool
		var err error
		if after, there, err = p.skip(ctx, after); err != nil || !there {
			return stretch{}, err
		}
	}
	end, err := p.boundary(ctx, w, after, chunk)
	if err != nil {
		return stretch{}, err
	}
	found, err := p.rows(ctx, w, p.bounds(w, after, end), chunk)
	part := stretch{found: found, more: len(found) == chunk}
	switch {
	case part.more:
		part.last = found[chunk-1].number
	case end.Set:
		part.last, part.more, part.passed = end.Number, true, p.sparseRows(chunk)/passedPerRow
	}
	return part, err
}

// skip goes on to the first attempt of the workspace behind a place: before
// it there may be many of others. there is false if there is none.
func (p *plan) skip(ctx context.Context, after criteria.Place) (next criteria.Place, there bool, err error) {
	low, high := within(p.match.Low, p.match.High, after, p.match.OldestFirst)
	err = p.store.each(ctx, `SELECT id FROM attempts WHERE workspace = $1 AND id >= $2 AND id < $3 ORDER BY id`+direction(p.match.OldestFirst)+` LIMIT 1`,
		[]any{p.workspace, low, high}, func(rows *sql.Rows) (bool, error) {
			there, next.Set = true, true
			return false, rows.Scan(&next.Number)
		})
	if p.match.OldestFirst {
		next.Number--
	} else {
		next.Number++
	}
	return next, there, err
}

// bounds selects what of a way is behind a place and, if end is set, up to
// and including it.
func (p *plan) bounds(w *way, after, end criteria.Place) selection {
	low, high := p.match.Low, p.match.High
	switch {
	case end.Set && p.match.OldestFirst:
		high = min(high, end.Number+1)
	case end.Set:
		low = max(low, end.Number)
	}
	var sel selection
	sel.between(w.id, low, high, after, p.match.OldestFirst)
	if w.table != "" {
		// Said of both sides: PostgreSQL does not conclude it, and would read
		// one of them from its end.
		sel.between(p.store.Dialect.Aside("a.id"), low, high, after, p.match.OldestFirst)
	}
	return sel
}

// passedPerRow is how many rows the database looks through in the time that
// comparing one takes here.
const passedPerRow = 4

// leastSparse is how many candidates of an index are looked through at a time,
// at least, where most may not match.
const leastSparse = 1500

// sparseRows is how many they are for a number of rows that are wanted.
func (p *plan) sparseRows(chunk int) int {
	return min(max(leastSparse, 4*chunk), passedPerRow*p.store.searchRows())
}

// boundary returns how far to read for a number of rows at a time, so that a
// search whose conditions fit hardly any row comes to an end; not set if that
// is to the end.
func (p *plan) boundary(ctx context.Context, w *way, after criteria.Place, chunk int) (criteria.Place, error) {
	if !p.sparse || w.oneTicket {
		return criteria.Place{}, nil
	}
	return p.placeBehind(ctx, w, p.indexed(w), after, p.sparseRows(chunk))
}

// placeBehind returns the place of the last of so many rows of a way behind a
// place, of those that fit conditions which an index answers; not set where
// there are fewer.
func (p *plan) placeBehind(ctx context.Context, w *way, indexed []condition, after criteria.Place, rows int) (criteria.Place, error) {
	var end criteria.Place
	var sel selection
	low, high := within(p.match.Low, p.match.High, after, p.match.OldestFirst)
	sel.where(w.id+" >= %s", low)
	sel.where(w.id+" < %s", high)
	from := w.from
	if w.table != "" {
		from = w.table + " " + w.alias
		p.askText(w, &sel)
	}
	for _, c := range indexed {
		c.add(&sel)
	}
	text := "SELECT " + w.id + " FROM " + from + sel.conditions() + " ORDER BY " + w.id + direction(p.match.OldestFirst) +
		" LIMIT 1 OFFSET " + sel.arg(rows-1)
	err := p.store.each(ctx, text, sel.args, func(rows *sql.Rows) (bool, error) {
		end.Set = true
		return false, rows.Scan(&end.Number)
	})
	return end, err
}

// indexed returns what an index answers of a way's conditions.
func (p *plan) indexed(w *way) []condition {
	if w.table != "" {
		return nil // but the text index itself
	}
	indexed := p.led(w)
	if len(indexed) == 0 && p.workspace != anyWorkspace {
		// Its index holds little but the order.
		indexed = append(indexed, condition{"a.workspace = %s", p.workspace})
	}
	return indexed
}

// led returns what the index that leads a way answers.
func (p *plan) led(w *way) []condition {
	led := slices.Clone(w.by)
	for _, c := range p.common {
		if c.value == nil {
			led = append(led, c)
		}
	}
	return led
}

// askText adds the question to the text index.
func (p *plan) askText(w *way, sel *selection) {
	if w.ending != "" {
		sel.terms = append(sel.terms, p.store.Dialect.Ends(w.table, w.alias, w.ending, sel.arg))
		return
	}
	sel.terms = append(sel.terms, p.store.Dialect.Contains(w.table, w.alias, w.text, sel.arg))
}

// rows reads the rows of a way.
func (p *plan) rows(ctx context.Context, w *way, sel selection, limit int) ([]*attemptRow, error) {
	if w.table != "" {
		p.askText(w, &sel)
	}
	for _, c := range slices.Concat(w.by, p.common) {
		c.add(&sel)
	}
	columns, join := attemptColumns, ""
	if p.match.Response != "" {
		columns, join = columns+", t.content", " LEFT JOIN details t ON t.attempt = a.id"
	}
	text := "SELECT " + columns + " FROM " + w.from + " LEFT JOIN numbers n ON n.id = a.ticket" + join +
		sel.conditions() + " ORDER BY " + w.id + direction(p.match.OldestFirst) + " LIMIT " + sel.arg(limit)
	var read []*attemptRow
	err := p.store.each(ctx, text, sel.args, func(rows *sql.Rows) (bool, error) {
		row := &attemptRow{}
		targets := row.targets()
		var detail []byte
		if join != "" {
			targets = append(targets, &detail)
		}
		if err := rows.Scan(targets...); err != nil {
			return false, err
		}
		read = append(read, row)
		return true, p.respond(row, detail)
	})
	return read, err
}

// respond notes whether a row's response matches, before its detail is
// forgotten.
func (p *plan) respond(row *attemptRow, packed []byte) error {
	if p.match.Response == "" {
		return nil
	}
	matches := false
	if packed != nil {
		var head, body []byte
		if err := unpackParts(packed, &head, &body); err != nil {
			return fmt.Errorf("read detail: %w", err)
		}
		matches = p.match.MatchResponse(body)
	}
	if matches {
		p.responses[row.number] = true
	}
	return nil
}

func (p *plan) answered(row *attemptRow) bool {
	if p.match.Response == "" {
		return true
	}
	matches := p.responses[row.number]
	delete(p.responses, row.number)
	return matches
}

// narrowing returns the texts by which a text index can narrow a search.
func (s *Store) narrowing(texts ...string) []string {
	var out []string
	for _, text := range texts {
		if s.Dialect.Narrows(text) {
			out = append(out, text)
		}
	}
	return out
}
