package faults

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/redisqueue"
	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// nodeOptions are what a node differs in.
type nodeOptions struct {
	redis     string // URL; empty is the embedded Redis
	exclusive bool
	now       func() time.Time
	// wrap puts something between the workers and the sender.
	wrap  func(dispatcher.Poster) dispatcher.Poster
	drain time.Duration
	log   *slog.Logger
}

// node is a running dispatcher with its parts.
type node struct {
	*dispatcher.Dispatcher
	stop func() error // ends the context, drains, closes; once
}

func startNode(ledger executionlog.Ledger, config *configuration, o nodeOptions) (*node, error) {
	if o.drain == 0 {
		o.drain = 10 * time.Second
	}
	queue, err := redisqueue.Open(redisqueue.Options{
		URL: o.redis, Instance: ledger.Instance(), Exclusive: o.exclusive, DrainTimeout: o.drain, Concurrency: 128, Logger: o.log,
	})
	if err != nil {
		return nil, err
	}
	client := sender.New(sender.Options{AllowLoopback: true})
	var poster dispatcher.Poster = client
	if o.wrap != nil {
		poster = o.wrap(client)
	}
	d := dispatcher.New(dispatcher.Options{
		Ledger: ledger, Config: config, Systems: all.Registry(), Queue: queue, Sender: poster,
		Feed: true, Work: true, AllowHTTP: true, DrainTimeout: o.drain, Now: o.now, Logger: o.log,
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	stop := sync.OnceValue(func() error {
		cancel()
		err := <-done
		_ = queue.Close()
		client.Close()
		return err
	})
	return &node{Dispatcher: d, stop: stop}, nil
}

// run starts a node that ends with the test.
func run(t testing.TB, ledger executionlog.Ledger, config *configuration, o nodeOptions) *node {
	t.Helper()
	if o.log == nil {
		o.log = slog.New(slog.DiscardHandler)
	}
	n, err := startNode(ledger, config, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.stop(); err != nil {
			t.Errorf("run: %v", err)
		}
	})
	return n
}

// change is the input that makes the n-th ticket, which the trigger tells of.
func change(n int) (*ticket.Input, error) {
	return ticket.DecodeInput(fmt.Appendf(nil,
		`{"id": "key-%06d", "ticket": {"number": "F-%06d", "subject": "Printer on fire", "status": "Open"}}`, n, n))
}

// add records deliveries whose body is their own id, and tells nobody: the
// feeder has to find them. Ticket i%tickets gets the i-th.
func add(t testing.TB, ledger executionlog.Ledger, ids *id.Source, endpoint string, n, tickets int) []string {
	t.Helper()
	return addDue(t, ledger, ids, endpoint, n, tickets, time.Now())
}

// addDue is add for deliveries that are due since a time.
func addDue(t testing.TB, ledger executionlog.Ledger, ids *id.Source, endpoint string, n, tickets int, due time.Time) []string {
	t.Helper()
	names := make([]string, n)
	now := due.UTC().Truncate(time.Microsecond)
	for from := 0; from < n; from += 1000 {
		var list []*executionlog.NewDelivery
		for i := from; i < min(from+1000, n); i++ {
			name := ids.New(id.Delivery)
			names[i] = name
			list = append(list, &executionlog.NewDelivery{
				Delivery: executionlog.Delivery{
					ID: name, Workspace: workspace, Ticket: fmt.Sprintf("T-%d", i%tickets), System: "faveo",
					Event: "ticket_created", Revision: "json", Endpoint: endpoint, Trigger: triggerID, EventID: name,
					Outcome: executionlog.Pending, CreatedAt: now, DueAt: now,
				},
				Request: &executionlog.Request{ContentType: "text/plain", Body: []byte(name)},
			})
		}
		if err := ledger.Add(t.Context(), list); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

func newIDs() *id.Source { return id.NewSource(1023, time.Now) }

// pendingOf counts what has no final outcome yet.
func pendingOf(ctx context.Context, ledger executionlog.Ledger) (int, error) {
	waiting, err := ledger.Waiting(ctx)
	count := 0
	for _, b := range waiting {
		count += b.Pending
	}
	return count, err
}

// progressEvery is how often the long form says how far it is.
const progressEvery = 10 * time.Second

// settle waits until nothing is pending any more.
func settle(t testing.TB, ledger executionlog.Ledger, patience time.Duration) {
	t.Helper()
	begun, told := time.Now(), time.Now()
	for {
		open, err := pendingOf(t.Context(), ledger)
		if err != nil {
			t.Fatal(err)
		}
		if open == 0 {
			return
		}
		if long && time.Since(told) > progressEvery {
			told = time.Now()
			t.Logf("%d deliveries pending after %s (10,000 stands for more)", open, time.Since(begun).Round(time.Second))
		}
		if time.Since(begun) > patience {
			t.Fatalf("%d deliveries still pending after %s", open, patience)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// outcomes reads all deliveries.
func outcomes(t testing.TB, ledger executionlog.Ledger) map[string]*executionlog.Delivery {
	t.Helper()
	rows := map[string]*executionlog.Delivery{}
	for cursor := ""; ; {
		page, err := ledger.ListDeliveries(t.Context(), executionlog.DeliveryQuery{Workspace: workspace, Limit: 500, Cursor: cursor})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range page.Items {
			rows[row.ID] = row
		}
		if cursor = page.Next; cursor == "" {
			return rows
		}
	}
}

// attemptsOf counts the attempts in the log by event: first those of each
// delivery, then all.
func attemptsOf(t testing.TB, ledger executionlog.Ledger) (byDelivery map[string]int, total int) {
	t.Helper()
	byDelivery = map[string]int{}
	err := ledger.Export(t.Context(), executionlog.Filter{Workspace: workspace}, func(a *executionlog.Attempt) error {
		byDelivery[a.Delivery]++
		total++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return byDelivery, total
}

// unanswered counts the attempts that got no answer.
func unanswered(t testing.TB, ledger executionlog.Ledger) (total int) {
	t.Helper()
	err := ledger.Export(t.Context(), executionlog.Filter{Workspace: workspace, Outcome: executionlog.Failed}, func(a *executionlog.Attempt) error {
		if a.HTTPStatus == 0 {
			total++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return total
}

func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("did not happen within 30 seconds: %s", what)
		}
	}
}
