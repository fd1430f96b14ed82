package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/synthetic"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// writeWorkspace is where measured writes go, beside what searches find.
const writeWorkspace = "bench-writes"

// logReaders is how many goroutines search while writes are measured, each
// with a pause as long as a fast search between two.
const (
	logReaders  = 2
	readerPause = 10 * time.Millisecond
)

// reading calls work while others search.
func reading(ctx context.Context, list []LogSearch, work func() error) error {
	ctx, stop := context.WithCancel(ctx)
	var readers sync.WaitGroup
	for n := range logReaders {
		readers.Go(func() {
			random := rand.New(rand.NewPCG(uint64(n), 3))
			for ctx.Err() == nil {
				_ = list[random.IntN(len(list))].Run(ctx, random) // what it says was measured before
				time.Sleep(readerPause)
			}
		})
	}
	err := work()
	stop()
	readers.Wait()
	return err
}

// SingleCommits records attempts one by one while others search, and returns
// how long each took to be durable.
func SingleCommits(ctx context.Context, ledger executionlog.Ledger, list []LogSearch, count int) (Latencies, error) {
	ids := id.NewSource(ledger.Node(), time.Now)
	var took []time.Duration
	err := reading(ctx, list, func() error {
		for n := range count {
			result := synthetic.Result(ids, writeWorkspace, n)
			started := time.Now()
			if err := ledger.Record(ctx, []*executionlog.Result{result})[0]; err != nil {
				return fmt.Errorf("record an attempt: %w", err)
			}
			took = append(took, time.Since(started))
		}
		return nil
	})
	return percentiles(took), err
}

// BatchWrites records attempts with all their indices in batches while others
// search, and returns how many a second.
func BatchWrites(ctx context.Context, ledger executionlog.Ledger, list []LogSearch, count int) (perSecond float64, err error) {
	now := time.Now()
	err = reading(ctx, list, func() error {
		return synthetic.Fill(ctx, ledger, synthetic.Options{
			Workspace: writeWorkspace, Attempts: count, From: now.Add(-time.Hour), To: now, Details: true, Seed: uint64(now.UnixNano()),
		})
	})
	return float64(count) / time.Since(now).Seconds(), err
}
