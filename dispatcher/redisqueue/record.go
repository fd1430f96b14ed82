package redisqueue

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// recorder is a client that, under a context made by record, puts scripts
// into a pipeline instead of running them.
type recorder struct{ redis.UniversalClient }

type recordingKey struct{}

func record(ctx context.Context, into redis.Pipeliner) context.Context {
	return context.WithValue(ctx, recordingKey{}, into)
}

// EvalSha answers 1, which asynq's enqueue script returns for a new task; the
// true answer comes when the pipeline is executed.
func (r *recorder) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	pipeline, ok := ctx.Value(recordingKey{}).(redis.Pipeliner)
	if !ok {
		return r.UniversalClient.EvalSha(ctx, sha, keys, args...)
	}
	pipeline.EvalSha(ctx, sha, keys, args...)
	return redis.NewCmdResult(int64(1), nil)
}
