package redisqueue

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
)

const testPending = "asynq:{deliveries}:pending"

// queueless is a Redis whose queue is empty or not.
type queueless struct {
	redis.UniversalClient
	tasks int
	looks int
}

func (q *queueless) EvalSha(_ context.Context, _ string, keys []string, _ ...any) *redis.Cmd {
	if keys[0] == testPending {
		q.looks++
		if q.tasks == 0 {
			return redis.NewCmdResult(nil, redis.Nil)
		}
		q.tasks--
	}
	return redis.NewCmdResult("task", nil)
}

func TestAnIdleServerWaitsForTheBell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &queueless{tasks: 2}
		bell := newDoorbell(2)
		client := &patient{UniversalClient: store, pending: testPending, bell: bell}
		look := func() time.Duration {
			started := time.Now()
			client.EvalSha(t.Context(), "sha", []string{testPending})
			return time.Since(started)
		}
		for range 3 { // two tasks, and the look that finds nothing more
			if waited := look(); waited != 0 {
				t.Fatalf("waited %s although there was work", waited)
			}
		}
		if waited := look(); waited != bellFallback {
			t.Errorf("waited %s in silence, want %s", waited, bellFallback)
		}
		time.AfterFunc(10*time.Millisecond, func() {
			store.tasks = 1
			bell.ring(1)
		})
		if waited := look(); waited != 10*time.Millisecond {
			t.Errorf("waited %s, want until the bell rang", waited)
		}
		if store.looks != 5 {
			t.Errorf("looked %d times", store.looks)
		}
	})
}

func TestOtherScriptsDoNotWait(t *testing.T) {
	client := &patient{UniversalClient: &queueless{}, pending: testPending, bell: newDoorbell(1), empty: true}
	if err := client.EvalSha(t.Context(), "sha", []string{"asynq:{deliveries}:active"}).Err(); err != nil {
		t.Fatal(err)
	}
}

// Ringing never blocks, and what rings while nobody waits is heard later.
func TestTheBellIsHeardLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bell := newDoorbell(3)
		bell.ring(1000)
		bell.ring(1000)
		started := time.Now()
		for range 3 {
			bell.wait()
		}
		if waited := time.Since(started); waited != 0 {
			t.Errorf("waited %s", waited)
		}
	})
}
