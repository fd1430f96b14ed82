// Package bench measures a hookdesk server from outside: changes go in by its
// API, webhooks come out at a receiver of the bench's own, everything on the
// loopback interface and bounded in number and time. Beside the server it
// measures, in the same run, what the machine could do at most, since only
// ratios within one run mean anything on a machine that others use too.
package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Target is the server to measure and how to reach it.
type Target struct {
	Base  string // of the server
	Token string // an administrator's
	PID   int    // of the server's process, for its processor time and memory; 0: unknown
}

// Load is one measurement under full load.
type Load struct {
	Deliveries  int // how many changes to post, each of which makes one delivery
	Batch       int // changes in one request
	Connections int // keep-alive connections that post side by side
}

// LoadResult is what came of a Load.
type LoadResult struct {
	Arrived   int
	Accepting time.Duration // from the first POST to the last answer
	Total     time.Duration // from the first POST to the last arrival
	CPU       time.Duration // of the server's process, 0 if unknown
	Memory    int64         // resident, in bytes, at the end; 0 if unknown
	// Growth is the resident memory when each fifth had arrived: what does not
	// grow with the number of deliveries stays as it is from the second on.
	Growth []int64
}

// PerSecond returns deliveries per second, from the first POST to the last
// arrival.
func (r LoadResult) PerSecond() float64 { return float64(r.Arrived) / r.Total.Seconds() }

// maxWait bounds how long the last arrival is waited for.
const maxWait = 2 * time.Minute

// Bench posts to a Target and receives from it.
type Bench struct {
	target   Target
	client   *http.Client
	receiver *receiver
	numbers  atomic.Int64 // of the tickets, so that no two changes share one
}

// New starts a receiver. Nothing is configured yet on the server.
func New(target Target, connections int) (*Bench, error) {
	r, err := startReceiver()
	if err != nil {
		return nil, err
	}
	b := &Bench{
		target: target, receiver: r,
		client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: connections}},
	}
	b.numbers.Store(time.Now().UnixMilli())
	return b, nil
}

// Close stops the receiver.
func (b *Bench) Close() {
	b.client.CloseIdleConnections()
	b.receiver.close()
}

// Configure makes the endpoint and the trigger that Run and Steady load.
func (b *Bench) Configure(ctx context.Context) error {
	return b.pair(ctx, map[string]any{
		"name": "bench", "url": b.receiver.url, "system": "faveo", "revision": "json",
		"signing": map[string]any{"scheme": "standard"}, "max_in_flight": 256,
	}, map[string]any{"name": "bench", "system": "faveo", "on": []string{"ticket_created"}})
}

// pair makes an endpoint and a trigger that sends to it.
func (b *Bench) pair(ctx context.Context, endpoint, trigger map[string]any) error {
	var made struct {
		ID string `json:"id"`
	}
	if err := b.call(ctx, "/api/v1/endpoints", endpoint, &made); err != nil {
		return fmt.Errorf("make the endpoint: %w", err)
	}
	trigger["then"] = []any{map[string]any{"webhook": map[string]any{"endpoint": made.ID}}}
	if err := b.call(ctx, "/api/v1/triggers", trigger, nil); err != nil {
		return fmt.Errorf("make the trigger: %w", err)
	}
	return nil
}

// call posts JSON and decodes the answer.
func (b *Bench) call(ctx context.Context, path string, body, answer any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return b.post(ctx, path, encoded, answer)
}

func (b *Bench) post(ctx context.Context, path string, body []byte, answer any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, b.target.Base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+b.target.Token)
	request.Header.Set("Content-Type", "application/json")
	response, err := b.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s answered %d: %.300s", path, response.StatusCode, text)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}

// change is the body of one change: a new ticket of an ordinary size.
func (b *Bench) change() (number string, body []byte) { return b.changeFor("Support") }

// changeFor is change with a department.
func (b *Bench) changeFor(department string) (number string, body []byte) {
	number = fmt.Sprintf("B-%d", b.numbers.Add(1))
	return number, fmt.Appendf(nil, `{"ticket":{"number":%q,"subject":"Printer on the third floor does not print",`+
		`"description":"Since this morning nothing comes out. The lamp blinks twice, then stays dark.",`+
		`"status":"Open","priority":"High","source":"Web","tags":["printer","floor-3"],`+
		`"requester":{"id":"21","first_name":"Ann","last_name":"Example","email":"ann@example.com"},`+
		`"department":{"id":"1","name":%q}}}`, number, department)
}

// Run posts a Load as fast as the server accepts it and waits for the last
// arrival. Progress is told how many arrived, about every half second.
func (b *Bench) Run(ctx context.Context, load Load, progress func(arrived int)) (LoadResult, error) {
	usage := processUsage(b.target.PID)
	b.receiver.reset()
	started := time.Now()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var posting sync.WaitGroup
	for range load.Connections {
		posting.Go(func() {
			if err := b.postAll(ctx, load, &next); err != nil {
				cancel(err)
			}
		})
	}
	watched := make(chan []int64, 1)
	go func() { watched <- b.watch(ctx, load.Deliveries, progress) }()
	posting.Wait()
	result := LoadResult{Accepting: time.Since(started)}
	waiting, stop := context.WithTimeout(ctx, maxWait)
	defer stop()
	b.receiver.wait(waiting, load.Deliveries)
	cause := context.Cause(ctx)
	cancel(nil)
	result.Growth = <-watched
	result.Arrived = b.receiver.count()
	result.Total = b.receiver.lastArrival().Sub(started)
	after := processUsage(b.target.PID)
	result.CPU, result.Memory = after.cpu-usage.cpu, after.memory
	if cause != nil {
		return result, cause
	}
	if result.Arrived < load.Deliveries {
		return result, fmt.Errorf("only %d of %d arrived within %s", result.Arrived, load.Deliveries, maxWait)
	}
	return result, nil
}

// watchEvery is how often progress is told and memory looked at.
const watchEvery = 500 * time.Millisecond

// watch tells progress until ctx ends, and returns the server's memory when
// each fifth of the deliveries had arrived.
func (b *Bench) watch(ctx context.Context, total int, progress func(int)) []int64 {
	var growth []int64
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return growth
		case <-ticker.C:
		}
		arrived := b.receiver.count()
		if progress != nil {
			progress(arrived)
		}
		if arrived >= total*(len(growth)+1)/5 {
			growth = append(growth, processUsage(b.target.PID).memory)
		}
	}
}

// postAll posts batches on a connection of its own until all are posted.
func (b *Bench) postAll(ctx context.Context, load Load, next *atomic.Int64) error {
	p, err := b.poster("/api/v1/changes")
	if err != nil {
		return err
	}
	defer p.close()
	for ctx.Err() == nil {
		from := int(next.Add(int64(load.Batch))) - load.Batch
		if from >= load.Deliveries {
			return nil
		}
		if err := p.post(b.changes(min(load.Batch, load.Deliveries-from))); err != nil {
			return err
		}
	}
	return nil
}

// changes is the body of a request with so many changes.
func (b *Bench) changes(count int) []byte {
	if count == 1 {
		_, body := b.change()
		return body
	}
	return joined(count, func() []byte { _, body := b.change(); return body })
}

// joined is an array of so many bodies.
func joined(count int, one func() []byte) []byte {
	body := []byte{'['}
	for i := range count {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, one()...)
	}
	return append(body, ']')
}
