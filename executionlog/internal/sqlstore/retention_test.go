package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/sqlstore"
	"github.com/hookdesk/hookdesk/executionlog/sqlite"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// witness looks at the ledger after every transaction of the writer.
type witness struct {
	sqlstore.Dialect
	mu        sync.Mutex
	committed func(conn *sql.Conn)
}

func (w *witness) call(look func(conn *sql.Conn)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.committed = look
}

func (w *witness) Committed(ctx context.Context, conn *sql.Conn) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.committed != nil {
		w.committed(conn)
	}
	return w.Dialect.Committed(ctx, conn)
}

// TestRetentionLetsOthersWrite removes much, and has somebody who wants to
// write after each of its transactions: none removes more than it may, and
// nobody waits for more than one of them.
func TestRetentionLetsOthersWrite(t *testing.T) {
	const rows = 400
	for _, test := range []struct {
		name string
		step int           // of the policy
		tick time.Duration // passes whenever a step looks at the clock
		most int           // rows that a transaction may remove
	}{
		{"small steps", 40, 0, 40},
		{"slow rows", 500, 10 * time.Millisecond, 3 * sqlstore.SmallestStep},
		{"very slow rows", 500, time.Second, sqlstore.SmallestStep},
	} {
		t.Run(test.name, func(t *testing.T) {
			store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), sqlite.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			seen := &witness{Dialect: store.Dialect}
			store.Dialect = seen // before the writer has anything to do
			now := time.Now()
			ids := id.NewSource(1, func() time.Time { return now })
			fill(t, store, ids, now, rows)
			passed := now
			store.SetNow(func() time.Time { passed = passed.Add(test.tick); return passed })

			left, steps, waiting := rows, 0, (<-chan struct{})(nil)
			seen.call(func(conn *sql.Conn) {
				var n int
				if err := conn.QueryRowContext(t.Context(), `SELECT count(*) FROM attempts`).Scan(&n); err != nil {
					t.Error(err)
				}
				removed := left - n
				left = n
				if removed > test.most {
					t.Errorf("a transaction removed %d rows, want %d at most", removed, test.most)
				}
				if waiting != nil {
					select {
					case <-waiting:
					default:
						t.Error("a write waited for more than one transaction")
					}
				}
				if waiting = nil; removed > 0 {
					steps, waiting = steps+1, store.Enqueue()
				}
			})
			policy := executionlog.Retention{Step: test.step, Keep: executionlog.Keep{Succeeded: time.Hour}}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			done, err := store.Maintain(ctx, policy, now.Add(2*time.Hour))
			if err != nil || done.Total().Attempts != rows {
				t.Errorf("removed %+v, %v; want %d attempts", done.Total(), err, rows)
			}
			// A transaction is witnessed after those who wait for it are told; the
			// next one begins when it was.
			if err := store.Check(t.Context()); err != nil {
				t.Error(err)
			}
			seen.call(nil)
			if err := store.Close(); err != nil {
				t.Error(err)
			}
			if steps < rows/test.most || left != 0 {
				t.Errorf("%d transactions removed attempts, and %d are left", steps, left)
			}
		})
	}
}

func fill(t *testing.T, store *sqlite.Store, ids *id.Source, at time.Time, n int) {
	t.Helper()
	results := make([]*executionlog.Result, n)
	for i := range results {
		results[i] = &executionlog.Result{Outcome: executionlog.Succeeded, Attempt: executionlog.Attempt{
			ID: ids.New(id.Attempt), Delivery: ids.New(id.Delivery), Change: ids.New(id.Change), Workspace: "default", Ticket: "T-1",
			System: "faveo", Event: "ticket_created", Endpoint: "ep_1", Number: 1, At: at, Outcome: executionlog.Succeeded, HTTPStatus: 200,
		}}
	}
	if err := errors.Join(store.Record(t.Context(), results)...); err != nil {
		t.Fatal(err)
	}
}
