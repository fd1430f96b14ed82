package postgres_test

import (
	"bytes"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pressly/goose/v3"

	"github.com/hookdesk/hookdesk/executionlog/logtest"
	"github.com/hookdesk/hookdesk/executionlog/logtest/pgtest"
	"github.com/hookdesk/hookdesk/executionlog/postgres"
)

// lockedBuffer is a buffer that several loggers write to.
type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func pool(t *testing.T, database string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// TestOldSchema has processes start at once on a database of the first
// version: each migration runs once, and all of them find what was there.
func TestOldSchema(t *testing.T) {
	database := pgtest.Database(t)
	logtest.OldSchema(t, goose.DialectPostgres, pool(t, database), os.DirFS("migrations"))
	var log lockedBuffer
	stores := make([]*postgres.Store, 4)
	var group sync.WaitGroup
	for i := range stores {
		group.Go(func() {
			store, err := postgres.Open(t.Context(), database, postgres.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
			if err != nil {
				t.Errorf("open %d: %v", i, err)
			}
			stores[i] = store
		})
	}
	group.Wait()
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	if t.Failed() {
		return
	}
	for _, said := range []string{`"migrating ledger"`, `"ledger migrated"`} {
		if got, want := strings.Count(log.String(), said), len(files)-1; got != want {
			t.Errorf("the log says %d times %s, want %d:\n%s", got, said, want, log.String())
		}
	}
	logtest.CheckOldSpans(t, stores[0].Read)
	logtest.CheckOldSchema(t, stores[0])
	for _, store := range stores {
		if err := errors.Join(store.Check(t.Context()), store.Close()); err != nil {
			t.Error(err)
		}
	}
}

// TestNewerSchema opens what a newer program has migrated.
func TestNewerSchema(t *testing.T) {
	database := pgtest.Database(t)
	if err := open(t, database).Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := pool(t, database).ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)`); err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.Open(t.Context(), database, postgres.Options{}); err == nil || !strings.Contains(err.Error(), "schema 9999") {
		t.Errorf("opened a schema of the future: %v", err)
	}
}
