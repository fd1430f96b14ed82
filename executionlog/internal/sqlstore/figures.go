package sqlstore

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// Histogram counts attempts per step: from the roll-ups where they know
// enough, else from rows.
func (s *Store) Histogram(ctx context.Context, filter executionlog.Filter, step time.Duration) ([]executionlog.Bucket, error) {
	buckets, err := criteria.Buckets(filter.From, filter.To, step)
	if err != nil {
		return nil, err
	}
	match := criteria.Compile(filter)
	roll, err := s.rollUp(ctx, match)
	if err != nil {
		return nil, s.classify("count attempts", err)
	}
	widest := int64(minute)
	if step >= time.Hour {
		widest = hour
	}
	if roll == nil || roll.finest > widest {
		return buckets, s.classify("count attempts", s.countRows(ctx, match, buckets, step))
	}
	err = s.countSpans(ctx, match, roll, widest, func(at time.Time, outcome, n int64) {
		criteria.Count(buckets, step, at, outcomes[outcome], n)
	})
	return buckets, s.classify("count attempts", err)
}

// estimateRows is how many matches Estimate counts one by one.
const estimateRows = 2000

// Estimate counts exactly what the roll-ups know and what is little; of the
// rest it counts the newest and scales by how many rows there are in all.
func (s *Store) Estimate(ctx context.Context, filter executionlog.Filter) (total int64, exact bool, err error) {
	match := criteria.Compile(filter)
	roll, err := s.rollUp(ctx, match)
	if err == nil && roll != nil {
		err = s.countSpans(ctx, match, roll, hour, func(_ time.Time, _, n int64) { total += n })
	}
	if err != nil || roll != nil {
		return total, true, s.classify("estimate attempts", err)
	}
	exact = true
	w := walk{filter: filter, wanted: estimateRows, budget: s.searchRows()}
	err = s.walk(ctx, &w, func(number int64, _ *executionlog.Attempt) (bool, error) {
		total++
		if exact = total < estimateRows; !exact {
			w.after = criteria.Place{Number: number, Set: true}
		}
		return exact, nil
	})
	if err != nil || exact && !w.partial {
		return total, exact, s.classify("estimate attempts", err)
	}
	low, high := max(match.Low, w.after.Number), match.High
	if filter.OldestFirst {
		low, high = match.Low, w.after.Number+1
	}
	total, err = s.extrapolate(ctx, filter, low, high, total)
	return total, false, s.classify("estimate attempts", err)
}

// extrapolate scales matches counted between two numbers to the whole filter.
func (s *Store) extrapolate(ctx context.Context, filter executionlog.Filter, low, high, counted int64) (int64, error) {
	all := executionlog.Filter{Workspace: filter.Workspace, Outcome: filter.Outcome, From: filter.From, To: filter.To}
	count := func(match *criteria.Attempts) (n int64, err error) {
		roll, err := s.rollUp(ctx, match)
		if err != nil {
			return 0, err
		}
		err = s.countSpans(ctx, match, roll, hour, func(_ time.Time, _, more int64) { n += more })
		return n, err
	}
	rows, err := count(criteria.Compile(all))
	if err != nil {
		return 0, err
	}
	part := criteria.Compile(all)
	part.Low, part.High = low, high
	looked, err := count(part)
	if err != nil || looked == 0 {
		return counted, err
	}
	return max(counted, int64(float64(counted)*float64(rows)/float64(looked))), nil
}

