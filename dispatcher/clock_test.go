package dispatcher_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/redisqueue/redistest"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/triggers"
)

// wall is a clock that somebody sets.
type wall struct{ offset atomic.Int64 }

func (w *wall) now() time.Time            { return time.Now().Add(time.Duration(w.offset.Load())) }
func (w *wall) jump(by time.Duration)     { w.offset.Add(int64(by)) }
func (w *wall) use(o *dispatcher.Options) { o.Now = w.now }

// Retries follow the clock within two seconds wherever it is set: one that is
// due in ten minutes stays so when the clock is set back, whether the feeder
// remembers it, has forgotten it, or was not there; and is due at once when
// the clock goes ahead beyond its time.
func TestRetriesFollowTheClock(t *testing.T) {
	const wait = 10 * time.Minute
	for name, setBack := range map[string]func(t *testing.T, clock *wall, restart func(), flush func()){
		"it stays":                         func(*testing.T, *wall, func(), func()) {},
		"set back":                         func(_ *testing.T, c *wall, _, _ func()) { c.jump(-3 * time.Hour) },
		"set back, and Redis forgets":      func(_ *testing.T, c *wall, _, flush func()) { c.jump(-3 * time.Hour); flush() },
		"set back while nobody feeds":      func(_ *testing.T, c *wall, restart, _ func()) { c.jump(-3 * time.Hour); restart() },
		"set back and set right meanwhile": func(_ *testing.T, c *wall, restart, _ func()) { c.jump(-time.Hour); restart(); c.jump(time.Hour) },
		"restarted twice behind":           func(_ *testing.T, c *wall, restart, _ func()) { c.jump(-time.Hour); restart(); restart() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			redis := redistest.Start(t)
			ledger, ids := memory.New(), newIDs()
			var healthy atomic.Bool
			r := newReceiver(t, func(string, int) int {
				if healthy.Load() {
					return http.StatusOK
				}
				return http.StatusInternalServerError
			})
			e := r.endpoint("a", func(e *triggers.Endpoint) {
				e.Retry = triggers.Retry{ScheduleSeconds: []float64{wait.Seconds(), wait.Seconds()}}
			})
			config, clock := newConfiguration(e), &wall{}
			names := add(t, ledger, ids, e, 3, 3)
			d := runWith(t, ledger, config, redis.URL(), clock.use)
			tried := func() bool {
				rows, err := ledger.Load(t.Context(), names)
				if err != nil {
					t.Fatal(err)
				}
				for _, row := range rows {
					if row.Attempts == 0 {
						return false
					}
				}
				return len(rows) == len(names)
			}
			eventually(t, tried)
			healthy.Store(true)
			time.Sleep(6 * time.Second) // the ledger has been told the time since
			right := name == "set back and set right meanwhile"
			setBack(t, clock, func() {
				d.stop()
				d = runWith(t, ledger, config, redis.URL(), clock.use)
				time.Sleep(2 * time.Second)
			}, func() { redis.Do("FLUSHALL") })
			if !right {
				time.Sleep(3 * time.Second)
				clock.jump(wait - 30*time.Second)
				time.Sleep(3 * time.Second)
				if got := r.arrived(); len(got) > 0 {
					t.Fatalf("%d came half a minute early", len(got))
				}
			}
			jumped := time.Now()
			clock.jump(40 * time.Second)
			rows := settled(t, ledger, names, 15*time.Second)
			if took := time.Since(jumped); took > 3*time.Second {
				t.Errorf("it took %s", took)
			}
			for name, row := range rows {
				if row.Outcome != executionlog.Succeeded || row.Attempts != 2 {
					t.Errorf("%s is %s after %d attempts", name, row.Outcome, row.Attempts)
				}
			}
		})
	}
}
