package postgres_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/logtest/pgtest"
	"github.com/hookdesk/hookdesk/executionlog/postgres"
	"github.com/hookdesk/hookdesk/triggers/id"
)

func attempt(ids *id.Source, at time.Time) *executionlog.Result {
	return &executionlog.Result{Outcome: executionlog.Failed, Attempt: executionlog.Attempt{
		ID: id.Format(id.Attempt, at.UnixMicro()*id.Nodes), Workspace: "default", Delivery: ids.New(id.Delivery), Ticket: "T-1",
		System: "faveo", Event: "ticket_created", Endpoint: "ep_1", Number: 1, At: at,
		Outcome: executionlog.Failed, ErrorCode: "http_5xx", Error: "the receiver answered 503",
		Detail: &executionlog.AttemptDetail{Method: "POST", URL: "https://receiver.example"},
	}}
}

func record(t *testing.T, store *postgres.Store, results ...*executionlog.Result) {
	t.Helper()
	if err := errors.Join(store.Record(t.Context(), results)...); err != nil {
		t.Fatal(err)
	}
}

func TestProcessesStartingAtOnce(t *testing.T) {
	database := pgtest.Database(t)
	stores := make([]*postgres.Store, 5)
	var group sync.WaitGroup
	for i := range stores {
		group.Go(func() {
			store, err := postgres.Open(t.Context(), database, postgres.Options{})
			if err != nil {
				t.Errorf("open %d: %v", i, err)
				return
			}
			stores[i] = store
		})
	}
	group.Wait()
	nodes := map[int]bool{}
	for _, store := range stores {
		if store == nil {
			continue
		}
		nodes[store.Node()] = true
		if err := errors.Join(store.Check(t.Context()), store.Close()); err != nil {
			t.Error(err)
		}
	}
	if len(nodes) != len(stores) {
		t.Errorf("nodes %v, want %d different ones", nodes, len(stores))
	}
}

// TestTwoProcesses has two stores on one database write to the same tickets.
func TestTwoProcesses(t *testing.T) {
	database := pgtest.Database(t)
	one, two := open(t, database), open(t, database)
	var group sync.WaitGroup
	var mu sync.Mutex
	accepted := map[string]int{}
	for _, store := range []*postgres.Store{one, two} {
		for worker := range 4 {
			group.Go(func() {
				ids := id.NewSource(store.Node()+2*worker, time.Now)
				for range 15 {
					number := fmt.Sprintf("T-%d", ids.Next()%5)
					if increment(t, store, ids, number) {
						mu.Lock()
						accepted[number]++
						mu.Unlock()
					}
				}
			})
		}
	}
	group.Wait()
	for number, count := range accepted {
		for _, store := range []*postgres.Store{one, two} {
			ticket, err := store.Ticket(t.Context(), "default", number)
			if err != nil || ticket.Version != int64(count) {
				t.Errorf("ticket %s: %+v, %v; want version %d", number, ticket, err, count)
			}
		}
		page, err := two.Changes(t.Context(), executionlog.ChangeQuery{Workspace: "default", Ticket: number, Limit: 1000})
		if err != nil || len(page.Items) != count {
			t.Errorf("ticket %s: %d changes, %v; want %d", number, len(page.Items), err, count)
		}
	}
}

// increment adds one change to a ticket, repeated while others are faster.
func increment(t *testing.T, store *postgres.Store, ids *id.Source, number string) bool {
	for range 200 {
		var version int64
		ticket, err := store.Ticket(t.Context(), "default", number)
		switch {
		case err == nil:
			version = ticket.Version
		case !errors.Is(err, executionlog.ErrNotFound):
			t.Error(err)
			return false
		}
		err = store.Accept(t.Context(), []*executionlog.Acceptance{{
			Workspace: "default", Version: version, Ticket: &executionlog.Ticket{Number: number, Version: version + 1, UpdatedAt: time.Now()},
			Changes: []*executionlog.Change{{ID: ids.New(id.Change), Ticket: number, Kind: "ticket_updated", AcceptedAt: time.Now()}},
		}})[0]
		if err == nil {
			return true
		}
		if !errors.Is(err, executionlog.ErrConflict) {
			t.Error(err)
			return false
		}
	}
	t.Errorf("ticket %s: no luck in 200 tries", number)
	return false
}

