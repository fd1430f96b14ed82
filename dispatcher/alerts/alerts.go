// Package alerts tells an operator, by a webhook of hookdesk's own, what
// nobody should have to find out by themselves: endpoints that were disabled,
// enabled again, or are about to be disabled.
package alerts

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/id"
)

const (
	// waiting bounds the alerts that wait to be sent; more are logged only.
	waiting = 256
	timeout = 10 * time.Second
	scheme  = "standard"
)

// pauses lie between the tries of one alert.
var pauses = []time.Duration{time.Second, 10 * time.Second, time.Minute}

// Alert is the body of the webhook.
type Alert struct {
	ID         string    `json:"id"`
	Type       string    `json:"type"` // endpoint.disabled, endpoint.enabled or endpoint.failing
	At         time.Time `json:"at"`
	Workspace  string    `json:"workspace"`
	Endpoint   string    `json:"endpoint"`
	Name       string    `json:"name,omitempty"`
	System     string    `json:"system,omitempty"`
	Reason     string    `json:"reason,omitempty"`
	Failures   int       `json:"failures,omitempty"`    // in a row
	DisabledAt int       `json:"disabled_at,omitempty"` // the number of failures that disables
}

// types are the alerts by the kind of change.
var types = map[string]string{
	dispatcher.StateActive:   "endpoint.enabled",
	dispatcher.StateDisabled: "endpoint.disabled",
	dispatcher.StateFailing:  "endpoint.disabled",
	dispatcher.StateWarning:  "endpoint.failing",
}

// Options say where alerts go.
type Options struct {
	URL string
	// Secret signs alerts as Standard Webhooks; empty: they are not signed.
	Secret   string
	Sender   dispatcher.Poster
	Endpoint func(id string) *triggers.Endpoint
	IDs      *id.Source
	Logger   *slog.Logger
	// AllowHTTP permits a URL without TLS: development mode.
	AllowHTTP bool
	// Pauses lie between the tries; nil: a second, ten seconds, a minute.
	Pauses []time.Duration
}

// Sender sends alerts one after another. It never holds up who tells it.
type Sender struct {
	options Options
	queue   chan Alert
}

// New returns a Sender; Run does the sending.
func New(options Options) *Sender {
	if options.Pauses == nil {
		options.Pauses = pauses
	}
	return &Sender{options: options, queue: make(chan Alert, waiting)}
}

// Tell takes in a change, for dispatcher.Options.Alert.
func (s *Sender) Tell(change dispatcher.StateChange) {
	alert := Alert{
		ID: s.options.IDs.New("alr"), Type: types[change.State], At: change.At.UTC(), Workspace: change.Workspace,
		Endpoint: change.Endpoint, Reason: change.Reason, Failures: change.Failures, DisabledAt: change.DisabledAt,
	}
	if endpoint := s.options.Endpoint(change.Endpoint); endpoint != nil {
		alert.Name, alert.System = endpoint.Name, endpoint.System
	}
	select {
	case s.queue <- alert:
	default:
		s.options.Logger.Error("alert_dropped", "type", alert.Type, "endpoint_id", alert.Endpoint)
	}
}

// Run sends until ctx ends.
func (s *Sender) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case alert := <-s.queue:
			s.send(ctx, alert)
		}
	}
}

func (s *Sender) send(ctx context.Context, alert Alert) {
	body, err := json.Marshal(alert)
	if err != nil {
		s.options.Logger.Error("alert_failed", "type", alert.Type, "error", err)
		return
	}
	for try := 0; ; try++ {
		exchange := s.post(ctx, alert.ID, body)
		if exchange.Code == sender.OK {
			return
		}
		if try >= len(s.options.Pauses) {
			s.options.Logger.Error("alert_failed", "type", alert.Type, "endpoint_id", alert.Endpoint, "error", exchange.Error)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(s.options.Pauses[try]):
		}
	}
}

func (s *Sender) post(ctx context.Context, id string, body []byte) *sender.Exchange {
	header := []executionlog.Header{{Name: "Content-Type", Value: "application/json"}}
	if s.options.Secret != "" {
		standard, _ := signing.Lookup(scheme)
		lines, err := standard.Sign(signing.Message{ID: id, Timestamp: time.Now(), Body: body}, []string{s.options.Secret}, signing.Options{})
		if err != nil {
			return &sender.Exchange{Code: sender.SigningFailed, Error: err.Error()}
		}
		for _, line := range lines {
			header = append(header, executionlog.Header(line))
		}
	}
	return s.options.Sender.Do(ctx, &sender.Post{
		URL: s.options.URL, Header: header, Body: body, Timeout: timeout, AllowHTTP: s.options.AllowHTTP,
	})
}

// CheckSecret returns an error that says what a secret for alerts looks like.
func CheckSecret(secret string) error {
	if secret == "" {
		return nil
	}
	standard, _ := signing.Lookup(scheme)
	return standard.CheckSecret(secret)
}
