package dispatcher_test

import (
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/redisqueue/redistest"
	"github.com/hookdesk/hookdesk/executionlog/memory"
)

func TestDeliveriesThroughARealRedis(t *testing.T) {
	redis := redistest.Start(t)
	ledger, ids := memory.New(), newIDs()
	r := newReceiver(t, failingOnce)
	e := r.endpoint("a", nil)
	names := add(t, ledger, ids, e, 1000, 10)
	run(t, ledger, newConfiguration(e), redis.URL())
	settled(t, ledger, names, 30*time.Second)
	if got := r.arrived(); len(got) != len(names) {
		t.Errorf("%d arrived, want %d", len(got), len(names))
	}
}

// Two processes share the ledger and Redis; one of them vanishes.
func TestTwoDispatchersShareTheWork(t *testing.T) {
	redis := redistest.Start(t)
	ledger, ids := memory.New(), newIDs()
	r := newReceiver(t, failingOnce)
	e := r.endpoint("a", nil)
	config := newConfiguration(e)
	first := run(t, ledger, config, redis.URL())
	run(t, ledger, config, redis.URL())
	names := add(t, ledger, ids, e, 1500, 10)
	eventually(t, func() bool { return len(r.arrived()) > 200 })
	first.stop()
	settled(t, ledger, names, 60*time.Second)
	if got := len(r.arrived()); got != len(names) {
		t.Errorf("%d arrived, want %d once each", got, len(names))
	}
}
