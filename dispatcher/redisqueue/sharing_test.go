package redisqueue_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/redisqueue"
	"github.com/hookdesk/hookdesk/dispatcher/redisqueue/redistest"
)

const leadKey = "hookdesk:{deliveries}:feeder"

func lead(t *testing.T, queue *redisqueue.Queue, leads, lost bool) {
	t.Helper()
	gotLeads, gotLost, err := queue.Lead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if gotLeads != leads || gotLost != lost {
		t.Fatalf("leads %t, lost %t; want %t, %t", gotLeads, gotLost, leads, lost)
	}
}

func TestOneProcessLeads(t *testing.T) {
	server := redistest.Start(t)
	first := open(t, redisqueue.Options{URL: server.URL()})
	second := open(t, redisqueue.Options{URL: server.URL()})
	lead(t, first, true, true)
	lead(t, first, true, false)
	lead(t, second, false, false)
	_ = first.Close()
	lead(t, second, true, true)

	// A holder that does not renew, a crashed one, loses the lead in the end.
	third := open(t, redisqueue.Options{URL: server.URL()})
	lead(t, third, false, false)
	server.Do("PEXPIRE " + leadKey + " 1")
	time.Sleep(5 * time.Millisecond)
	lead(t, third, true, true)
	lead(t, second, false, false)
	_ = second.Close() // gives up nothing that it does not have
	lead(t, third, true, false)
}

func TestTheLeaderNoticesWhatRedisLost(t *testing.T) {
	server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	queue := open(t, redisqueue.Options{URL: server.URL()})
	lead(t, queue, true, true)
	server.Do("FLUSHALL")
	lead(t, queue, true, true)
	lead(t, queue, true, false)

	// A restarted Redis remembers the lock, but what it was answering when it
	// was killed is lost.
	server.Kill()
	if leads, _, err := queue.Lead(t.Context()); !leads || err == nil {
		t.Errorf("leads %t (%v) while Redis is away for a moment", leads, err)
	}
	server.Start()
	lead(t, queue, true, true)
	lead(t, queue, true, false)
}

// Whoever has the ledger to itself need not wait until a crashed
// predecessor's lock and claims have ended.
func TestAnExclusiveProcessTakesOverAtOnce(t *testing.T) {
	server := redistest.Start(t)
	members := []dispatcher.Member{{Delivery: "dlv_1", Attempt: 1}}
	crashed := open(t, redisqueue.Options{URL: server.URL()})
	lead(t, crashed, true, true)
	crashed.Claim(t.Context(), "ep_a", members, 60)

	queue := open(t, redisqueue.Options{URL: server.URL(), Exclusive: true})
	lead(t, queue, true, true)
	lead(t, queue, true, false)
	if got := queue.Claim(t.Context(), "ep_a", members, 60); !got[0] {
		t.Error("the claim of the crashed process still holds")
	}
	server.Do("FLUSHALL")
	lead(t, queue, true, true)
}

func TestClaimsExcludeOtherProcesses(t *testing.T) {
	server := redistest.Start(t)
	first := open(t, redisqueue.Options{URL: server.URL()})
	second := open(t, redisqueue.Options{URL: server.URL()})
	members := []dispatcher.Member{{Delivery: "dlv_1", Attempt: 1}, {Delivery: "dlv_2", Attempt: 1}, {Delivery: "dlv_2", Attempt: 2}}
	claim := func(queue *redisqueue.Queue, members []dispatcher.Member, want ...bool) {
		t.Helper()
		if got := queue.Claim(t.Context(), "ep_a", members, 60); !slices.Equal(got, want) {
			t.Errorf("claims %v, want %v", got, want)
		}
	}
	claim(first, members[:2], true, true)
	claim(second, members, false, false, true)
	// The answer to a claim may get lost: asked again it is still ours.
	claim(first, members, true, true, false)
	// Nobody releases the claims of others.
	second.Release(t.Context(), members)
	claim(second, members[:2], false, false)
	first.Release(t.Context(), members[:1])
	claim(second, members[:2], true, false)
	// A claim ends by itself.
	server.Do("PEXPIRE hookdesk:claim:dlv_2:1 1")
	time.Sleep(5 * time.Millisecond)
	claim(second, members[1:2], true)
	first.Release(t.Context(), nil)
}

