package sqlstore

import (
	"context"
	"database/sql"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// ListDeliveries lists deliveries, newest first.
func (s *Store) ListDeliveries(ctx context.Context, q executionlog.DeliveryQuery) (executionlog.Page[*executionlog.Delivery], error) {
	var page executionlog.Page[*executionlog.Delivery]
	query := criteria.DeliveriesQuery(q)
	after, err := query.Place(q.Cursor)
	if err != nil {
		return page, err
	}
	match := criteria.CompileDeliveries(q)
	few, err := s.fewPending(ctx, match)
	if err != nil {
		return page, s.classify("list deliveries", err)
	}
	conditions, possible, err := s.deliveryConditions(ctx, match, few)
	if err != nil || !possible {
		return page, s.classify("list deliveries", err)
	}
	column := "d.id"
	if few {
		column = s.Dialect.Aside(column)
	}
	limit := criteria.Limit(q.Limit)
	for chunk := limit + 1; ; chunk = min(chunk*4, max(scanChunk, limit+1)) {
		read, err := s.deliveriesBehind(ctx, match, column, conditions, after, chunk)
		if err != nil {
			return page, s.classify("list deliveries", err)
		}
		for _, row := range read {
			d, err := s.finishDelivery(ctx, row)
			if err != nil {
				return page, s.classify("list deliveries", err)
			}
			after = criteria.Place{Number: row.number, Set: true}
			if !match.Match(row.number, d) {
				continue
			}
			if len(page.Items) == limit {
				page.Next = query.Cursor(criteria.Place{Number: criteria.Number(id.Delivery, page.Items[limit-1].ID)})
				return page, nil
			}
			page.Items = append(page.Items, d)
		}
		if len(read) < chunk {
			return page, nil
		}
	}
}

// fewPendingAtMost is how many pending deliveries are sorted rather than
// looked for among all.
const fewPendingAtMost = 20_000

// fewPending says whether a query asks for pending deliveries while there are
// few. They are then read from an index that has no others: in the order of
// ids they are wherever, and most of a large ledger would be read to find a
// page of them.
func (s *Store) fewPending(ctx context.Context, match *criteria.Deliveries) (bool, error) {
	if match.Outcome != executionlog.Pending {
		return false, nil
	}
	var count int64
	err := s.one(ctx, `SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE outcome = 0 LIMIT $1) pending`, []any{fewPendingAtMost + 1}, &count)
	return err == nil && count <= fewPendingAtMost, err
}

// deliveryConditions turns a query into conditions; the first that an index
// answers leads, unless something else does.
func (s *Store) deliveryConditions(ctx context.Context, match *criteria.Deliveries, led bool) (out []condition, possible bool, err error) {
	add := func(column string, index bool, value any) {
		if index && !led {
			led = true
		} else {
			column = s.Dialect.Aside(column)
		}
		out = append(out, condition{column + " = %s", value})
	}
	if match.Change != "" {
		if match.ChangeNumber == criteria.None {
			return nil, false, nil
		}
		add("d.change", true, match.ChangeNumber)
	}
	if match.Replay != "" {
		led = true
		out = append(out, condition{text: "d.replay <> ''"}, condition{"d.replay = %s", criteria.Clean(match.Replay)})
	}
	names := []struct {
		column, text string
		index        bool
	}{
		{"d.workspace", match.Workspace, false},
		{"d.trigger_id", match.Trigger, false},
		{"d.endpoint", match.Endpoint, true},
		{"d.system", match.System, false},
		{"d.event", match.Event, false},
	}
	numbers := make([]int64, len(names))
	for i, name := range names {
		if numbers[i], err = s.names.find(ctx, name.text); err != nil || numbers[i] == criteria.None {
			return nil, false, err
		}
	}
	workspace := numbers[0]
	if match.Ticket != "" {
		tickets, few, err := s.resolveTickets(ctx, workspace, match.Pattern, maxResolved)
		if err != nil {
			return nil, false, err
		}
		if few && len(tickets) == 0 {
			return nil, false, nil
		}
		if few {
			column := s.Dialect.Aside("d.ticket")
			if !led {
				column, led = "d.ticket", true
			}
			out = append(out, condition{column + " " + s.Dialect.In("%s"), s.Dialect.List(tickets)})
		}
	}
	for i, name := range names {
		if name.text != "" {
			add(name.column, name.index, numbers[i])
		}
	}
	if match.Recovered != nil {
		out = append(out, condition{text: "d.outcome = 2"}, condition{text: "d.redelivered " + map[bool]string{true: "=", false: "<>"}[*match.Recovered] + " 2"})
	}
	switch match.Outcome {
	case "":
	case executionlog.Pending:
		out = append(out, condition{text: "d.outcome = 0"})
	case executionlog.Failed:
		out = append(out, condition{text: "d.outcome = 2"})
	case executionlog.Succeeded, executionlog.Cancelled:
		out = append(out, condition{s.Dialect.Aside("d.outcome") + " = %s", outcomeNumbers[match.Outcome]})
	default:
		return nil, false, nil
	}
	return out, true, nil
}

func (s *Store) deliveriesBehind(ctx context.Context, match *criteria.Deliveries, column string, conditions []condition, after criteria.Place, limit int) ([]*deliveryRow, error) {
	var sel selection
	for _, c := range conditions {
		c.add(&sel)
	}
	sel.between(column, match.Low, match.High, after, false)
	text := `SELECT ` + deliveryColumns + ` FROM deliveries d LEFT JOIN numbers n ON n.id = d.ticket` +
		sel.conditions() + ` ORDER BY ` + column + ` DESC LIMIT ` + sel.arg(limit)
	var read []*deliveryRow
	err := s.each(ctx, text, sel.args, func(rows *sql.Rows) (bool, error) {
		row := &deliveryRow{}
		read = append(read, row)
		return true, rows.Scan(row.targets()...)
	})
	return read, err
}
