package alerts

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/triggers"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" // of the Standard Webhooks page

func TestAnAlertArrivesSignedAfterFailures(t *testing.T) {
	var tries atomic.Int64
	got := make(chan dispatcher.EndpointEvent, 1)
	operator := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if tries.Add(1) < 3 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		standard, _ := signing.Lookup("standard")
		if err := standard.Verify(r.Header, body, []string{secret}, signing.VerifyOptions{Now: time.Now()}); err != nil {
			t.Errorf("signature: %v", err)
		}
		var alert dispatcher.EndpointEvent
		if err := json.Unmarshal(body, &alert); err != nil {
			t.Error(err)
		}
		got <- alert
	}))
	t.Cleanup(operator.Close)
	s := start(t, operator.URL, []time.Duration{time.Millisecond, time.Millisecond})
	s.Tell(dispatcher.StateChange{
		ID: "evt_1", Workspace: "default", Endpoint: "ep_1", State: dispatcher.StateFailing, Reason: "9 attempts in a row failed",
		Failures: 9, DisabledAt: 9, At: time.Now(),
	})
	alert := <-got
	if alert.Type != "endpoint.disabled" || alert.Name != "Warehouse" || alert.Failures != 9 || alert.Reason == "" || alert.ID == "" {
		t.Errorf("%+v", alert)
	}
}

func TestNobodyWaitsForAnAlert(t *testing.T) {
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a server notices that its client is gone behind the body only
		<-r.Context().Done()
	}))
	t.Cleanup(hanging.Close) // after the sender has ended: cleanups run backwards
	s := start(t, hanging.URL, nil)
	for range 2 * waiting {
		s.Tell(dispatcher.StateChange{State: dispatcher.StateWarning, At: time.Now()})
	}
}

func start(t *testing.T, url string, pauses []time.Duration) *Sender {
	t.Helper()
	client := sender.New(sender.Options{AllowLoopback: true})
	t.Cleanup(client.Close)
	s := New(Options{
		Webhook: &Webhook{URL: url, Secret: secret, Sender: client, AllowHTTP: true}, Pauses: pauses,
		Endpoint: func(string) *triggers.Endpoint { return &triggers.Endpoint{Name: "Warehouse", System: "superoffice"} },
		Logger:   slog.New(slog.DiscardHandler),
	})
	running(t, s)
	return s
}

// running runs a Sender until the test ends.
func running(t *testing.T, s *Sender) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}
