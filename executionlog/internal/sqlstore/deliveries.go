package sqlstore

import (
	"context"
	"database/sql"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
	"github.com/hookdesk/hookdesk/triggers/id"
)

const deliveryColumns = `d.id, d.workspace, d.change, coalesce(n.number, ''), d.system, d.event, d.revision, d.endpoint, d.trigger_id,
	d.trigger_version, d.event_id, d.chain, d.depth, d.outcome, d.attempts, d.last_status, d.last_code, d.last_error,
	d.created_at, d.due_at, d.finished_at, d.redelivery_of, d.replay, d.redelivered`

// recovered is the value of the column redelivered once a redelivery has
// succeeded; 1 says that there is one.
const recovered = 2

// deliveryRow is a delivery as it is read.
type deliveryRow struct {
	executionlog.Delivery
	number, workspace, change, system, event, revision, endpoint, trigger int64
	outcome, code, created, due, finished, original, redelivered          int64
}

func (r *deliveryRow) targets() []any {
	return []any{
		&r.number, &r.workspace, &r.change, &r.Ticket, &r.system, &r.event, &r.revision, &r.endpoint, &r.trigger,
		&r.TriggerVersion, &r.EventID, &r.Chain, &r.Depth, &r.outcome, &r.Attempts, &r.LastStatus, &r.code, &r.LastError,
		&r.created, &r.due, &r.finished, &r.original, &r.Replay, &r.redelivered,
	}
}

// finish turns numbers into the texts they stand for.
func (s *Store) finishDelivery(ctx context.Context, r *deliveryRow) (*executionlog.Delivery, error) {
	d := &r.Delivery
	d.ID = id.Format(id.Delivery, r.number)
	if r.change != 0 {
		d.Change = id.Format(id.Change, r.change)
	}
	if r.original != 0 {
		d.RedeliveryOf = id.Format(id.Delivery, r.original)
	}
	d.Outcome, d.Recovered = outcomes[r.outcome], r.redelivered == recovered
	d.CreatedAt, d.DueAt, d.FinishedAt = criteria.FromMicros(r.created), criteria.FromMicros(r.due), criteria.FromMicros(r.finished)
	err := s.names.resolve(ctx, resolution{r.workspace, &d.Workspace}, resolution{r.system, &d.System},
		resolution{r.event, &d.Event}, resolution{r.revision, &d.Revision}, resolution{r.endpoint, &d.Endpoint},
		resolution{r.trigger, &d.Trigger}, resolution{r.code, &d.LastErrorCode})
	return d, err
}

// Load returns deliveries with their requests.
func (s *Store) Load(ctx context.Context, ids []string) ([]*executionlog.Outgoing, error) {
	numbers := make([]int64, 0, len(ids))
	for _, text := range ids {
		if number := criteria.Number(id.Delivery, text); number != criteria.None {
			numbers = append(numbers, number)
		}
	}
	var read []*deliveryRow
	var contents [][]byte
	err := s.each(ctx, `SELECT `+deliveryColumns+`, r.content FROM deliveries d LEFT JOIN numbers n ON n.id = d.ticket
		LEFT JOIN requests r ON r.delivery = d.request_of WHERE d.id `+s.Dialect.In("$1"), []any{s.Dialect.List(numbers)},
		func(rows *sql.Rows) (bool, error) {
			var row deliveryRow
			var content []byte
			err := rows.Scan(append(row.targets(), &content)...)
			read, contents = append(read, &row), append(contents, content)
			return true, err
		})
	if err != nil {
		return nil, s.classify("load deliveries", err)
	}
	out := make([]*executionlog.Outgoing, 0, len(read))
	for i, row := range read {
		delivery, err := s.finishDelivery(ctx, row)
		if err != nil {
			return nil, s.classify("load deliveries", err)
		}
		outgoing := &executionlog.Outgoing{Delivery: *delivery}
		if contents[i] != nil {
			request, err := unpackRequest(contents[i])
			if err != nil {
				return nil, err
			}
			outgoing.Request = *request
		}
		out = append(out, outgoing)
	}
	return out, nil
}

// Delivery returns a delivery.
func (s *Store) Delivery(ctx context.Context, workspace, delivery string) (*executionlog.Delivery, error) {
	var row deliveryRow
	err := s.one(ctx, `SELECT `+deliveryColumns+` FROM deliveries d LEFT JOIN numbers n ON n.id = d.ticket WHERE d.id = $1`,
		[]any{criteria.Number(id.Delivery, delivery)}, row.targets()...)
	if err != nil {
		return nil, s.classify("read delivery", err)
	}
	found, err := s.finishDelivery(ctx, &row)
	if err != nil {
		return nil, s.classify("read delivery", err)
	}
	if found.Workspace != workspace {
		return nil, executionlog.ErrNotFound
	}
	return found, nil
}

// Request returns a delivery's request.
func (s *Store) Request(ctx context.Context, workspace, delivery string) (*executionlog.Request, error) {
	owner, err := s.names.find(ctx, workspace)
	if err != nil {
		return nil, s.classify("read request", err)
	}
	var content []byte
	err = s.one(ctx, `SELECT r.content FROM deliveries d JOIN requests r ON r.delivery = d.request_of WHERE d.id = $1 AND d.workspace = $2`,
		[]any{criteria.Number(id.Delivery, delivery), owner}, &content)
	if err != nil {
		return nil, s.classify("read request", err)
	}
	return unpackRequest(content)
}
