package redisqueue

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// The operations that Options.Observe is told of.
const (
	opEnqueue = "enqueue" // tasks are handed to the queue
	opClaim   = "claim"   // attempts are claimed
	opRelease = "release" // claims end
	opLead    = "lead"    // the lock of the process that feeds
	opNotify  = "notify"  // a notice to the process that feeds
	opWork    = "work"    // a command of the servers: tasks are taken and completed
)

// since tells how long an operation took; to be deferred.
func (q *Queue) since(operation string, begun time.Time) {
	if q.options.Observe != nil {
		q.options.Observe(operation, time.Since(begun))
	}
}

// roundTrips tells of every command that a client sends, each try by itself.
type roundTrips struct {
	observe   func(operation string, took time.Duration)
	operation string
}

var _ redis.Hook = roundTrips{}

func (r roundTrips) DialHook(next redis.DialHook) redis.DialHook { return next }

func (r roundTrips) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, command redis.Cmder) error {
		begun := time.Now()
		err := next(ctx, command)
		r.observe(r.operation, time.Since(begun))
		return err
	}
}

func (r roundTrips) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, commands []redis.Cmder) error {
		begun := time.Now()
		err := next(ctx, commands)
		r.observe(r.operation, time.Since(begun))
		return err
	}
}
