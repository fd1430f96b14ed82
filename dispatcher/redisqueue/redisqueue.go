// Package redisqueue carries tasks through asynq on Redis. Together with cmd
// it is the only place that knows asynq and go-redis.
//
// Four traps of asynq are avoided here. Its idle poll costs latency or
// processor time, so idle servers wait at a doorbell. One server takes tasks off a queue one by
// one, so several share it. It retries a lost completion on a context that is
// already cancelled, so its servers get clients of their own that keep trying
// for as long as a Redis failover lasts. And it has no batch enqueue, so the
// scripts it runs are recorded and sent in one pipeline.
package redisqueue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/hookdesk/hookdesk/dispatcher"
)

const (
	taskType  = "deliver"
	queueList = "asynq:queues" // where asynq looks which queues there are

	// Retries of asynq's own are not used: an attempt that fails is a row in
	// the ledger, which decides when the next one is due. The number only has
	// to be out of reach.
	unlimitedRetries = 1 << 20
	// taskTimeout bounds a chunk; its attempts have shorter deadlines of their own.
	taskTimeout = 5 * time.Minute
	// closePatience is how long Close waits for workers that Drain left behind.
	closePatience = time.Second
)

// Options choose the Redis and the size of the worker pool.
type Options struct {
	// URL is redis://, rediss://, redis+sentinel://… or redis+cluster://…, see
	// CheckURL; empty starts a Redis inside the process.
	URL string
	// Instance names the ledger behind the queue: hookdesks with different ones
	// can share a Redis and have nothing to do with each other there.
	Instance string
	// Exclusive says that no other process uses the ledger, as SQLite makes
	// sure of. Then whatever a process before this one held, the lead and
	// claims, is given up, and nothing has to be agreed with anybody.
	Exclusive bool
	// Servers is how many asynq servers share the queue, 4 if 0.
	Servers int
	// Concurrency is how many tasks all servers handle at a time, 512 if 0.
	Concurrency int
	// DrainTimeout is how long Drain may wait, 20 s if 0.
	DrainTimeout time.Duration
	Logger       *slog.Logger
	// Observe is told how long each operation on Redis took: enqueue, claim,
	// release, lead, notify, or work for a command of asynq's servers. It
	// returns at once; nil to tell nobody.
	Observe func(operation string, took time.Duration)
}

// Queue is a dispatcher.Queue on Redis.
type Queue struct {
	options  Options
	names    names
	embedded *embedded // nil with a real Redis
	alone    bool      // no other process feeds or works the queue
	dial     func(tune) redis.UniversalClient
	redis    redis.UniversalClient // for everything but the servers
	recorder *recorder
	client   *asynq.Client
	servers  []*asynq.Server
	pools    []redis.UniversalClient
	lead     *leadership
	bell     *doorbell
	outside  *outsideBell // nil where no other process works the queue

	stopping sync.Once
	stopped  chan struct{} // closed when the servers have stopped
	cut      atomic.Bool   // a server got no answer
	hurrying sync.Once
	hurry    chan struct{} // closed when nobody waits for Redis any more
}

var _ dispatcher.Queue = (*Queue)(nil)

