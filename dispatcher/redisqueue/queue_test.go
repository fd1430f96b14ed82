package redisqueue_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/redisqueue"
	"github.com/hookdesk/hookdesk/dispatcher/redisqueue/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, options redisqueue.Options) *redisqueue.Queue {
	t.Helper()
	options.Servers, options.Concurrency = 2, 8
	queue, err := redisqueue.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = queue.Close() })
	return queue
}

// catcher gathers the tasks that a queue's workers get.
type catcher struct {
	mu    sync.Mutex
	tasks []dispatcher.Task
	came  chan struct{}
}

func newCatcher() *catcher { return &catcher{came: make(chan struct{}, 1<<16)} }

func (c *catcher) handle(_ context.Context, task dispatcher.Task) {
	c.mu.Lock()
	c.tasks = append(c.tasks, task)
	c.mu.Unlock()
	c.came <- struct{}{}
}

// wait returns the tasks once there are n.
func (c *catcher) wait(t *testing.T, n int) []dispatcher.Task {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		c.mu.Lock()
		tasks := slices.Clone(c.tasks)
		c.mu.Unlock()
		if len(tasks) >= n {
			return tasks
		}
		select {
		case <-c.came:
		case <-timeout:
			t.Fatalf("%d tasks came, want %d", len(tasks), n)
		}
	}
}

func work(t *testing.T, queue *redisqueue.Queue, handle func(context.Context, dispatcher.Task)) {
	t.Helper()
	if err := queue.Work(handle); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { drain(t, queue) })
}

func drain(t *testing.T, queue *redisqueue.Queue) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	queue.Drain(ctx)
	if ctx.Err() != nil {
		t.Error("workers did not drain")
	}
}

func makeTasks(from, n int) []dispatcher.Task {
	tasks := make([]dispatcher.Task, n)
	for i := range tasks {
		tasks[i] = dispatcher.Task{Endpoint: "ep_a", Members: []dispatcher.Member{
			{Delivery: fmt.Sprintf("dlv_%d", from+i), Attempt: 1}, {Delivery: fmt.Sprintf("dlv_%d_b", from+i), Attempt: 2},
		}}
	}
	return tasks
}

// checkOnce holds that tasks are makeTasks(0, n), each once and whole.
func checkOnce(t *testing.T, got []dispatcher.Task, n int) {
	t.Helper()
	seen := map[string]int{}
	for _, task := range got {
		if task.Endpoint != "ep_a" || len(task.Members) != 2 || task.Members[1].Delivery != task.Members[0].Delivery+"_b" || task.Members[1].Attempt != 2 {
			t.Fatalf("a task came as %+v", task)
		}
		seen[task.Members[0].Delivery]++
	}
	for _, task := range makeTasks(0, n) {
		if seen[task.Members[0].Delivery] != 1 {
			t.Fatalf("%s came %d times", task.Members[0].Delivery, seen[task.Members[0].Delivery])
		}
	}
}

// backends are the queue on the Redis inside the process and on a real one.
func backends(t *testing.T, test func(t *testing.T, queue *redisqueue.Queue, server *redistest.Server)) {
	t.Run("embedded", func(t *testing.T) { test(t, open(t, redisqueue.Options{}), nil) })
	t.Run("redis", func(t *testing.T) {
		server := redistest.Start(t)
		test(t, open(t, redisqueue.Options{URL: server.URL()}), server)
	})
}

func TestTasksReachTheWorkers(t *testing.T) {
	backends(t, func(t *testing.T, queue *redisqueue.Queue, _ *redistest.Server) {
		c := newCatcher()
		work(t, queue, c.handle)
		if err := queue.Enqueue(t.Context(), makeTasks(0, 1)); err != nil {
			t.Fatal(err)
		}
		if err := queue.Enqueue(t.Context(), makeTasks(1, 299)); err != nil {
			t.Fatal(err)
		}
		checkOnce(t, c.wait(t, 300), 300)
	})
}

// A pipeline runs scripts by their hash, which a Redis that was flushed does
// not know any more.
func TestEnqueueLoadsScriptsThatRedisForgot(t *testing.T) {
	server := redistest.Start(t)
	queue := open(t, redisqueue.Options{URL: server.URL()})
	for round := range 3 {
		if reply := server.Do("SCRIPT FLUSH"); reply != "+OK" {
			t.Fatal(reply)
		}
		if err := queue.Enqueue(t.Context(), makeTasks(round*50, 50)); err != nil {
			t.Fatal(err)
		}
	}
	c := newCatcher()
	work(t, queue, c.handle)
	checkOnce(t, c.wait(t, 150), 150)
}

