package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/client"
)

// traced is a receiver that refuses every delivery once and answers each
// webhook of a new ticket with a change, as part of the same chain.
type traced struct {
	t   *testing.T
	api *client.Client

	mu      sync.Mutex
	parents map[string][]string // traceparent of each attempt, by event id
}

// reset forgets what arrived.
func (r *traced) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.parents = map[string][]string{}
}

// only returns the attempts of the only event that arrived.
func (r *traced) only() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, attempts := range r.parents {
		return slices.Clone(attempts)
	}
	return nil
}

func (r *traced) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	id := request.Header.Get("webhook-id")
	r.parents[id] = append(r.parents[id], request.Header.Get("traceparent"))
	if len(r.parents[id]) == 1 {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if request.URL.Path != "/answers" {
		return
	}
	body := strings.NewReader(`{"status": "Closed"}`)
	change, err := http.NewRequestWithContext(request.Context(), http.MethodPatch, r.api.Base+"/api/v1/tickets/T-1", body)
	if err != nil {
		r.t.Error(err)
		return
	}
	change.Header.Set("Content-Type", "application/json")
	change.Header.Set("Authorization", "Bearer "+r.api.Token)
	change.Header.Set("Webhook-Chain", request.Header.Get("Webhook-Chain"))
	response, err := http.DefaultClient.Do(change)
	if err != nil {
		r.t.Error(err)
		return
	}
	_ = response.Body.Close()
	if response.StatusCode/100 != 2 {
		r.t.Errorf("the change was answered with %d", response.StatusCode)
	}
}

// TestTraceParent follows a change to a receiver, and what that changes to
// another: one trace, a span for each attempt.
func TestTraceParent(t *testing.T) {
	app, _ := start(t, devConfig(t))
	api := &client.Client{Base: "http://" + app.Addr(), Token: app.Token()}
	receiver := &traced{t: t, api: api, parents: map[string][]string{}}
	target := httptest.NewServer(receiver)
	defer target.Close()
	for _, c := range []struct {
		name, path string
		on         []string
	}{{"first", "/answers", []string{"ticket_created"}}, {"second", "/takes", []string{"ticket_status_updated"}}} {
		var endpoint struct {
			ID string `json:"id"`
		}
		do(t, api, "/endpoints", map[string]any{
			"name": c.name, "system": "faveo", "url": target.URL + c.path, "signing": map[string]any{"scheme": "standard"},
			"retry": map[string]any{"schedule_seconds": []float64{0.1}},
		}, &endpoint)
		do(t, api, "/triggers", map[string]any{
			"name": c.name, "system": "faveo", "on": c.on, "then": []any{map[string]any{"webhook": map[string]any{"endpoint": endpoint.ID}}},
		}, nil)
	}
	do(t, api, "/tickets", map[string]any{"number": "T-1", "subject": "Trace", "status": "Open"}, nil)
	eventually(t, 20*time.Second, func() error {
		receiver.mu.Lock()
		defer receiver.mu.Unlock()
		if len(receiver.parents) != 2 {
			return fmt.Errorf("%d deliveries: %v", len(receiver.parents), receiver.parents)
		}
		for _, attempts := range receiver.parents {
			if len(attempts) != 2 {
				return fmt.Errorf("attempts %v", receiver.parents)
			}
		}
		return nil
	})
	form := regexp.MustCompile(`^00-([0-9a-f]{32})-([0-9a-f]{16})-01$`)
	traces, spans := map[string]bool{}, map[string]bool{}
	for event, attempts := range receiver.parents {
		for _, attempt := range attempts {
			found := form.FindStringSubmatch(attempt)
			if found == nil {
				t.Fatalf("event %s was sent with %v", event, attempts)
			}
			traces[found[1]], spans[found[2]] = true, true
		}
	}
	if len(traces) != 1 || len(spans) != 4 {
		t.Errorf("%d traces and %d spans: %v; want one trace and a span for each attempt", len(traces), len(spans), receiver.parents)
	}
}
