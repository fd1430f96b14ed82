// Package pgtest runs a private PostgreSQL server for tests: in a temporary
// folder, reachable through a socket in it, gone when the tests end.
package pgtest

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
)

// startTimeout is how long initdb and the start may take together.
const startTimeout = 2 * time.Minute

var (
	start  = sync.OnceValues(launch)
	server *exec.Cmd
	folder string
	made   atomic.Int64
)

// Main runs a package's tests and stops the server after them:
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
func Main(m *testing.M) int {
	code := m.Run()
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stop PostgreSQL:", err)
		return max(code, 1)
	}
	return code
}

// Database makes a new, empty database and returns its URL. Where PostgreSQL
// is not installed it fails the test in CI, and skips it elsewhere.
func Database(t testing.TB) string {
	t.Helper()
	if _, err := binary("postgres"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	if _, err := start(); err != nil {
		t.Fatal(err)
	}
	return create(t, "template0")
}

// Copy makes a copy of a database that nobody is connected to, given and
// returned by its URL: faster than to migrate each anew.
func Copy(t testing.TB, database string) string {
	t.Helper()
	location, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	return create(t, strings.TrimPrefix(location.Path, "/"))
}

func create(t testing.TB, template string) string {
	t.Helper()
	name := fmt.Sprintf("test_%d", made.Add(1))
	admin, err := sql.Open("pgx", address("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		t.Fatal(err)
	}
	return address(name)
}

func address(database string) string {
	query := url.Values{"host": {folder}, "user": {"postgres"}, "sslmode": {"disable"}}
	return "postgres:///" + database + "?" + query.Encode()
}

// binary finds a program of PostgreSQL: on the path, or the newest version
// where Debian puts them.
func binary(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err != nil || len(found) == 0 {
		return "", fmt.Errorf("PostgreSQL is not installed: no %s on the path or in /usr/lib/postgresql", name)
	}
	slices.Sort(found)
	return found[len(found)-1], nil
}

func launch() (bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	initdb, err := binary("initdb")
	if err != nil {
		return false, err
	}
	postgres, err := binary("postgres")
	if err != nil {
		return false, err
	}
	if folder, err = os.MkdirTemp("", "pgtest"); err != nil {
		return false, err
	}
	attributes, err := unprivileged(folder)
	if err != nil {
		return false, err
	}
	data := filepath.Join(folder, "data")
	setup := exec.CommandContext(ctx, initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
	setup.SysProcAttr, setup.Dir = attributes, folder
	if out, err := setup.CombinedOutput(); err != nil {
		return false, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	var log bytes.Buffer
	server = exec.Command(postgres, "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off",
		"-c", "max_connections=200", "-c", "shared_buffers=64MB")
	server.SysProcAttr, server.Dir = attributes, folder
	server.Stderr = &log
	if err := server.Start(); err != nil {
		return false, err
	}
	return true, await(ctx, &log)
}

func await(ctx context.Context, log *bytes.Buffer) error {
	db, err := sql.Open("pgx", address("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	for db.PingContext(ctx) != nil {
		select {
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL does not answer: %s", strings.TrimSpace(log.String()))
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// stop ends the server at once and removes its folder.
func stop() error {
	if server != nil && server.Process != nil {
		if err := server.Process.Signal(os.Interrupt); err != nil {
			return err
		}
		// Its exit status after an interrupt is of no interest.
		_ = server.Wait()
	}
	if folder == "" {
		return nil
	}
	return os.RemoveAll(folder)
}
