package dispatcher_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/redisqueue"
	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/sqlite"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/condition"
	"github.com/hookdesk/hookdesk/triggers/id"
)

const workspace = "default"

// configuration is a Configuration that tests write by hand.
type configuration struct {
	mu        sync.Mutex
	endpoints map[string]*triggers.Endpoint
	engine    *triggers.Engine
}

func newConfiguration(endpoints ...*triggers.Endpoint) *configuration {
	c := &configuration{endpoints: map[string]*triggers.Endpoint{}}
	for _, e := range endpoints {
		c.endpoints[e.ID] = e
	}
	c.setTriggers()
	return c
}

func (c *configuration) setTriggers(list ...*triggers.Trigger) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.engine = triggers.Compile(list, nil)
}

func (c *configuration) set(e *triggers.Endpoint) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endpoints[e.ID] = e
}

func (c *configuration) Endpoint(id string) *triggers.Endpoint {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.endpoints[id]
}

func (c *configuration) Engine(string) *triggers.Engine {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.engine
}

func (c *configuration) Trigger(id string) *triggers.Trigger { return c.Engine("").Trigger(id) }

func (c *configuration) SigningKeys(*triggers.Endpoint, time.Time) ([]string, error) {
	return nil, nil
}

func (c *configuration) Credentials(*triggers.Endpoint) (dispatcher.Credentials, error) {
	return dispatcher.Credentials{}, nil
}

func (c *configuration) SetEndpointState(_ context.Context, _, id string, state triggers.EndpointState, reason string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	changed := *c.endpoints[id]
	changed.State, changed.StateReason = state, reason
	c.endpoints[id] = &changed
	return nil
}

func (c *configuration) EngineAt(context.Context, string, time.Time) (*triggers.Engine, error) {
	return c.Engine(""), nil
}

func (c *configuration) Calendars(string) condition.Calendars { return nil }

// desk is a running dispatcher with its parts.
type desk struct {
	*dispatcher.Dispatcher
	ledger executionlog.Ledger
	config *configuration
	queue  *redisqueue.Queue
	stop   func()
}

// process is a ledger as one of several processes sees it: with a node of its
// own, so that no two make the same ids.
type process struct {
	executionlog.Ledger
	node int
}

func (p process) Node() int { return p.node }

var nodes atomic.Int64

// run starts a dispatcher on an embedded Redis, or on the one at a URL.
func run(t testing.TB, ledger executionlog.Ledger, config *configuration, redisURL string) *desk {
	t.Helper()
	return runWith(t, ledger, config, redisURL, func(*dispatcher.Options) {})
}

// runWith is run with other options.
func runWith(t testing.TB, ledger executionlog.Ledger, config *configuration, redisURL string, change func(*dispatcher.Options)) *desk {
	t.Helper()
	_, exclusive := ledger.(*sqlite.Store)
	queue, err := redisqueue.Open(redisqueue.Options{URL: redisURL, Instance: ledger.Instance(), Exclusive: exclusive, DrainTimeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	client := sender.New(sender.Options{AllowLoopback: true})
	options := dispatcher.Options{
		Ledger: process{ledger, int(nodes.Add(1))}, Config: config, Systems: all.Registry(), Queue: queue, Sender: client,
		Feed: true, Work: true, AllowHTTP: true, Logger: slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelError})),
	}
	change(&options)
	d := dispatcher.New(options)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
		_ = queue.Close()
		client.Close()
	})
	t.Cleanup(stop)
	return &desk{Dispatcher: d, ledger: ledger, config: config, queue: queue, stop: stop}
}

type testLog struct{ t testing.TB }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Logf("%s", p)
	return len(p), nil
}

// receiver keeps its own account of what arrives.
type receiver struct {
	*httptest.Server
	answer func(id string, time int) int // the status for the n-th time an id comes

	mu    sync.Mutex
	times map[string]int
	order []string // ids of successful arrivals
}

func newReceiver(t testing.TB, answer func(id string, time int) int) *receiver {
	t.Helper()
	r := &receiver{answer: answer, times: map[string]int{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		event := string(body)
		r.mu.Lock()
		r.times[event]++
		n := r.times[event]
		r.mu.Unlock()
		status := http.StatusOK
		if r.answer != nil {
			status = r.answer(event, n)
		}
		if status < 300 {
			r.mu.Lock()
			r.order = append(r.order, event)
			r.mu.Unlock()
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) arrived() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.order...)
}

func (r *receiver) endpoint(name string, change func(*triggers.Endpoint)) *triggers.Endpoint {
	e := &triggers.Endpoint{
		ID: id.Format(id.Endpoint, int64(len(name))<<40+int64(name[len(name)-1])), Workspace: workspace, Name: name,
		URL: r.URL, System: "faveo", Revision: "json", Signing: triggers.Signing{Scheme: "none"},
		Auth: triggers.Auth{Type: triggers.AuthNone}, TimeoutSeconds: 5,
		Retry:       triggers.Retry{ScheduleSeconds: []float64{0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05}},
		MaxInFlight: 64, Ordered: triggers.Unordered, OnFailure: triggers.OnFailureBlock, State: triggers.EndpointActive,
	}
	if change != nil {
		change(e)
	}
	return e
}

// add records deliveries whose body is their own id, and tells nobody: the
// feeder has to find them.
func add(t *testing.T, ledger executionlog.Ledger, ids *id.Source, e *triggers.Endpoint, n, tickets int) []string {
	t.Helper()
	var list []*executionlog.NewDelivery
	var names []string
	now := time.Now().UTC().Truncate(time.Microsecond)
	for i := range n {
		name := ids.New(id.Delivery)
		names = append(names, name)
		list = append(list, &executionlog.NewDelivery{
			Delivery: executionlog.Delivery{
				ID: name, Workspace: workspace, Ticket: fmt.Sprintf("T-%d", i%tickets), System: e.System,
				Event: "ticket_created", Endpoint: e.ID, Trigger: "trg_0000000000001", EventID: name,
				Outcome: executionlog.Pending, CreatedAt: now, DueAt: now,
			},
			Request: &executionlog.Request{ContentType: "text/plain", Body: []byte(name)},
		})
	}
	if err := ledger.Add(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	return names
}

// settled waits until every delivery has its final outcome and returns them.
func settled(t *testing.T, ledger executionlog.Ledger, names []string, patience time.Duration) map[string]*executionlog.Delivery {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		rows := map[string]*executionlog.Delivery{}
		open := 0
		loaded, err := ledger.Load(t.Context(), names)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range loaded {
			rows[row.ID] = &row.Delivery
			if row.Outcome == executionlog.Pending {
				open++
			}
		}
		if open == 0 && len(rows) == len(names) {
			return rows
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d deliveries still pending after %s", open, len(names), patience)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func newIDs() *id.Source { return id.NewSource(1023, time.Now) }
