package sqlite_test

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/sqlite"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// logBytes is the size from which on the log of writes is moved in these
// tests, and bulk what they write: many times as much.
const (
	logBytes = 1 << 20
	bulk     = 32 << 20
)

// flood writes deliveries whose bodies do not compress, until it has written
// so many bytes, and returns how long the log of writes was at most and how
// long the longest write took.
func flood(t *testing.T, store *sqlite.Store, path string, bytes int) (longest int64, slowest time.Duration) {
	t.Helper()
	ids := id.NewSource(store.Node(), time.Now)
	random := rand.NewChaCha8([32]byte{1})
	for written := 0; written < bytes; {
		var deliveries []*executionlog.NewDelivery
		for range 10 {
			d := newDelivery(ids)
			d.Request.Body = make([]byte, 32<<10)
			_, _ = random.Read(d.Request.Body) // never fails
			written += len(d.Request.Body)
			deliveries = append(deliveries, d)
		}
		begun := time.Now()
		if err := store.Add(t.Context(), deliveries); err != nil {
			t.Fatal(err)
		}
		slowest = max(slowest, time.Since(begun))
		longest = max(longest, logSize(t, path))
	}
	return longest, slowest
}

func logSize(t *testing.T, path string) int64 {
	t.Helper()
	file, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	return file.Size()
}

// TestLogOfWritesStaysShort writes while two readers are never idle.
func TestLogOfWritesStaysShort(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	store, err := sqlite.Open(t.Context(), path, sqlite.Options{LogBytes: logBytes})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	flood(t, store, path, 1<<20) // something to read
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for ctx.Err() == nil {
				var bytes sql.NullInt64
				if err := store.Read.QueryRowContext(ctx, `SELECT sum(length(hex(content))) FROM (SELECT content FROM requests LIMIT 20)`).Scan(&bytes); err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
	}
	longest, slowest := flood(t, store, path, bulk)
	stop()
	readers.Wait()
	t.Logf("the log was %d KiB long at most, the longest write took %s", longest>>10, slowest.Round(time.Millisecond))
	if longest > 16*logBytes {
		t.Errorf("the log of writes grew to %d bytes", longest)
	}
}

// TestReaderThatStays has a reader hold on to the beginning of the log, as a
// backup does: writes go on meanwhile, and the log is short again afterwards.
func TestReaderThatStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	store, err := sqlite.Open(t.Context(), path, sqlite.Options{LogBytes: logBytes})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	tx, err := store.Read.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	var count int
	if err := tx.QueryRowContext(t.Context(), `SELECT count(*) FROM deliveries`).Scan(&count); err != nil {
		t.Fatal(err)
	}
	longest, slowest := flood(t, store, path, 16<<20)
	if longest < 16<<20 {
		t.Errorf("the log of writes lost what somebody reads: %d bytes", longest)
	}
	// Far less than the five seconds for which a connection waits otherwise.
	if slowest > 2*time.Second {
		t.Errorf("a write took %s because of a reader", slowest)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	ids := id.NewSource(store.Node(), time.Now)
	deadline := time.Now().Add(30 * time.Second)
	for logSize(t, path) > 3*logBytes {
		if time.Now().After(deadline) {
			t.Fatalf("the log of writes is still %d bytes long", logSize(t, path))
		}
		if err := store.Add(t.Context(), []*executionlog.NewDelivery{newDelivery(ids)}); err != nil {
			t.Fatal(err)
		}
	}
}
