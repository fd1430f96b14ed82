package sqlstore

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
)

// triggerCounts looks the values of the facet up one by one, so that each is
// read from its own place in the roll-up's key, without its earlier hours.
const triggerCounts = `WITH RECURSIVE known (value) AS (
		SELECT min(value) FROM facet_counts WHERE workspace = $1 AND facet = $2
		UNION ALL
		SELECT (SELECT min(f.value) FROM facet_counts f WHERE f.workspace = $1 AND f.facet = $2 AND f.value > known.value)
		FROM known WHERE known.value IS NOT NULL
	)
	SELECT f.value, f.outcome, CAST(sum(f.n) AS BIGINT), max(f.at)
	FROM known CROSS JOIN facet_counts f
	WHERE f.workspace = $1 AND f.facet = $2 AND f.value = known.value AND f.at >= $3 GROUP BY 1, 2`

// TriggerCounts counts attempts by trigger, from the roll-up alone: that is
// why its times are whole hours.
func (s *Store) TriggerCounts(ctx context.Context, workspace string, since time.Time) ([]executionlog.TriggerCount, error) {
	owner, err := s.names.find(ctx, workspace)
	if err != nil || owner == criteria.None {
		return nil, s.classify("count attempts by trigger", err)
	}
	counts := map[int64]*executionlog.TriggerCount{}
	err = s.each(ctx, triggerCounts, []any{owner, facetTrigger, since.Unix() - since.Unix()%hour}, func(rows *sql.Rows) (bool, error) {
		var trigger, outcome, n, at int64
		if err := rows.Scan(&trigger, &outcome, &n, &at); err != nil {
			return false, err
		}
		c := counts[trigger]
		if c == nil {
			c = &executionlog.TriggerCount{}
			counts[trigger] = c
		}
		if outcome == failed {
			c.Failed += n
		} else {
			c.Succeeded += n
		}
		if last := time.Unix(at, 0).UTC(); last.After(c.Last) {
			c.Last = last
		}
		return true, nil
	})
	if err != nil {
		return nil, s.classify("count attempts by trigger", err)
	}
	var out []executionlog.TriggerCount
	for trigger, c := range counts {
		if err := s.names.resolve(ctx, resolution{trigger, &c.Trigger}); err != nil {
			return nil, s.classify("count attempts by trigger", err)
		}
		if c.Trigger != "" {
			out = append(out, *c)
		}
	}
	slices.SortFunc(out, func(a, b executionlog.TriggerCount) int { return strings.Compare(a.Trigger, b.Trigger) })
	return out, nil
}