// Failing groups failed attempts: whole hours from the roll-up, the beginning
// from rows.
func (s *Store) Failing(ctx context.Context, workspace string, since time.Time, limit int) ([]executionlog.FailureGroup, error) {
	owner, err := s.names.find(ctx, workspace)
	if err != nil || owner == criteria.None {
		return nil, s.classify("group failures", err)
	}
	low, _ := criteria.Span(since, time.Time{})
	aligned := (low/id.Nodes + hour*second - 1) / (hour * second) * hour
	type group struct{ endpoint, code int64 }
	counted := map[group]int64{}
	gather := func(text string, args ...any) error {
		return s.each(ctx, text, args, func(rows *sql.Rows) (bool, error) {
			var g group
			var n int64
			err := rows.Scan(&g.endpoint, &g.code, &n)
			counted[g] += n
			return true, err
		})
	}
	if err := gather(`SELECT endpoint, error_code, count(*) FROM attempts WHERE workspace = $1 AND outcome = 2 AND id >= $2 AND id < $3 GROUP BY 1, 2`,
		owner, low, aligned*second*id.Nodes); err != nil {
		return nil, s.classify("group failures", err)
	}
	if err := gather(`SELECT endpoint, error_code, CAST(sum(n) AS BIGINT) FROM failure_counts WHERE workspace = $1 AND at >= $2 GROUP BY 1, 2`, owner, aligned); err != nil {
		return nil, s.classify("group failures", err)
	}
	var out []executionlog.FailureGroup
	for g, n := range counted {
		f := executionlog.FailureGroup{Count: n}
		if err := s.names.resolve(ctx, resolution{g.endpoint, &f.Endpoint}, resolution{g.code, &f.ErrorCode}); err != nil {
			return nil, s.classify("group failures", err)
		}
		out = append(out, f)
	}
	criteria.SortFailures(out)
	out = out[:min(len(out), criteria.Limit(limit))]
	for i := range out {
		if err := s.newestOf(ctx, workspace, since, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// newestOf fills in a group's newest attempt.
func (s *Store) newestOf(ctx context.Context, workspace string, since time.Time, f *executionlog.FailureGroup) error {
	page, err := s.Executions(ctx, executionlog.Filter{
		Workspace: workspace, From: since, Outcome: executionlog.Failed, ErrorCode: f.ErrorCode, Endpoint: f.Endpoint,
	}, 1, "")
	if err == nil && len(page.Items) > 0 {
		a := page.Items[0]
		f.Last, f.LastError, f.LastID = a.At, a.Error, a.ID
	}
	return err
}

// latencyRows bounds how many attempts Latency looks at.
const latencyRows = 10000

// Latency returns percentiles of durations.
func (s *Store) Latency(ctx context.Context, workspace string, since time.Time, percentiles []float64) ([]time.Duration, error) {
	owner, err := s.names.find(ctx, workspace)
	if err != nil {
		return nil, s.classify("read durations", err)
	}
	low, _ := criteria.Span(since, time.Time{})
	var durations []time.Duration
	err = s.each(ctx, `SELECT duration FROM attempts WHERE workspace = $1 AND id >= $2 ORDER BY id DESC LIMIT $3`,
		[]any{owner, low, latencyRows}, func(rows *sql.Rows) (bool, error) {
			var micros int64
			err := rows.Scan(&micros)
			durations = append(durations, time.Duration(micros)*time.Microsecond)
			return true, err
		})
	if err != nil {
		return nil, s.classify("read durations", err)
	}
	return criteria.Percentiles(durations, percentiles), nil
}

// Counts counts deliveries: whole hours from the roll-up, the beginning from
// rows.
func (s *Store) Counts(ctx context.Context, workspace string, since time.Time) ([]executionlog.EndpointCount, error) {
	owner, err := s.names.find(ctx, workspace)
	if err != nil || owner == criteria.None {
		return nil, s.classify("count deliveries", err)
	}
	low, _ := criteria.Span(since, time.Time{})
	aligned := (low/id.Nodes + hour*second - 1) / (hour * second) * hour
	counts := map[int64]*executionlog.EndpointCount{}
	gather := func(text string, args ...any) error {
		return s.each(ctx, text, args, func(rows *sql.Rows) (bool, error) {
			var endpoint, outcome, n int64
			if err := rows.Scan(&endpoint, &outcome, &n); err != nil {
				return false, err
			}
			if counts[endpoint] == nil {
				counts[endpoint] = &executionlog.EndpointCount{}
			}
			addOutcome(counts[endpoint], outcome, int(n))
			return true, nil
		})
	}
	if err := gather(`SELECT endpoint, outcome, count(*) FROM deliveries WHERE workspace = $1 AND id >= $2 AND id < $3 GROUP BY 1, 2`,
		owner, low, aligned*second*id.Nodes); err != nil {
		return nil, s.classify("count deliveries", err)
	}
	if err := gather(`SELECT endpoint, outcome, CAST(sum(n) AS BIGINT) FROM delivery_counts WHERE workspace = $1 AND at >= $2 GROUP BY 1, 2`, owner, aligned); err != nil {
		return nil, s.classify("count deliveries", err)
	}
	var out []executionlog.EndpointCount
	for endpoint, c := range counts {
		if err := s.lastAttempt(ctx, owner, endpoint, low, c); err != nil {
			return nil, s.classify("count deliveries", err)
		}
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b executionlog.EndpointCount) int { return strings.Compare(a.Endpoint, b.Endpoint) })
	return out, nil
}

func addOutcome(c *executionlog.EndpointCount, outcome int64, n int) {
	switch outcome {
	case pending:
		c.Pending += n
	case succeeded:
		c.Succeeded += n
	case failed:
		c.Failed += n
	case cancelled:
		c.Cancelled += n
	}
}

func (s *Store) lastAttempt(ctx context.Context, workspace, endpoint, low int64, c *executionlog.EndpointCount) error {
	if err := s.names.resolve(ctx, resolution{endpoint, &c.Endpoint}); err != nil {
		return err
	}
	return s.each(ctx, `SELECT id, skew, http_status, error FROM attempts
		WHERE endpoint = $1 AND `+s.Dialect.Aside("workspace")+` = $2 AND `+s.Dialect.Aside("delivery")+` >= $3 ORDER BY id DESC LIMIT 1`, []any{endpoint, workspace, low}, func(rows *sql.Rows) (bool, error) {
		var number, skew int64
		err := rows.Scan(&number, &skew, &c.LastStatus, &c.LastError)
		c.LastAttempt = id.Time(number).Add(time.Duration(skew) * time.Microsecond)
		return false, err
	})
}
