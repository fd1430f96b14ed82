package bench

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"
)

// Isolation is a measurement of what an endpoint that hangs costs the others.
type Isolation struct {
	Healthy   int // endpoints that answer at once
	Queued    int // deliveries that wait for the one that hangs
	PerSecond int // deliveries to the healthy ones, evenly over all
	Lasts     time.Duration
}

// isolationBatch is how many changes for the endpoint that hangs share a request.
const isolationBatch = 100

// Isolate measures how long deliveries to the healthy endpoints take, alone and
// then beside one that hangs. It wants a server on which nothing else is
// configured but what New made.
func (b *Bench) Isolate(ctx context.Context, i Isolation) (alone, beside Latencies, err error) {
	for n := range i.Healthy {
		if err := b.desk(ctx, healthyDesk(n), b.receiver.url); err != nil {
			return alone, beside, err
		}
	}
	next := 0
	change := func() (string, []byte) {
		next++
		return b.changeFor(healthyDesk(next % i.Healthy))
	}
	if alone, err = b.steady(ctx, i.PerSecond, i.Lasts, change); err != nil {
		return alone, beside, err
	}
	hanging, err := startHanging()
	if err != nil {
		return alone, beside, err
	}
	defer hanging.close()
	const sick = "Out of order"
	if err := b.desk(ctx, sick, hanging.url); err != nil {
		return alone, beside, err
	}
	for from := 0; from < i.Queued; from += isolationBatch {
		body := joined(min(isolationBatch, i.Queued-from), func() []byte { _, body := b.changeFor(sick); return body })
		if err := b.post(ctx, "/api/v1/changes", body, nil); err != nil {
			return alone, beside, fmt.Errorf("queue for the endpoint that hangs: %w", err)
		}
	}
	select {
	case <-hanging.begun:
	case <-time.After(maxWait):
		return alone, beside, fmt.Errorf("nothing reached the endpoint that hangs within %s", maxWait)
	case <-ctx.Done():
		return alone, beside, ctx.Err()
	}
	beside, err = b.steady(ctx, i.PerSecond, i.Lasts, change)
	return alone, beside, err
}

func healthyDesk(n int) string { return fmt.Sprintf("Desk %d", n) }

// desk makes an endpoint, and a trigger that sends it the tickets of one
// department.
func (b *Bench) desk(ctx context.Context, department, url string) error {
	return b.pair(ctx, map[string]any{
		"name": department, "url": url, "system": "faveo", "revision": "json", "signing": map[string]any{"scheme": "standard"},
	}, map[string]any{
		"name": department, "system": "faveo", "on": []string{"ticket_created"},
		"when": map[string]any{"all": []any{map[string]any{"field": "department", "op": "is", "value": department}}},
	})
}

// hanging is a receiver that takes connections and never answers.
type hanging struct {
	url      string
	listener net.Listener
	begun    chan struct{} // closed with the first connection
	serving  sync.WaitGroup

	mu   sync.Mutex
	open []net.Conn
}

func startHanging() (*hanging, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the receiver that hangs: %w", err)
	}
	h := &hanging{url: "http://" + listener.Addr().String() + "/hook", listener: listener, begun: make(chan struct{})}
	h.serving.Go(h.accept)
	return h, nil
}

func (h *hanging) accept() {
	begin := sync.OnceFunc(func() { close(h.begun) })
	for {
		connection, err := h.listener.Accept()
		if err != nil {
			return
		}
		h.mu.Lock()
		h.open = append(h.open, connection)
		h.mu.Unlock()
		begin()
	}
}

func (h *hanging) close() {
	_ = h.listener.Close()
	h.serving.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, connection := range h.open {
		_ = connection.Close()
	}
}
