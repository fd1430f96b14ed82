package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
	"github.com/hookdesk/hookdesk/triggers/id"
)

const attemptColumns = `a.id, a.workspace, a.delivery, a.change, coalesce(n.number, ''), a.system, a.event, a.trigger_id, a.endpoint,
	a.number, a.skew, a.duration, a.outcome, a.http_status, a.error_code, a.error`

// attemptRow is an attempt as it is read.
type attemptRow struct {
	executionlog.Attempt
	number, workspace, delivery, change, system, event, trigger, endpoint int64
	skew, duration, outcome, code                                         int64
}

func (r *attemptRow) targets() []any {
	return []any{
		&r.number, &r.workspace, &r.delivery, &r.change, &r.Ticket, &r.system, &r.event, &r.trigger, &r.endpoint,
		&r.Number, &r.skew, &r.duration, &r.outcome, &r.HTTPStatus, &r.code, &r.Error,
	}
}

// finishAttempt turns numbers into the texts they stand for.
func (s *Store) finishAttempt(ctx context.Context, r *attemptRow) (*executionlog.Attempt, error) {
	a := &r.Attempt
	a.ID, a.Delivery = id.Format(id.Attempt, r.number), id.Format(id.Delivery, r.delivery)
	if r.change != 0 {
		a.Change = id.Format(id.Change, r.change)
	}
	a.At = id.Time(r.number).Add(time.Duration(r.skew) * time.Microsecond)
	a.Duration, a.Outcome = time.Duration(r.duration)*time.Microsecond, outcomes[r.outcome]
	err := s.names.resolve(ctx, resolution{r.workspace, &a.Workspace}, resolution{r.system, &a.System},
		resolution{r.event, &a.Event}, resolution{r.trigger, &a.Trigger}, resolution{r.endpoint, &a.Endpoint},
		resolution{r.code, &a.ErrorCode})
	return a, err
}

// detailed reads attempts with their details.
func (s *Store) detailed(ctx context.Context, rest string, args ...any) ([]*executionlog.Attempt, error) {
	var read []*attemptRow
	var details [][]byte
	err := s.each(ctx, `SELECT `+attemptColumns+`, t.content FROM attempts a LEFT JOIN numbers n ON n.id = a.ticket
		LEFT JOIN details t ON t.attempt = a.id`+rest, args, func(rows *sql.Rows) (bool, error) {
		var row attemptRow
		var detail []byte
		err := rows.Scan(append(row.targets(), &detail)...)
		read, details = append(read, &row), append(details, detail)
		return true, err
	})
	if err != nil {
		return nil, s.classify("read attempts", err)
	}
	out := make([]*executionlog.Attempt, 0, len(read))
	for i, row := range read {
		a, err := s.finishAttempt(ctx, row)
		if err != nil {
			return nil, s.classify("read attempts", err)
		}
		if details[i] != nil {
			if a.Detail, err = unpackDetail(details[i]); err != nil {
				return nil, err
			}
		}
		out = append(out, a)
	}
	return out, nil
}

// Execution returns an attempt.
func (s *Store) Execution(ctx context.Context, workspace, attempt string) (*executionlog.Attempt, error) {
	found, err := s.detailed(ctx, ` WHERE a.id = $1`, criteria.Number(id.Attempt, attempt))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 || found[0].Workspace != workspace {
		return nil, executionlog.ErrNotFound
	}
	return found[0], nil
}

// Attempts returns the attempts of a delivery.
func (s *Store) Attempts(ctx context.Context, workspace, delivery string) ([]*executionlog.Attempt, error) {
	owner, err := s.names.find(ctx, workspace)
	if err != nil {
		return nil, s.classify("read attempts", err)
	}
	return s.detailed(ctx, ` WHERE a.delivery = $1 AND `+s.Dialect.Aside("a.workspace")+` = $2 ORDER BY a.id`, criteria.Number(id.Delivery, delivery), owner)
}
