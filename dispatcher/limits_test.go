package dispatcher

import (
	"context"
	"log/slog"
	"sync"
	"testing"

	"github.com/hookdesk/hookdesk/triggers"
)

// slowly is a configuration of one endpoint that waits before it changes.
type slowly struct {
	Configuration
	entered chan struct{} // a value for each change
	release chan struct{}

	mu    sync.Mutex
	state triggers.EndpointState
}

func (s *slowly) Endpoint(id string) *triggers.Endpoint {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &triggers.Endpoint{ID: id, State: s.state}
}

func (s *slowly) SetEndpointState(_ context.Context, _, _ string, state triggers.EndpointState, _ string) error {
	s.entered <- struct{}{}
	<-s.release
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = state
	return nil
}

// A receiver that is gone says so to all that is in flight: the operator and
// the vendor's subscribers hear of it once.
func TestAnEndpointIsDisabledAndAnnouncedOnce(t *testing.T) {
	const reports = 8
	config := &slowly{state: triggers.EndpointActive, entered: make(chan struct{}, reports), release: make(chan struct{})}
	told := make(chan StateChange, reports)
	m := &limits{config: config, log: slog.New(slog.DiscardHandler), announce: func(c StateChange) { told <- c }}
	var ending sync.WaitGroup
	for range reports {
		ending.Go(func() {
			for _, measure := range m.weigh([]Report{{Workspace: "default", Endpoint: "ep_1", Gone: true}}) {
				measure()
			}
		})
	}
	<-config.entered
	close(config.release)
	ending.Wait()
	if len(told) != 1 || len(config.entered) != 0 {
		t.Fatalf("told %d times, changed %d times more", len(told), len(config.entered))
	}
	if c := <-told; c.State != StateDisabled || c.Endpoint != "ep_1" || c.Workspace != "default" {
		t.Errorf("told %+v", c)
	}
}
