package open_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/logtest/pgtest"
	"github.com/hookdesk/hookdesk/executionlog/open"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func check(t *testing.T, url string) {
	t.Helper()
	ledger, err := open.URL(t.Context(), url, open.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(ledger.Check(t.Context()), ledger.Close()); err != nil {
		t.Error(err)
	}
}

func TestURL(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "ledger.db")
	for _, url := range []string{"memory:", "sqlite:" + path, "sqlite://" + path} {
		check(t, url)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestPostgresURL(t *testing.T) { check(t, pgtest.Database(t)) }

func TestURLRefuses(t *testing.T) {
	for _, url := range []string{"", "sqlite:", "mysql://host/db", "/some/path.db"} {
		ledger, err := open.URL(t.Context(), url, open.Options{})
		var input *invalid.Error
		if !errors.As(err, &input) || ledger != nil {
			t.Errorf("%q: %v, %v; want an input error", url, ledger, err)
		}
	}
	ledger, err := open.URL(t.Context(), "sqlite:"+t.TempDir(), open.Options{})
	if err == nil || ledger != nil || errors.Is(err, executionlog.ErrNotFound) {
		t.Errorf("a folder: %v, %v; want an error and no ledger", ledger, err)
	}
}
