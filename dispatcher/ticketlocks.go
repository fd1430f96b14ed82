package dispatcher

import (
	"slices"
	"sync"

	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// ticketLocks lets one goroutine at a time change a ticket. There is a lock
// for each ticket that somebody changes just now, and none is shared: with a
// fixed number of them two batches of a hundred tickets nearly always met in
// one, and went one after the other.
type ticketLocks struct {
	mu   sync.Mutex
	held map[ticketKey]*ticketLock
}

type ticketKey struct{ workspace, number string }

type ticketLock struct {
	sync.Mutex
	users int // who hold it or wait for it
}

// lock makes this goroutine the only one of the process that changes the
// inputs' tickets. All take their locks in the order of the numbers, so that
// no two wait for each other.
func (l *ticketLocks) lock(workspace string, inputs []*ticket.Input) (unlock func()) {
	numbers := numbersOf(inputs)
	locks := l.claim(workspace, numbers)
	for _, lock := range locks {
		lock.Lock()
	}
	return func() {
		for _, lock := range locks {
			lock.Unlock()
		}
		l.release(workspace, numbers)
	}
}

// numbersOf lists each number once, in order. A ticket without one is new.
func numbersOf(inputs []*ticket.Input) []string {
	numbers := make([]string, 0, len(inputs))
	for _, in := range inputs {
		if in.Ticket.Number != "" {
			numbers = append(numbers, in.Ticket.Number)
		}
	}
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

func (l *ticketLocks) claim(workspace string, numbers []string) []*ticketLock {
	locks := make([]*ticketLock, len(numbers))
	made := make([]ticketLock, len(numbers))
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == nil {
		l.held = map[ticketKey]*ticketLock{}
	}
	for i, number := range numbers {
		key := ticketKey{workspace, number}
		lock := l.held[key]
		if lock == nil {
			lock = &made[i]
			l.held[key] = lock
		}
		lock.users++
		locks[i] = lock
	}
	return locks
}

func (l *ticketLocks) release(workspace string, numbers []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, number := range numbers {
		key := ticketKey{workspace, number}
		lock := l.held[key]
		if lock.users--; lock.users == 0 {
			delete(l.held, key)
		}
	}
}
