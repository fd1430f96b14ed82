package redisqueue

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// patientTries is how often a script of asynq's servers is run: with
	// pauses that grow to patientWait, about a minute.
	patientTries = 60
	patientWait  = time.Second
)

// patience makes asynq's servers outlive a Redis that restarts or fails over:
// a script that takes a task or marks it done is run again until Redis
// answers. The client's own retries would do the same to the greeting of a
// new connection, which is then tried for a minute on a connection that is
// dead, with the whole server behind it.
type patience struct {
	ended <-chan struct{}
	// cut is set when a script got no answer: it may have taken a task that
	// nobody has now.
	cut *atomic.Bool
}

var _ redis.Hook = patience{}

// ProcessHook implements redis.Hook.
func (p patience) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		if !strings.HasPrefix(cmd.Name(), "eval") {
			return err
		}
		wait := minWait
		for range patientTries {
			if !isPassing(err) {
				return err
			}
			p.cut.Store(true)
			select {
			case <-p.ended:
				return err
			case <-ctx.Done():
				return err
			case <-time.After(wait):
			}
			wait = min(2*wait, patientWait)
			cmd.SetErr(nil)
			err = next(ctx, cmd)
		}
		return err
	}
}

// DialHook implements redis.Hook.
func (patience) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

// ProcessPipelineHook implements redis.Hook.
func (patience) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error { return next(ctx, cmds) }
}

// passingReplies are what a Redis says that will answer otherwise soon.
var passingReplies = []string{"LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "NOREPLICAS"}

// isPassing says whether an error means that Redis is out of reach for now.
func isPassing(err error) bool {
	if err == nil || errors.Is(err, redis.ErrClosed) || errors.Is(err, context.Canceled) {
		return false
	}
	var reply redis.Error
	if !errors.As(err, &reply) {
		return true // no answer
	}
	for _, start := range passingReplies {
		if strings.HasPrefix(reply.Error(), start) {
			return true
		}
	}
	return false
}
