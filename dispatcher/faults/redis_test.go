package faults

import (
	"fmt"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/redisqueue/redistest"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/triggers"
)

// redisFaults are what can happen to a Redis.
var redisFaults = []struct {
	name   string
	args   []string // of the server
	strike func(*redistest.Server)
}{
	{"flushed", nil, func(s *redistest.Server) { s.Do("FLUSHALL") }},
	{"scripts flushed", nil, func(s *redistest.Server) { s.Do("SCRIPT FLUSH") }},
	{"killed and restarted, forgetting", nil, restart},
	{"killed and restarted, remembering", []string{"--appendonly", "yes", "--appendfsync", "always"}, restart},
	{"restarted at once, remembering", []string{"--appendonly", "yes", "--appendfsync", "always"}, func(s *redistest.Server) {
		s.Kill()
		s.Start()
	}},
	{"connections cut", nil, func(s *redistest.Server) {
		s.Do("CLIENT KILL TYPE normal")
		s.Do("CLIENT KILL TYPE pubsub")
	}},
}

func restart(s *redistest.Server) {
	s.Kill()
	time.Sleep(time.Second)
	s.Start()
}

// A process that is alone and two that share the work deliver everything
// while Redis fails three times.
func TestRedisFaultsLoseNothing(t *testing.T) {
	for _, fault := range redisFaults {
		for _, nodes := range []int{1, 2} {
			t.Run(fmt.Sprintf("%s, %d", fault.name, nodes), func(t *testing.T) {
				t.Parallel()
				server := redistest.Start(t, fault.args...)
				struck(t, server, nodes, func() { fault.strike(server) })
			})
		}
	}
}

// struck delivers while a fault happens three times.
func struck(t *testing.T, server *redistest.Server, nodes int, strike func()) {
	const (
		window = 16
		each   = 150
	)
	ledger := memory.New()
	r := newReceiver(t)
	r.set(flaky, func(string, int) { time.Sleep(2 * time.Millisecond) })
	e := r.endpoint(0, func(e *triggers.Endpoint) { e.MaxInFlight, e.RatePerSecond = window, 300 })
	config := newConfiguration(e)
	var started []*node
	for range nodes {
		started = append(started, run(t, ledger, config, nodeOptions{redis: server.URL(), exclusive: nodes == 1}))
	}
	var names []string
	var recovery time.Duration
	for i := range 3 {
		names = append(names, started[i%nodes].acceptAll(t, len(names), each)...)
		eventually(t, "deliveries are under way", func() bool {
			events, _ := r.count()
			return events > len(names)-each*2/3
		})
		strike()
		begun := time.Now()
		before := r.total()
		eventually(t, "deliveries go on", func() bool { return r.total() > before })
		recovery = max(recovery, time.Since(begun))
	}
	begun := time.Now()
	settle(t, ledger, 60*time.Second)
	_, surplus := r.count()
	t.Logf("went on after %s at most, done %s after the last fault, %d arrived again",
		recovery.Round(time.Millisecond), time.Since(begun).Round(time.Millisecond), surplus)
	if surplus > 3*window {
		t.Errorf("%d arrived again, more than were in flight", surplus)
	}
	account(t, ledger, r, names, 0)
}

// Redis is down from the start while changes come in: they are accepted at
// once and delivered when it is there.
func TestChangesAreAcceptedWithoutRedis(t *testing.T) {
	server := redistest.Start(t)
	ledger := memory.New()
	r := newReceiver(t)
	n := run(t, ledger, newConfiguration(r.endpoint(0, nil)), nodeOptions{redis: server.URL(), exclusive: true})
	eventually(t, "the node delivers", func() bool {
		return acceptOne(t, n, 0) < time.Minute && r.total() > 0
	})
	server.Kill()
	const changes = 200
	for i := 1; i < changes; i++ {
		// The bound is generous for a busy machine, and far below what
		// waiting for Redis would take.
		if took := acceptOne(t, n, i); took > 2*time.Second {
			t.Errorf("change %d was accepted after %s", i, took)
		}
	}
	if status, err := n.Queue(t.Context()); err != nil || status.Connected || status.Error == "" {
		t.Errorf("the queue's status is %+v (%v)", status, err)
	}
	events, _ := r.count()
	if events == changes {
		t.Error("everything was delivered without Redis")
	}
	server.Start()
	settle(t, ledger, 30*time.Second)
	if events, _ := r.count(); events != changes {
		t.Errorf("%d of %d were delivered", events, changes)
	}
}

// acceptAll submits n changes at once and returns their deliveries.
func (n *node) acceptAll(t testing.TB, from, count int) []string {
	t.Helper()
	numbers := make([]int, count)
	for i := range numbers {
		numbers[i] = from + i
	}
	a, err := n.accept(t.Context(), numbers)
	if err != nil || len(a.Errors) > 0 {
		t.Fatalf("submit: %v %v", err, a.Errors)
	}
	var deliveries []string
	for _, number := range numbers {
		deliveries = append(deliveries, a.Deliveries[number]...)
	}
	return deliveries
}

// acceptOne submits the n-th change and returns how long that took.
func acceptOne(t *testing.T, n *node, number int) time.Duration {
	t.Helper()
	begun := time.Now()
	a, err := n.accept(t.Context(), []int{number})
	if err != nil || len(a.Errors) > 0 {
		t.Fatalf("change %d: %v %v", number, err, a.Errors)
	}
	return time.Since(begun)
}
