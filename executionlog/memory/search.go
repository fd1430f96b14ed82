package memory

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
	"github.com/hookdesk/hookdesk/triggers/id"
)

func copyAttempt(a *executionlog.Attempt) *executionlog.Attempt {
	out := *a
	if a.Detail != nil {
		detail := *a.Detail
		detail.RequestHeader, detail.ResponseHeader = headersOf(detail.RequestHeader), headersOf(detail.ResponseHeader)
		detail.ResponseBody = bytesOf(detail.ResponseBody)
		out.Detail = &detail
	}
	return &out
}

func brief(a *executionlog.Attempt) *executionlog.Attempt {
	out := *a
	out.Detail = nil
	return &out
}

func matches(c *criteria.Attempts, number int64, a *executionlog.Attempt) bool {
	if !c.Match(number, a) {
		return false
	}
	if a.Detail == nil {
		return c.Response == ""
	}
	return c.MatchResponse(a.Detail.ResponseBody)
}

// Executions lists attempts.
func (s *Store) Executions(_ context.Context, filter executionlog.Filter, limit int, cursor string) (executionlog.Page[*executionlog.Attempt], error) {
	match := criteria.Compile(filter)
	return list(s, s.attempts, criteria.AttemptsQuery(filter), cursor, limit, filter.OldestFirst,
		func(number int64, a *executionlog.Attempt) *executionlog.Attempt {
			if !matches(match, number, a) {
				return nil
			}
			return brief(a)
		})
}

// Execution returns an attempt.
func (s *Store) Execution(_ context.Context, workspace, attemptID string) (*executionlog.Attempt, error) {
	var found *executionlog.Attempt
	err := s.lock(func() error {
		a := s.attempts[criteria.Number(id.Attempt, attemptID)]
		if a == nil || a.Workspace != workspace {
			return executionlog.ErrNotFound
		}
		found = copyAttempt(a)
		return nil
	})
	return found, err
}

// Attempts returns the attempts of a delivery.
func (s *Store) Attempts(_ context.Context, workspace, deliveryID string) ([]*executionlog.Attempt, error) {
	var out []*executionlog.Attempt
	err := s.lock(func() error {
		for _, number := range ordered(s.attempts, true) {
			if a := s.attempts[number]; a.Workspace == workspace && a.Delivery == deliveryID {
				out = append(out, copyAttempt(a))
			}
		}
		return nil
	})
	return out, err
}

// scan calls use for each match, newest first unless the filter says oldest.
func (s *Store) scan(filter executionlog.Filter, use func(number int64, a *executionlog.Attempt)) error {
	match := criteria.Compile(filter)
	return s.lock(func() error {
		for _, number := range ordered(s.attempts, filter.OldestFirst) {
			if a := s.attempts[number]; matches(match, number, a) {
				use(number, a)
			}
		}
		return nil
	})
}

// Histogram counts attempts per step.
func (s *Store) Histogram(_ context.Context, filter executionlog.Filter, step time.Duration) ([]executionlog.Bucket, error) {
	buckets, err := criteria.Buckets(filter.From, filter.To, step)
	if err != nil {
		return nil, err
	}
	err = s.scan(filter, func(number int64, a *executionlog.Attempt) {
		criteria.Count(buckets, step, id.Time(number), a.Outcome, 1)
	})
	return buckets, err
}

// Estimate counts.
func (s *Store) Estimate(_ context.Context, filter executionlog.Filter) (total int64, exact bool, err error) {
	err = s.scan(filter, func(int64, *executionlog.Attempt) { total++ })
	return total, true, err
}

// Export calls yield for each match, outside the lock.
func (s *Store) Export(ctx context.Context, filter executionlog.Filter, yield func(*executionlog.Attempt) error) error {
	var found []*executionlog.Attempt
	if err := s.scan(filter, func(_ int64, a *executionlog.Attempt) { found = append(found, brief(a)) }); err != nil {
		return err
	}
	for _, a := range found {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := yield(a); err != nil {
			return err
		}
	}
	return nil
}

// Failing groups failed attempts.
func (s *Store) Failing(_ context.Context, workspace string, from time.Time, limit int) ([]executionlog.FailureGroup, error) {
	filter := executionlog.Filter{Workspace: workspace, Outcome: executionlog.Failed, From: from}
	groups := map[[2]string]*executionlog.FailureGroup{}
	err := s.scan(filter, func(_ int64, a *executionlog.Attempt) {
		g := groups[[2]string{a.Endpoint, a.ErrorCode}]
		if g == nil {
			g = &executionlog.FailureGroup{Endpoint: a.Endpoint, ErrorCode: a.ErrorCode, Last: a.At, LastError: a.Error, LastID: a.ID}
			groups[[2]string{a.Endpoint, a.ErrorCode}] = g
		}
		g.Count++
	})
	var out []executionlog.FailureGroup
	for _, g := range groups {
		out = append(out, *g)
	}
	criteria.SortFailures(out)
	return out[:min(len(out), criteria.Limit(limit))], err
}

// TriggerCounts counts attempts by trigger.
func (s *Store) TriggerCounts(_ context.Context, workspace string, since time.Time) ([]executionlog.TriggerCount, error) {
	counts := map[string]*executionlog.TriggerCount{}
	filter := executionlog.Filter{Workspace: workspace, From: since.UTC().Truncate(time.Hour)}
	err := s.scan(filter, func(number int64, a *executionlog.Attempt) {
		if a.Trigger == "" {
			return
		}
		c := counts[a.Trigger]
		if c == nil {
			c = &executionlog.TriggerCount{Trigger: a.Trigger}
			counts[a.Trigger] = c
		}
		if a.Outcome == executionlog.Failed {
			c.Failed++
		} else {
			c.Succeeded++
		}
		if last := id.Time(number).Truncate(time.Hour); last.After(c.Last) {
			c.Last = last
		}
	})
	var out []executionlog.TriggerCount
	for _, c := range counts {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b executionlog.TriggerCount) int { return strings.Compare(a.Trigger, b.Trigger) })
	return out, err
}

// latencyRows bounds how many attempts Latency looks at.
const latencyRows = 10000

// Latency returns percentiles of durations.
func (s *Store) Latency(_ context.Context, workspace string, from time.Time, percentiles []float64) ([]time.Duration, error) {
	var durations []time.Duration
	err := s.scan(executionlog.Filter{Workspace: workspace, From: from}, func(_ int64, a *executionlog.Attempt) {
		if len(durations) < latencyRows {
			durations = append(durations, a.Duration)
		}
	})
	if err != nil {
		return nil, err
	}
	return criteria.Percentiles(durations, percentiles), nil
}
