package config

import (
	"context"
	"errors"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
)

// systemActor is who changes an endpoint's state on behalf of nobody.
const systemActor = "system"

// SetStateChanged sets what is told of endpoints that somebody enabled,
// disabled, paused or resumed in this process, whichever way they did, after
// that was stored. It returns at once.
func (s *Service) SetStateChanged(told func(after, before *triggers.Endpoint)) { s.states.Store(&told) }

func (s *Service) tellState(by Actor, after, before *triggers.Endpoint) {
	told := s.states.Load()
	if told == nil || before == nil || before.State == after.State || by.Name == systemActor {
		return
	}
	(*told)(after, before)
}

// ChangeState enables, disables or pauses an endpoint by hand.
func (s *Service) ChangeState(ctx context.Context, by Actor, id string, state triggers.EndpointState, reason string) (*triggers.Endpoint, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	before, err := s.newestEndpoint(by.Workspace, id, AnyVersion)
	if err != nil {
		return nil, err
	}
	if before.State == state && before.StateReason == reason {
		return before, nil
	}
	after := s.successor(before, by)
	after.State, after.StateReason, after.StateSince = state, reason, after.UpdatedAt
	if err := s.storeEndpoint(ctx, by, after, before, "endpoint."+string(state)); err != nil {
		return nil, err
	}
	return after, nil
}

// CloseBreaker closes an endpoint's circuit breaker by hand, and ends a pause
// that its receiver asked for. It is a change of the endpoint, so that the
// process that feeds learns of it even if that is another one, or restarts.
func (s *Service) CloseBreaker(ctx context.Context, by Actor, id string) (*triggers.Endpoint, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	before, err := s.newestEndpoint(by.Workspace, id, AnyVersion)
	if err != nil {
		return nil, err
	}
	after := s.successor(before, by)
	after.BreakerClosedAt = after.UpdatedAt
	if err := s.storeEndpoint(ctx, by, after, before, "endpoint.breaker_closed"); err != nil {
		return nil, err
	}
	return after, nil
}

// SetEndpointState changes an endpoint's state on behalf of the system, such
// as after 410 Gone. Where another process changes the endpoint at the same
// time it reads it again and repeats.
func (s *Service) SetEndpointState(ctx context.Context, workspace, id string, state triggers.EndpointState, reason string) error {
	const tries = 3
	by := Actor{Name: systemActor, Workspace: workspace}
	var err error
	for range tries {
		if _, err = s.ChangeState(ctx, by, id, state, reason); !errors.Is(err, executionlog.ErrConflict) {
			return err
		}
		if err := s.Reload(ctx); err != nil {
			return err
		}
	}
	return err
}
