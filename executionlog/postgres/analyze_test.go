package postgres_test

import (
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/logtest/pgtest"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// Upkeep gives PostgreSQL statistics of the tables as a whole, soon after they
// have rows, and again only when they have many more or the day is over.
func TestPartitionedTablesAreAnalyzed(t *testing.T) {
	database := pgtest.Database(t)
	store, db := open(t, database), pool(t, database)
	ids := id.NewSource(1, time.Now)
	tables := []string{"attempts", "details", "attempt_errors"}
	for range 20 {
		record(t, store, attempt(ids, time.UnixMicro(ids.Next()/id.Nodes)))
	}
	upkeep := func() {
		t.Helper()
		if _, err := store.Maintain(t.Context(), executionlog.Retention{}, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	analyzed := func() (times, known int) {
		t.Helper()
		if err := db.QueryRowContext(t.Context(), `SELECT coalesce(sum(analyze_count), 0), (SELECT count(DISTINCT tablename) FROM pg_stats WHERE tablename = ANY($1) AND inherited)
			FROM pg_stat_user_tables WHERE relname = ANY($1)`, tables).Scan(&times, &known); err != nil {
			t.Fatal(err)
		}
		return times, known
	}
	if _, known := analyzed(); known != 0 {
		t.Fatalf("%d tables have statistics at first", known)
	}
	// PostgreSQL counts rows a second after they came.
	deadline := time.Now().Add(30 * time.Second)
	for _, known := analyzed(); known < len(tables); _, known = analyzed() {
		if time.Now().After(deadline) {
			t.Fatalf("%d tables have statistics after their upkeep, want %d", known, len(tables))
		}
		record(t, store, attempt(ids, time.UnixMicro(ids.Next()/id.Nodes)))
		upkeep()
	}
	before, _ := analyzed()
	for range 3 {
		upkeep()
	}
	if after, _ := analyzed(); before < len(tables) || after != before {
		t.Errorf("analyzed %d times, and then %d", before, after)
	}
	// As if the months had many more rows by now.
	if _, err := db.ExecContext(t.Context(), `UPDATE pg_class SET reltuples = 1000000 WHERE relname LIKE 'attempts\_20%' OR relname LIKE 'attempts\_rest'`); err != nil {
		t.Fatal(err)
	}
	upkeep()
	deadline = time.Now().Add(30 * time.Second)
	for after, _ := analyzed(); after == before; after, _ = analyzed() {
		if time.Now().After(deadline) {
			t.Fatal("a table that has grown is not analyzed again")
		}
	}
}
