package dispatcher

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

func TestIntakeBoundsWhatIsTakenInAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIntake()
		leave, err := i.enter(t.Context(), 10*i.size) // larger than all there is
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := i.enter(t.Context(), 1); !errors.Is(err, executionlog.ErrUnavailable) {
			t.Fatalf("nobody left: %v, want ErrUnavailable", err)
		}
		if waited := time.Since(began); waited != intakeWait {
			t.Errorf("it waited %s", waited)
		}
		stopped, stop := context.WithCancel(t.Context())
		stop()
		if _, err := i.enter(stopped, 1); !errors.Is(err, context.Canceled) {
			t.Errorf("the caller went away: %v", err)
		}
		leave()
		for range i.size {
			if _, err := i.enter(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func inputsOf(numbers ...string) []*ticket.Input {
	var list []*ticket.Input
	for _, number := range numbers {
		list = append(list, &ticket.Input{Ticket: ticket.Patch{Number: number}})
	}
	return list
}

// waitFor blocks until so many hold a ticket's lock or wait for it.
func (l *ticketLocks) waitFor(workspace, number string, users int) {
	for {
		l.mu.Lock()
		lock := l.held[ticketKey{workspace, number}]
		enough := lock != nil && lock.users == users
		l.mu.Unlock()
		if enough {
			return
		}
		runtime.Gosched()
	}
}

func TestTicketLocks(t *testing.T) {
	var locks ticketLocks
	first := locks.lock("w", inputsOf("2", "", "1", "2"))
	beside := locks.lock("w", inputsOf("3"))
	other := locks.lock("v", inputsOf("1"))
	var got atomic.Bool
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		unlock := locks.lock("w", inputsOf("0", "1"))
		got.Store(true)
		unlock()
	}()
	locks.waitFor("w", "1", 2)
	if got.Load() {
		t.Error("two hold the lock of one ticket")
	}
	first()
	<-ended
	beside()
	other()
	if len(locks.held) != 0 {
		t.Errorf("%d locks are left", len(locks.held))
	}
}

// TestTicketLocksNeverBlockForGood has batches take the same tickets in
// different orders.
func TestTicketLocksNeverBlockForGood(t *testing.T) {
	var locks ticketLocks
	var all sync.WaitGroup
	var holders [5]int
	for n := range 8 {
		all.Go(func() {
			for round := range 200 {
				a, b := (n+round)%5, (n*round)%5
				unlock := locks.lock("w", inputsOf(fmt.Sprint(a), fmt.Sprint(b)))
				holders[a]++
				holders[b]++
				unlock()
			}
		})
	}
	all.Wait()
	sum := 0
	for _, n := range holders {
		sum += n
	}
	if sum != 2*8*200 || len(locks.held) != 0 {
		t.Errorf("%d of %d were counted, %d locks are left", sum, 2*8*200, len(locks.held))
	}
}