func TestEnqueueSaysThatRedisIsOutOfReach(t *testing.T) {
	server := redistest.Start(t)
	queue := open(t, redisqueue.Options{URL: server.URL()})
	server.Kill()
	for _, n := range []int{1, 20} {
		if err := queue.Enqueue(t.Context(), makeTasks(0, n)); err == nil {
			t.Errorf("%d tasks were enqueued in a Redis that is down", n)
		}
	}
	server.Start()
	c := newCatcher()
	work(t, queue, c.handle)
	for _, from := range []int{0, 1} {
		if err := queue.Enqueue(t.Context(), makeTasks(from, 1+19*from)); err != nil {
			t.Error(err)
		}
	}
	checkOnce(t, c.wait(t, 21), 21)
}

// Workers that start while Redis is down work as soon as it is there.
func TestWorkersWaitForRedis(t *testing.T) {
	server := redistest.Start(t)
	queue := open(t, redisqueue.Options{URL: server.URL()})
	server.Kill()
	c := newCatcher()
	work(t, queue, c.handle)
	if status := queue.Status(t.Context()); status.Connected || status.Error == "" {
		t.Errorf("status of a Redis that is down: %+v", status)
	}
	server.Start()
	if err := queue.Enqueue(t.Context(), makeTasks(0, 30)); err != nil {
		t.Fatal(err)
	}
	checkOnce(t, c.wait(t, 30), 30)
}

func TestDrainWaitsForTasksUnderWay(t *testing.T) {
	backends(t, func(t *testing.T, queue *redisqueue.Queue, _ *redistest.Server) {
		began, finish := make(chan struct{}, 1), make(chan struct{})
		ended := make(chan struct{})
		if err := queue.Work(func(context.Context, dispatcher.Task) {
			began <- struct{}{}
			<-finish
			close(ended)
		}); err != nil {
			t.Fatal(err)
		}
		if err := queue.Enqueue(t.Context(), makeTasks(0, 1)); err != nil {
			t.Fatal(err)
		}
		<-began
		impatient, cancel := context.WithCancel(t.Context())
		cancel()
		queue.Drain(impatient) // returns although the task is under way
		select {
		case <-ended:
			t.Error("the task ended by itself")
		default:
		}
		close(finish)
		<-ended
	})
}

func TestStatus(t *testing.T) {
	backends(t, func(t *testing.T, queue *redisqueue.Queue, server *redistest.Server) {
		want := dispatcher.QueueStatus{Backend: "embedded", Connected: true}
		if server != nil {
			want.Backend = "redis"
		}
		if got := queue.Status(t.Context()); got != want {
			t.Errorf("empty: %+v, want %+v", got, want)
		}
		if err := queue.Enqueue(t.Context(), makeTasks(0, 7)); err != nil {
			t.Fatal(err)
		}
		want.Pending = 7
		if got := queue.Status(t.Context()); got != want {
			t.Errorf("with tasks: %+v, want %+v", got, want)
		}
		if server == nil {
			return
		}
		// Once Redis has forgotten everything, the queue is seen again from
		// the next look at the lead on.
		server.Do("FLUSHALL")
		if _, lost, err := queue.Lead(t.Context()); !lost || err != nil {
			t.Errorf("lost %t (%v)", lost, err)
		}
		if err := queue.Enqueue(t.Context(), makeTasks(0, 3)); err != nil {
			t.Fatal(err)
		}
		want.Pending = 3
		if got := queue.Status(t.Context()); got != want {
			t.Errorf("after FLUSHALL: %+v, want %+v", got, want)
		}
	})
}

func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("did not happen within 20 seconds")
		}
	}
}

// Metrics hear of each kind of operation on Redis, and of nothing else.
func TestOperationsAreMeasured(t *testing.T) {
	redis := redistest.Start(t)
	var mu sync.Mutex
	seen := map[string]int{}
	q := open(t, redisqueue.Options{URL: redis.URL(), Instance: "measured", Observe: func(operation string, took time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		seen[operation]++
		if took <= 0 {
			t.Errorf("%s took %s", operation, took)
		}
	}})
	handled := make(chan dispatcher.Task, 1)
	if err := q.Work(func(_ context.Context, task dispatcher.Task) { handled <- task }); err != nil {
		t.Fatal(err)
	}
	members := []dispatcher.Member{{Delivery: "dlv_0000000000001", Attempt: 1}}
	if err := q.Enqueue(t.Context(), []dispatcher.Task{{Endpoint: "ep_0000000000001", Members: members}}); err != nil {
		t.Fatal(err)
	}
	<-handled
	q.Claim(t.Context(), "ep_0000000000001", members, 5)
	q.Release(t.Context(), members)
	if _, _, err := q.Lead(t.Context()); err != nil {
		t.Error(err)
	}
	if err := q.Publish(t.Context(), []byte("{}")); err != nil {
		t.Error(err)
	}
	mu.Lock()
	defer mu.Unlock()
	for _, operation := range []string{"enqueue", "claim", "release", "lead", "notify", "work"} {
		if seen[operation] == 0 {
			t.Errorf("%s is not measured: %v", operation, seen)
		}
		delete(seen, operation)
	}
	if len(seen) > 0 {
		t.Errorf("measured besides: %v", seen)
	}
}
