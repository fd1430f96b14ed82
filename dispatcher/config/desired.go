package config

import (
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/condition"
)

// Desired is configuration as it shall be. Its parts are found by their ids
// where they have one that exists, else by their names; triggers may name
// endpoints and calendars by either. Path of each part is where complaints
// about it are put, such as endpoints.2.
type Desired struct {
	Endpoints []DesiredEndpoint
	Calendars []DesiredCalendar
	Triggers  []DesiredTrigger

	// Prune says of the kinds (KindEndpoint, …) that are meant to be whole
	// whether what is not named is removed, or left and told of. Of kinds that
	// are missing here nothing is said.
	Prune map[string]bool
	// SkipHandshake saves endpoints without trying them.
	SkipHandshake bool
}

// The kinds of part that Desired has.
const (
	KindEndpoint = kindEndpoint
	KindTrigger  = kindTrigger
	KindCalendar = kindCalendar
)

// DesiredEndpoint is one endpoint of a Desired.
type DesiredEndpoint struct {
	Path, ID string
	Input    EndpointInput
	// Unset names, by the path of a member that Input lacks, where its value
	// was to come from. An endpoint that exists keeps what it has there.
	Unset map[string]string
}

// DesiredCalendar is one calendar of a Desired.
type DesiredCalendar struct {
	Path, ID string
	Calendar *condition.Calendar
}

// DesiredTrigger is one trigger of a Desired.
type DesiredTrigger struct {
	Path, ID string
	Trigger  *triggers.Trigger
}

// The actions of a Difference.
const (
	ActionCreated = "created"
	ActionChanged = "changed"
	ActionRemoved = "removed"
)

// Outcome is how the configuration differs from a Desired, or did.
type Outcome struct {
	Differences []Difference
	// Left is what is not named and stays, since Prune is false for its kind;
	// what others need comes last.
	Left []Part
}

// Part is an endpoint, a calendar or a trigger.
type Part struct {
	Kind string `json:"kind" enum:"endpoint,calendar,trigger"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Difference is one part of the configuration that differs from what is
// desired.
type Difference struct {
	Kind   string               `json:"kind" enum:"endpoint,calendar,trigger"`
	Action string               `json:"action" enum:"created,changed,removed"`
	ID     string               `json:"id,omitempty" doc:"Missing while it is only planned"`
	Name   string               `json:"name"`
	Fields []triggers.FieldDiff `json:"fields,omitempty" doc:"What differs; of secrets only that they do"`
	Secret string               `json:"secret,omitempty" doc:"The signing secret that was made; shown once"`
}

// Defaults returns what an endpoint of the same system, name and URL would
// have if its input left everything else out.
func (s *Service) Defaults(endpoint *triggers.Endpoint) EndpointInput {
	plain := &triggers.Endpoint{ID: endpoint.ID, Workspace: endpoint.Workspace, State: triggers.EndpointActive}
	// An error is about what has no default.
	_ = s.apply(plain, EndpointInput{
		Name: endpoint.Name, URL: endpoint.URL, System: endpoint.System, AllowHTTP: endpoint.AllowHTTP,
	}, nil, Actor{Admin: true})
	plain.AllowHTTP = false
	return InputOf(plain)
}