func partitionNames(t *testing.T, database string) []string {
	t.Helper()
	db, err := sql.Open("pgx", database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), `SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = 'attempts'::regclass ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var names []string
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
	return names
}

func TestPartitionsComeAndGo(t *testing.T) {
	database := pgtest.Database(t)
	now := time.Date(2026, 1, 20, 10, 0, 0, 0, time.UTC)
	store, err := postgres.Open(t.Context(), database, postgres.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if got, want := partitionNames(t, database), []string{"attempts_2026_01", "attempts_2026_02", "attempts_2026_03", "attempts_rest"}; !slices.Equal(got, want) {
		t.Fatalf("partitions %v, want %v", got, want)
	}
	ids := id.NewSource(1, func() time.Time { return now })
	january, february := now, now.AddDate(0, 1, 0)
	record(t, store, attempt(ids, january), attempt(ids, january.Add(time.Hour)), attempt(ids, february))

	now = time.Date(2026, 3, 15, 0, 0, 0, 0, time.UTC)
	policy := executionlog.Retention{Keep: executionlog.Keep{Bodies: 10 * 24 * time.Hour, Succeeded: 20 * 24 * time.Hour, Failed: 30 * 24 * time.Hour}}
	done, err := store.Maintain(t.Context(), policy, now)
	if want := (executionlog.Removed{Attempts: 2, Bodies: 3}); err != nil || done.Total() != want {
		t.Fatalf("removed %+v, %v; want %+v", done, err, want)
	}
	if got, want := partitionNames(t, database), []string{"attempts_2026_02", "attempts_2026_03", "attempts_2026_04", "attempts_2026_05", "attempts_rest"}; !slices.Equal(got, want) {
		t.Errorf("partitions %v, want %v", got, want)
	}
	total, exact, err := store.Estimate(t.Context(), executionlog.Filter{Workspace: "default"})
	if err != nil || total != 1 || !exact {
		t.Errorf("counted %d, %v, %v; want exactly one", total, exact, err)
	}
	page, err := store.Executions(t.Context(), executionlog.Filter{Workspace: "default", Error: "answered"}, 10, "")
	if err != nil || len(page.Items) != 1 {
		t.Errorf("found %d, %v; want one", len(page.Items), err)
	}
}

// TestLostConnection has the server end all of the store's connections.
func TestLostConnection(t *testing.T) {
	database := pgtest.Database(t)
	store := open(t, database)
	ids := id.NewSource(store.Node(), time.Now)
	record(t, store, attempt(ids, time.Now()))
	db, err := sql.Open("pgx", database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'hookdesk'`); err != nil {
		t.Fatal(err)
	}
	// The first call may find the connection broken, and says so.
	deadline := time.Now().Add(20 * time.Second)
	for {
		err := store.Record(t.Context(), []*executionlog.Result{attempt(ids, time.Now())})[0]
		if err == nil {
			break
		}
		if !errors.Is(err, executionlog.ErrUnavailable) || time.Now().After(deadline) {
			t.Fatalf("record after the connections were lost: %v", err)
		}
	}
	if _, err := store.Executions(t.Context(), executionlog.Filter{Workspace: "default"}, 10, ""); err != nil && !errors.Is(err, executionlog.ErrUnavailable) {
		t.Errorf("search after the connections were lost: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	pgtest.Database(t) // or skip
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for name, test := range map[string]struct{ url, want string }{
		"nobody there": {"postgres://user:hidden@127.0.0.1:1/none?sslmode=disable&connect_timeout=2", ""},
		"no URL":       {"postgres://user:hidden@[::bad", "cannot be read"},
	} {
		_, err := postgres.Open(ctx, test.url, postgres.Options{})
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v", name, err)
		}
		if name == "nobody there" && !errors.Is(err, executionlog.ErrUnavailable) {
			t.Errorf("%s: %v, want ErrUnavailable", name, err)
		}
	}
}

// TestWithoutTrigrams opens a database as a user who may not create the
// extension: everything works, and the log says what is missing.
func TestWithoutTrigrams(t *testing.T) {
	database := pgtest.Database(t)
	db, err := sql.Open("pgx", database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	// A fresh schema that the user owns, in a database that is not theirs.
	for _, statement := range []string{
		`DROP ROLE IF EXISTS plain`, `CREATE ROLE plain LOGIN`, `CREATE SCHEMA plain AUTHORIZATION plain`,
		`ALTER ROLE plain SET search_path = plain`,
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	address, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	query := address.Query()
	query.Set("user", "plain")
	address.RawQuery = query.Encode()
	var log bytes.Buffer
	store, err := postgres.Open(t.Context(), address.String(), postgres.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if !strings.Contains(log.String(), "pg_trgm") {
		t.Errorf("the log does not say what is missing: %s", log.String())
	}
	record(t, store, attempt(id.NewSource(1, time.Now), time.Now()))
	page, err := store.Executions(t.Context(), executionlog.Filter{Workspace: "default", Error: "ANSWERED 5"}, 10, "")
	if err != nil || len(page.Items) != 1 {
		t.Errorf("found %d, %v; want one", len(page.Items), err)
	}
}
