package sqlstore

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
)

// equality is a filter for a column of numbers.
type equality struct {
	column string
	value  int64
	index  bool // the column has an index in the order of ids
}

// plan chooses how to find candidates; nil if nothing can match. Without
// resolve it does not look for the tickets that a pattern stands for.
//
// A column that should not lead the search is set aside (Dialect.Aside).
func (s *Store) plan(ctx context.Context, match *criteria.Attempts, resolve bool) (*plan, error) {
	if match.Low >= match.High {
		return nil, nil
	}
	equalities, possible, err := s.equalities(ctx, match)
	if err != nil || !possible {
		return nil, err
	}
	p := &plan{store: s, match: match, responses: map[int64]bool{}, workspace: s.workspaceOf(equalities)}
	if match.StatusFrom != 0 || match.StatusTo != 0 {
		to, status := int64(match.StatusTo), s.Dialect.Aside("a.http_status")
		if to == 0 {
			to = math.MaxInt32
		}
		p.common = append(p.common, condition{status + " >= %s", max(1, match.StatusFrom)}, condition{status + " <= %s", to})
	}
	if rareStatus(match) {
		// Written out, so that the partial index is used.
		p.common = append(p.common, condition{text: "a.http_status >= 300"})
	}
	if match.Filter.Number != 0 {
		p.common = append(p.common, condition{"a.number = %s", match.Filter.Number})
	}
	if !match.EndedFrom.IsZero() {
		p.common = append(p.common, condition{"a.id / 1024 + a.skew + a.duration >= %s", match.EndedFrom.UnixMicro()})
	}
	p.sparse = len(p.common) > 0
	var lead *condition
	for _, e := range equalities {
		if lead == nil && e.index {
			lead = &condition{"a." + e.column + " = %s", e.value}
			continue
		}
		p.common = append(p.common, condition{s.Dialect.Aside("a."+e.column) + " = %s", e.value})
		p.sparse = p.sparse || e.column != "workspace" // where that does not lead, it is most of all
	}
	if onlyFailed(match) {
		// Written out, so that the partial indices for failures are used.
		p.common = append(p.common, condition{text: "a.outcome = 2"})
	} else if match.Outcome != "" {
		p.common = append(p.common, condition{s.Dialect.Aside("a.outcome") + " = %s", outcomeNumbers[match.Outcome]})
		p.sparse = true
	}
	return s.ways(ctx, p, equalities, lead, resolve)
}

// onlyFailed says whether failed attempts alone can match: no other has an
// error.
func onlyFailed(match *criteria.Attempts) bool {
	return match.Outcome == executionlog.Failed || match.Outcome == "" &&
		(match.ErrorCode != "" || slices.ContainsFunc(match.Contains, func(text string) bool { return text != "" }))
}

// ways adds the ways to the plan, most selective kind first.
func (s *Store) ways(ctx context.Context, p *plan, equalities []equality, lead *condition, resolve bool) (*plan, error) {
	match := p.match
	plain := way{from: fromAttempts, id: "a.id"}
	if lead != nil {
		plain.by = []condition{*lead}
	}
	row := match.Filter.Delivery != "" || match.Filter.Change != ""
	if match.Filter.Ticket != "" && !row && resolve {
		tickets, few, err := s.resolveTickets(ctx, s.workspaceOf(equalities), match.Ticket, maxResolvedSearch)
		if err != nil {
			return nil, err
		}
		if few {
			if len(tickets) == 0 {
				return nil, nil
			}
			p.demote(lead)
			byTicket := way{from: fromAttempts, id: "a.id", tickets: tickets, along: s.strollAmong(tickets, plain)}
			if len(tickets) == 1 {
				byTicket.tickets, byTicket.oneTicket, byTicket.by = nil, true, []condition{{"a.ticket = %s", tickets[0]}}
			}
			p.ways = []way{byTicket}
			return p, nil
		}
	}
	if match.Filter.Ticket != "" && !row {
		for _, part := range match.Ticket.Parts() {
			p.common, p.sparse = append(p.common, condition{s.Dialect.Holds("n.folded", "%s"), part}), true
		}
	}
	if texts := s.narrowing(match.Contains...); len(texts) > 0 && !row {
		p.demote(lead)
		p.ways = []way{textWay(texts)}
		return p, nil
	}
	if texts := s.narrowing(match.Response); len(texts) > 0 && onlyFailed(match) && !row {
		p.demote(lead)
		long := textWay(nil)
		long.ending = longResponse
		p.ways = []way{textWay(texts), long}
		return p, nil
	}
	for _, text := range match.Contains {
		if term := s.Dialect.HoldsFolded("a.error", text); term != "" && !row {
			p.common, p.sparse = append(p.common, condition{term, text}), true
		}
	}
	if match.Q != "" && !row {
		return s.waysToAny(ctx, p, equalities, lead, plain)
	}
	p.ways = []way{plain}
	return p, nil
}

