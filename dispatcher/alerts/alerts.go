// Package alerts tells an operator, by a webhook of hookdesk's own and by
// mail, what nobody should have to find out by themselves: endpoints that are about
// to be disabled, or were disabled, enabled, paused or resumed. Whom an
// endpoint's own settings name gets mail when that endpoint fails.
package alerts

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers"
)

const (
	// waiting bounds the alerts that wait to be sent on one way; more are
	// logged only.
	waiting = 256
	timeout = 10 * time.Second
)

// Options say where alerts go.
type Options struct {
	// Webhook and Mail are the ways; either may be nil.
	Webhook  *Webhook
	Mail     *Mail
	Endpoint func(id string) *triggers.Endpoint
	Systems  *systems.Registry
	Logger   *slog.Logger
	// Pauses lie between the tries of one alert; nil: a second, ten seconds, a
	// minute for the webhook, and beside these ten minutes for mail, which is
	// how long a server may put off a stranger.
	Pauses []time.Duration
}

// Sender sends alerts. It never holds up who tells it.
type Sender struct {
	options Options
	ways    []*way
	webhook *way // nil where there is none, as mail
	mail    *way
}

// New returns a Sender; Run does the sending.
func New(options Options) *Sender {
	s := &Sender{options: options}
	pauses := []time.Duration{time.Second, 10 * time.Second, time.Minute}
	if options.Webhook != nil {
		s.webhook = s.open("webhook", options.Webhook.send, pauses)
	}
	if options.Mail != nil {
		s.mail = s.open("mail", options.Mail.send, append(pauses, 10*time.Minute))
	}
	return s
}

func (s *Sender) open(name string, send func(context.Context, *alert) error, pauses []time.Duration) *way {
	if s.options.Pauses != nil {
		pauses = s.options.Pauses
	}
	w := &way{name: name, send: send, pauses: pauses, queue: make(chan *alert, waiting), log: s.options.Logger}
	s.ways = append(s.ways, w)
	return w
}

// Tell takes in a change, for dispatcher.Options.Alert.
func (s *Sender) Tell(change dispatcher.StateChange) {
	endpoint := s.options.Endpoint(change.Endpoint)
	event := change.Event(endpoint)
	if s.webhook != nil {
		s.webhook.take(&alert{event: event})
	}
	if s.mail != nil {
		for _, to := range s.recipients(endpoint, event.Type) {
			s.mail.take(&alert{event: event, to: to})
		}
	}
}

// Run sends until ctx ends.
func (s *Sender) Run(ctx context.Context) {
	var running sync.WaitGroup
	for _, w := range s.ways {
		running.Go(func() { w.run(ctx) })
	}
	running.Wait()
}

// alert is one event on one way.
type alert struct {
	event dispatcher.EndpointEvent
	to    string // whom mail goes to
	tries int
}

// final is an error behind which trying again is pointless.
type final struct{ error }

func (f final) Unwrap() error { return f.error }

// way is one way by which alerts go.
type way struct {
	name   string
	send   func(context.Context, *alert) error
	pauses []time.Duration
	queue  chan *alert
	held   atomic.Int64 // taken and not done with
	log    *slog.Logger
}

// take accepts an alert, or logs that there are too many.
func (w *way) take(a *alert) {
	if w.held.Add(1) > waiting {
		w.held.Add(-1)
		w.log.Error("an alert was dropped", "way", w.name, "type", a.event.Type, "endpoint_id", a.event.Endpoint)
		return
	}
	w.queue <- a // has room for all that are held
}

// run sends one alert after another; those that failed wait aside.
func (w *way) run(ctx context.Context) {
	var aside sync.WaitGroup
	defer aside.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case a := <-w.queue:
			pause, again := w.try(ctx, a)
			if !again {
				w.held.Add(-1)
				continue
			}
			aside.Go(func() {
				select {
				case <-ctx.Done():
				case <-time.After(pause):
					w.queue <- a
				}
			})
		}
	}
}

// try sends an alert once and says whether and when to try again.
func (w *way) try(ctx context.Context, a *alert) (time.Duration, bool) {
	err := w.send(ctx, a)
	var pointless final
	switch {
	case err == nil:
		return 0, false
	case a.tries >= len(w.pauses), errors.As(err, &pointless):
		w.log.Error("an alert failed", "way", w.name, "type", a.event.Type, "endpoint_id", a.event.Endpoint, "error", err)
		return 0, false
	}
	a.tries++
	return w.pauses[a.tries-1], true
}
