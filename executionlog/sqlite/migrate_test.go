package sqlite_test

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

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/logtest"
	"github.com/hookdesk/hookdesk/executionlog/sqlite"
)

// TestOldSchema has several open a file of the first version at once: one
// migrates it, the others are told that it is taken.
func TestOldSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	logtest.OldSchema(t, goose.DialectSQLite3, db, os.DirFS("migrations"))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer // only the one that opens it writes
	var opened *sqlite.Store
	var group sync.WaitGroup
	var mu sync.Mutex
	for range 4 {
		group.Go(func() {
			store, err := sqlite.Open(t.Context(), path, sqlite.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, executionlog.ErrUnavailable):
			case err != nil || opened != nil:
				t.Errorf("opened twice, or not at all: %v", err)
			default:
				opened = store
			}
		})
	}
	group.Wait()
	if opened == nil {
		t.Fatal("nobody could open the file")
	}
	defer opened.Close()
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, said := range []string{`"migrating ledger"`, `"ledger migrated"`} {
		if got, want := strings.Count(log.String(), said), len(files)-1; got != want {
			t.Errorf("the log says %d times %s, want %d:\n%s", got, said, want, log.String())
		}
	}
	logtest.CheckOldSpans(t, opened.Read)
	logtest.CheckOldSchema(t, opened)
}

// TestNewerSchema opens what a newer program has migrated.
func TestNewerSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	if err := openFile(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), path, sqlite.Options{}); err == nil || !strings.Contains(err.Error(), "schema 9999") {
		t.Errorf("opened a schema of the future: %v", err)
	}
}