// Open connects to Redis, or starts one inside the process. It does not fail
// when Redis is out of reach: changes are accepted meanwhile and delivered
// when it is back.
func Open(options Options) (*Queue, error) {
	if options.Servers == 0 {
		options.Servers = 4
	}
	if options.Concurrency == 0 {
		options.Concurrency = 512
	}
	if options.DrainTimeout == 0 {
		options.DrainTimeout = 20 * time.Second
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	q := &Queue{options: options, names: namesOf(options.Instance), stopped: make(chan struct{}), hurry: make(chan struct{})}
	if options.URL == "" {
		server, err := startEmbedded()
		if err != nil {
			return nil, err
		}
		q.embedded = server
		q.dial = server.dial
	} else {
		dial, err := parseURL(options.URL)
		if err != nil {
			return nil, err
		}
		q.dial = dial
	}
	q.redis = q.dial(tuneFeeder)
	q.recorder = &recorder{UniversalClient: q.redis}
	q.client = asynq.NewClientFromRedisClient(q.recorder)
	q.alone = options.Exclusive || q.embedded != nil
	q.lead = newLeadership(q.redis, q.names.lead, q.embedded != nil, options.Exclusive)
	q.bell = newDoorbell(options.Servers)
	if !q.alone {
		q.outside = startOutsideBell(q.redis, q.names.work, q.bell, q.lead.holder)
	}
	return q, nil
}

// Enqueue implements dispatcher.Queue.
func (q *Queue) Enqueue(ctx context.Context, tasks []dispatcher.Task) error {
	defer q.ring(len(tasks))
	defer q.since(opEnqueue, time.Now())
	if len(tasks) == 1 {
		return q.enqueueOne(ctx, tasks[0])
	}
	pipeline := q.redis.Pipeline()
	recording := record(ctx, pipeline)
	for _, task := range tasks {
		if err := q.enqueueOne(recording, task); err != nil {
			return err
		}
	}
	commands, err := pipeline.Exec(ctx)
	if err == nil {
		return nil
	}
	if !strings.HasPrefix(err.Error(), "NOSCRIPT") {
		return fmt.Errorf("enqueue %d tasks: %w", len(tasks), err)
	}
	// Redis has lost its scripts: running one outside a pipeline loads it again.
	for i, command := range commands {
		if command.Err() != nil {
			if err := q.enqueueOne(ctx, tasks[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// ring tells idle servers here and elsewhere that there is work.
func (q *Queue) ring(tasks int) {
	q.bell.ring(tasks)
	if q.outside != nil {
		q.outside.ring()
	}
}

func (q *Queue) enqueueOne(ctx context.Context, task dispatcher.Task) error {
	payload, err := json.Marshal(task)
	if err != nil {
		return fmt.Errorf("encode task: %w", err)
	}
	_, err = q.client.EnqueueContext(ctx, asynq.NewTask(taskType, payload),
		asynq.Queue(q.names.queue), asynq.MaxRetry(unlimitedRetries), asynq.Timeout(taskTimeout))
	if err != nil {
		return fmt.Errorf("enqueue task: %w", err)
	}
	return nil
}

// Work implements dispatcher.Queue.
func (q *Queue) Work(handle func(ctx context.Context, task dispatcher.Task)) error {
	handler := asynq.HandlerFunc(func(ctx context.Context, t *asynq.Task) error {
		var task dispatcher.Task
		if err := json.Unmarshal(t.Payload(), &task); err != nil {
			// A task that cannot be read is dropped; the ledger still has its deliveries.
			q.options.Logger.Error("a task cannot be read", "error", err)
			return nil
		}
		handle(ctx, task)
		return nil
	})
	for range q.options.Servers {
		pool := q.dial(tuneServer)
		pool.AddHook(patience{ended: q.hurry, cut: &q.cut})
		if q.options.Observe != nil {
			pool.AddHook(roundTrips{q.options.Observe, opWork}) // behind patience: each try by itself
		}
		server := asynq.NewServerFromRedisClient(&patient{UniversalClient: pool, pending: q.names.pending, bell: q.bell}, asynq.Config{
			Concurrency:              max(1, q.options.Concurrency/q.options.Servers),
			Queues:                   map[string]int{q.names.queue: 1},
			TaskCheckInterval:        pollPause,
			DelayedTaskCheckInterval: time.Second,
			ShutdownTimeout:          q.options.DrainTimeout,
			Logger:                   logger{q.options.Logger},
			LogLevel:                 asynq.WarnLevel,
		})
		q.pools = append(q.pools, pool)
		if err := server.Start(handler); err != nil {
			return fmt.Errorf("start workers: %w", err)
		}
		q.servers = append(q.servers, server)
	}
	return nil
}

// Drain implements dispatcher.Queue.
func (q *Queue) Drain(ctx context.Context) {
	select {
	case <-q.stop():
	case <-ctx.Done():
		q.giveUp()
	}
}

// giveUp ends the servers' waiting for a Redis that does not answer.
func (q *Queue) giveUp() { q.hurrying.Do(func() { close(q.hurry) }) }

// stop makes the servers stop, once, and returns a channel that is closed when
// they have. A server's tasks get its ShutdownTimeout; without Redis it may
// take longer.
func (q *Queue) stop() <-chan struct{} {
	q.stopping.Do(func() {
		go func() {
			defer close(q.stopped)
			for _, server := range q.servers {
				server.Stop()
			}
			var shutting sync.WaitGroup
			for _, server := range q.servers {
				shutting.Go(server.Shutdown)
			}
			shutting.Wait()
		}()
	})
	return q.stopped
}

// Alone implements dispatcher.Queue.
func (q *Queue) Alone() bool { return q.alone }

// Claim implements dispatcher.Queue. A process that is alone needs no more
// than its own bookkeeping.
func (q *Queue) Claim(ctx context.Context, _ string, members []dispatcher.Member, seconds int) []bool {
	mine := make([]bool, len(members))
	if q.alone {
		for i := range mine {
			mine[i] = true
		}
		return mine
	}
	defer q.since(opClaim, time.Now())
	pipeline := q.redis.Pipeline()
	results := make([]*redis.StatusCmd, len(members))
	for i, member := range members {
		results[i] = pipeline.SetArgs(ctx, q.names.claim(member), q.lead.holder,
			redis.SetArgs{Mode: "NX", TTL: time.Duration(seconds) * time.Second})
	}
	_, _ = pipeline.Exec(ctx)
	for i, result := range results {
		// Out of reach counts as ours: a delivery made twice is better than none.
		mine[i] = !errors.Is(result.Err(), redis.Nil) || q.claimed(ctx, members[i])
	}
	return mine
}

// claimed says whether a claim that exists is this process's own: one whose
// answer got lost on the way, or whose release did.
func (q *Queue) claimed(ctx context.Context, member dispatcher.Member) bool {
	holder, err := q.redis.Get(ctx, q.names.claim(member)).Result()
	return err == nil && holder == q.lead.holder
}

// Release implements dispatcher.Queue. A claim that ended and is another
// process's by now stays.
func (q *Queue) Release(ctx context.Context, members []dispatcher.Member) {
	if q.alone || len(members) == 0 {
		return
	}
	defer q.since(opRelease, time.Now())
	pipeline := q.redis.Pipeline()
	for _, member := range members {
		releaseScript.Eval(ctx, pipeline, []string{q.names.claim(member)}, q.lead.holder)
	}
	_, _ = pipeline.Exec(ctx)
}

// Lead implements dispatcher.Queue.
func (q *Queue) Lead(ctx context.Context) (leads, lost bool, err error) {
	defer q.since(opLead, time.Now())
	leads, lost, err = q.lead.renew(ctx)
	if err == nil && leads && q.cut.Swap(false) {
		lost = true
	}
	if lost {
		// asynq's client enters the queue into the list of queues only once.
		_ = q.redis.SAdd(ctx, queueList, q.names.queue).Err()
	}
	return leads, lost, err
}

// Publish implements dispatcher.Queue.
func (q *Queue) Publish(ctx context.Context, notice []byte) error {
	if q.alone {
		return nil
	}
	defer q.since(opNotify, time.Now())
	if err := q.redis.Publish(ctx, q.names.notices, notice).Err(); err != nil {
		return fmt.Errorf("publish notice: %w", err)
	}
	return nil
}

// Listen implements dispatcher.Queue.
func (q *Queue) Listen(ctx context.Context, receive func(notice []byte)) {
	if q.alone {
		<-ctx.Done()
		return
	}
	subscription := q.redis.Subscribe(ctx, q.names.notices)
	defer func() { _ = subscription.Close() }()
	messages := subscription.ChannelWithSubscriptions(redis.WithChannelSize(4096))
	subscribed := false
	for {
		select {
		case <-ctx.Done():
			return
		case message, ok := <-messages:
			if !ok {
				return
			}
			switch m := message.(type) {
			case *redis.Message:
				receive([]byte(m.Payload))
			case *redis.Subscription:
				if subscribed {
					receive(nil) // anew: the connection was cut
				}
				subscribed = true
			}
		}
	}
}

// Status implements dispatcher.Queue.
func (q *Queue) Status(ctx context.Context) dispatcher.QueueStatus {
	status := dispatcher.QueueStatus{Backend: "redis"}
	if q.embedded != nil {
		status.Backend = "embedded"
	}
	if err := q.redis.Ping(ctx).Err(); err != nil {
		status.Error = err.Error()
		return status
	}
	status.Connected = true
	inspector := asynq.NewInspectorFromRedisClient(q.redis)
	info, err := inspector.GetQueueInfo(q.names.queue)
	switch {
	case err != nil && (errors.Is(err, asynq.ErrQueueNotFound) || strings.HasPrefix(err.Error(), "NOT_FOUND")): // nothing was ever enqueued
	case err != nil:
		status.Error = err.Error()
	default:
		status.Pending, status.Active = info.Pending, info.Active
		status.Scheduled = info.Scheduled + info.Retry
	}
	return status
}

// Close implements dispatcher.Queue. It gives up the lead, so that another
// process can take over at once. Workers that are still not done after Drain
// keep their connections until they are: an asynq server panics when its
// client is closed.
func (q *Queue) Close() error {
	q.lead.giveUp()
	if q.outside != nil {
		q.outside.close()
	}
	failure := q.redis.Close()
	stopped := q.stop()
	closed := make(chan error, 1)
	go func() {
		<-stopped
		var failures []error
		for _, pool := range q.pools {
			failures = append(failures, pool.Close())
		}
		if q.embedded != nil {
			q.embedded.close()
		}
		closed <- errors.Join(failures...)
	}()
	select {
	case err := <-closed:
		return errors.Join(failure, err)
	case <-time.After(closePatience):
		return failure
	}
}
