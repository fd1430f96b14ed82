package config

import (
	"maps"
	"slices"

	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/condition"
)

// compileAll compiles the triggers of each workspace, and the empty engine.
func (s *Service) compileAll(of *snapshot) (map[string]*triggers.Engine, *triggers.Engine) {
	engines := map[string]*triggers.Engine{}
	for _, trigger := range of.triggers {
		if engines[trigger.Workspace] == nil {
			engines[trigger.Workspace] = s.compile(of, trigger.Workspace)
		}
	}
	return engines, triggers.Compile(nil, nil)
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
