package sqlstore

import (
	"context"
	"database/sql"

	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
)

// busy are the tickets to look up first: those of the blocks that come first
// in the order. All attempts up to the bound are theirs.
type busy struct {
	tickets []int64
	bound   int64
	// Where the tickets share few blocks, these are all of them in order, each
	// with its tickets, and taken is how many come first.
	blocks []block
	taken  int
	// Otherwise most is how many blocks were asked for.
	most int
}

// lookupSizes say when tickets are looked up in which way.
type lookupSizes struct {
	// probe is how many rows are worth looking through instead.
	probe int
	// simple is how many tickets are simply looked up, all of them.
	simple int
	// few is how many blocks are read by their numbers, all of them.
	few int
	// first is how many blocks are asked for first otherwise, or how many
	// tickets come first where all blocks are known; growth is how many times
	// as many come next.
	first, growth int
	// stroll is for how many tickets that come first rows are gone through.
	stroll strollSizes
	// tailBlocks is how many blocks of a tail are known at most, and
	// tailTickets from how many tickets on rows are gone through instead.
	tailBlocks, tailTickets int
}

var usualLookups = lookupSizes{probe: 6000, simple: 100, few: 1000, first: 512, growth: 8, stroll: usualStrolls, tailBlocks: 400, tailTickets: 3000}

// readTickets finds the next attempts of a way's tickets. Of many it looks up
// only those that may have the first ones.
func (p *plan) readTickets(ctx context.Context, w *way, after criteria.Place, chunk int) (stretch, error) {
	low, high := within(p.match.Low, p.match.High, after, p.match.OldestFirst)
	sizes := &p.store.lookups
	if len(w.tickets) <= sizes.simple {
		return p.lookUp(ctx, w, w.tickets, low, high, chunk)
	}
	for !w.busy.begun() || p.past(w.busy.bound, low, high) {
		if low >= high {
			return stretch{}, nil
		}
		if err := p.moreBusy(ctx, w, low, high); err != nil {
			return stretch{}, err
		}
		if w.strolls(sizes) {
			break
		}
	}
	if w.strolls(sizes) {
		return p.readAlong(ctx, w, after, chunk)
	}
	return p.readBusy(ctx, w, &w.busy, low, high, chunk)
}

// readBusy finds the next attempts of the tickets that come first, up to their
// bound.
func (p *plan) readBusy(ctx context.Context, w *way, b *busy, low, high int64, chunk int) (stretch, error) {
	from, to, end := low, high, false
	if p.match.OldestFirst {
		to = min(high, b.bound)
		end = to == high
	} else {
		from = max(low, b.bound)
		end = from == low
	}
	part, err := p.lookUp(ctx, w, b.tickets, from, to, chunk)
	if err != nil || part.more || end {
		return part, err
	}
	part.more, part.short, part.last = true, true, b.bound
	if p.match.OldestFirst {
		part.last = to - 1
	}
	return part, nil
}

// strolls says whether going through rows is better than looking up the tickets
// that come first. Where all blocks are known, more tickets come first only
// once others had no attempts: theirs are likely far apart.
func (w *way) strolls(sizes *lookupSizes) bool {
	many := sizes.stroll.tickets
	if w.busy.most == 0 {
		many *= sizes.growth
	}
	return len(w.busy.tickets) > many && w.along.goesOn()
}

// past says whether all attempts between two numbers are behind a bound.
func (p *plan) past(bound, low, high int64) bool {
	if p.match.OldestFirst {
		return bound <= low
	}
	return bound >= high
}

func (b *busy) begun() bool { return b.most > 0 || b.taken > 0 }

// moreBusy has more tickets come first than before.
func (p *plan) moreBusy(ctx context.Context, w *way, low, high int64) error {
	b, sizes := &w.busy, &p.store.lookups
	if !b.begun() {
		byBlock := map[int64][]int64{}
		for _, ticket := range w.tickets {
			byBlock[ticket/blockSize] = append(byBlock[ticket/blockSize], ticket)
		}
		if len(byBlock) <= sizes.few {
			var err error
			if b.blocks, err = p.store.blocks(ctx, byBlock, p.match.OldestFirst); err != nil {
				return err
			}
			b.take(sizes, p.match.OldestFirst)
			return nil
		}
	}
	if b.most == 0 && b.taken > 0 {
		b.take(sizes, p.match.OldestFirst)
		return nil
	}
	b.most = max(sizes.first, b.most*sizes.growth)
	first, bound, err := p.store.busiest(ctx, low, high, p.match.OldestFirst, b.most)
	if err != nil {
		return err
	}
	b.tickets, b.bound = b.tickets[:0], bound
	for _, ticket := range w.tickets {
		if first[ticket/blockSize] {
			b.tickets = append(b.tickets, ticket)
		}
	}
	return nil
}

// blocksPerTicket is how many blocks are read in the time that looking up a
// ticket takes.
const blocksPerTicket = 8

// take has the next blocks come first, too: whole hours of them, or the bound
// would leave out what the last of them had in its hour.
func (b *busy) take(sizes *lookupSizes, oldest bool) {
	wanted := max(sizes.first/blocksPerTicket, sizes.growth*len(b.tickets))
	for ; b.taken < len(b.blocks); b.taken++ {
		next := b.blocks[b.taken]
		if len(b.tickets) >= wanted && next.at != b.blocks[b.taken-1].at {
			break
		}
		b.tickets = append(b.tickets, next.tickets...)
	}
	if b.taken < len(b.blocks) {
		b.bound = boundOf(b.blocks[b.taken].at, oldest)
		return
	}
	b.bound = nobody(oldest)
	b.taken = max(b.taken, 1)
}

// lookUp finds the numbers of tickets' attempts first, in the index alone, and
// then reads the rows of those that come first.
func (p *plan) lookUp(ctx context.Context, w *way, tickets []int64, low, high int64, chunk int) (stretch, error) {
	if len(tickets) == 0 || low >= high {
		return stretch{}, nil
	}
	dialect := p.store.Dialect
	var sel selection
	text := dialect.AttemptsOf(sel.arg(dialect.List(tickets)), sel.arg(low), sel.arg(high), direction(p.match.OldestFirst), sel.arg(chunk))
	var numbers []int64
	err := p.store.each(ctx, text, sel.args, func(rows *sql.Rows) (bool, error) {
		var number int64
		err := rows.Scan(&number)
		numbers = append(numbers, number)
		return true, err
	})
	if err != nil || len(numbers) == 0 {
		return stretch{}, err
	}
	var chosen selection
	chosen.terms = append(chosen.terms, "a.id "+dialect.In(chosen.arg(dialect.List(numbers))))
	found, err := p.rows(ctx, w, chosen, chunk)
	part := stretch{found: found, last: numbers[len(numbers)-1], more: len(numbers) == chunk}
	part.passed = (len(numbers) - len(found)) / passedPerRow
	return part, err
}
