package faults

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/redisqueue/redistest"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/executionlog/sqlite"
	"github.com/hookdesk/hookdesk/triggers"
)

const healthyEndpoints = 50

// ward is one endpoint whose receiver hangs beside 50 healthy ones.
type ward struct {
	healthy, sick *receiver
	sickEndpoint  *triggers.Endpoint
	config        *configuration

	mu       sync.Mutex
	arrivals map[string]time.Time // at the healthy receiver, by event id
}

// newWard makes the receivers; hang is how long the sick one keeps a request.
func newWard(t testing.TB, mostSick int, hang <-chan struct{}) *ward {
	w := &ward{healthy: newReceiver(t), sick: newReceiver(t), arrivals: map[string]time.Time{}}
	w.sick.set(nil, func(string, int) { <-hang })
	w.healthy.set(nil, func(event string, _ int) {
		w.mu.Lock()
		w.arrivals[event] = time.Now()
		w.mu.Unlock()
	})
	w.sickEndpoint = w.sick.endpoint(healthyEndpoints, func(e *triggers.Endpoint) {
		e.MaxInFlight, e.Retry = mostSick, triggers.Retry{ScheduleSeconds: []float64{60, 60}}
	})
	all := []*triggers.Endpoint{w.sickEndpoint}
	for i := range healthyEndpoints {
		all = append(all, w.healthy.endpoint(i, nil))
	}
	w.config = newConfiguration(all...)
	return w
}

// The healthy endpoints get everything while the one that hangs keeps its
// backlog, and never has more in flight than it may.
func TestAHangingEndpointHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	const backlog, changes, most = 2000, 20, 16
	hang := make(chan struct{})
	w := newWard(t, most, hang)
	t.Cleanup(func() { close(hang) }) // before the receiver is closed, which waits
	ledger := memory.New()
	add(t, ledger, newIDs(), w.sickEndpoint.ID, backlog, backlog)
	n := run(t, ledger, w.config, nodeOptions{redis: redistest.Start(t).URL(), exclusive: true, drain: time.Second})
	eventually(t, "the sick receiver hangs", func() bool { return w.sick.total() > 0 })
	n.acceptAll(t, 0, changes)
	eventually(t, "the healthy endpoints got everything", func() bool {
		events, _ := w.healthy.count()
		return events == changes*healthyEndpoints
	})
	if taken, _ := w.sick.count(); taken > 0 {
		t.Errorf("the sick receiver took %d: nothing was tested", taken)
	}
	pending, err := pendingOf(t.Context(), ledger)
	if err != nil || pending < backlog {
		t.Errorf("%d deliveries pending (%v), want the whole backlog of %d", pending, err, backlog)
	}
	w.sick.mu.Lock()
	defer w.sick.mu.Unlock()
	if w.sick.peak > most {
		t.Errorf("%d requests hung at a time, %d may", w.sick.peak, most)
	}
}

// BenchmarkIsolation prints how long changes take to the healthy endpoints,
// at 200 deliveries a second, without and with an endpoint that hangs and has
// 10,000 deliveries queued.
func BenchmarkIsolation(b *testing.B) {
	for _, backlog := range []int{0, 10_000} {
		b.Run(fmt.Sprintf("queued=%d", backlog), func(b *testing.B) {
			var latencies []time.Duration
			for b.Loop() {
				latencies = append(latencies, isolation(b, backlog)...)
			}
			slices.Sort(latencies)
			for _, percent := range []int{50, 99} {
				at := latencies[len(latencies)*percent/100]
				b.ReportMetric(float64(at.Microseconds())/1000, fmt.Sprintf("p%d-ms", percent))
			}
		})
	}
}

func isolation(b *testing.B, backlog int) []time.Duration {
	const changes, perSecond = 20, 4
	hang := make(chan struct{})
	w := newWard(b, 16, hang)
	release := sync.OnceFunc(func() { close(hang) })
	b.Cleanup(release) // before the receiver is closed, which waits
	if backlog == 0 {
		w.sick.set(nil, nil)
	}
	ledger, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "ledger.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = ledger.Close() }()
	add(b, ledger, newIDs(), w.sickEndpoint.ID, backlog, max(1, backlog))
	n := run(b, executionlog.Ledger(ledger), w.config, nodeOptions{redis: redistest.Start(b).URL(), exclusive: true, drain: time.Second})
	n.acceptAll(b, 0, 1)
	eventually(b, "connections are made", func() bool { events, _ := w.healthy.count(); return events == healthyEndpoints })
	var latencies []time.Duration
	ticker := time.NewTicker(time.Second / perSecond)
	defer ticker.Stop()
	for i := range changes {
		<-ticker.C
		begun := time.Now()
		deliveries := n.acceptAll(b, i+1, 1)
		arrived := func() (count int) {
			w.mu.Lock()
			defer w.mu.Unlock()
			for _, d := range deliveries {
				if _, ok := w.arrivals[d]; ok {
					count++
				}
			}
			return count
		}
		eventually(b, "all healthy endpoints are told", func() bool { return arrived() == healthyEndpoints })
		w.mu.Lock()
		for _, d := range deliveries {
			if at, ok := w.arrivals[d]; ok {
				latencies = append(latencies, at.Sub(begun))
			}
		}
		w.mu.Unlock()
	}
	release()
	if err := n.stop(); err != nil {
		b.Error(err)
	}
	return latencies
}
