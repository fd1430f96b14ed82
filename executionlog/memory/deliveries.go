package memory

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// waitingLimit bounds how many pending deliveries Waiting counts.
const waitingLimit = 10000

// Add records deliveries without a change.
func (s *Store) Add(_ context.Context, deliveries []*executionlog.NewDelivery) error {
	if err := criteria.CheckDeliveries(deliveries); err != nil {
		return err
	}
	return s.lock(func() error { return s.add(deliveries) })
}

// add checks everything before it writes anything.
func (s *Store) add(deliveries []*executionlog.NewDelivery) error {
	made := map[int64]*delivery{}
	var repeated []int64
	for _, d := range deliveries {
		kept := &delivery{Delivery: d.Delivery, number: criteria.Number(id.Delivery, d.ID)}
		if s.deliveries[kept.number] != nil || made[kept.number] != nil {
			return executionlog.ErrConflict
		}
		kept.Ticket, kept.Outcome, kept.Attempts = criteria.Clean(d.Ticket), executionlog.Pending, 0
		kept.EventID, kept.Chain, kept.Replay = criteria.Clean(d.EventID), criteria.Clean(d.Chain), criteria.Clean(d.Replay)
		kept.LastStatus, kept.LastErrorCode, kept.LastError = 0, "", ""
		kept.CreatedAt, kept.DueAt, kept.FinishedAt = criteria.Time(d.CreatedAt), criteria.Time(d.DueAt), time.Time{}
		if d.Request != nil {
			kept.request = copyRequest(d.Request)
			kept.source = kept.number
		} else {
			original := criteria.Number(id.Delivery, d.RedeliveryOf)
			of := s.deliveries[original]
			if of == nil {
				of = made[original]
			}
			if of == nil {
				return executionlog.ErrNotFound
			}
			kept.source = of.source
		}
		made[kept.number] = kept
		if d.RedeliveryOf != "" {
			repeated = append(repeated, criteria.Number(id.Delivery, d.RedeliveryOf))
		}
	}
	maps.Copy(s.deliveries, made)
	for _, number := range repeated {
		if original := s.deliveries[number]; original != nil {
			original.redelivered = true
		}
	}
	return nil
}

func copyRequest(r *executionlog.Request) *executionlog.Request {
	out := *r
	out.Header = headersOf(r.Header)
	out.Body = bytesOf(r.Body)
	return &out
}

func headersOf(h []executionlog.Header) []executionlog.Header {
	if len(h) == 0 {
		return nil
	}
	return slices.Clone(h)
}

func (s *Store) requestOf(d *delivery) *executionlog.Request {
	if source := s.deliveries[d.source]; source != nil && source.request != nil {
		return copyRequest(source.request)
	}
	return nil
}

// Load returns deliveries with their requests.
func (s *Store) Load(_ context.Context, ids []string) ([]*executionlog.Outgoing, error) {
	var out []*executionlog.Outgoing
	err := s.lock(func() error {
		for _, text := range ids {
			d := s.deliveries[criteria.Number(id.Delivery, text)]
			if d == nil {
				continue
			}
			loaded := &executionlog.Outgoing{Delivery: d.Delivery}
			if request := s.requestOf(d); request != nil {
				loaded.Request = *request
			}
			out = append(out, loaded)
		}
		return nil
	})
	return out, err
}

// Due lists deliveries to send.
func (s *Store) Due(_ context.Context, q executionlog.DueQuery) ([]executionlog.Due, error) {
	var due []executionlog.Due
	err := s.lock(func() error {
		held := map[string]bool{} // tickets with an earlier delivery in the way
		for _, number := range ordered(s.deliveries, true) {
			d := s.deliveries[number]
			if d.Endpoint != q.Endpoint {
				continue
			}
			blocks := d.Outcome == executionlog.Failed && q.Block && !d.redelivered
			if q.Ordered && held[d.Ticket] || d.Outcome != executionlog.Pending && !blocks {
				continue
			}
			held[d.Ticket] = true
			entry := executionlog.Due{ID: d.ID, Ticket: d.Ticket, Attempts: d.Attempts, DueAt: d.DueAt}
			if d.Outcome != executionlog.Pending || d.DueAt.After(q.Now) ||
				(!q.Ordered && q.After.ID != "" && compareDue(entry, q.After) <= 0) {
				continue
			}
			due = append(due, entry)
		}
		return nil
	})
	slices.SortFunc(due, compareDue)
	return due[:min(len(due), criteria.Limit(q.Limit))], err
}

