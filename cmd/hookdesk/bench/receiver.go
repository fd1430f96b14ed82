package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"sync"
	"time"
)

// receiver answers every webhook with 200 and remembers when each ticket's
// first one came.
type receiver struct {
	url    string
	server *http.Server

	mu   sync.Mutex
	seen map[string]time.Time
	last time.Time
	more chan struct{} // closed and replaced at every arrival that is waited for
	want int
}

func startReceiver() (*receiver, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the receiver: %w", err)
	}
	r := &receiver{url: "http://" + listener.Addr().String() + "/hook", seen: map[string]time.Time{}, more: make(chan struct{})}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = r.server.Serve(listener) }()
	return r, nil
}

func (r *receiver) close() { _ = r.server.Close() }

var numberKey = []byte(`"ticket_number":"`)

// ServeHTTP takes the ticket's number out of the body.
func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	at := time.Now()
	if err != nil {
		return
	}
	number := request.Header.Get("X-Bench-Number") // of the bare client
	if _, rest, ok := bytes.Cut(body, numberKey); ok && number == "" {
		text, _, _ := bytes.Cut(rest, []byte{'"'})
		number = string(text)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, twice := r.seen[number]; !twice {
		r.seen[number] = at
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
