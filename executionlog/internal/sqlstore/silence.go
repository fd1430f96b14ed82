package sqlstore

import (
	"context"
	"database/sql"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
)

// tail are the tickets of the blocks between two numbers: those first that had
// their last attempt first in the order of a search (or their first one, oldest
// first). They are asked for as their blocks come, however many follow.
type tail struct {
	busy        busy
	first, last int64 // blocks
}

// tailShare is of how many tickets in the first blocks one at least has to fit
// for reading a tail: otherwise it is better to look for all that do.
const tailShare = 8

// planBehind replaces a plan that has found too little by one that looks for
// tickets and texts; nil if nothing can match.
func (s *Store) planBehind(ctx context.Context, p *plan, after criteria.Place) (*plan, error) {
	match := p.match
	// A beginning is looked for in no time.
	begins := match.Ticket.Prefix() != ""
	if match.Filter.Ticket != "" && !begins {
		if there, err := p.passSilence(ctx, after); err != nil || !there {
			return nil, err
		}
		if p.ways[0].tail != nil {
			return p, nil
		}
	}
	p, err := s.plan(ctx, match, true)
	if err != nil || p == nil || !begins || len(p.ways[0].tickets) > 0 || p.ways[0].oneTicket {
		return p, err
	}
	if there, err := p.passSilence(ctx, after); err != nil || !there {
		return nil, err
	}
	return p, nil
}

// passSilence leaves out of a search what comes first in its order and in
// which no ticket had an attempt that fits the pattern: those that begin like
// the tickets of last year have been silent for long, however many they are.
// Where enough tickets there fit, what follows is read by its tail. It goes by
// the blocks from the first to the last of these tickets; there is false if
// there are none.
func (p *plan) passSilence(ctx context.Context, after criteria.Place) (there bool, err error) {
	match, parts := p.match, longParts(p.match.Ticket)
	if len(parts) == 0 || !p.store.Dialect.InOrder() {
		return true, nil
	}
	first, last, there, err := p.store.ticketsBetween(ctx, parts)
	if err != nil || !there {
		return false, err
	}
	low, high := within(match.Low, match.High, after, match.OldestFirst)
	behind := &tail{first: first / blockSize, last: last / blockSize}
	blocks, err := p.tailBlocks(ctx, behind, low, high, 1)
	if err != nil || len(blocks) == 0 {
		return false, err
	}
	bound, passed := boundOf(blocks[0].at, match.OldestFirst), false
	if match.OldestFirst {
		passed, match.Low = bound > low, max(match.Low, bound)
	} else {
		passed, match.High = bound < high, min(match.High, bound)
	}
	w := &p.ways[0]
	if !passed || len(p.ways) > 1 || w.table != "" || len(w.by) > 0 {
		return true, nil
	}
	low, high = within(match.Low, match.High, after, match.OldestFirst)
	if err := p.moreTail(ctx, behind, low, high); err != nil {
		return false, err
	}
	if len(behind.busy.tickets)*tailShare >= behind.busy.taken*blockSize {
		w.tail = behind
	}
	return true, nil
}

// ticketsBetween returns two numbers of the dictionary between which all
// tickets are that contain the parts; there is false if there are none.
func (s *Store) ticketsBetween(ctx context.Context, parts []string) (first, last int64, there bool, err error) {
	var sel selection
	end := func(direction string) string {
		return "(SELECT g.rowid FROM number_grams g WHERE " + s.Dialect.Contains("number_grams", "g", parts, sel.arg) + " ORDER BY g.rowid" + direction + " LIMIT 1)"
	}
	var from, to sql.NullInt64
	err = s.one(ctx, "SELECT "+end("")+", "+end(" DESC"), sel.args, &from, &to)
	return from.Int64, to.Int64, from.Valid && to.Valid, err
}

