package bench

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Latencies are percentiles of the time from a POST's start to the arrival of
// its webhook.
type Latencies struct {
	Count         int
	P50, P95, P99 time.Duration
	Max           time.Duration
	CPU           time.Duration // of the server's process meanwhile, 0 if unknown
	Lasted        time.Duration
}

// Steady posts single changes at an even rate for a while and measures how
// long each takes to arrive.
func (b *Bench) Steady(ctx context.Context, perSecond int, lasts time.Duration) (Latencies, error) {
	return b.steady(ctx, perSecond, lasts, b.change)
}

func (b *Bench) steady(ctx context.Context, perSecond int, lasts time.Duration, change func() (number string, body []byte)) (Latencies, error) {
	usage := processUsage(b.target.PID)
	b.receiver.reset()
	total := int(float64(perSecond) * lasts.Seconds())
	interval := time.Second / time.Duration(perSecond)
	var mu sync.Mutex
	begun := make(map[string]time.Time, total)
	var failure error
	var posting sync.WaitGroup
	started := time.Now()
	for i := range total {
		if wait := time.Until(started.Add(time.Duration(i) * interval)); wait > 0 {
			time.Sleep(wait)
		}
		number, body := change()
		posting.Go(func() {
			mu.Lock()
			begun[number] = time.Now()
			mu.Unlock()
			if err := b.post(ctx, "/api/v1/changes", body, nil); err != nil {
				mu.Lock()
				failure = err
				mu.Unlock()
			}
		})
	}
	posting.Wait()
	if failure != nil {
		return Latencies{}, failure
	}
	waiting, stop := context.WithTimeout(ctx, maxWait)
	defer stop()
	b.receiver.wait(waiting, total)
	var list []time.Duration
	for number, at := range b.receiver.arrivals() {
		if from, ok := begun[number]; ok {
			list = append(list, at.Sub(from))
		}
	}
	l := percentiles(list)
	l.CPU, l.Lasted = processUsage(b.target.PID).cpu-usage.cpu, time.Since(started)
	return l, nil
}

func percentiles(list []time.Duration) Latencies {
	if len(list) == 0 {
		return Latencies{}
	}
	slices.Sort(list)
	at := func(share float64) time.Duration { return list[min(int(share*float64(len(list))), len(list)-1)] }
	return Latencies{Count: len(list), P50: at(0.50), P95: at(0.95), P99: at(0.99), Max: list[len(list)-1]}
}
