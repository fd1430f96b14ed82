package sqlstore

import (
	"context"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
)

const (
	// defaultSearchRows is how many rows that do not match a search looks
	// through: about a twentieth of a second. Searches that an index answers
	// look at few.
	defaultSearchRows = 10_000
	// responseCost is how many rows unpacking a response counts for;
	// candidateCost is that of a text index's candidate, whose response is far
	// from that of the next one.
	responseCost  = 2
	candidateCost = 5
)

func (s *Store) searchRows() int {
	if s.SearchRows > 0 {
		return s.SearchRows
	}
	return defaultSearchRows
}

// walk is a way through a filter's matches.
type walk struct {
	filter executionlog.Filter
	// after is behind which place it begins and, when it is over, how far it
	// came.
	after criteria.Place
	// wanted is how many matches the caller expects to need: the size of the
	// first read.
	wanted int
	// budget is after how many rows that do not match it stops, partial; 0 is
	// never.
	budget  int
	partial bool
}

// walk calls use for each match, in order, until it returns false.
//
// It reads in chunks, each a query of its own that continues behind the last
// row, so that nothing stays open while use is called.
func (s *Store) walk(ctx context.Context, w *walk, use func(int64, *executionlog.Attempt) (bool, error)) error {
	match := criteria.Compile(w.filter)
	probe, enough := s.probeOf(match)
	plan, err := s.plan(ctx, match, probe == 0)
	if err != nil || plan == nil {
		return err
	}
	chunk, spent, missing := min(w.wanted, scanChunk), 0, w.wanted
	for {
		size := max(chunk, probe)
		rows, err := plan.read(ctx, w.after, size)
		if err != nil {
			return err
		}
		spent += rows.passed
		found := 0
		for _, row := range rows.found {
			a, err := s.finishAttempt(ctx, row)
			if err != nil {
				return err
			}
			if !plan.match.Match(row.number, a) || !plan.answered(row) {
				spent += plan.cost()
				continue
			}
			found++
			if going, err := use(row.number, a); err != nil || !going {
				return err
			}
		}
		if !rows.more {
			return nil
		}
		w.after = criteria.Place{Number: rows.last, Set: true}
		if w.budget > 0 && spent >= w.budget {
			w.partial = true
			return nil
		}
		missing = max(1, missing-found)
		switch {
		case probe > 0 && !frequent(found, missing, plan.looked(size), enough):
			if plan, err = s.planBehind(ctx, plan, w.after); err != nil || plan == nil {
				return err
			}
			chunk, probe = min(missing, scanChunk), 0
		case rows.short:
			chunk = min(missing, scanChunk)
		default:
			chunk = min(chunk*4, scanChunk)
		}
		if w.budget > 0 {
			chunk = min(chunk, max(missing, (w.budget-spent)/plan.cost()))
		}
	}
}

// looked is how many rows a read of a size has looked through where it found
// fewer.
func (p *plan) looked(size int) int {
	if p.sparse {
		return p.sparseRows(size)
	}
	return size
}

// cost is what a candidate that does not match takes from a budget.
func (p *plan) cost() int {
	switch {
	case p.match.Response == "":
		return 1
	case p.ways[0].table != "":
		return candidateCost
	}
	return responseCost
}

// What many rows match is met among the newest ones, and would take long to
// look up in the dictionary of tickets or the index of texts. So many rows are
// worth looking through instead, for texts, which are compared here; for
// tickets' numbers, which the database compares, lookupSizes.probe are.
const probeTexts = 20_000

// probeOf returns how many rows to look through before anything is looked up,
// at least, and how many more are worth it then; 0 for none.
func (s *Store) probeOf(match *criteria.Attempts) (rows, enough int) {
	if match.Filter.Delivery != "" || match.Filter.Change != "" {
		return 0, 0
	}
	if _, exact := match.Ticket.Exact(); match.Filter.Ticket != "" {
		if exact {
			return 0, 0
		}
		return 1, s.lookups.probe // the database looks through many at a time
	}
	if match.Q != "" && len(match.Contains) == 0 {
		return 250, probeTexts
	}
	return 0, 0
}

// frequent says whether so many matches among the rows looked through let
// expect the rest within as many as are worth it.
func frequent(found, missing, looked, enough int) bool {
	return found > 0 && missing*looked <= enough*found
}
