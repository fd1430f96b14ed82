package sqlstore

import (
	"context"
	"database/sql"
	"math"
	"slices"
	"time"

	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// rollUp is a table of counts that knows all that a filter asks for.
type rollUp struct {
	table   string
	finest  int64  // the shortest step that it knows, in seconds
	steps   bool   // whether one table holds several steps
	outcome string // the column, or what it would hold
	counts  []condition
	rows    []condition // the same as conditions on attempts
	none    bool        // nothing can match
}

func (r *rollUp) where(column string, value int64) {
	r.counts = append(r.counts, condition{column + " = %s", value})
	r.rows = append(r.rows, condition{column + " = %s", value})
}

// rollUp returns the table of counts for a filter, nil if there is none.
func (s *Store) rollUp(ctx context.Context, match *criteria.Attempts) (*rollUp, error) {
	facets, ok := match.Facets()
	outcome, known := outcomeNumbers[match.Outcome]
	switch {
	case !ok:
		return nil, nil
	case match.Outcome != "" && !known:
		return &rollUp{none: true}, nil
	case facets == criteria.Facets{}:
		roll := &rollUp{table: "attempt_counts", finest: minute, steps: true, outcome: "outcome"}
		return roll, s.narrowRollUp(ctx, roll, match, outcome, nil)
	case match.Workspace == "":
		return nil, nil
	case facets.ErrorCode != "":
		if facets.System+facets.Event+facets.Trigger != "" || !onlyFailed(match) {
			return nil, nil
		}
		roll := &rollUp{table: "failure_counts", finest: hour, outcome: "2", rows: []condition{{text: "outcome = 2"}}}
		return roll, s.narrowRollUp(ctx, roll, match, pending, []facetName{{"error_code", facets.ErrorCode, 0}, {"endpoint", facets.Endpoint, 0}})
	}
	var asked []facetName
	for _, f := range []facetName{
		{"system", facets.System, facetSystem},
		{"event", facets.Event, facetEvent},
		{"trigger_id", facets.Trigger, facetTrigger},
		{"endpoint", facets.Endpoint, facetEndpoint},
	} {
		if f.text != "" {
			asked = append(asked, f)
		}
	}
	if len(asked) > 1 {
		return nil, nil
	}
	roll := &rollUp{table: "facet_counts", finest: hour, outcome: "outcome"}
	return roll, s.narrowRollUp(ctx, roll, match, outcome, asked)
}

// facetName is a column that is compared with a name; kind is its number in
// the table of facets, 0 in another.
type facetName struct {
	column, text string
	kind         int64
}

// narrowRollUp adds the conditions of a filter; an outcome of pending is none.
func (s *Store) narrowRollUp(ctx context.Context, roll *rollUp, match *criteria.Attempts, outcome int64, facets []facetName) error {
	for _, f := range slices.Concat([]facetName{{"workspace", match.Workspace, 0}}, facets) {
		if f.text == "" {
			continue
		}
		value, err := s.names.find(ctx, f.text)
		if err != nil {
			return err
		}
		if value == criteria.None {
			roll.none = true
			return nil
		}
		if f.kind == 0 {
			roll.where(f.column, value)
			continue
		}
		roll.rows = append(roll.rows, condition{f.column + " = %s", value})
		roll.counts = append(roll.counts, condition{"facet = %s", f.kind}, condition{"value = %s", value})
	}
	if match.Outcome != "" && outcome != pending {
		roll.where("outcome", outcome)
	}
	return nil
}

// span is a stretch of time from which counts are read: a step of 60 or 3600
// seconds, or 0 for the rows themselves.
type span struct {
	low, high int64 // microseconds, high exclusive
	step      int64 // seconds
}

const second = 1_000_000

// spans cuts a time into whole hours, whole minutes and rests, using the
// longest steps from widest down to finest.
func spans(low, high, widest, finest int64) []span {
	if low >= high {
		return nil
	}
	for _, step := range []int64{hour, minute} {
		width := step * second
		from, to := (low+width-1)/width*width, high/width*width
		if step > widest || step < finest || from >= to {
			continue
		}
		out := spans(low, from, minute, finest)
		out = append(out, span{from, to, step})
		return append(out, spans(to, high, minute, finest)...)
	}
	return []span{{low, high, 0}}
}

// countSpans calls use with counts of what a filter matches: from its roll-up
// for whole steps of at most widest, from rows for the rest.
func (s *Store) countSpans(ctx context.Context, match *criteria.Attempts, roll *rollUp, widest int64, use func(at time.Time, outcome, n int64)) error {
	if roll.none {
		return nil
	}
	high := match.High
	if high == math.MaxInt64 {
		// Beyond every row, yet a time that can be cut into hours.
		high = (math.MaxInt64 / id.Nodes / (hour * second)) * (hour * second) * id.Nodes
	}
	for _, part := range spans(match.Low/id.Nodes, high/id.Nodes, widest, roll.finest) {
		text, args := roll.query(s.Dialect, part)
		err := s.each(ctx, text, args, func(rows *sql.Rows) (bool, error) {
			var at, outcome, n int64
			err := rows.Scan(&at, &outcome, &n)
			if err == nil {
				use(time.Unix(at, 0).UTC(), outcome, n)
			}
			return true, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// query returns the text and the arguments of the query for one span.
func (r *rollUp) query(dialect Dialect, part span) (string, []any) {
	var sel selection
	if part.step == 0 {
		// At most an hour and a bit: its rows are next to each other.
		for _, c := range r.rows {
			condition{dialect.Aside(c.text), c.value}.add(&sel)
		}
		sel.where("id >= %s", part.low*id.Nodes)
		sel.where("id < %s", part.high*id.Nodes)
		return `SELECT id / 1024000000, outcome, count(*) FROM attempts` + sel.conditions() + ` GROUP BY 1, 2`, sel.args
	}
	for _, c := range r.counts {
		c.add(&sel)
	}
	if r.steps {
		sel.where("step = %s", part.step)
	}
	sel.where("at >= %s", part.low/second)
	sel.where("at < %s", part.high/second)
	return `SELECT at, ` + r.outcome + `, CAST(sum(n) AS BIGINT) FROM ` + r.table + sel.conditions() + ` GROUP BY 1, 2`, sel.args
}
