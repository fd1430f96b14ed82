package sqlite_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/sqlstore"
	"github.com/hookdesk/hookdesk/executionlog/sqlite"
	"github.com/hookdesk/hookdesk/triggers/id"
)

func TestSecondOpenIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	store := openFile(t, path)
	_, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if !errors.Is(err, executionlog.ErrUnavailable) || !strings.Contains(err.Error(), fmt.Sprintf("process %d ", os.Getpid())) {
		t.Errorf("second open: %v, want ErrUnavailable with the process", err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	openFile(t, path)
}

func TestRacingOpensLetOneThrough(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	var group sync.WaitGroup
	stores := make([]*sqlite.Store, 6)
	for i := range stores {
		group.Go(func() {
			store, err := sqlite.Open(t.Context(), path, sqlite.Options{})
			if err != nil && !errors.Is(err, executionlog.ErrUnavailable) {
				t.Error(err)
			}
			stores[i] = store
		})
	}
	group.Wait()
	opened := 0
	for _, store := range stores {
		if store == nil {
			continue
		}
		opened++
		if err := errors.Join(store.Check(t.Context()), store.Close()); err != nil {
			t.Error(err)
		}
	}
	if opened != 1 {
		t.Errorf("%d opened the file at once", opened)
	}
}

func TestOpenRefusesWhatIsNoLedger(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "text.db")
	if err := os.WriteFile(text, bytes.Repeat([]byte("no database. "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{text, folder, filepath.Join(text, "below.db")} {
		if store, err := sqlite.Open(t.Context(), path, sqlite.Options{}); err == nil {
			t.Errorf("%s was opened", filepath.Base(path))
			if err := store.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestFileNamesAreTakenAsTheyAre(t *testing.T) {
	for _, name := range []string{"with space.db", "per%20cent.db", "question?mark=1.db", "hash#1.db", "größe.db"} {
		path := filepath.Join(t.TempDir(), name)
		openFile(t, path)
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNodeChangesWithEveryStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	seen := map[int]bool{}
	for range 3 {
		store, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		seen[store.Node()] = true
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 3 {
		t.Errorf("nodes %v, want three different ones", seen)
	}
}

// TestLockedDatabase has another connection hold the write lock for longer
// than the ledger waits.
func TestLockedDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	store := openFile(t, path)
	ids := id.NewSource(store.Node(), time.Now)
	d := newDelivery(ids)
	if err := store.Add(t.Context(), []*executionlog.NewDelivery{d}); err != nil {
		t.Fatal(err)
	}
	other, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	conn, err := other.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	results := []*executionlog.Result{newAttempt(ids, &d.Delivery), newAttempt(ids, &d.Delivery)}
	for i, err := range store.Record(t.Context(), results) {
		if !errors.Is(err, executionlog.ErrUnavailable) {
			t.Errorf("record %d while locked: %v, want ErrUnavailable", i, err)
		}
	}
	if got, err := store.Delivery(t.Context(), "default", d.ID); err != nil || got.Outcome != executionlog.Pending {
		t.Errorf("reading while locked: %v, %+v", err, got)
	}
	if _, err := conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	for i, err := range store.Record(t.Context(), results) {
		if err != nil {
			t.Errorf("record %d afterwards: %v", i, err)
		}
	}
}

// TestFullDisk lets the file grow to a limit, as a full disk would.
func TestFullDisk(t *testing.T) {
	store := open(t)
	ids := id.NewSource(store.Node(), time.Now)
	var err error
	limitOnWriter(t, store, 150)
	var written []string
	for range 2000 {
		d := newDelivery(ids)
		d.Request.Body = []byte(strings.Repeat(d.ID, 40))
		if err = store.Add(t.Context(), []*executionlog.NewDelivery{d}); err != nil {
			break
		}
		written = append(written, d.ID)
	}
	if !errors.Is(err, executionlog.ErrUnavailable) {
		t.Fatalf("after %d deliveries: %v, want ErrUnavailable", len(written), err)
	}
	for _, delivery := range written {
		if _, err := store.Request(t.Context(), "default", delivery); err != nil {
			t.Errorf("%s: %v", delivery, err)
		}
	}
	limitOnWriter(t, store, 1<<30)
	if err := store.Add(t.Context(), []*executionlog.NewDelivery{newDelivery(ids)}); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// limitOnWriter has the writer's own connection, on which the limit counts,
// take a number of pages as the most.
func limitOnWriter(t *testing.T, store *sqlite.Store, pages int) {
	t.Helper()
	statement := sqlstore.Statement{Text: fmt.Sprintf("PRAGMA max_page_count = %d", pages)}
	if _, err := store.Transact(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func TestBackup(t *testing.T) {
	store := open(t)
	ids := id.NewSource(store.Node(), time.Now)
	var before []string
	for range 50 {
		d := newDelivery(ids)
		if err := store.Add(t.Context(), []*executionlog.NewDelivery{d}); err != nil {
			t.Fatal(err)
		}
		before = append(before, d.ID)
	}
	stop := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if err := store.Add(t.Context(), []*executionlog.NewDelivery{newDelivery(ids)}); err != nil {
				t.Error(err)
				return
			}
		}
	})
	path := filepath.Join(t.TempDir(), "copy.db")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(store.Backup(t.Context(), file), file.Close())
	close(stop)
	group.Wait()
	if err != nil {
		t.Fatal(err)
	}
	restored := openFile(t, path)
	loaded, err := restored.Load(t.Context(), before)
	if err != nil || len(loaded) != len(before) {
		t.Errorf("the copy has %d of %d deliveries: %v", len(loaded), len(before), err)
	}
	if err := store.Backup(t.Context(), failingWriter{}); !errors.Is(err, errNoRoom) {
		t.Errorf("backup to a full disk: %v", err)
	}
}

var errNoRoom = errors.New("no room")

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errNoRoom }

func TestDurabilitySettings(t *testing.T) {
	store := open(t)
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2"} {
		var got string
		if err := store.Read.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, want %q: %v", pragma, got, want, err)
		}
	}
	if _, err := store.Read.ExecContext(t.Context(), "DELETE FROM settings"); err == nil {
		t.Error("a reading connection can write")
	}
}