func textWay(texts []string) way {
	return way{from: "attempt_errors f JOIN attempts a ON a.id = f.rowid", id: "f.rowid", table: "attempt_errors", alias: "f", text: texts}
}

// demote makes the leading condition one among the others.
func (p *plan) demote(lead *condition) {
	if lead != nil {
		p.common, p.sparse = append(p.common, condition{p.store.Dialect.Aside(lead.text), lead.value}), true
	}
}

// waysToAny finds what contains a text in the ticket, the error, the error
// code or the event. Where one of them cannot be narrowed, all rows are.
func (s *Store) waysToAny(ctx context.Context, p *plan, equalities []equality, lead *condition, plain way) (*plan, error) {
	text := p.match.Q
	p.ways = []way{plain}
	if len(criteria.Trigrams(text)) == 0 {
		return p, nil
	}
	tickets, few, err := s.resolveTickets(ctx, s.workspaceOf(equalities), criteria.ParseContained(text), maxResolvedSearch)
	if err != nil || !few {
		return p, err
	}
	if err := s.names.load(ctx); err != nil {
		return nil, err
	}
	names := s.names.containing(text)
	if len(names) > maxNamed {
		return p, nil
	}
	p.ways = []way{textWay([]string{text})}
	if len(tickets) > 0 {
		p.ways = append(p.ways, way{from: fromAttempts, id: "a.id", tickets: tickets})
	}
	for _, name := range names {
		p.ways = append(p.ways,
			way{from: fromAttempts, id: "a.id", by: []condition{{"a.event = %s", name}}},
			way{from: fromAttempts, id: "a.id", by: []condition{{text: "a.outcome = 2"}, {"a.error_code = %s", name}}})
	}
	p.demote(lead)
	return p, nil
}

// maxNamed bounds the ways through names.
const maxNamed = 40

func (n *names) containing(folded string) []int64 {
	n.mu.RLock()
	defer n.mu.RUnlock()
	var out []int64
	for number, text := range n.texts {
		if strings.Contains(criteria.Fold(text), folded) {
			out = append(out, number)
		}
	}
	return out
}

func (s *Store) workspaceOf(equalities []equality) int64 {
	for _, e := range equalities {
		if e.column == "workspace" {
			return e.value
		}
	}
	return anyWorkspace
}

// equalities returns the filter's comparisons with numbers, the most
// selective first; possible is false if one of them can match no row.
func (s *Store) equalities(ctx context.Context, match *criteria.Attempts) (out []equality, possible bool, err error) {
	for _, e := range []struct {
		column string
		asked  string
		number int64
	}{{"delivery", match.Filter.Delivery, match.Number.Delivery}, {"change", match.Filter.Change, match.Number.Change}} {
		if e.asked == "" {
			continue
		}
		if e.number == criteria.None {
			return nil, false, nil
		}
		out = append(out, equality{e.column, e.number, true})
	}
	if rareStatus(match) {
		out = append(out, equality{"http_status", int64(match.StatusFrom), true})
	}
	for _, e := range []struct{ column, text string }{
		{"error_code", match.ErrorCode},
		{"trigger_id", match.Trigger},
		{"endpoint", match.Endpoint},
		{"event", match.Event},
		{"system", match.System},
		{"workspace", match.Workspace},
	} {
		if e.text == "" {
			continue
		}
		number, err := s.names.find(ctx, e.text)
		if err != nil {
			return nil, false, err
		}
		if number == criteria.None {
			return nil, false, nil
		}
		indexed := true
		switch e.column {
		case "system", "error_code":
			indexed = onlyFailed(match)
		case "workspace":
			// The index of a workspace's failures is small in any case.
			if !onlyFailed(match) {
				large, err := s.isLarge(ctx, number)
				if err != nil {
					return nil, false, err
				}
				indexed = !large
			}
		}
		out = append(out, equality{e.column, number, indexed})
	}
	return out, true, nil
}

// rareStatus says whether one status is asked for that an index knows.
func rareStatus(match *criteria.Attempts) bool {
	return match.StatusFrom >= 300 && match.StatusFrom == match.StatusTo
}
