package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/logtest"
	"github.com/hookdesk/hookdesk/executionlog/sqlite"
)

func open(t testing.TB) *sqlite.Store {
	t.Helper()
	return openFile(t, filepath.Join(t.TempDir(), "ledger.db"))
}

func openFile(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	store, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func TestLedger(t *testing.T) {
	logtest.Run(t, func(t *testing.T) executionlog.Ledger { return open(t) })
}

func TestPartialPages(t *testing.T) {
	logtest.RunPartial(t, func(t *testing.T) executionlog.Ledger {
		store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), sqlite.Options{SearchRows: 10})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close() })
		return store
	})
}

func TestIdentity(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	logtest.Identity(t,
		func(t *testing.T) executionlog.Ledger {
			store, err := sqlite.Open(t.Context(), path, sqlite.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = store.Close() })
			return store
		},
		func(t *testing.T) executionlog.Ledger { return open(t) })
}

func TestExport(t *testing.T) { logtest.RunExport(t, open(t)) }
