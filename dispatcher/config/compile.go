package config

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/condition"
)

// warmUpAfter is how long a change of the configuration waits for the next
// one before the triggers are compiled.
const warmUpAfter = 50 * time.Millisecond

// engine compiles the triggers of a workspace when it is first asked for, so
// that many changes in a row do not compile all triggers each time.
type engine struct {
	once     sync.Once
	compile  func() *triggers.Engine
	compiled *triggers.Engine
}

func (e *engine) get() *triggers.Engine {
	e.once.Do(func() { e.compiled, e.compile = e.compile(), nil })
	return e.compiled
}

// setEngine gives a workspace an engine of the snapshot's triggers.
func (s *Service) setEngine(of *snapshot, workspace string) {
	of.engines[workspace] = &engine{compile: func() *triggers.Engine { return s.compile(of, workspace) }}
}

// warmUp compiles the newest triggers soon, unless a change asks for it first.
func (s *Service) warmUp() {
	time.AfterFunc(warmUpAfter, func() {
		for _, e := range s.current.Load().engines {
			e.get()
		}
	})
}

// compile compiles the triggers of one workspace, in the order of their ids.
func (s *Service) compile(of *snapshot, workspace string) *triggers.Engine {
	var chosen []*triggers.Trigger
	for _, id := range slices.Sorted(maps.Keys(of.triggers)) {
		if of.triggers[id].Workspace == workspace {
			chosen = append(chosen, of.triggers[id])
		}
	}
	return triggers.Compile(chosen, calendarsOf(of, workspace))
}

func calendarsOf(of *snapshot, workspace string) condition.Calendars {
	calendars := condition.Calendars{}
	for id, calendar := range of.calendars {
		if calendar.Workspace == workspace {
			calendars[id] = &calendar.Calendar
		}
	}
	return calendars
}

// checkTrigger checks a trigger against the newest configuration.
func (s *Service) checkTrigger(trigger *triggers.Trigger) error {
	events := map[string][]string{}
	for _, system := range s.options.Systems.All() {
		events[system.Sheet().Name] = system.Sheet().EventNames()
	}
	return triggers.Validate(trigger, triggers.Env{
		Systems: events,
		Endpoint: func(id string) *triggers.Endpoint {
			endpoint, _ := s.EndpointIn(trigger.Workspace, id)
			return endpoint
		},
		Calendars: calendarsOf(s.current.Load(), trigger.Workspace),
	})
}
