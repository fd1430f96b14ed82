package postgres_test

import (
	"os"
	"testing"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/logtest"
	"github.com/hookdesk/hookdesk/executionlog/logtest/pgtest"
	"github.com/hookdesk/hookdesk/executionlog/postgres"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func open(t testing.TB, url string) *postgres.Store {
	t.Helper()
	store, err := postgres.Open(t.Context(), url, postgres.Options{})
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
	migrated := pgtest.Database(t)
	store, err := postgres.Open(t.Context(), migrated, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	logtest.Run(t, func(t *testing.T) executionlog.Ledger { return open(t, pgtest.Copy(t, migrated)) })
}

func TestIdentity(t *testing.T) {
	url := pgtest.Database(t)
	logtest.Identity(t,
		func(t *testing.T) executionlog.Ledger {
			store, err := postgres.Open(t.Context(), url, postgres.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = store.Close() })
			return store
		},
		func(t *testing.T) executionlog.Ledger { return open(t, pgtest.Database(t)) })
}

func TestExport(t *testing.T) { logtest.RunExport(t, open(t, pgtest.Database(t))) }
