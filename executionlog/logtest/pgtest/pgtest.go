// Package pgtest runs a private PostgreSQL server for tests: in a temporary
// folder, reachable through a socket in it, gone when the tests end.
package pgtest

import (
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

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
)

var (
	shared = sync.OnceValues(launch)
	made   atomic.Int64
	// started is the server that shared has launched, for Main.
	started atomic.Pointer[Server]
)

// Main runs a package's tests and stops the server after them:
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
func Main(m *testing.M) int {
	code := m.Run()
	if err := started.Load().end(); err != nil {
		fmt.Fprintln(os.Stderr, "stop PostgreSQL:", err)
		return max(code, 1)
	}
	return code
}

// Database makes a new, empty database and returns its URL. Where PostgreSQL
// is not installed it fails the test in CI, and skips it elsewhere.
func Database(t testing.TB) string {
	t.Helper()
	need(t)
	server, err := shared()
	started.Store(server)
	if err != nil {
		t.Fatal(err)
	}
	return server.create(t, "template0")
}

func need(t testing.TB) {
	t.Helper()
	if _, err := binary("postgres"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

// Copy makes a copy of a database that nobody is connected to, given and
// returned by its URL: faster than to migrate each anew.
func Copy(t testing.TB, database string) string {
	t.Helper()
	location, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	server, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return server.create(t, strings.TrimPrefix(location.Path, "/"))
}

func (s *Server) create(t testing.TB, template string) string {
	t.Helper()
	name := fmt.Sprintf("test_%d", made.Add(1))
	admin, err := sql.Open("pgx", s.address("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		t.Fatal(err)
	}
	return s.address(name)
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
