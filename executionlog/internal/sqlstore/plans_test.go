package sqlstore_test

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/sqlite"
)

// asking is a search and the indices that its queries have to be led by.
type asking struct {
	name string
	ask  func(ctx context.Context, store *sqlite.Store) error
	want []string
}

func executions(name string, f executionlog.Filter, want ...string) asking {
	if f.Workspace == "" {
		f.Workspace = "default"
	}
	return asking{name, func(ctx context.Context, store *sqlite.Store) error {
		_, err := store.Executions(ctx, f, 300, "")
		return err
	}, want}
}

func histogram(name string, f executionlog.Filter, want ...string) asking {
	f.Workspace = "default"
	f.From = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	f.To = f.From.Add(100 * time.Hour)
	return asking{name, func(ctx context.Context, store *sqlite.Store) error {
		_, err := store.Histogram(ctx, f, time.Hour)
		return err
	}, want}
}

func deliveries(name string, q executionlog.DeliveryQuery, want ...string) asking {
	q.Workspace = "default"
	return asking{name, func(ctx context.Context, store *sqlite.Store) error {
		_, err := store.ListDeliveries(ctx, q)
		return err
	}, want}
}

// askings are what is searched by, each with the indices that are there for it.
func askings(some *executionlog.Attempt) []asking {
	failed := executionlog.Failed
	return []asking{
		executions("all", executionlog.Filter{}, "a USING INTEGER PRIMARY KEY"),
		executions("a small workspace", executionlog.Filter{Workspace: "other"}, "attempts_workspace"),
		executions("failed", executionlog.Filter{Outcome: failed}, "attempts_failed"),
		executions("a ticket", executionlog.Filter{Ticket: some.Ticket}, "numbers_folded", "attempts_ticket"),
		executions("tickets that begin so", executionlog.Filter{Ticket: "tck-05*"}, "numbers_folded", "attempts_ticket", "ticket_spans_last"),
		executions("tickets with a part", executionlog.Filter{Ticket: "*k-05*"}, "g VIRTUAL TABLE", "attempts_ticket", "ticket_spans_last"),
		executions("oldest first", executionlog.Filter{Ticket: "*k-05*", OldestFirst: true}, "attempts_ticket", "ticket_spans_first"),
		executions("an error", executionlog.Filter{Error: "abcd"}, "f VIRTUAL TABLE", "a USING INTEGER PRIMARY KEY"),
		executions("a response", executionlog.Filter{Response: "abcd", Outcome: failed}, "f VIRTUAL TABLE", "t USING INTEGER PRIMARY KEY"),
		executions("anything", executionlog.Filter{Q: "k-0512"}, "f VIRTUAL TABLE", "g VIRTUAL TABLE"),
		executions("an endpoint", executionlog.Filter{Endpoint: some.Endpoint}, "attempts_endpoint"),
		executions("an endpoint's failures", executionlog.Filter{Endpoint: some.Endpoint, Outcome: failed}, "attempts_failed_endpoint"),
		executions("a trigger", executionlog.Filter{Trigger: "trg_1"}, "attempts_trigger"),
		executions("a trigger's failures", executionlog.Filter{Trigger: "trg_1", Outcome: failed}, "attempts_failed_trigger"),
		executions("an event", executionlog.Filter{Event: some.Event}, "attempts_event"),
		executions("an event's failures", executionlog.Filter{Event: some.Event, Outcome: failed}, "attempts_failed_event"),
		executions("a system's failures", executionlog.Filter{System: some.System, Outcome: failed}, "attempts_failed_system"),
		executions("an error code", executionlog.Filter{ErrorCode: "timeout"}, "attempts_code"),
		executions("a status", executionlog.Filter{StatusFrom: 503, StatusTo: 503}, "attempts_status"),
		executions("a delivery", executionlog.Filter{Delivery: some.Delivery}, "attempts_delivery"),
		executions("a change", executionlog.Filter{Change: some.Change}, "attempts_change"),
		histogram("bars of all", executionlog.Filter{}, "attempt_counts USING PRIMARY KEY"),
		histogram("bars of a system", executionlog.Filter{System: some.System}, "facet_counts USING PRIMARY KEY"),
		histogram("bars of an error code", executionlog.Filter{ErrorCode: "timeout"}, "failure_counts USING PRIMARY KEY"),
		histogram("bars of an error", executionlog.Filter{Error: "abcd"}, "f VIRTUAL TABLE"),
		histogram("bars of a ticket", executionlog.Filter{Ticket: some.Ticket}, "attempts_ticket"),
		deliveries("pending deliveries", executionlog.DeliveryQuery{Outcome: executionlog.Pending}, "deliveries_needed"),
	}
}

