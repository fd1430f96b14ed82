package redisqueue

import (
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
)

// reply is an answer of Redis that is an error.
type reply string

func (r reply) Error() string { return string(r) }
func (reply) RedisError()     {}

func TestPassingErrors(t *testing.T) {
	for _, c := range []struct {
		err     error
		passing bool
	}{
		{nil, false},
		{io.EOF, true},
		{&net.OpError{Op: "dial", Err: errors.New("connection refused")}, true},
		{reply("LOADING Redis is loading the dataset in memory"), true},
		{reply("READONLY You can't write against a read only replica."), true},
		{reply("NOSCRIPT No matching script. Please use EVAL."), false},
		{reply("ERR wrong number of arguments"), false},
		{redis.Nil, false},
		{redis.ErrClosed, false},
		{context.Canceled, false},
	} {
		if got := isPassing(c.err); got != c.passing {
			t.Errorf("%v: passing %t, want %t", c.err, got, c.passing)
		}
	}
}

func TestScriptsAreRunUntilRedisAnswers(t *testing.T) {
	ctx := context.Background()
	// fails returns a step that fails n times, and counts its calls.
	fails := func(n int, calls *int) redis.ProcessHook {
		return func(context.Context, redis.Cmder) error {
			if *calls++; *calls <= n {
				return io.EOF
			}
			return nil
		}
	}
	script := redis.NewCmd(ctx, "evalsha", "abc", 0)
	for _, c := range []struct {
		name  string
		cmd   redis.Cmder
		fails int
		calls int
		ok    bool
	}{
		{"at once", script, 0, 1, true},
		{"a minute later", script, patientTries, patientTries + 1, true},
		{"never", script, 1 << 20, patientTries + 1, false},
		{"the greeting of a connection", redis.NewCmd(ctx, "hello", 3), 1 << 20, 1, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			calls := 0
			begun := time.Now()
			var cut atomic.Bool
			err := patience{make(chan struct{}), &cut}.ProcessHook(fails(c.fails, &calls))(ctx, c.cmd)
			if calls != c.calls || (err == nil) != c.ok {
				t.Errorf("%s: %d calls (%v), want %d", c.name, calls, err, c.calls)
			}
			if scripted := c.cmd.Name() == "evalsha"; cut.Load() != (scripted && c.fails > 0) {
				t.Errorf("%s: cut is %t", c.name, cut.Load())
			}
			if took := time.Since(begun); took > patientTries*patientWait {
				t.Errorf("%s took %s", c.name, took)
			}
		})
	}
}

func TestPatienceEndsWithItsQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan struct{})
		time.AfterFunc(3*time.Second, func() { close(ended) })
		begun := time.Now()
		err := patience{ended, new(atomic.Bool)}.ProcessHook(func(context.Context, redis.Cmder) error { return io.EOF })(context.Background(), redis.NewCmd(context.Background(), "evalsha"))
		if took := time.Since(begun); !errors.Is(err, io.EOF) || took != 3*time.Second {
			t.Errorf("ended with %v after %s", err, took)
		}
	})
}
