package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"math"
	"slices"
	"sync"

	"github.com/hookdesk/hookdesk/triggers/id"
)

// blockSize is how many tickets, by their numbers in the dictionary, share a
// row of the table ticket_spans. It is part of the schema.
const blockSize = 64

// times are the hours of the first and the last attempt of a block's tickets,
// by their beginnings in seconds.
type times struct{ first, last int64 }

func (t times) with(other times) times {
	return times{min(t.first, other.first), max(t.last, other.last)}
}

// activity remembers what the table ticket_spans says at least of some blocks.
// Nothing that it forgets or that another process writes does harm: a row only
// ever grows.
type activity struct {
	mu    sync.RWMutex
	known map[int64]times
}

// maxSpans bounds the memory; a full one starts again, empty.
const maxSpans = 100_000

func newActivity() *activity { return &activity{known: map[int64]times{}} }

// covers says whether a block's row is known to hold these times.
func (s *activity) covers(block int64, t times) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	known, ok := s.known[block]
	return ok && known == known.with(t)
}

func (s *activity) add(more map[int64]times) {
	if len(more) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known)+len(more) > maxSpans {
		clear(s.known)
	}
	for block, t := range more {
		if known, ok := s.known[block]; ok {
			t = t.with(known)
		}
		s.known[block] = t
	}
}

// touch notes an attempt of a ticket.
func (b *batch) touch(ticket, attempt int64) {
	if ticket <= 0 {
		return
	}
	at := stepOf(attempt, hour)
	block, t := ticket/blockSize, times{at, at}
	if noted, ok := b.spans[block]; ok {
		t = t.with(noted)
	}
	b.spans[block] = t
}

// writeSpans writes what the attempts of the transaction add to the table: for
// most of them nothing, since their hour is there already. It goes in order,
// so that two processes do not wait for each other's rows.
func (b *batch) writeSpans() {
	for _, block := range slices.Sorted(maps.Keys(b.spans)) {
		t := b.spans[block]
		if b.store.active.covers(block, t) {
			continue
		}
		b.later(`INSERT INTO ticket_spans (block, first, last) VALUES ($1, $2, $3) ON CONFLICT (block) DO UPDATE SET
			first = CASE WHEN excluded.first < ticket_spans.first THEN excluded.first ELSE ticket_spans.first END,
			last = CASE WHEN excluded.last > ticket_spans.last THEN excluded.last ELSE ticket_spans.last END
			WHERE excluded.first < ticket_spans.first OR excluded.last > ticket_spans.last`, block, t.first, t.last)
	}
}

// busiest returns the blocks that come first in an order, of those that had
// attempts between two numbers, and the bound of what belongs to them alone:
// newest first the lowest number that no other block's attempt reaches, oldest
// first the lowest number that another block's attempt may have. It is beyond
// all where there are no other blocks.
func (s *Store) busiest(ctx context.Context, low, high int64, oldest bool, most int) (blocks map[int64]bool, bound int64, err error) {
	order, by := "last DESC", "last"
	if oldest {
		order, by = "first", "first"
	}
	text := `SELECT string_agg(CAST(k.block AS TEXT), ','), count(*), coalesce(` + edge(oldest) + `(k.at), 0)
		FROM (SELECT block, ` + by + ` AS at FROM ticket_spans WHERE first <= $1 AND last >= $2 ORDER BY ` + order + ` LIMIT $3) k`
	var list sql.NullString
	var count int
	var at int64
	newest := int64(math.MaxInt64)
	if high < math.MaxInt64 {
		newest = stepOf(high, hour)
	}
	if err := s.one(ctx, text, []any{newest, stepOf(low, hour), most}, &list, &count, &at); err != nil {
		return nil, 0, err
	}
	numbers, err := parseNumbers(list.String)
	if err != nil {
		return nil, 0, err
	}
	blocks = make(map[int64]bool, count)
	for _, number := range numbers {
		blocks[number] = true
	}
	if count < most {
		return blocks, nobody(oldest), nil
	}
	return blocks, boundOf(at, oldest), nil
}

// boundOf returns the bound of what comes before blocks whose times, by which
// they are in order, begin with an hour.
func boundOf(at int64, oldest bool) int64 {
	if oldest {
		return at * second * id.Nodes
	}
	return (at + hour) * second * id.Nodes
}

// nobody is the bound where there are no others.
func nobody(oldest bool) int64 {
	if oldest {
		return math.MaxInt64
	}
	return math.MinInt64
}

// block is some tickets that share a row of ticket_spans, which has them at a
// place in an order.
type block struct {
	number  int64
	at      int64
	tickets []int64
}

// blocks returns the blocks of tickets in order. Those without a row have had
// no attempts.
func (s *Store) blocks(ctx context.Context, byBlock map[int64][]int64, oldest bool) ([]block, error) {
	column, order := "last", func(a, b block) int { return cmp.Compare(b.at, a.at) }
	if oldest {
		column, order = "first", func(a, b block) int { return cmp.Compare(a.at, b.at) }
	}
	var out []block
	err := s.each(ctx, `SELECT block, `+column+` FROM ticket_spans WHERE block `+s.Dialect.In("$1"), []any{s.Dialect.List(slices.Sorted(maps.Keys(byBlock)))},
		func(rows *sql.Rows) (bool, error) {
			var b block
			err := rows.Scan(&b.number, &b.at)
			b.tickets = byBlock[b.number]
			out = append(out, b)
			return true, err
		})
	slices.SortStableFunc(out, order)
	return out, err
}

// edge is the aggregate that returns the last in an order.
func edge(oldest bool) string {
	if oldest {
		return "max"
	}
	return "min"
}
