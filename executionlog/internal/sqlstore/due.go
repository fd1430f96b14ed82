package sqlstore

import (
	"context"
	"database/sql"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// Due lists deliveries to send.
func (s *Store) Due(ctx context.Context, q executionlog.DueQuery) ([]executionlog.Due, error) {
	endpoint, err := s.names.find(ctx, q.Endpoint)
	if err != nil {
		return nil, s.classify("list due", err)
	}
	var due []executionlog.Due
	limit := criteria.Limit(q.Limit)
	if q.Ordered {
		due, err = s.dueOrdered(ctx, endpoint, q, limit)
	} else {
		due, err = s.dueAny(ctx, endpoint, q, limit)
	}
	return due, s.classify("list due", err)
}

func (s *Store) dueAny(ctx context.Context, endpoint int64, q executionlog.DueQuery, limit int) ([]executionlog.Due, error) {
	afterDue, afterID := int64(-1<<63), int64(0)
	if q.After.ID != "" {
		afterDue, afterID = criteria.Micros(q.After.DueAt), criteria.Number(id.Delivery, q.After.ID)
	}
	return s.dueRows(ctx, `SELECT d.id, coalesce(n.number, ''), d.attempts, d.due_at FROM deliveries d LEFT JOIN numbers n ON n.id = d.ticket
		WHERE d.endpoint = $1 AND d.outcome = 0 AND d.due_at <= $2 AND (d.due_at, d.id) > ($3, $4)
		ORDER BY d.due_at, d.id LIMIT $5`,
		endpoint, criteria.Micros(q.Now), afterDue, afterID, limit)
}

// unblocked is the condition that no exhausted delivery of the ticket is in
// the way.
const unblocked = ` AND NOT EXISTS (SELECT 1 FROM deliveries f WHERE f.endpoint = d.endpoint AND f.ticket = d.ticket
	AND f.id < d.id AND f.outcome = 2 AND f.redelivered = 0)`

// dueFirst looks at the first due deliveries and keeps those that are their
// ticket's first: enough where many tickets wait.
const dueFirst = `SELECT d.id, coalesce(n.number, ''), d.attempts, d.due_at FROM (
		SELECT id, ticket, endpoint, attempts, due_at FROM deliveries WHERE endpoint = $1 AND outcome = 0 AND due_at <= $2
		ORDER BY due_at, id LIMIT $3
	) d LEFT JOIN numbers n ON n.id = d.ticket
	WHERE NOT EXISTS (SELECT 1 FROM deliveries p WHERE p.endpoint = d.endpoint AND p.ticket = d.ticket AND p.outcome = 0 AND p.id < d.id)`

// dueHeads steps from ticket to ticket through the index of what is pending,
// whatever waits behind each: enough where few tickets wait with much each.
const dueHeads = `WITH RECURSIVE heads (ticket, id) AS (
		SELECT * FROM (SELECT ticket, id FROM deliveries WHERE endpoint = $1 AND outcome = 0 ORDER BY ticket, id LIMIT 1) first
		UNION ALL
		SELECT (SELECT p.ticket FROM deliveries p WHERE p.endpoint = $1 AND p.outcome = 0 AND p.ticket > h.ticket ORDER BY p.ticket, p.id LIMIT 1),
		       (SELECT p.id FROM deliveries p WHERE p.endpoint = $1 AND p.outcome = 0 AND p.ticket > h.ticket ORDER BY p.ticket, p.id LIMIT 1)
		FROM heads h WHERE h.id IS NOT NULL
	)
	SELECT d.id, coalesce(n.number, ''), d.attempts, d.due_at FROM heads h JOIN deliveries d ON d.id = h.id
	LEFT JOIN numbers n ON n.id = d.ticket WHERE d.due_at <= $2`

const dueOrder = ` ORDER BY d.due_at, d.id LIMIT `

func (s *Store) dueOrdered(ctx context.Context, endpoint int64, q executionlog.DueQuery, limit int) ([]executionlog.Due, error) {
	condition := ""
	if q.Block {
		condition = unblocked
	}
	now := criteria.Micros(q.Now)
	due, err := s.dueRows(ctx, dueFirst+condition+dueOrder+"$4", endpoint, now, 4*limit+100, limit)
	if err != nil || len(due) == limit {
		return due, err
	}
	return s.dueRows(ctx, dueHeads+condition+dueOrder+"$3", endpoint, now, limit)
}

func (s *Store) dueRows(ctx context.Context, text string, args ...any) ([]executionlog.Due, error) {
	var due []executionlog.Due
	err := s.each(ctx, text, args, func(rows *sql.Rows) (bool, error) {
		var d executionlog.Due
		var number, at int64
		err := rows.Scan(&number, &d.Ticket, &d.Attempts, &at)
		d.ID, d.DueAt = id.Format(id.Delivery, number), criteria.FromMicros(at)
		due = append(due, d)
		return true, err
	})
	return due, err
}

// waiting steps from endpoint to endpoint through the index of what is
// pending and counts up to a limit behind each.
const waiting = `WITH RECURSIVE lanes (endpoint) AS (
		SELECT min(endpoint) FROM deliveries WHERE outcome = 0
		UNION ALL
		SELECT (SELECT min(p.endpoint) FROM deliveries p WHERE p.outcome = 0 AND p.endpoint > l.endpoint)
		FROM lanes l WHERE l.endpoint IS NOT NULL
	)
	SELECT l.endpoint,
		(SELECT p.workspace FROM deliveries p WHERE p.outcome = 0 AND p.endpoint = l.endpoint ORDER BY p.due_at, p.id LIMIT 1),
		(SELECT min(p.due_at) FROM deliveries p WHERE p.outcome = 0 AND p.endpoint = l.endpoint),
		(SELECT count(*) FROM (SELECT 1 FROM deliveries p WHERE p.outcome = 0 AND p.endpoint = l.endpoint LIMIT $1) counted)
	FROM lanes l WHERE l.endpoint IS NOT NULL`

// waitingLimit bounds how many pending deliveries Waiting counts.
const waitingLimit = 10000

// Waiting lists endpoints with pending deliveries.
func (s *Store) Waiting(ctx context.Context) ([]executionlog.Backlog, error) {
	type row struct{ endpoint, workspace, due, count sql.NullInt64 }
	var read []row
	err := s.each(ctx, waiting, []any{waitingLimit}, func(rows *sql.Rows) (bool, error) {
		var r row
		err := rows.Scan(&r.endpoint, &r.workspace, &r.due, &r.count)
		read = append(read, r)
		return true, err
	})
	if err != nil {
		return nil, s.classify("list waiting", err)
	}
	var out []executionlog.Backlog
	for _, r := range read {
		b := executionlog.Backlog{Pending: int(r.count.Int64), DueAt: criteria.FromMicros(r.due.Int64)}
		if b.Pending == 0 {
			continue
		}
		if err := s.names.resolve(ctx, resolution{r.endpoint.Int64, &b.Endpoint}, resolution{r.workspace.Int64, &b.Workspace}); err != nil {
			return nil, s.classify("list waiting", err)
		}
		out = append(out, b)
	}
	sortBacklogs(out)
	return out, nil
}
