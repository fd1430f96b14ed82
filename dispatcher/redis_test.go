package dispatcher_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/redisqueue/redistest"
	"github.com/hookdesk/hookdesk/executionlog"
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

// Two hookdesks with a ledger each share a Redis: neither takes what is the
// other's, both feed, and every key says whose it is.
func TestTwoLedgersShareARedis(t *testing.T) {
	redis := redistest.Start(t)
	ids := newIDs()
	type tenant struct {
		ledger   executionlog.Ledger
		receiver *receiver
		names    []string
		desk     *desk
	}
	var tenants []*tenant
	for range 2 {
		one := &tenant{ledger: memory.New(), receiver: newReceiver(t, failingOnce)}
		e := one.receiver.endpoint("a", nil) // the same id in both
		one.names = add(t, one.ledger, ids, e, 400, 10)
		one.desk = run(t, one.ledger, newConfiguration(e), redis.URL())
		tenants = append(tenants, one)
	}
	for i, one := range tenants {
		for name, row := range settled(t, one.ledger, one.names, 30*time.Second) {
			if row.Outcome != executionlog.Succeeded {
				t.Errorf("%s of ledger %d is %s after %d attempts", name, i, row.Outcome, row.Attempts)
			}
		}
		if got := len(one.receiver.arrived()); got != len(one.names) {
			t.Errorf("%d arrived at receiver %d, want %d", got, i, len(one.names))
		}
		for _, name := range one.receiver.arrived() {
			if !slices.Contains(one.names, name) {
				t.Errorf("%s arrived at receiver %d", name, i)
			}
		}
	}
	owned := 0
	for key := range strings.FieldsSeq(redis.Do(`EVAL "return table.concat(redis.call('KEYS', '*'), ' ')" 0`)) {
		mine := strings.Contains(key, tenants[0].ledger.Instance()) || strings.Contains(key, tenants[1].ledger.Instance())
		// asynq's own lists of servers and of queues are everybody's.
		if shared := strings.HasPrefix(key, "asynq:") && !strings.HasPrefix(key, "asynq:{deliveries"); !mine && !shared {
			t.Errorf("key %s is nobody's", key)
		}
		if mine {
			owned++
		}
	}
	if owned < 4 {
		t.Errorf("%d keys with an owner", owned)
	}
}
