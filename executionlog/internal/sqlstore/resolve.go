package sqlstore

import (
	"context"
	"database/sql"
	"unicode/utf8"

	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
)

// maxResolved is how many tickets a pattern may stand for to be looked up one
// by one; what stands for more is found often enough by going through rows.
// For attempts, of which a ticket has several, it may be more.
const (
	maxResolved       = 2000
	maxResolvedSearch = 20_000
)

// resolveTickets returns the dictionary's numbers of the tickets that fit a
// pattern, unless they are too many or nothing narrows them.
func (s *Store) resolveTickets(ctx context.Context, workspace int64, pattern criteria.Pattern, most int) (numbers []int64, few bool, err error) {
	var sel selection
	candidates := "SELECT n.id, n.folded FROM numbers n"
	long := longParts(pattern)
	exact, decided := pattern.Exact()
	switch {
	case decided:
		sel.where("n.folded = %s", exact)
	case pattern.Prefix() != "":
		sel.where("n.folded >= %s", pattern.Prefix())
		sel.where("n.folded < %s", pattern.Prefix()+"\U0010FFFF")
		_, decided = pattern.Beginning()
	case len(long) > 0:
		if decided, err = s.trigramDecides(ctx, workspace, pattern); err != nil {
			return nil, false, err
		}
		candidates = "SELECT n.id, n.folded FROM number_grams g JOIN numbers n ON n.id = g.rowid"
		if decided {
			candidates, workspace = "SELECT g.rowid AS id FROM number_grams g", anyWorkspace
		}
		sel.terms = append(sel.terms, s.Dialect.Contains("number_grams", "g", long, sel.arg))
	default:
		return nil, false, nil
	}
	if workspace != anyWorkspace {
		sel.where("n.workspace = %s", workspace)
	}
	limit := most + 1
	if !decided {
		limit = 3 * most
	}
	candidates += sel.conditions() + " LIMIT " + sel.arg(limit)
	if !decided {
		like := pattern.Like()
		if len(like) > longestLike {
			return nil, false, nil
		}
		candidates = `SELECT CASE WHEN c.folded LIKE ` + sel.arg(like) + ` ESCAPE '\' THEN c.id END AS id FROM (` + candidates + `) c`
	}
	numbers, read, err := s.gather(ctx, candidates, sel.args)
	return numbers, err == nil && len(numbers) <= most && read < limit, err
}

// longestLike is the longest pattern that SQLite compares, in bytes, and a bit.
const longestLike = 40_000

// trigramDecides says whether the dictionary's text index alone finds what fits
// a pattern: one trigram anywhere, in a workspace to which so many tickets
// belong that the others' do no harm among them. Their attempts are left out
// by their workspace.
func (s *Store) trigramDecides(ctx context.Context, workspace int64, pattern criteria.Pattern) (bool, error) {
	part, contained := pattern.Contained()
	if !contained || utf8.RuneCountInString(part) != 3 {
		return false, nil
	}
	if workspace == anyWorkspace {
		return true, nil
	}
	return s.isLarge(ctx, workspace)
}

// gather returns the ids that a query finds, and how many rows it has, those
// without an id too. They come as one text: a row for each takes several times
// as long.
func (s *Store) gather(ctx context.Context, query string, args []any) (ids []int64, rows int, err error) {
	var list sql.NullString
	if err := s.one(ctx, "SELECT string_agg(CAST(k.id AS TEXT), ','), count(*) FROM ("+query+") k", args, &list, &rows); err != nil {
		return nil, 0, err
	}
	ids, err = parseNumbers(list.String)
	return ids, rows, err
}

// anyWorkspace stands for a query that names none.
const anyWorkspace = 0
