package config

import "github.com/hookdesk/hookdesk/triggers"

// StateChange is an endpoint that was enabled, disabled or paused, by a person
// or by the system.
type StateChange struct {
	Endpoint *triggers.Endpoint // as it is now
	Before   triggers.EndpointState
	Actor    string
}

// OnState sets what is told of each change of an endpoint's state, after it
// was stored and in the process that made it. It must return at once.
func (s *Service) OnState(tell func(StateChange)) { s.states.Store(&tell) }

func (s *Service) tellState(by Actor, after, before *triggers.Endpoint) {
	tell := s.states.Load()
	if tell == nil || before == nil || before.State == after.State {
		return
	}
	(*tell)(StateChange{Endpoint: s.Public(after), Before: before.State, Actor: by.Name})
}
