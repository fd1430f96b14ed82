package dispatcher_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/redisqueue/redistest"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/triggers"
)

// Somebody who has mended the receiver closes the breaker, which is a change of
// the endpoint: what waits goes out before the next probe.
func TestABreakerIsClosedByHand(t *testing.T) {
	redis := redistest.Start(t)
	ledger, ids := memory.New(), newIDs()
	var mended atomic.Bool
	r := newReceiver(t, func(string, int) int {
		if mended.Load() {
			return http.StatusOK
		}
		return http.StatusInternalServerError
	})
	e := r.endpoint("a", func(e *triggers.Endpoint) { e.MaxInFlight = 4 })
	config := newConfiguration(e)
	names := add(t, ledger, ids, e, 40, 40)
	desks := []*desk{run(t, ledger, config, redis.URL()), run(t, ledger, config, redis.URL())}
	var feeds, other *desk
	var until time.Time
	eventually(t, func() bool {
		for i, d := range desks {
			for _, lane := range d.Lanes(workspace) {
				if lane.Breaker == "open" {
					feeds, other, until = d, desks[1-i], lane.Until
					return true
				}
			}
		}
		return false
	})
	mended.Store(true)
	changed := *e
	changed.BreakerClosedAt = time.Now()
	config.set(&changed)
	other.Refresh() // learned of by the process that does not feed first
	feeds.Refresh()
	settled(t, ledger, names, 10*time.Second)
	if late := time.Since(until); late > 0 {
		t.Errorf("the last arrived %s after the probe was due", late)
	}
}
