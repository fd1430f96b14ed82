package sqlite_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/sqlite"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// TestLeapWhileClosed starts with a clock that is years ahead of what the
// ledger holds: with one that has been through a round of retention, and with
// one from before there was a clock of retention.
func TestLeapWhileClosed(t *testing.T) {
	policy := executionlog.Retention{Keep: executionlog.Keep{Succeeded: time.Hour, Failed: time.Hour}, Leap: 24 * time.Hour, Settle: 24 * time.Hour}
	for _, test := range []struct {
		name   string
		rounds int
	}{{"kept its clock", 1}, {"had none", 0}} {
		t.Run(test.name, func(t *testing.T) {
			path, now := filepath.Join(t.TempDir(), "ledger.db"), time.Now()
			session := func(do func(*sqlite.Store)) {
				store, err := sqlite.Open(t.Context(), path, sqlite.Options{})
				if err != nil {
					t.Fatal(err)
				}
				do(store)
				if err := store.Close(); err != nil {
					t.Fatal(err)
				}
			}
			round := func(at time.Time, removed int64, behind bool) {
				t.Helper()
				session(func(store *sqlite.Store) {
					done, err := store.Maintain(t.Context(), policy, at)
					if err != nil || done.Total().Attempts != removed || (done.Clock.Behind() > 0) != behind {
						t.Errorf("at %v: %+v, %v; want %d attempts removed, behind %v", at, done, err, removed, behind)
					}
				})
			}
			session(func(store *sqlite.Store) { attemptAt(t, store, now) })
			for range test.rounds {
				round(now, 0, false)
			}
			ahead := now.AddDate(7, 0, 0)
			round(ahead, 0, true)
			round(ahead.Add(12*time.Hour), 1, true)
		})
	}
}

func attemptAt(t *testing.T, store *sqlite.Store, at time.Time) {
	t.Helper()
	number := id.First(at)
	errs := store.Record(t.Context(), []*executionlog.Result{{Outcome: executionlog.Succeeded, Attempt: executionlog.Attempt{
		ID: id.Format(id.Attempt, number), Delivery: id.Format(id.Delivery, number), Change: id.Format(id.Change, number),
		Workspace: "default", Ticket: "T-1", System: "faveo", Event: "ticket_created", Endpoint: "ep_1",
		Number: 1, At: at, Outcome: executionlog.Succeeded, HTTPStatus: 200,
	}}})
	if errs[0] != nil {
		t.Fatal(errs[0])
	}
}