// reads is a step of a plan that goes through a whole table, not by an index.
var reads = regexp.MustCompile(`SCAN (\w+)( USING [A-Z ]*INDEX| VIRTUAL)?`)

// harmless are what may be read whole: lists that are arguments, results of
// queries within, and tables that stay small.
var harmless = []string{"json_each", "t", "k", "c", "f", "CONSTANT", "names", "value", "pending"}

// TestSearchesAreLed asks the ledger everything that has an index of its own,
// and has SQLite plan the very queries that the ledger made of it: without the
// index they would read the whole log.
func TestSearchesAreLed(t *testing.T) {
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	rows := lookupRows(rand.New(rand.NewPCG(3, 9)))
	for i, r := range rows {
		r.Attempt.Workspace = "default"
		if i%20 == 0 {
			r.Attempt.Workspace = "other"
		}
	}
	for _, err := range store.Record(t.Context(), rows) {
		if err != nil {
			t.Fatal(err)
		}
	}
	store.LookUpLittle(2, 0, 1, 1<<30)
	seen := ""
	for _, a := range askings(&rows[1].Attempt) {
		t.Run(a.name, func(t *testing.T) {
			store.Asked()
			if err := a.ask(t.Context(), store); err != nil {
				t.Fatal(err)
			}
			texts := store.Asked()
			plans := make([]string, len(texts))
			for i, text := range texts {
				plans[i] = explain(t, store, text)
				for _, step := range reads.FindAllStringSubmatch(plans[i], -1) {
					if step[2] == "" && !slices.Contains(harmless, step[1]) {
						t.Errorf("%s\nreads all of %s: %s", text, step[1], plans[i])
					}
				}
				if strings.Contains(text, "attempts a") && strings.Contains(plans[i], "TEMP B-TREE FOR ORDER BY") && !strings.Contains(text, "json_each") {
					t.Errorf("%s\nsorts what an index has in order: %s", text, plans[i])
				}
			}
			all := strings.Join(plans, "\n")
			for _, index := range a.want {
				if !regexp.MustCompile(regexp.QuoteMeta(index) + `\b`).MatchString(all) {
					t.Errorf("nothing is led by %s:\n%s\nplanned as\n%s", index, strings.Join(texts, "\n"), all)
				}
			}
			seen += all
		})
	}
	for _, index := range indices(t, store, "attempts", "ticket_spans") {
		if !regexp.MustCompile(`\b` + index + `\b`).MatchString(seen) {
			t.Errorf("the index %s leads no search of this test", index)
		}
	}
}

// indices lists the indices of tables.
func indices(t *testing.T, store *sqlite.Store, tables ...string) (names []string) {
	t.Helper()
	for _, table := range tables {
		rows, err := store.Read.QueryContext(t.Context(), `SELECT name FROM pragma_index_list($1)`, table)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				t.Fatal(err)
			}
			names = append(names, name)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

func explain(t *testing.T, store *sqlite.Store, query string) string {
	t.Helper()
	var args []any
	for strings.Contains(query, "$"+strconv.Itoa(len(args)+1)) {
		args = append(args, 1) // the plan does not depend on it
	}
	rows, err := store.Read.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
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
