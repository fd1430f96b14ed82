package triggers

import "slices"

// Events about the workspace's endpoints themselves, whatever their system. A
// trigger of any system may listen to them; a trigger that names no events
// does not get them.
const (
	EventEndpointFailing  = "endpoint.failing"
	EventEndpointDisabled = "endpoint.disabled"
	EventEndpointEnabled  = "endpoint.enabled"
	EventEndpointPaused   = "endpoint.paused"
	EventEndpointResumed  = "endpoint.resumed"
)

// EndpointEvent is an event about an endpoint, as people see it.
type EndpointEvent struct{ Name, Title string }

// EndpointEvents lists the events about endpoints in the order in which they
// are shown.
func EndpointEvents() []EndpointEvent {
	return []EndpointEvent{
		{EventEndpointFailing, "An endpoint is on the way to being disabled: half of it, three quarters, nine tenths"},
		{EventEndpointDisabled, "An endpoint was disabled: by somebody, by its failures, or because its receiver answered 410"},
		{EventEndpointEnabled, "Somebody enabled an endpoint that was disabled"},
		{EventEndpointPaused, "Somebody paused an endpoint: its deliveries wait"},
		{EventEndpointResumed, "Somebody resumed an endpoint that was paused"},
	}
}

// IsEndpointEvent says whether an event is about an endpoint and not about a
// ticket.
func IsEndpointEvent(event string) bool {
	return slices.ContainsFunc(EndpointEvents(), func(e EndpointEvent) bool { return e.Name == event })
}
