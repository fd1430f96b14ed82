package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
)

// passing is how far searchable texts are gone through in their order, where
// the index would find all that match before it knows the first: what many
// texts contain is met soon.
type passing struct {
	rows int  // how many are gone past next; 0 at first
	over bool // the index finds the rest
}

const (
	// passedFirst is how many texts are gone past at first, and passedMost how
	// many at a time at most.
	passedFirst = 3000
	passedMost  = 40_000
	// passedPerMatch is of how many texts one at least must match for going on.
	passedPerMatch = 250
)

// readTexts finds the next attempts of a way through a text index: their
// numbers first, and then the rows of those that come first.
func (p *plan) readTexts(ctx context.Context, w *way, after criteria.Place, chunk int) (stretch, error) {
	low, high := within(p.match.Low, p.match.High, after, p.match.OldestFirst)
	if low >= high {
		return stretch{}, nil
	}
	found, err := p.textNumbers(ctx, w, low, high, chunk)
	if err != nil || len(found.numbers) == 0 {
		return found.stretch, err
	}
	var sel selection
	sel.terms = append(sel.terms, "a.id "+p.store.Dialect.In(sel.arg(p.store.Dialect.List(found.numbers))))
	plain := way{from: fromAttempts, id: "a.id"}
	part := found.stretch
	if part.found, err = p.rows(ctx, &plain, sel, chunk); err != nil {
		return part, err
	}
	part.passed += (len(found.numbers) - len(part.found)) / passedPerRow
	if len(part.found) == chunk {
		part.last, part.more, part.short = part.found[chunk-1].number, true, false
	}
	return part, nil
}

// numbered is a stretch of which the numbers are known.
type numbered struct {
	stretch
	numbers []int64
}

// textNumbers finds the numbers of the next candidates.
func (p *plan) textNumbers(ctx context.Context, w *way, low, high int64, chunk int) (numbered, error) {
	if !w.passing.over {
		return p.passBy(ctx, w, low, high, chunk)
	}
	limit := p.textsFor(chunk)
	sel := p.candidates(w, func(sel *selection) { p.askText(w, sel) }, low, high)
	// An expression, or it would rather go past all texts in their order.
	query := "SELECT " + w.id + " AS id FROM " + w.table + " " + w.alias + sel.conditions() +
		" ORDER BY " + w.id + " + 0" + direction(p.match.OldestFirst) + " LIMIT " + sel.arg(limit)
	var found numbered
	var err error
	if found.numbers, _, err = p.store.gather(ctx, query, sel.args); err != nil {
		return found, err
	}
	p.sort(found.numbers)
	if found.more = len(found.numbers) == limit; found.more {
		found.last = found.numbers[limit-1]
	}
	return found, nil
}

// passBy compares the next texts in their order.
func (p *plan) passBy(ctx context.Context, w *way, low, high int64, chunk int) (numbered, error) {
	rows := max(passedFirst, w.passing.rows)
	var sel selection
	sel.where(w.id+" >= %s", low)
	sel.where(w.id+" < %s", high)
	texts := "(SELECT * FROM " + w.table + " " + w.alias + sel.conditions() + " ORDER BY " + w.id + direction(p.match.OldestFirst) + " LIMIT " + sel.arg(rows) + ") " + w.alias
	asked := selection{args: sel.args}
	p.askText(w, &asked)
	text := "SELECT string_agg(CASE WHEN " + strings.Join(asked.terms, " AND ") + " THEN CAST(" + w.id + " AS TEXT) END, ','), count(*), coalesce(" +
		edge(p.match.OldestFirst) + "(" + w.id + "), 0) FROM " + texts
	var found numbered
	var list sql.NullString
	var passed int
	if err := p.store.one(ctx, text, asked.args, &list, &passed, &found.last); err != nil {
		return found, err
	}
	var err error
	if found.numbers, err = parseNumbers(list.String); err != nil {
		return found, err
	}
	p.sort(found.numbers)
	found.more, found.short = passed == rows, true
	found.passed = passed / (passedPerRow * passedPerRow)
	matches := len(found.numbers)
	w.passing.over = matches*passedPerMatch < passed
	w.passing.rows = min(passedMost, max(passedFirst, 2*chunk*rows/max(1, matches)))
	if limit := p.textsFor(chunk); matches > limit {
		found.numbers, found.last, found.more, found.short = found.numbers[:limit], found.numbers[limit-1], true, false
	}
	return found, nil
}

// textsFor is how many candidates are looked up for a number of rows that are
// wanted.
func (p *plan) textsFor(chunk int) int {
	if p.sparse {
		return max(chunk, p.sparseRows(chunk)/passedPerRow)
	}
	return chunk
}

// sort puts numbers into the order of the search.
func (p *plan) sort(numbers []int64) {
	slices.SortFunc(numbers, func(a, b int64) int {
		if p.match.OldestFirst {
			return cmp.Compare(a, b)
		}
		return cmp.Compare(b, a)
	})
}

// parseNumbers reads numbers between commas.
func parseNumbers(list string) ([]int64, error) {
	if list == "" {
		return nil, nil
	}
	numbers := make([]int64, 0, strings.Count(list, ",")+1)
	for text := range strings.SplitSeq(list, ",") {
		number, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read list of numbers: %w", err)
		}
		numbers = append(numbers, number)
	}
	return numbers, nil
}

// countNumbers counts how often each number is between commas, and all of them.
func countNumbers(list string) (counts map[int64]int64, all int64, err error) {
	counts = map[int64]int64{}
	if list == "" {
		return counts, 0, nil
	}
	last, same := "", int64(0)
	for text := range strings.SplitSeq(list, ",") {
		if text == last {
			same++
			continue
		}
		if err := addNumber(counts, last, same); err != nil {
			return nil, 0, err
		}
		all += same
		last, same = text, 1
	}
	return counts, all + same, addNumber(counts, last, same)
}

func addNumber(counts map[int64]int64, text string, n int64) error {
	if n == 0 {
		return nil
	}
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fmt.Errorf("read list of numbers: %w", err)
	}
	counts[number] += n
	return nil
}
