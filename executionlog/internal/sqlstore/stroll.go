package sqlstore

import (
	"context"

	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
)

// stroll goes through rows for attempts of many tickets, all of which may have
// some among them: passing by meets enough sooner than each ticket can be
// looked up. How far it goes costs about as much as looking them up, so that
// it is no great loss where there are none.
type stroll struct {
	way  way
	next int // how many rows it looks through next
	left int // how many it may look through
}

// strollSizes say when one pays.
type strollSizes struct {
	// tickets is how many are looked up instead.
	tickets int
	// perTicket is how many rows are gone past in about the time that looking
	// up one ticket takes.
	perTicket int
	// first is how many rows a stroll begins with, and most how many it looks
	// through at most.
	first, most int
}

var usualStrolls = strollSizes{tickets: 500, perTicket: 8, first: 2000, most: 40_000}

// strollByIndex is how many times as long rows take that an index leads to one
// by one.
const strollByIndex = 4

// strollAmong returns the way along which attempts of the tickets may be met,
// nil if looking them up is as good.
func (s *Store) strollAmong(tickets []int64, plain way) *stroll {
	sizes := s.lookups.stroll
	if len(tickets) <= sizes.tickets {
		return nil
	}
	w := &stroll{way: plain, next: sizes.first, left: min(sizes.perTicket*len(tickets), sizes.most)}
	if len(plain.by) > 0 {
		w.next, w.left = max(1, w.next/strollByIndex), w.left/strollByIndex
	}
	return w
}

// goesOn says whether it pays to go on so.
func (w *stroll) goesOn() bool { return w != nil && w.left > 0 }

// readAlong reads the matches among the next rows.
func (p *plan) readAlong(ctx context.Context, w *way, after criteria.Place, chunk int) (stretch, error) {
	along := w.along
	size := min(along.next, along.left)
	along.left -= size
	along.next = 4 * size
	end, err := p.placeBehind(ctx, &along.way, p.led(&along.way), after, size)
	if err != nil {
		return stretch{}, err
	}
	sel := p.bounds(&along.way, after, end)
	sel.terms = append(sel.terms, p.store.Dialect.Among("a.ticket", w.tickets, sel.arg))
	found, err := p.rows(ctx, &along.way, sel, chunk)
	part := stretch{found: found, more: len(found) == chunk || end.Set, short: true}
	switch {
	case len(found) == chunk:
		part.last = found[chunk-1].number
	case end.Set:
		part.last, part.passed = end.Number, (size-len(found))/(passedPerRow*strollByIndex)
	}
	return part, err
}
