package dispatcher_test

import (
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/redisqueue/redistest"
	"github.com/hookdesk/hookdesk/executionlog/sqlite"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// BenchmarkChangeToArrival measures the whole way of a change: from Submit to
// its arrival at a receiver in the same process, with SQLite and a real Redis,
// every attempt recorded. One operation is one delivery.
func BenchmarkChangeToArrival(b *testing.B) {
	for _, size := range []int{1, 100} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) { benchChanges(b, size) })
	}
}

func benchChanges(b *testing.B, size int) {
	redis := redistest.Start(b)
	ledger, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "bench.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = ledger.Close() })
	var arrived atomic.Int64
	r := newReceiver(b, func(string, int) int { arrived.Add(1); return 200 })
	e := r.endpoint("a", func(e *triggers.Endpoint) { e.MaxInFlight = 256 })
	config := newConfiguration(e)
	config.setTriggers(trigger(b, trgA, `{"name": "all", "system": "faveo", "on": ["ticket_created"], "then": []}`, e))
	d := run(b, ledger, config, redis.URL())
	b.ReportAllocs()
	before := cpu()
	b.ResetTimer()
	var next atomic.Int64
	var posting sync.WaitGroup
	for range 32 {
		posting.Go(func() {
			for {
				from := next.Add(int64(size)) - int64(size)
				if from >= int64(b.N) {
					return
				}
				var inputs []*ticket.Input
				for i := from; i < min(from+int64(size), int64(b.N)); i++ {
					in, err := ticket.DecodeInput(fmt.Appendf(nil, `{"ticket": {"number": "T-%d", "subject": "Printer on fire", "description": "It burns since this morning.", "status": "Open", "priority": "High", "requester": {"id": "7", "name": "Ann Example", "email": "ann@example.com"}}}`, i))
					if err != nil {
						b.Error(err)
						return
					}
					inputs = append(inputs, in)
				}
				for _, result := range d.Submit(b.Context(), workspace, inputs) {
					if result.Err != nil {
						b.Error(result.Err)
						return
					}
				}
			}
		})
	}
	posting.Wait()
	posted := b.Elapsed()
	for deadline := time.Now().Add(time.Minute); arrived.Load() < int64(b.N) && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	b.StopTimer()
	if arrived.Load() != int64(b.N) {
		b.Fatalf("%d of %d arrived", arrived.Load(), b.N)
	}
	seconds := b.Elapsed().Seconds()
	b.ReportMetric(float64(b.N)/seconds, "deliveries/s")
	b.ReportMetric(float64(b.N)/posted.Seconds(), "accepted/s")
	b.ReportMetric((cpu()-before).Seconds()*1e6/float64(b.N), "cpu-µs/delivery")
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	b.ReportMetric(float64(memory.HeapInuse)/1e6, "heap-MB")
}

// cpu returns the processor time that this process has used.
func cpu() time.Duration {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkSimulate evaluates a draft and the version in force over stored
// changes in SQLite. One operation is one change.
func BenchmarkSimulate(b *testing.B) {
	ledger, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "bench.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = ledger.Close() })
	config := newConfiguration()
	config.setTriggers(trigger(b, trgA, `{"name": "live", "system": "faveo", "when": {"all": [{"field": "status", "op": "changed_to", "value": "Closed"}]}, "then": []}`))
	d := run(b, ledger, config, "")
	const batch = 500
	for from := 0; from < b.N; from += batch {
		var inputs []*ticket.Input
		for i := from; i < min(from+batch, b.N); i++ {
			in, err := ticket.DecodeInput(fmt.Appendf(nil, `{"ticket": {"number": "T-%d", "subject": "Printer on fire", "description": "It burns since this morning.", "status": %q, "priority": "High", "requester": {"id": "7", "name": "Ann Example", "email": "ann@example.com"}}}`, i%(b.N/4+1), []string{"Open", "Closed"}[i%2]))
			if err != nil {
				b.Fatal(err)
			}
			inputs = append(inputs, in)
		}
		for _, result := range d.Submit(b.Context(), workspace, inputs) {
			if result.Err != nil {
				b.Fatal(result.Err)
			}
		}
	}
	draft := trigger(b, trgA, `{"name": "draft", "system": "faveo", "when": {"all": [{"field": "priority", "op": "is", "value": "High"}]}, "then": []}`)
	b.ReportAllocs()
	b.ResetTimer()
	result, err := d.Simulate(b.Context(), workspace, dispatcher.Simulation{Trigger: trgA, Draft: draft}, nil)
	if err != nil || result.Changes != b.N {
		b.Fatalf("%+v (%v)", result, err)
	}
}
