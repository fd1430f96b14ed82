package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
	"github.com/hookdesk/hookdesk/triggers/id"
)

const ticketColumns = `SELECT t.number, t.version, t.deleted, t.updated_at, t.doc, t.meta FROM `

func (s *Store) tickets(ctx context.Context, workspace, rest string, args ...any) ([]*executionlog.Ticket, error) {
	return s.ticketsFrom(ctx, workspace, `tickets t`+rest, args...)
}

// ticketsFrom reads tickets from tables of which t is the one of tickets.
func (s *Store) ticketsFrom(ctx context.Context, workspace, from string, args ...any) ([]*executionlog.Ticket, error) {
	var out []*executionlog.Ticket
	err := s.each(ctx, ticketColumns+from, args, func(rows *sql.Rows) (bool, error) {
		t := &executionlog.Ticket{Workspace: workspace}
		var deleted, updated int64
		var doc, meta []byte
		if err := rows.Scan(&t.Number, &t.Version, &deleted, &updated, &doc, &meta); err != nil {
			return false, err
		}
		t.Deleted, t.UpdatedAt = deleted != 0, criteria.FromMicros(updated)
		var err error
		if t.Doc, err = unpack(doc); err != nil {
			return false, err
		}
		t.Meta, err = unpack(meta)
		if len(t.Doc) == 0 {
			t.Doc = nil
		}
		if len(t.Meta) == 0 {
			t.Meta = nil
		}
		out = append(out, t)
		return true, err
	})
	return out, s.classify("read tickets", err)
}

// Ticket returns a ticket.
func (s *Store) Ticket(ctx context.Context, workspace, number string) (*executionlog.Ticket, error) {
	owner, err := s.names.find(ctx, workspace)
	if err != nil {
		return nil, s.classify("read ticket", err)
	}
	found, err := s.tickets(ctx, workspace, ` JOIN numbers n ON n.id = t.id WHERE n.workspace = $1 AND n.number = $2`, owner, criteria.Clean(number))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, executionlog.ErrNotFound
	}
	return found[0], nil
}

// TicketsNumbered returns the tickets with these numbers, each once.
func (s *Store) TicketsNumbered(ctx context.Context, workspace string, numbers []string) ([]*executionlog.Ticket, error) {
	if len(numbers) == 0 {
		return nil, nil
	}
	owner, err := s.names.find(ctx, workspace)
	if err != nil {
		return nil, s.classify("read tickets", err)
	}
	asked := make([]string, len(numbers))
	for i, number := range numbers {
		asked[i] = criteria.Clean(number)
	}
	slices.Sort(asked)
	return s.ticketsFrom(ctx, workspace, s.Dialect.Each("$2", "k")+` CROSS JOIN numbers n JOIN tickets t ON t.id = n.id
		WHERE n.workspace = $1 AND n.number = k.value`, owner, s.Dialect.Texts(slices.Compact(asked)))
}

// Tickets lists tickets, last updated first, then by number.
func (s *Store) Tickets(ctx context.Context, q executionlog.TicketQuery) (executionlog.Page[*executionlog.Ticket], error) {
	var page executionlog.Page[*executionlog.Ticket]
	query := criteria.TicketsQuery(q)
	after, err := query.Place(q.Cursor)
	if err != nil {
		return page, err
	}
	owner, err := s.names.find(ctx, q.Workspace)
	if err != nil {
		return page, s.classify("list tickets", err)
	}
	limit := criteria.Limit(q.Limit)
	pattern, all := criteria.ParsePattern(q.Number), q.Number == ""
	if !all {
		numbers, few, err := s.resolveTickets(ctx, owner, pattern, maxResolved)
		if err != nil {
			return page, s.classify("list tickets", err)
		}
		if few {
			return s.ticketsAmong(ctx, q, query, numbers, after, limit)
		}
	}
	for chunk := limit + 1; ; chunk = min(chunk*4, scanChunk) {
		found, err := s.ticketsBehind(ctx, q.Workspace, owner, after, chunk)
		if err != nil {
			return page, err
		}
		for _, t := range found {
			after = ticketPlace(t)
			if !all && !pattern.Match(criteria.Fold(t.Number)) {
				continue
			}
			if len(page.Items) == limit {
				page.Next = query.Cursor(ticketPlace(page.Items[limit-1]))
				return page, nil
			}
			page.Items = append(page.Items, t)
		}
		if len(found) < chunk {
			return page, nil
		}
	}
}

func ticketPlace(t *executionlog.Ticket) criteria.Place {
	return criteria.Place{Number: criteria.Micros(t.UpdatedAt), Text: t.Number, Set: true}
}

func (s *Store) ticketsBehind(ctx context.Context, workspace string, owner int64, after criteria.Place, limit int) ([]*executionlog.Ticket, error) {
	if !after.Set {
		return s.tickets(ctx, workspace, ` WHERE t.workspace = $1 AND t.deleted = 0 ORDER BY t.updated_at DESC, t.number LIMIT $2`, owner, limit)
	}
	return s.tickets(ctx, workspace, ` WHERE t.workspace = $1 AND t.deleted = 0 AND t.updated_at <= $2 AND (t.updated_at < $2 OR t.number > $3)
		ORDER BY t.updated_at DESC, t.number LIMIT $4`, owner, after.Number, after.Text, limit)
}

