package dispatcher_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/triggers"
)

// server is a redis-server of the test's own.
type server struct {
	t      testing.TB
	port   int
	folder string
	args   []string
	cmd    *exec.Cmd
}

// startRedis starts a redis-server on a free port. Outside of CI a machine
// without one skips the test.
func startRedis(t testing.TB, args ...string) *server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("redis-server is needed: install the package redis-server")
		}
		t.Skip("redis-server is not installed")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, port: listener.Addr().(*net.TCPAddr).Port, folder: t.TempDir(), args: args}
	_ = listener.Close()
	s.start()
	t.Cleanup(s.kill)
	return s
}

func (s *server) url() string { return fmt.Sprintf("redis://127.0.0.1:%d/0", s.port) }

func (s *server) start() {
	s.t.Helper()
	args := append([]string{"--port", fmt.Sprint(s.port), "--dir", s.folder, "--save", "", "--bind", "127.0.0.1"}, s.args...)
	s.cmd = exec.Command("redis-server", args...)
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	client := s.client()
	defer func() { _ = client.Close() }()
	eventually(s.t, func() bool { return client.Ping(context.Background()).Err() == nil })
}

// kill ends the server at once, as kill -9 does.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

func (s *server) client() *redis.Client {
	return redis.NewClient(&redis.Options{Addr: fmt.Sprintf("127.0.0.1:%d", s.port)})
}

func TestDeliveriesThroughARealRedis(t *testing.T) {
	redis := startRedis(t)
	ledger, ids := memory.New(), newIDs()
	r := newReceiver(t, failingOnce)
	e := r.endpoint("a", nil)
	names := add(t, ledger, ids, e, 1000, 10)
	run(t, ledger, newConfiguration(e), redis.url())
	settled(t, ledger, names, 30*time.Second)
	if got := r.arrived(); len(got) != len(names) {
		t.Errorf("%d arrived, want %d", len(got), len(names))
	}
}

func TestFlushallLosesNothing(t *testing.T) {
	redis := startRedis(t)
	client := redis.client()
	defer func() { _ = client.Close() }()
	faulted(t, redis, func() {
		if err := client.FlushAll(t.Context()).Err(); err != nil {
			t.Error(err)
		}
	})
}

func TestRedisThatForgetsAndComesBackLosesNothing(t *testing.T) {
	redis := startRedis(t)
	faulted(t, redis, func() {
		redis.kill()
		time.Sleep(time.Second)
		redis.start()
	})
}

func TestRedisThatRemembersAndComesBackLosesNothing(t *testing.T) {
	redis := startRedis(t, "--appendonly", "yes", "--appendfsync", "always")
	faulted(t, redis, func() {
		redis.kill()
		time.Sleep(time.Second)
		redis.start()
	})
}

// faulted delivers while a fault is injected three times, and checks that all
// arrives, twice at most where an attempt was under way.
func faulted(t *testing.T, redis *server, fault func()) {
	t.Helper()
	ledger, ids := memory.New(), newIDs()
	r := newReceiver(t, failingOnce)
	e := r.endpoint("a", func(e *triggers.Endpoint) { e.MaxInFlight, e.RatePerSecond = 32, 400 })
	var names []string
	run(t, ledger, newConfiguration(e), redis.url())
	for range 3 {
		names = append(names, add(t, ledger, ids, e, 400, 10)...)
		eventually(t, func() bool { return len(r.arrived()) > len(names)-300 })
		fault()
	}
	for _, row := range settled(t, ledger, names, 60*time.Second) {
		if row.Outcome != executionlog.Succeeded {
			t.Errorf("%s is %s", row.ID, row.Outcome)
		}
	}
	if extra := len(r.arrived()) - len(names); extra > 3*32 {
		t.Errorf("%d arrived twice, more than were in flight", extra)
	}
}

// Two processes share the ledger and Redis; one of them vanishes.
func TestTwoDispatchersShareTheWork(t *testing.T) {
	redis := startRedis(t)
	ledger, ids := memory.New(), newIDs()
	r := newReceiver(t, failingOnce)
	e := r.endpoint("a", nil)
	config := newConfiguration(e)
	first := run(t, ledger, config, redis.url())
	run(t, ledger, config, redis.url())
	names := add(t, ledger, ids, e, 1500, 10)
	eventually(t, func() bool { return len(r.arrived()) > 200 })
	first.stop()
	settled(t, ledger, names, 60*time.Second)
	if got := len(r.arrived()); got != len(names) {
		t.Errorf("%d arrived, want %d once each", got, len(names))
	}
}
