package redisqueue

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// bellFallback is how long an idle server goes without looking into an
	// empty queue when no bell rings; a bell may get lost.
	bellFallback = 250 * time.Millisecond
	// pollPause is asynq's own pause after it found nothing. The doorbell
	// does the waiting, so it is short.
	pollPause = time.Millisecond
)

// doorbell spares idle servers their polling. asynq looks into the queue over
// and over, which costs either latency or processor time; a server behind a
// doorbell looks again when somebody has enqueued something.
type doorbell struct{ rung chan struct{} }

func newDoorbell(servers int) *doorbell { return &doorbell{rung: make(chan struct{}, servers)} }

// ring wakes as many servers as there are tasks for.
func (d *doorbell) ring(tasks int) {
	for range min(tasks, cap(d.rung)) {
		select {
		case d.rung <- struct{}{}:
		default:
			return // all of them will look anyway
		}
	}
}

// wait blocks until the bell rings, for bellFallback at most.
func (d *doorbell) wait() {
	timer := time.NewTimer(bellFallback)
	defer timer.Stop()
	select {
	case <-d.rung:
	case <-timer.C:
	}
}

// patient is the client of one server. After it found the queue empty, it
// waits at the doorbell before it looks again. A server takes tasks off in
// one goroutine, so that its state needs no lock.
type patient struct {
	redis.UniversalClient
	pending string // the queue's list, see names
	bell    *doorbell
	empty   bool
}

// EvalSha waits before a dequeue that would likely find nothing.
func (p *patient) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	if len(keys) == 0 || keys[0] != p.pending {
		return p.UniversalClient.EvalSha(ctx, sha, keys, args...)
	}
	if p.empty {
		p.bell.wait()
	}
	answer := p.UniversalClient.EvalSha(ctx, sha, keys, args...)
	p.empty = answer.Err() != nil // redis.Nil: nothing there; any other: not now
	return answer
}

// outsideBell passes the ringing on to the other processes that share the
// Redis, and theirs to this one.
type outsideBell struct {
	redis   redis.UniversalClient
	channel string
	holder  string // tells this process's ringing from that of others
	wanted  chan struct{}
	stop    context.CancelFunc
	done    chan struct{}
}

func startOutsideBell(client redis.UniversalClient, channel string, inside *doorbell, holder string) *outsideBell {
	ctx, stop := context.WithCancel(context.Background())
	b := &outsideBell{redis: client, channel: channel, holder: holder, wanted: make(chan struct{}, 1), stop: stop, done: make(chan struct{})}
	listening := make(chan struct{})
	go func() {
		defer close(listening)
		b.listen(ctx, inside)
	}()
	go func() {
		defer close(b.done)
		b.publish(ctx)
		<-listening
	}()
	return b
}

// ring returns at once; several calls may become one message.
func (b *outsideBell) ring() {
	select {
	case b.wanted <- struct{}{}:
	default:
	}
}

func (b *outsideBell) publish(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.wanted:
			// A message that is lost costs the others bellFallback at most.
			_ = b.redis.Publish(ctx, b.channel, b.holder).Err()
		}
	}
}

func (b *outsideBell) listen(ctx context.Context, inside *doorbell) {
	subscription := b.redis.Subscribe(ctx, b.channel)
	defer func() { _ = subscription.Close() }()
	for {
		select {
		case <-ctx.Done():
			return
		case message, ok := <-subscription.Channel():
			if !ok {
				return
			}
			if message.Payload != b.holder {
				inside.ring(cap(inside.rung))
			}
		}
	}
}

func (b *outsideBell) close() {
	b.stop()
	<-b.done
}