func compareDue(a, b executionlog.Due) int {
	if c := a.DueAt.Compare(b.DueAt); c != 0 {
		return c
	}
	return strings.Compare(a.ID, b.ID)
}

// Waiting lists endpoints with pending deliveries, by endpoint.
func (s *Store) Waiting(context.Context) ([]executionlog.Backlog, error) {
	var out []executionlog.Backlog
	err := s.lock(func() error {
		byEndpoint := map[string]*executionlog.Backlog{}
		for _, d := range s.deliveries {
			if d.Outcome != executionlog.Pending {
				continue
			}
			b := byEndpoint[d.Endpoint]
			if b == nil {
				b = &executionlog.Backlog{Workspace: d.Workspace, Endpoint: d.Endpoint, DueAt: d.DueAt}
				byEndpoint[d.Endpoint] = b
			}
			b.Pending = min(b.Pending+1, waitingLimit)
			if d.DueAt.Before(b.DueAt) {
				b.DueAt = d.DueAt
			}
		}
		for _, b := range byEndpoint {
			out = append(out, *b)
		}
		return nil
	})
	slices.SortFunc(out, func(a, b executionlog.Backlog) int { return strings.Compare(a.Endpoint, b.Endpoint) })
	return out, err
}

// Clock moves due times when the clock was set back.
func (s *Store) Clock(_ context.Context, seen, now time.Time) (back time.Duration, err error) {
	err = s.lock(func() error {
		newest := s.clock
		if seen.After(newest) {
			newest = seen
		}
		behind := newest.Sub(now)
		if behind > 0 && behind <= criteria.ClockTolerance {
			return nil
		}
		s.clock = now
		if behind <= 0 {
			return nil
		}
		back = behind
		for _, d := range s.deliveries {
			if d.Outcome == executionlog.Pending && d.DueAt.After(now) {
				d.DueAt = d.DueAt.Add(-back)
			}
		}
		return nil
	})
	return back, err
}

// Record writes attempts.
func (s *Store) Record(_ context.Context, results []*executionlog.Result) []error {
	errs := make([]error, len(results))
	for i, r := range results {
		errs[i] = s.lock(func() error { return s.record(r) })
	}
	return errs
}

func (s *Store) record(r *executionlog.Result) error {
	if err := criteria.CheckResult(r); err != nil {
		return err
	}
	number := criteria.Number(id.Attempt, r.Attempt.ID)
	if s.attempts[number] != nil {
		return nil
	}
	a := copyAttempt(criteria.Attempt(&r.Attempt))
	s.attempts[number] = a

	d := s.deliveries[criteria.Number(id.Delivery, a.Delivery)]
	if d == nil || d.Outcome != executionlog.Pending || d.Attempts+1 != a.Number {
		return nil
	}
	d.Attempts, d.Outcome = a.Number, r.Outcome
	d.LastStatus, d.LastErrorCode, d.LastError = a.HTTPStatus, a.ErrorCode, a.Error
	if d.Outcome == executionlog.Pending {
		d.DueAt = criteria.Time(r.DueAt)
	} else {
		d.FinishedAt = a.At.Add(a.Duration)
	}
	if d.Outcome == executionlog.Succeeded && r.Recovers != "" {
		for _, other := range s.deliveries {
			if other.Outcome == executionlog.Failed && (other.ID == r.Recovers || other.RedeliveryOf == r.Recovers) {
				other.Recovered, other.redelivered = true, true
			}
		}
	}
	return nil
}

