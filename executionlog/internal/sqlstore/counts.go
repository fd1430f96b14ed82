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
// their rows is written once.
type counts struct {
	attempts   map[[4]int64]int64 // step, workspace, at, outcome
	failures   map[[4]int64]int64 // workspace, hour, endpoint, error code
	deliveries map[[4]int64]int64 // workspace, hour, endpoint, outcome
}

const (
	minute = 60
	hour   = 3600
)

func newCounts() counts {
	return counts{attempts: map[[4]int64]int64{}, failures: map[[4]int64]int64{}, deliveries: map[[4]int64]int64{}}
}

// stepOf returns the beginning of the step in which a number was made.
func stepOf(number, step int64) int64 {
	seconds := number / id.Nodes / 1_000_000
	return seconds - seconds%step
}

func (c *counts) attempt(number, workspace, endpoint, outcome, code, n int64) {
	c.attempts[[4]int64{minute, workspace, stepOf(number, minute), outcome}] += n
	c.attempts[[4]int64{hour, workspace, stepOf(number, hour), outcome}] += n
	if outcome == failed {
		c.failures[[4]int64{workspace, stepOf(number, hour), endpoint, code}] += n
	}
}

func (c *counts) delivery(number, workspace, endpoint, outcome, n int64) {
	c.deliveries[[4]int64{workspace, stepOf(number, hour), endpoint, outcome}] += n
}

// write adds the changes to the end of the transaction.
func (c *counts) write(b *batch) {
	for _, table := range []struct {
		rows          map[[4]int64]int64
		upsert, clean string
	}{
		{
			c.attempts,
			`INSERT INTO attempt_counts (step, workspace, at, outcome, n) VALUES ($1, $2, $3, $4, $5)
			 ON CONFLICT (step, workspace, at, outcome) DO UPDATE SET n = attempt_counts.n + excluded.n`,
			`DELETE FROM attempt_counts WHERE step = $1 AND workspace = $2 AND at = $3 AND outcome = $4 AND n <= 0`,
		},
		{
			c.failures,
			`INSERT INTO failure_counts (workspace, at, endpoint, error_code, n) VALUES ($1, $2, $3, $4, $5)
			 ON CONFLICT (workspace, at, endpoint, error_code) DO UPDATE SET n = failure_counts.n + excluded.n`,
			`DELETE FROM failure_counts WHERE workspace = $1 AND at = $2 AND endpoint = $3 AND error_code = $4 AND n <= 0`,
		},
		{
			c.deliveries,
			`INSERT INTO delivery_counts (workspace, at, endpoint, outcome, n) VALUES ($1, $2, $3, $4, $5)
			 ON CONFLICT (workspace, at, endpoint, outcome) DO UPDATE SET n = delivery_counts.n + excluded.n`,
			`DELETE FROM delivery_counts WHERE workspace = $1 AND at = $2 AND endpoint = $3 AND outcome = $4 AND n <= 0`,
		},
	} {
		// In order, so that two processes do not wait for each other's rows.
		for _, key := range slices.SortedFunc(maps.Keys(table.rows), func(a, b [4]int64) int { return slices.Compare(a[:], b[:]) }) {
			n := table.rows[key]
			if n == 0 {
				continue
			}
			b.later(table.upsert, key[0], key[1], key[2], key[3], n)
			if n < 0 {
				b.later(table.clean, key[0], key[1], key[2], key[3])
			}
		}
	}
}