// tailBlocks returns the blocks of a tail, in its order, that had attempts
// between two numbers.
func (p *plan) tailBlocks(ctx context.Context, t *tail, low, high int64, most int) (blocks []block, err error) {
	column := "last"
	if p.match.OldestFirst {
		column = "first"
	}
	newest := int64(math.MaxInt64)
	if high < math.MaxInt64 {
		newest = stepOf(high, hour)
	}
	number := p.store.Dialect.Aside("block") // the index in the order leads
	err = p.store.each(ctx, `SELECT block, `+column+` FROM ticket_spans WHERE first <= $1 AND last >= $2 AND `+number+` >= $3 AND `+number+` <= $4
		ORDER BY `+column+direction(p.match.OldestFirst)+` LIMIT $5`, []any{newest, stepOf(low, hour), t.first, t.last, most},
		func(rows *sql.Rows) (bool, error) {
			var b block
			err := rows.Scan(&b.number, &b.at)
			blocks = append(blocks, b)
			return true, err
		})
	return blocks, err
}

// readTail finds the next attempts of a tail's tickets.
func (p *plan) readTail(ctx context.Context, w *way, after criteria.Place, chunk int) (stretch, error) {
	low, high := within(p.match.Low, p.match.High, after, p.match.OldestFirst)
	b := &w.tail.busy
	for !b.begun() || p.past(b.bound, low, high) {
		if low >= high {
			return stretch{}, nil
		}
		if len(b.tickets) > p.store.lookups.tailTickets || b.begun() && b.taken == len(b.blocks) {
			w.tail = nil
			return p.readWay(ctx, w, after, chunk)
		}
		if err := p.moreTail(ctx, w.tail, low, high); err != nil {
			return stretch{}, err
		}
	}
	return p.readBusy(ctx, w, b, low, high, chunk)
}

// moreTail has the tickets of the next blocks come first, too.
func (p *plan) moreTail(ctx context.Context, t *tail, low, high int64) (err error) {
	b, sizes := &t.busy, &p.store.lookups
	wanted := max(1, sizes.first/blockSize)
	if !b.begun() {
		if b.blocks, err = p.tailBlocks(ctx, t, low, high, sizes.tailBlocks); err != nil {
			return err
		}
	} else {
		wanted = max(1, b.taken*sizes.growth/2)
	}
	begin := b.taken
	for ; b.taken < len(b.blocks); b.taken++ {
		// Whole hours of them, or the bound would leave out what the last of
		// them had in its hour.
		if b.taken-begin >= wanted && b.blocks[b.taken].at != b.blocks[b.taken-1].at {
			break
		}
	}
	more, err := p.ticketsOf(ctx, b.blocks[begin:b.taken])
	b.tickets = append(b.tickets, more...)
	switch {
	case b.taken < len(b.blocks):
		b.bound = boundOf(b.blocks[b.taken].at, p.match.OldestFirst)
	case len(b.blocks) == sizes.tailBlocks:
		b.bound = boundOf(b.blocks[b.taken-1].at, p.match.OldestFirst) // where unknown ones may follow
	default:
		b.bound = nobody(p.match.OldestFirst)
	}
	b.taken = max(b.taken, 1)
	return err
}

// ticketsOf returns the tickets of blocks that may fit the pattern.
func (p *plan) ticketsOf(ctx context.Context, blocks []block) ([]int64, error) {
	numbers := make([]int64, 0, len(blocks)*blockSize)
	for _, b := range blocks {
		for i := range int64(blockSize) {
			numbers = append(numbers, b.number*blockSize+i)
		}
	}
	dialect := p.store.Dialect
	var sel selection
	sel.terms = append(sel.terms, "n.id "+dialect.In(sel.arg(dialect.List(numbers))))
	for _, part := range p.match.Ticket.Parts() {
		sel.where(dialect.Holds("n.folded", "%s"), part)
	}
	found, _, err := p.store.gather(ctx, "SELECT n.id FROM numbers n"+sel.conditions(), sel.args)
	return found, err
}

// longParts returns the parts of a pattern that trigrams narrow.
func longParts(pattern criteria.Pattern) []string {
	return slices.DeleteFunc(pattern.Parts(), func(part string) bool { return utf8.RuneCountInString(part) < 3 })
}