// Cancel ends a pending delivery.
func (s *Store) Cancel(_ context.Context, workspace, deliveryID string, at time.Time) error {
	return s.lock(func() error {
		d := s.deliveries[criteria.Number(id.Delivery, deliveryID)]
		if d == nil || d.Workspace != workspace {
			return executionlog.ErrNotFound
		}
		if d.Outcome != executionlog.Pending {
			return executionlog.ErrState
		}
		d.Outcome, d.FinishedAt = executionlog.Cancelled, criteria.Time(at)
		return nil
	})
}

// CancelEndpoint cancels an endpoint's pending deliveries.
func (s *Store) CancelEndpoint(_ context.Context, workspace, endpoint string, at time.Time) (int, error) {
	cancelled := 0
	err := s.lock(func() error {
		for _, d := range s.deliveries {
			if d.Workspace == workspace && d.Endpoint == endpoint && d.Outcome == executionlog.Pending {
				d.Outcome, d.FinishedAt = executionlog.Cancelled, criteria.Time(at)
				cancelled++
			}
		}
		return nil
	})
	return cancelled, err
}

func (s *Store) find(workspace, deliveryID string, use func(*delivery) error) error {
	return s.lock(func() error {
		d := s.deliveries[criteria.Number(id.Delivery, deliveryID)]
		if d == nil || d.Workspace != workspace {
			return executionlog.ErrNotFound
		}
		return use(d)
	})
}

// Delivery returns a delivery.
func (s *Store) Delivery(_ context.Context, workspace, deliveryID string) (*executionlog.Delivery, error) {
	var found *executionlog.Delivery
	err := s.find(workspace, deliveryID, func(d *delivery) error {
		out := d.Delivery
		found = &out
		return nil
	})
	return found, err
}

// Request returns a delivery's request.
func (s *Store) Request(_ context.Context, workspace, deliveryID string) (*executionlog.Request, error) {
	var found *executionlog.Request
	err := s.find(workspace, deliveryID, func(d *delivery) error {
		if found = s.requestOf(d); found == nil {
			return executionlog.ErrNotFound
		}
		return nil
	})
	return found, err
}

// ListDeliveries lists deliveries, newest first.
func (s *Store) ListDeliveries(_ context.Context, q executionlog.DeliveryQuery) (executionlog.Page[*executionlog.Delivery], error) {
	match := criteria.CompileDeliveries(q)
	return list(s, s.deliveries, criteria.DeliveriesQuery(q), q.Cursor, q.Limit, false, func(number int64, d *delivery) *executionlog.Delivery {
		if !match.Match(number, &d.Delivery) {
			return nil
		}
		out := d.Delivery
		return &out
	})
}

// Counts counts deliveries by endpoint and outcome.
func (s *Store) Counts(_ context.Context, workspace string, from time.Time) ([]executionlog.EndpointCount, error) {
	var out []executionlog.EndpointCount
	err := s.lock(func() error {
		counts := map[string]*executionlog.EndpointCount{}
		for number, d := range s.deliveries {
			if d.Workspace != workspace || number < since(from) {
				continue
			}
			c := counts[d.Endpoint]
			if c == nil {
				c = &executionlog.EndpointCount{Endpoint: d.Endpoint}
				counts[d.Endpoint] = c
			}
			switch d.Outcome {
			case executionlog.Pending:
				c.Pending++
			case executionlog.Succeeded:
				c.Succeeded++
			case executionlog.Failed:
				c.Failed++
			case executionlog.Cancelled:
				c.Cancelled++
			}
		}
		for _, number := range ordered(s.attempts, true) {
			a := s.attempts[number]
			c := counts[a.Endpoint]
			if c != nil && a.Workspace == workspace && criteria.Number(id.Delivery, a.Delivery) >= since(from) {
				c.LastAttempt, c.LastStatus, c.LastError = a.At, a.HTTPStatus, a.Error
			}
		}
		for _, c := range counts {
			out = append(out, *c)
		}
		return nil
	})
	slices.SortFunc(out, func(a, b executionlog.EndpointCount) int { return strings.Compare(a.Endpoint, b.Endpoint) })
	return out, err
}
