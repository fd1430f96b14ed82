package postgres_test

import (
	"bytes"
	"context"
	"database/sql"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/logtest/pgtest"
	"github.com/hookdesk/hookdesk/executionlog/postgres"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// clock is a time that a test sets.
type clock struct{ now time.Time }

func (c *clock) open(t *testing.T, database string, logger *slog.Logger) *postgres.Store {
	t.Helper()
	store, err := postgres.Open(t.Context(), database, postgres.Options{Now: func() time.Time { return c.now }, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func day(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 12, 0, 0, 0, time.UTC)
}

// rowsIn counts the attempts of a partition.
func rowsIn(t *testing.T, database, partition string) int {
	t.Helper()
	var n int
	if err := pool(t, database).QueryRowContext(t.Context(), `SELECT count(*) FROM `+partition).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func found(t *testing.T, store *postgres.Store, want int) {
	t.Helper()
	page, err := store.Executions(t.Context(), executionlog.Filter{Workspace: "default", Error: "answered"}, 1000, "")
	if err != nil || len(page.Items) != want {
		t.Errorf("found %d attempts, %v; want %d", len(page.Items), err, want)
	}
	for _, a := range page.Items {
		if one, err := store.Execution(t.Context(), "default", a.ID); err != nil || one.Detail == nil {
			t.Errorf("attempt %s: %+v, %v", a.ID, one, err)
		}
	}
}

// TestProcessDownForLong starts again after months: the months before are
// left out, what is late goes to the rest, and retention finds it there.
func TestProcessDownForLong(t *testing.T) {
	database := pgtest.Database(t)
	c := &clock{day(2026, time.January, 20)}
	store := c.open(t, database, nil)
	ids := id.NewSource(1, func() time.Time { return c.now })
	record(t, store, attempt(ids, c.now))
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}

	c.now = day(2026, time.July, 2)
	store = c.open(t, database, nil)
	defer store.Close()
	want := []string{"attempts_2026_01", "attempts_2026_02", "attempts_2026_03", "attempts_2026_07", "attempts_2026_08", "attempts_2026_09", "attempts_rest"}
	if got := partitionNames(t, database); !slices.Equal(got, want) {
		t.Errorf("partitions %v, want %v", got, want)
	}
	record(t, store, attempt(ids, day(2026, time.May, 5)), attempt(ids, c.now))
	found(t, store, 3)
	if n := rowsIn(t, database, "attempts_rest"); n != 1 {
		t.Errorf("%d attempts in the rest, want the late one", n)
	}
	policy := executionlog.Retention{Keep: executionlog.Keep{Succeeded: 30 * 24 * time.Hour, Failed: 30 * 24 * time.Hour}}
	done, err := store.Maintain(t.Context(), policy, c.now)
	if total := done.Total(); err != nil || total.Attempts != 2 {
		t.Errorf("removed %+v, %v; want both old attempts", total, err)
	}
	found(t, store, 1)
}

// TestClockAhead has a clock a year ahead for a while. What came then is in
// the rest, and moves to its month when the year is over.
func TestClockAhead(t *testing.T) {
	database := pgtest.Database(t)
	c := &clock{day(2026, time.January, 20)}
	store := c.open(t, database, nil)
	defer store.Close()
	ids := id.NewSource(1, func() time.Time { return c.now })
	early := day(2027, time.January, 20)
	record(t, store, attempt(ids, c.now), attempt(ids, early), attempt(ids, early.Add(time.Hour)))
	if n := rowsIn(t, database, "attempts_rest"); n != 2 {
		t.Errorf("%d attempts in the rest, want those of the future", n)
	}
	// The clock goes on, then back, then arrives where it was once.
	for _, now := range []time.Time{day(2026, time.December, 3), day(2026, time.January, 20), early.Add(2 * time.Hour)} {
		c.now = now
		if _, err := store.Maintain(t.Context(), executionlog.Retention{}, now); err != nil {
			t.Fatal(err)
		}
	}
	for partition, want := range map[string]int{"attempts_rest": 0, "attempts_2027_01": 2, "details_2027_01": 2, "attempt_errors_2027_01": 2} {
		if n := rowsIn(t, database, partition); n != want {
			t.Errorf("%d rows in %s, want %d", n, partition, want)
		}
	}
	record(t, store, attempt(ids, early.Add(3*time.Hour)))
	found(t, store, 4)
	if n := rowsIn(t, database, "attempts_2027_01"); n != 3 {
		t.Errorf("%d attempts in the month, want 3", n)
	}
}

// TestPartitionsWaitForReaders has somebody read while a partition should be
// made and another dropped: neither holds up anybody, and both happen later.
func TestPartitionsWaitForReaders(t *testing.T) {
	database := pgtest.Database(t)
	c := &clock{day(2026, time.January, 20)}
	var log bytes.Buffer
	store := c.open(t, database, slog.New(slog.NewTextHandler(&log, nil)))
	defer store.Close()
	ids := id.NewSource(1, func() time.Time { return c.now })
	record(t, store, attempt(ids, c.now))
	reader, err := pool(t, database).BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := reader.QueryRowContext(t.Context(), `SELECT count(*) FROM attempts`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	c.now = day(2026, time.March, 20)
	policy := executionlog.Retention{Keep: executionlog.Keep{Succeeded: 24 * time.Hour, Failed: 24 * time.Hour}}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	done, err := store.Maintain(ctx, policy, c.now)
	if err != nil || done.Total().Attempts != 1 {
		t.Errorf("with a reader: %+v, %v; want the attempt removed by itself", done, err)
	}
	if !strings.Contains(log.String(), "partition not made") || !strings.Contains(log.String(), "partition not dropped") {
		t.Errorf("the log does not say what waits:\n%s", log.String())
	}
	record(t, store, attempt(ids, day(2026, time.May, 1))) // a month without its partition
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Maintain(ctx, policy, c.now); err != nil {
		t.Fatal(err)
	}
	want := []string{"attempts_2026_03", "attempts_2026_04", "attempts_2026_05", "attempts_rest"}
	if got := partitionNames(t, database); !slices.Equal(got, want) {
		t.Errorf("partitions %v, want %v", got, want)
	}
	if n := rowsIn(t, database, "attempts_2026_05"); n != 1 {
		t.Errorf("%d attempts in the month, want the one that came before its partition", n)
	}
}

// TestOneMaintainsAtATime has a process at its upkeep while another begins.
func TestOneMaintainsAtATime(t *testing.T) {
	database := pgtest.Database(t)
	one, two := open(t, database), open(t, database)
	now := time.Now()
	ids := id.NewSource(1, time.Now)
	record(t, one, attempt(ids, now.Add(-48*time.Hour)))
	policy := executionlog.Retention{Keep: executionlog.Keep{Succeeded: time.Hour, Failed: time.Hour}}
	conn, err := pool(t, database).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, test := range []struct {
		lock string
		want int64
	}{{`SELECT pg_advisory_lock(x'686f6f6b00000002'::bigint)`, 0}, {`SELECT pg_advisory_unlock(x'686f6f6b00000002'::bigint)`, 1}} {
		if _, err := conn.ExecContext(t.Context(), test.lock); err != nil {
			t.Fatal(err)
		}
		done, err := two.Maintain(t.Context(), policy, now)
		if err != nil || done.Total().Attempts != test.want {
			t.Errorf("after %s: %+v, %v; want %d attempts removed", test.lock, done, err, test.want)
		}
	}
}
