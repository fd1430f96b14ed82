package sqlite_test

import (
	"strings"
	"testing"

	"github.com/hookdesk/hookdesk/executionlog/sqlite"
)

// TestIndicesLead holds the questions that searches are made of to the indices
// that are there for them: without one they read the whole log.
func TestIndicesLead(t *testing.T) {
	store := open(t)
	const order = ` AND id >= 1 AND id < 9000000000000000000 ORDER BY id DESC LIMIT 51`
	for query, index := range map[string]string{
		`SELECT * FROM attempts WHERE id >= 1 AND id < 9 ORDER BY id DESC LIMIT 51`:                                  "INTEGER PRIMARY KEY",
		`SELECT * FROM attempts WHERE ticket = 1` + order:                                                            "attempts_ticket",
		`SELECT * FROM attempts WHERE endpoint = 1` + order:                                                          "attempts_endpoint",
		`SELECT * FROM attempts WHERE endpoint = 1 AND outcome = 2` + order:                                          "attempts_failed_endpoint",
		`SELECT * FROM attempts WHERE trigger_id = 1 AND outcome = 2` + order:                                        "attempts_failed_trigger",
		`SELECT * FROM attempts WHERE event = 1 AND outcome = 2` + order:                                             "attempts_failed_event",
		`SELECT * FROM attempts WHERE system = 1 AND outcome = 2` + order:                                            "attempts_failed_system",
		`SELECT * FROM attempts WHERE error_code = 1 AND outcome = 2` + order:                                        "attempts_code",
		`SELECT * FROM attempts WHERE http_status = 429 AND http_status >= 300` + order:                              "attempts_status",
		`SELECT id FROM attempts WHERE workspace = 1` + order:                                                        "COVERING INDEX attempts_workspace",
		`SELECT at, sum(n) FROM facet_counts WHERE workspace = 1 AND facet = 1 AND value = 1 AND at >= 1 GROUP BY 1`: "PRIMARY KEY",
	} {
		plan := explain(t, store, query)
		if !strings.Contains(plan, index) || strings.Contains(plan, "SCAN") || strings.Contains(plan, "TEMP B-TREE FOR ORDER BY") {
			t.Errorf("%s\nwants %s, is planned as %s", query, index, plan)
		}
	}
}

// A page of pending deliveries is read from an index of those alone.
func TestPendingAreNotLookedForAmongAll(t *testing.T) {
	plan := explain(t, open(t), `SELECT d.id FROM deliveries d LEFT JOIN numbers n ON n.id = d.ticket
		WHERE +d.workspace = 1 AND +d.endpoint = 1 AND d.outcome = 0 AND +d.id >= 1 AND +d.id < 9 ORDER BY +d.id DESC LIMIT 51`)
	if !strings.Contains(plan, "SCAN d USING INDEX deliveries_") {
		t.Errorf("planned as %s", plan)
	}
	if count := explain(t, open(t), `SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE outcome = 0 LIMIT 9)`); !strings.Contains(count, "INDEX deliveries_") {
		t.Errorf("counted as %s", count)
	}
}

func explain(t *testing.T, store *sqlite.Store, query string) string {
	t.Helper()
	rows, err := store.Read.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(detail + "; ")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan.String()
}
