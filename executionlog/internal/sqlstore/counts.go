package sqlstore

import (
	"maps"
	"slices"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// Outcomes as they are kept.
const (
	pending = iota
	succeeded
	failed
	cancelled
)

var outcomeNumbers = map[executionlog.Outcome]int64{
	executionlog.Pending: pending, executionlog.Succeeded: succeeded,
	executionlog.Failed: failed, executionlog.Cancelled: cancelled,
}

var outcomes = [...]executionlog.Outcome{executionlog.Pending, executionlog.Succeeded, executionlog.Failed, executionlog.Cancelled}

// counts gathers what a transaction changes of the roll-ups, so that each of
// their rows is written once. Keys are the tables' columns in order, zeros
// behind the last.
type counts struct {
	attempts   map[countKey]int64 // step, workspace, at, outcome
	facets     map[countKey]int64 // workspace, facet, value, hour, outcome
	failures   map[countKey]int64 // workspace, hour, endpoint, error code
	deliveries map[countKey]int64 // workspace, hour, endpoint, outcome
}

type countKey [5]int64

const (
	minute = 60
	hour   = 3600
)

// The facets by which attempts are counted, each by itself.
const (
	facetSystem = iota + 1
	facetEvent
	facetTrigger
	facetEndpoint
)

func newCounts() counts {
	return counts{attempts: map[countKey]int64{}, facets: map[countKey]int64{}, failures: map[countKey]int64{}, deliveries: map[countKey]int64{}}
}

// stepOf returns the beginning of the step in which a number was made.
func stepOf(number, step int64) int64 {
	seconds := number / id.Nodes / 1_000_000
	return seconds - seconds%step
}

// counted is what the roll-ups know of an attempt, in numbers.
type counted struct{ number, workspace, system, event, trigger, endpoint, outcome, code int64 }

func (c *counts) attempt(a counted, n int64) {
	at := stepOf(a.number, hour)
	c.attempts[countKey{minute, a.workspace, stepOf(a.number, minute), a.outcome}] += n
	c.attempts[countKey{hour, a.workspace, at, a.outcome}] += n
	c.facets[countKey{a.workspace, facetSystem, a.system, at, a.outcome}] += n
	c.facets[countKey{a.workspace, facetEvent, a.event, at, a.outcome}] += n
	c.facets[countKey{a.workspace, facetTrigger, a.trigger, at, a.outcome}] += n
	c.facets[countKey{a.workspace, facetEndpoint, a.endpoint, at, a.outcome}] += n
	if a.outcome == failed {
		c.failures[countKey{a.workspace, at, a.endpoint, a.code}] += n
	}
}

func (c *counts) delivery(number, workspace, endpoint, outcome, n int64) {
	c.deliveries[countKey{workspace, stepOf(number, hour), endpoint, outcome}] += n
}

// write adds the changes to the end of the transaction.
func (c *counts) write(b *batch) {
	for _, table := range []struct {
		rows          map[countKey]int64
		columns       int
		upsert, clean string
	}{
		{
			c.attempts, 4,
			`INSERT INTO attempt_counts (step, workspace, at, outcome, n) VALUES ($1, $2, $3, $4, $5)
			 ON CONFLICT (step, workspace, at, outcome) DO UPDATE SET n = attempt_counts.n + excluded.n`,
			`DELETE FROM attempt_counts WHERE step = $1 AND workspace = $2 AND at = $3 AND outcome = $4 AND n <= 0`,
		},
		{
			c.facets, 5,
			`INSERT INTO facet_counts (workspace, facet, value, at, outcome, n) VALUES ($1, $2, $3, $4, $5, $6)
			 ON CONFLICT (workspace, facet, value, at, outcome) DO UPDATE SET n = facet_counts.n + excluded.n`,
			`DELETE FROM facet_counts WHERE workspace = $1 AND facet = $2 AND value = $3 AND at = $4 AND outcome = $5 AND n <= 0`,
		},
		{
			c.failures, 4,
			`INSERT INTO failure_counts (workspace, at, endpoint, error_code, n) VALUES ($1, $2, $3, $4, $5)
			 ON CONFLICT (workspace, at, endpoint, error_code) DO UPDATE SET n = failure_counts.n + excluded.n`,
			`DELETE FROM failure_counts WHERE workspace = $1 AND at = $2 AND endpoint = $3 AND error_code = $4 AND n <= 0`,
		},
		{
			c.deliveries, 4,
			`INSERT INTO delivery_counts (workspace, at, endpoint, outcome, n) VALUES ($1, $2, $3, $4, $5)
			 ON CONFLICT (workspace, at, endpoint, outcome) DO UPDATE SET n = delivery_counts.n + excluded.n`,
			`DELETE FROM delivery_counts WHERE workspace = $1 AND at = $2 AND endpoint = $3 AND outcome = $4 AND n <= 0`,
		},
	} {
		// In order, so that two processes do not wait for each other's rows.
		for _, key := range slices.SortedFunc(maps.Keys(table.rows), func(a, b countKey) int { return slices.Compare(a[:], b[:]) }) {
			n := table.rows[key]
			if n == 0 {
				continue
			}
			row := make([]any, 0, len(key)+1)
			for _, value := range key[:table.columns] {
				row = append(row, value)
			}
			b.later(table.upsert, append(row, n)...)
			if n < 0 {
				b.later(table.clean, row...)
			}
		}
	}
}