// ticketsAmong pages through a few known tickets.
func (s *Store) ticketsAmong(ctx context.Context, q executionlog.TicketQuery, query criteria.Query, numbers []int64, after criteria.Place, limit int) (executionlog.Page[*executionlog.Ticket], error) {
	var page executionlog.Page[*executionlog.Ticket]
	found, err := s.tickets(ctx, q.Workspace, ` WHERE t.deleted = 0 AND t.id `+s.Dialect.In("$1"), s.Dialect.List(numbers))
	if err != nil {
		return page, err
	}
	order := func(a, b criteria.Place) int {
		return cmp.Or(cmp.Compare(b.Number, a.Number), strings.Compare(a.Text, b.Text))
	}
	found = slices.DeleteFunc(found, func(t *executionlog.Ticket) bool { return after.Set && order(ticketPlace(t), after) <= 0 })
	slices.SortFunc(found, func(a, b *executionlog.Ticket) int { return order(ticketPlace(a), ticketPlace(b)) })
	if len(found) > limit {
		found = found[:limit]
		page.Next = query.Cursor(ticketPlace(found[limit-1]))
	}
	page.Items = found
	return page, nil
}

const changeColumns = `SELECT c.id, c.workspace, coalesce(n.number, ''), c.kind, c.at, c.accepted_at, coalesce(c.key, ''), c.chain, c.depth, c.content
	FROM changes c LEFT JOIN numbers n ON n.id = c.ticket`

func (s *Store) changes(ctx context.Context, rest string, args ...any) ([]*executionlog.Change, []int64, error) {
	type row struct{ number, workspace, kind int64 }
	var out []*executionlog.Change
	var read []row
	var numbers []int64
	err := s.each(ctx, changeColumns+rest, args, func(rows *sql.Rows) (bool, error) {
		c := &executionlog.Change{}
		var r row
		var at, accepted int64
		var content []byte
		err := rows.Scan(&r.number, &r.workspace, &c.Ticket, &r.kind, &at, &accepted, &c.Key, &c.Chain, &c.Depth, &content)
		if err != nil {
			return false, err
		}
		// A change has a time always, so that 0 is the year 1970 and not none.
		c.ID, c.At, c.AcceptedAt = id.Format(id.Change, r.number), time.UnixMicro(at).UTC(), criteria.FromMicros(accepted)
		var fired, deliveries []byte
		if err := unpackParts(content, &c.Doc, &c.Verdicts, &fired, &deliveries); err != nil {
			return false, err
		}
		c.Fired, c.Deliveries = words(fired), words(deliveries)
		out, read, numbers = append(out, c), append(read, r), append(numbers, r.number)
		return true, nil
	})
	for i, c := range out {
		if err == nil {
			err = s.names.resolve(ctx, resolution{read[i].workspace, &c.Workspace}, resolution{read[i].kind, &c.Kind})
		}
	}
	return out, numbers, s.classify("read changes", err)
}

func words(text []byte) []string {
	if len(text) == 0 {
		return nil
	}
	return strings.Split(string(text), " ")
}

// Change returns a change.
func (s *Store) Change(ctx context.Context, workspace, change string) (*executionlog.Change, error) {
	found, _, err := s.changes(ctx, ` WHERE c.id = $1`, criteria.Number(id.Change, change))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 || found[0].Workspace != workspace {
		return nil, executionlog.ErrNotFound
	}
	return found[0], nil
}

// Changes lists changes.
func (s *Store) Changes(ctx context.Context, q executionlog.ChangeQuery) (executionlog.Page[*executionlog.Change], error) {
	var page executionlog.Page[*executionlog.Change]
	query := criteria.ChangesQuery(q)
	after, err := query.Place(q.Cursor)
	if err != nil {
		return page, err
	}
	sel, err := s.selectChanges(ctx, q, after)
	if err != nil {
		return page, err
	}
	limit := criteria.Limit(q.Limit)
	found, numbers, err := s.changes(ctx, sel.conditions()+" ORDER BY c.id"+direction(q.Oldest)+" LIMIT "+sel.arg(limit+1), sel.args...)
	if err != nil {
		return page, err
	}
	page.Items = found
	if len(found) > limit {
		page.Items, page.Next = found[:limit], query.Cursor(criteria.Place{Number: numbers[limit-1]})
	}
	return page, nil
}

// selectChanges selects the changes c of a query that are behind a place.
func (s *Store) selectChanges(ctx context.Context, q executionlog.ChangeQuery, after criteria.Place) (selection, error) {
	var sel selection
	owner, err := s.names.find(ctx, q.Workspace)
	if err != nil {
		return sel, s.classify("find changes", err)
	}
	if q.Ticket == "" {
		sel.where("c.workspace = %s", owner)
	} else {
		sel.terms = append(sel.terms, "c.ticket = (SELECT t.id FROM numbers t WHERE t.workspace = "+sel.arg(owner)+
			" AND t.number = "+sel.arg(criteria.Clean(q.Ticket))+")")
	}
	low, high := criteria.Span(q.From, q.To)
	sel.between("c.id", low, high, after, q.Oldest)
	return sel, nil
}

// CountChanges counts the changes of a query.
func (s *Store) CountChanges(ctx context.Context, q executionlog.ChangeQuery) (int, error) {
	sel, err := s.selectChanges(ctx, q, criteria.Place{})
	if err != nil {
		return 0, err
	}
	var count int
	err = s.one(ctx, `SELECT count(*) FROM changes c`+sel.conditions(), sel.args, &count)
	return count, s.classify("count changes", err)
}

func direction(oldest bool) string {
	if oldest {
		return ""
	}
	return " DESC"
}

// ChangeByKey returns the change accepted with a key.
func (s *Store) ChangeByKey(ctx context.Context, workspace, key string) (string, error) {
	owner, err := s.names.find(ctx, workspace)
	if err != nil {
		return "", s.classify("find change", err)
	}
	var number int64
	err = s.one(ctx, `SELECT id FROM changes WHERE workspace = $1 AND key = $2`, []any{owner, criteria.Clean(key)}, &number)
	if err != nil {
		return "", s.classify("find change", err)
	}
	return id.Format(id.Change, number), nil
}
