package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"

	"github.com/hookdesk/hookdesk/dispatcher/redisqueue"
)

// Bare posts bodies of the size of a webhook to the receiver with nothing in
// between: what HTTP alone allows. It returns requests per second.
func (b *Bench) Bare(ctx context.Context, count, connections int) (float64, error) {
	b.receiver.reset()
	body := bytes.Repeat([]byte("x"), 1200)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}
	defer client.CloseIdleConnections()
	var next atomic.Int64
	var failure atomic.Pointer[error]
	var posting sync.WaitGroup
	started := time.Now()
	for range connections {
		posting.Go(func() {
			for i := next.Add(1); i <= int64(count) && failure.Load() == nil; i = next.Add(1) {
				request, err := http.NewRequestWithContext(ctx, http.MethodPost, b.receiver.url, bytes.NewReader(body))
				if err == nil {
					request.Header.Set("X-Bench-Number", strconv.FormatInt(i, 10))
					var response *http.Response
					if response, err = client.Do(request); err == nil {
						_, _ = io.Copy(io.Discard, response.Body)
						_ = response.Body.Close()
					}
				}
				if err != nil {
					failure.Store(&err)
				}
			}
		})
	}
	posting.Wait()
	if err := failure.Load(); err != nil {
		return 0, fmt.Errorf("post without a server: %w", *err)
	}
	return float64(count) / time.Since(started).Seconds(), nil
}

// Asynq enqueues and works tasks that do nothing: what the queue alone
// allows, one asynq server with 50 workers. It returns tasks per second.
func Asynq(ctx context.Context, redisURL string, count int) (float64, error) {
	connection, err := redisqueue.Connect(redisURL)
	if err != nil {
		return 0, fmt.Errorf("measure the queue alone: %w", err)
	}
	defer func() { _ = connection.Close() }()
	const name = "bench"
	var done atomic.Int64
	finished := make(chan struct{})
	server := asynq.NewServerFromRedisClient(connection, asynq.Config{
		Concurrency: 50, Queues: map[string]int{name: 1}, TaskCheckInterval: 10 * time.Millisecond, LogLevel: asynq.FatalLevel,
	})
	err = server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
		if done.Add(1) == int64(count) {
			close(finished)
		}
		return nil
	}))
	if err != nil {
		return 0, fmt.Errorf("measure the queue alone: %w", err)
	}
	defer server.Shutdown()
	client := asynq.NewClientFromRedisClient(connection)
	started := time.Now()
	var next atomic.Int64
	var enqueueing sync.WaitGroup
	for range 16 {
		enqueueing.Go(func() {
			for next.Add(1) <= int64(count) {
				_, _ = client.EnqueueContext(ctx, asynq.NewTask("nothing", []byte("dlv_0000000000000")), asynq.Queue(name), asynq.MaxRetry(0))
			}
		})
	}
	enqueueing.Wait()
	select {
	case <-finished:
		return float64(count) / time.Since(started).Seconds(), nil
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(maxWait):
		return 0, fmt.Errorf("measure the queue alone: %d of %d tasks within %s", done.Load(), count, maxWait)
	}
}
