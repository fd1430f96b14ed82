package sqlstore

import (
	"context"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// Record writes attempts and what follows for their deliveries.
func (s *Store) Record(ctx context.Context, results []*executionlog.Result) []error {
	errs := make([]error, len(results))
	items := make([]item, 0, len(results))
	places := make([]int, 0, len(results))
	for i, r := range results {
		detail, err := packResult(r)
		if err != nil {
			errs[i] = err
			continue
		}
		items = append(items, item{apply: func(b *batch) error { return b.record(r, detail) }})
		places = append(places, i)
	}
	s.submitAll(ctx, items, places, errs)
	return errs
}

func packResult(r *executionlog.Result) ([]byte, error) {
	if err := criteria.CheckResult(r); err != nil {
		return nil, err
	}
	if r.Attempt.Detail == nil {
		return nil, nil
	}
	return packDetail(r.Attempt.Detail)
}

const insertAttempt = `INSERT INTO attempts (id, workspace, delivery, change, ticket, system, event, trigger_id, endpoint,
	number, skew, duration, outcome, http_status, error_code, error)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT DO NOTHING`

// record writes an attempt; one that is there already has had its effect.
func (b *batch) record(r *executionlog.Result, detail []byte) error {
	a := criteria.Attempt(&r.Attempt)
	n, err := b.nameAll(a.Workspace, a.System, a.Event, a.Trigger, a.Endpoint, a.ErrorCode)
	if err != nil {
		return err
	}
	ticket, err := b.number(n[0], a.Ticket)
	if err != nil {
		return err
	}
	number, delivery := criteria.Number(id.Attempt, a.ID), criteria.Number(id.Delivery, a.Delivery)
	var change int64
	if a.Change != "" {
		change = criteria.Number(id.Change, a.Change)
	}
	outcome := outcomeNumbers[a.Outcome]
	recorded := func(made int64) error {
		if made == 0 {
			return nil
		}
		b.touch(ticket, number)
		b.counts.attempt(counted{number, n[0], n[1], n[2], n[3], n[4], outcome, n[5]}, 1)
		if detail != nil {
			b.later(`INSERT INTO details (attempt, content) VALUES ($1, $2)`, number, detail)
		}
		if text := searchable(a); text != "" {
			b.laterText(`INSERT INTO attempt_errors (rowid, folded) VALUES ($1, $2)`, number, text)
		}
		b.advance(a, delivery, ticket, n[0], n[4], n[5], r)
		return nil
	}
	b.laterThen(recorded, insertAttempt, number, n[0], delivery, change, ticket, n[1], n[2], n[3], n[4],
		a.Number, a.At.Sub(id.Time(number)).Microseconds(), a.Duration.Microseconds(), outcome, a.HTTPStatus, n[5], a.Error)
	return nil
}

// indexedResponse is how many bytes of a response are in the text index.
const indexedResponse = 400

// longResponse is in the text index for attempts whose response is longer.
const longResponse = "\x01\x01\x01"

// searchable returns what the text index holds of a failed attempt: its error
// and the beginning of the response. A search for either finds both and
// compares what it was asked for.
func searchable(a *executionlog.Attempt) string {
	if a.Outcome != executionlog.Failed {
		return ""
	}
	text := criteria.Fold(a.Error)
	if a.Detail == nil || len(a.Detail.ResponseBody) == 0 {
		return text
	}
	body, more := a.Detail.ResponseBody, ""
	if len(body) > indexedResponse {
		body, more = body[:indexedResponse], longResponse
	}
	return text + "\n" + criteria.Fold(string(body)) + more
}

// advance moves a delivery on if the attempt is its next one and it is still
// pending.
func (b *batch) advance(a *executionlog.Attempt, delivery, ticket, workspace, endpoint, code int64, r *executionlog.Result) {
	outcome := outcomeNumbers[r.Outcome]
	if outcome == pending {
		b.later(`UPDATE deliveries SET attempts = $2, last_status = $3, last_code = $4, last_error = $5, due_at = $6
			WHERE id = $1 AND outcome = 0 AND attempts = $2 - 1`,
			delivery, a.Number, a.HTTPStatus, code, a.Error, criteria.Micros(r.DueAt))
		return
	}
	moved := func(changed int64) error {
		if changed > 0 {
			b.counts.delivery(delivery, workspace, endpoint, pending, -1)
			b.counts.delivery(delivery, workspace, endpoint, outcome, 1)
			if r.Outcome == executionlog.Succeeded && r.Recovers != "" {
				b.recover(criteria.Number(id.Delivery, r.Recovers), ticket)
			}
		}
		return nil
	}
	b.laterThen(moved, `UPDATE deliveries SET attempts = $2, last_status = $3, last_code = $4, last_error = $5, outcome = $6, finished_at = $7
		WHERE id = $1 AND outcome = 0 AND attempts = $2 - 1`,
		delivery, a.Number, a.HTTPStatus, code, a.Error, outcome, criteria.Micros(a.At.Add(a.Duration)))
}

// recover notes that a redelivery of an original has succeeded: for it, and
// for redeliveries that had failed. All are about one ticket, which finds them.
func (b *batch) recover(original, ticket int64) {
	b.later(`UPDATE deliveries SET redelivered = 2 WHERE ticket = $1 AND outcome = 2 AND (id = $2 OR redelivery_of = $2)`, ticket, original)
}

// Add records deliveries without a change.
func (s *Store) Add(ctx context.Context, deliveries []*executionlog.NewDelivery) error {
	if err := criteria.CheckDeliveries(deliveries); err != nil {
		return err
	}
	requests, err := packRequests(deliveries)
	if err != nil {
		return err
	}
	return s.write(ctx, func(b *batch) error {
		sources, err := b.sources(deliveries)
		if err != nil {
			return err
		}
		return b.putDeliveries(deliveries, requests, sources)
	})
}

// Cancel ends a pending delivery.
func (s *Store) Cancel(ctx context.Context, workspace, delivery string, at time.Time) error {
	number := criteria.Number(id.Delivery, delivery)
	return s.write(ctx, func(b *batch) error {
		owner, err := b.name(workspace)
		if err != nil {
			return err
		}
		var endpoint, outcome int64
		found, err := b.one(`SELECT endpoint, outcome FROM deliveries WHERE id = $1 AND workspace = $2`, []any{number, owner}, &endpoint, &outcome)
		if err != nil {
			return err
		}
		if !found {
			return refuse(executionlog.ErrNotFound)
		}
		moved, err := b.exec(`UPDATE deliveries SET outcome = 3, finished_at = $2 WHERE id = $1 AND outcome = 0`, number, criteria.Micros(at))
		if err != nil {
			return err
		}
		if moved == 0 {
			return refuse(executionlog.ErrState)
		}
		b.counts.delivery(number, owner, endpoint, pending, -1)
		b.counts.delivery(number, owner, endpoint, cancelled, 1)
		return nil
	})
}

// cancelStep is how many deliveries one transaction cancels.
const cancelStep = 500

// CancelEndpoint cancels an endpoint's pending deliveries, in steps.
func (s *Store) CancelEndpoint(ctx context.Context, workspace, endpoint string, at time.Time) (int, error) {
	total := 0
	for {
		moved := 0
		err := s.write(ctx, func(b *batch) error {
			n, err := b.nameAll(workspace, endpoint)
			if err != nil {
				return err
			}
			numbers, err := b.numbersOf(`SELECT id FROM deliveries WHERE endpoint = $1 AND outcome = 0 AND `+b.store.Dialect.Aside("workspace")+` = $2
				ORDER BY due_at, id LIMIT $3`,
				n[1], n[0], cancelStep)
			if err != nil {
				return err
			}
			for _, number := range numbers {
				changed, err := b.exec(`UPDATE deliveries SET outcome = 3, finished_at = $2 WHERE id = $1 AND outcome = 0`, number, criteria.Micros(at))
				if err != nil {
					return err
				}
				if changed == 0 {
					continue
				}
				b.counts.delivery(number, n[0], n[1], pending, -1)
				b.counts.delivery(number, n[0], n[1], cancelled, 1)
			}
			moved = len(numbers)
			return nil
		})
		total += moved
		if err != nil || moved < cancelStep {
			return total, err
		}
	}
}
