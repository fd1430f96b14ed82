package pgtest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// startTimeout is how long initdb and the start may take together.
const startTimeout = 2 * time.Minute

// Server is a running PostgreSQL.
type Server struct {
	folder     string
	attributes *syscall.SysProcAttr
	command    *exec.Cmd // nil while it does not run
	log        *bytes.Buffer
}

// Start runs a server of the test's own, which it may stop and start.
func Start(t testing.TB) *Server {
	t.Helper()
	need(t)
	s, err := launch()
	t.Cleanup(func() {
		if err := s.end(); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Database makes a new, empty database and returns its URL.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	return s.create(t, "template0")
}

// Kill ends the server as a crash would, connections and all.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	if err := s.stop(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
}

// Run starts the server again and waits until it answers.
func (s *Server) Run(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	if err := s.run(ctx); err != nil {
		t.Fatal(err)
	}
}

func launch() (*Server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	initdb, err := binary("initdb")
	if err != nil {
		return nil, err
	}
	s := &Server{}
	if s.folder, err = os.MkdirTemp("", "pgtest"); err != nil {
		return nil, err
	}
	if s.attributes, err = unprivileged(s.folder); err != nil {
		return s, err
	}
	setup := exec.CommandContext(ctx, initdb, "-D", s.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
	setup.SysProcAttr, setup.Dir = s.attributes, s.folder
	if out, err := setup.CombinedOutput(); err != nil {
		return s, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return s, s.run(ctx)
}

func (s *Server) data() string { return filepath.Join(s.folder, "data") }

func (s *Server) address(database string) string {
	query := url.Values{"host": {s.folder}, "user": {"postgres"}, "sslmode": {"disable"}}
	return "postgres:///" + database + "?" + query.Encode()
}

func (s *Server) run(ctx context.Context) error {
	postgres, err := binary("postgres")
	if err != nil {
		return err
	}
	s.log = &bytes.Buffer{}
	s.command = exec.Command(postgres, "-D", s.data(), "-k", s.folder, "-c", "listen_addresses=", "-c", "fsync=off",
		"-c", "max_connections=200", "-c", "shared_buffers=64MB")
	s.command.SysProcAttr, s.command.Dir = s.attributes, s.folder
	s.command.Stderr = s.log
	if err := s.command.Start(); err != nil {
		s.command = nil
		return err
	}
	db, err := sql.Open("pgx", s.address("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	for db.PingContext(ctx) != nil {
		select {
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL does not answer: %s", strings.TrimSpace(s.log.String()))
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

func (s *Server) stop(how os.Signal) error {
	if s.command == nil {
		return nil
	}
	if err := s.command.Process.Signal(how); err != nil {
		return err
	}
	// Its exit status after a signal is of no interest.
	_ = s.command.Wait()
	s.command = nil
	return nil
}

// end stops the server and removes its folder.
func (s *Server) end() error {
	if s == nil {
		return nil
	}
	err := s.stop(os.Interrupt)
	if s.folder != "" {
		err = errors.Join(err, os.RemoveAll(s.folder))
	}
	return err
}