// Hookdesks with different ledgers each have a feeder, tasks, claims, notices.
func TestInstancesHaveNothingToDoWithEachOther(t *testing.T) {
	server := redistest.Start(t)
	first := open(t, redisqueue.Options{URL: server.URL(), Instance: "one"})
	second := open(t, redisqueue.Options{URL: server.URL(), Instance: "two"})
	lead(t, first, true, true)
	lead(t, second, true, true)
	lead(t, first, true, false)
	members := []dispatcher.Member{{Delivery: "dlv_1", Attempt: 1}}
	for _, queue := range []*redisqueue.Queue{first, second} {
		if got := queue.Claim(t.Context(), "ep_a", members, 60); !got[0] {
			t.Error("claimed by the other")
		}
	}
	ones, twos := newCatcher(), newCatcher()
	work(t, first, ones.handle)
	work(t, second, twos.handle)
	for _, queue := range []*redisqueue.Queue{first, second} {
		if err := queue.Enqueue(t.Context(), makeTasks(0, 100)); err != nil {
			t.Fatal(err)
		}
	}
	checkOnce(t, ones.wait(t, 100), 100)
	checkOnce(t, twos.wait(t, 100), 100)
}

// Without Redis nobody can be asked; then a delivery made twice is better
// than none.
func TestClaimsAreGrantedWhileRedisIsDown(t *testing.T) {
	server := redistest.Start(t)
	queue := open(t, redisqueue.Options{URL: server.URL()})
	server.Kill()
	if got := queue.Claim(t.Context(), "ep_a", []dispatcher.Member{{Delivery: "dlv_1", Attempt: 1}}, 60); !got[0] {
		t.Error("not granted")
	}
}

func TestNoticesReachOtherProcesses(t *testing.T) {
	server := redistest.Start(t)
	first := open(t, redisqueue.Options{URL: server.URL()})
	second := open(t, redisqueue.Options{URL: server.URL()})
	ctx, cancel := context.WithCancel(t.Context())
	got, ended := make(chan string, 100), make(chan struct{})
	go func() {
		defer close(ended)
		second.Listen(ctx, func(notice []byte) { got <- string(notice) })
	}()
	defer func() { cancel(); <-ended }()
	// Nobody listens until the subscription is made.
	timeout := time.After(10 * time.Second)
	for n := 0; ; n++ {
		if err := first.Publish(ctx, fmt.Appendf(nil, "notice %d", n)); err != nil {
			t.Fatal(err)
		}
		select {
		case text := <-got:
			if text[:7] != "notice " {
				t.Errorf("got %q", text)
			}
			return
		case <-timeout:
			t.Fatal("no notice came")
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// Without company nothing is published and listening ends with its context.
func TestTheEmbeddedQueueIsAlone(t *testing.T) {
	queue := open(t, redisqueue.Options{})
	lead(t, queue, true, true)
	lead(t, queue, true, false)
	if err := queue.Publish(t.Context(), []byte("notice")); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	queue.Listen(ctx, func([]byte) { t.Error("a notice came") })
	members := []dispatcher.Member{{Delivery: "dlv_1", Attempt: 1}}
	for range 2 { // the process's own bookkeeping decides
		if got := queue.Claim(t.Context(), "ep_a", members, 1); !got[0] {
			t.Error("not granted")
		}
	}
	queue.Release(t.Context(), members)
}

func TestSentinelFailover(t *testing.T) {
	master := redistest.Start(t)
	redistest.Start(t, "--replicaof", "127.0.0.1", master.Port())
	sentinel := redistest.StartSentinel(t, "mymaster", master)
	queue := open(t, redisqueue.Options{URL: "redis+sentinel://" + sentinel.Addr() + "/mymaster"})
	c := newCatcher()
	work(t, queue, c.handle)
	lead(t, queue, true, true)
	if err := queue.Enqueue(t.Context(), makeTasks(0, 50)); err != nil {
		t.Fatal(err)
	}
	checkOnce(t, c.wait(t, 50), 50)
	eventually(t, func() bool { return strings.Contains(sentinel.Do("INFO sentinel"), "slaves=1") })
	master.Kill()
	var lost atomic.Bool
	eventually(t, func() bool {
		leads, forgot, err := queue.Lead(t.Context())
		lost.Store(lost.Load() || forgot)
		return leads && err == nil
	})
	if !lost.Load() {
		t.Error("nobody noticed that another Redis answers")
	}
	if err := queue.Enqueue(t.Context(), makeTasks(50, 50)); err != nil {
		t.Fatal(err)
	}
	checkOnce(t, c.wait(t, 100), 100)
}
