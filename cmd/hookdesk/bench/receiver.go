package bench

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net"
	"sync"
	"time"
)

// receiver answers every webhook with 200 and remembers when each ticket's
// first one came.
type receiver struct {
	url      string
	listener net.Listener
	serving  sync.WaitGroup

	mu    sync.Mutex
	open  map[net.Conn]bool
	seen  map[string]time.Time
	last  time.Time
	more  chan struct{} // closed and replaced at every arrival that is waited for
	want  int
	ended bool
}

func startReceiver() (*receiver, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the receiver: %w", err)
	}
	r := &receiver{
		url: "http://" + listener.Addr().String() + "/hook", listener: listener,
		open: map[net.Conn]bool{}, seen: map[string]time.Time{}, more: make(chan struct{}),
	}
	r.serving.Go(r.accept)
	return r, nil
}

func (r *receiver) close() {
	_ = r.listener.Close()
	r.mu.Lock()
	r.ended = true
	for connection := range r.open {
		_ = connection.Close()
	}
	r.mu.Unlock()
	r.serving.Wait()
}

func (r *receiver) accept() {
	for {
		connection, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.mu.Lock()
		if r.ended {
			r.mu.Unlock()
			_ = connection.Close()
			return
		}
		r.open[connection] = true
		r.mu.Unlock()
		r.serving.Go(func() { r.serve(connection) })
	}
}

var received = []byte("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

func (r *receiver) serve(connection net.Conn) {
	defer func() {
		_ = connection.Close()
		r.mu.Lock()
		delete(r.open, connection)
		r.mu.Unlock()
	}()
	w := newWire(connection)
	for {
		hook, err := w.read()
		if err != nil {
			return
		}
		r.arrived(hook, time.Now())
		if _, err := connection.Write(received); err != nil {
			return
		}
	}
}

var numberKey = []byte(`"ticket_number":"`)

// arrived takes the ticket's number out of the body.
func (r *receiver) arrived(hook *webhook, at time.Time) {
	number := hook.number // of the bare client
	if _, rest, ok := bytes.Cut(hook.body, numberKey); ok && len(number) == 0 {
		number, _, _ = bytes.Cut(rest, []byte{'"'})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, twice := r.seen[string(number)]; !twice {
		r.seen[string(number)] = at
		r.last = at
	}
	if r.want > 0 && len(r.seen) >= r.want {
		r.want = 0
		close(r.more)
	}
}

func (r *receiver) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.seen)
}

func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.seen)
}

func (r *receiver) lastArrival() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last
}

func (r *receiver) arrivals() map[string]time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.seen)
}

// wait blocks until so many different tickets have arrived, or ctx ends.
func (r *receiver) wait(ctx context.Context, count int) {
	r.mu.Lock()
	if len(r.seen) >= count {
		r.mu.Unlock()
		return
	}
	r.want, r.more = count, make(chan struct{})
	more := r.more
	r.mu.Unlock()
	select {
	case <-more:
	case <-ctx.Done():
	}
}
