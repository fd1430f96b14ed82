// Package consoletest sets up a whole hookdesk in one process, with receivers
// and example data, for the tests and the pictures of the console.
package consoletest

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/redisqueue"
	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/triggers"
)

// AdminToken signs in to the console of a Stage.
const AdminToken = "stage-admin-token"

// Stage is a running hookdesk.
type Stage struct {
	Desk     *dispatcher.Dispatcher
	Config   *config.Service
	Ledger   executionlog.Ledger
	Systems  *systems.Registry
	Receiver *httptest.Server // answers /ok with 200, /fail with 503, /slow late, /xss with a script

	By      config.Actor
	cancel  context.CancelFunc
	stopped sync.WaitGroup
	queue   *redisqueue.Queue
}

// New starts a Stage on a ledger in memory. Work says whether deliveries are
// sent; without it they stay pending. Close ends it.
func New(work bool) (*Stage, error) { return NewOn(memory.New(), work) }

// NewOn starts a Stage on a ledger, which its Close closes.
func NewOn(ledger executionlog.Ledger, work bool) (*Stage, error) {
	s := &Stage{Ledger: ledger, Systems: all.Registry(), By: config.Actor{Name: "admin", Workspace: config.DefaultWorkspace, Admin: true}}
	quiet := slog.New(slog.DiscardHandler)
	keys, err := signing.NewKeyring(base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef")))
	if err != nil {
		return nil, fmt.Errorf("make keyring: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	s.Config, err = config.New(ctx, config.Options{Ledger: s.Ledger, Systems: s.Systems, Keys: keys, Dev: true, Logger: quiet})
	if err != nil {
		cancel()
		return nil, fmt.Errorf("start configuration: %w", err)
	}
	s.queue, err = redisqueue.Open(redisqueue.Options{Servers: 1, Concurrency: 16, DrainTimeout: time.Second})
	if err != nil {
		cancel()
		return nil, fmt.Errorf("start queue: %w", err)
	}
	s.Receiver = httptest.NewServer(http.HandlerFunc(receive))
	s.Desk = dispatcher.New(dispatcher.Options{
		Ledger: s.Ledger, Config: s.Config, Systems: s.Systems, Queue: s.queue,
		Sender: sender.New(sender.Options{AllowLoopback: true}), Feed: work, Work: work, AllowHTTP: true, Logger: quiet,
		DrainTimeout: time.Second, AuditID: s.Config.AuditID,
	})
	s.Config.SetChanged(s.Desk.Refresh)
	if work {
		s.stopped.Go(func() { _ = s.Desk.Run(ctx) })
	}
	return s, nil
}

// Close ends the Stage.
func (s *Stage) Close() {
	s.cancel()
	s.stopped.Wait()
	_ = s.queue.Close()
	s.Receiver.Close()
	_ = s.Ledger.Close()
}

// receive plays the receivers: good ones, bad ones and a hostile one.
func receive(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.URL.Path, "/fail"):
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte(`{"error":"the warehouse database is being restarted","retry":true}`))
	case strings.HasPrefix(r.URL.Path, "/xss"):
		w.Header().Set("X-Powered-By", `<script>alert("header")</script>`)
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`<script>alert("body")</script><img src=x onerror=alert(1)>`))
	default:
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"received":true}`))
	}
}

// Endpoint makes an endpoint at a path of the receiver.
func (s *Stage) Endpoint(name, system, path string) (*triggers.Endpoint, error) {
	settings := map[string]config.Scalar{}
	for _, setting := range s.Systems.Lookup(system).Sheet().Settings {
		if setting.Required {
			settings[setting.Name] = "example"
			if len(setting.Choices) > 0 {
				settings[setting.Name] = config.Scalar(setting.Choices[0])
			}
		}
	}
	endpoint, _, err := s.Config.CreateEndpoint(context.Background(), s.By, config.EndpointInput{
		Name: name, System: system, URL: s.Receiver.URL + path, AllowHTTP: true, Settings: settings,
	}, config.EndpointOptions{SkipHandshake: true})
	if err != nil {
		return nil, fmt.Errorf("make endpoint %s: %w", name, err)
	}
	return endpoint, nil
}

// Trigger makes a trigger from its JSON, in which %s stands for the endpoint.
func (s *Stage) Trigger(text string, endpoint *triggers.Endpoint) (*triggers.Trigger, error) {
	decoded, err := config.DecodeTrigger([]byte(strings.ReplaceAll(text, "%s", endpoint.ID)))
	if err != nil {
		return nil, fmt.Errorf("decode trigger: %w", err)
	}
	made, err := s.Config.CreateTrigger(context.Background(), s.By, decoded)
	if err != nil {
		return nil, fmt.Errorf("make trigger: %w", err)
	}
	return made, nil
}

// Settled waits until every delivery of a ticket, which may hold * for any
// text, to an endpoint, or to all if that is empty, was tried at least once;
// at most for the given time. An endpoint that fails is spared for a while.
func (s *Stage) Settled(ticket, endpoint string, within time.Duration) error {
	deadline := time.Now().Add(within)
	for {
		page, err := s.Ledger.ListDeliveries(context.Background(), executionlog.DeliveryQuery{
			Workspace: config.DefaultWorkspace, Ticket: ticket, Endpoint: endpoint, Outcome: executionlog.Pending, Limit: 1000,
		})
		if err != nil {
			return fmt.Errorf("list pending deliveries: %w", err)
		}
		untried := 0
		for _, d := range page.Items {
			if d.Attempts == 0 {
				untried++
			}
		}
		if untried == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d deliveries were not tried within %s", untried, within)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
