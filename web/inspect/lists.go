package inspect

import (
	"slices"
	"strings"

	"github.com/hookdesk/hookdesk/triggers"
)

// EndpointFilter narrows a list of endpoints. Empty members take every one.
type EndpointFilter struct {
	Q      string // the name or the URL contains it, whatever the case
	System string
	State  string
}

// Takes says whether an endpoint, as it is shown, belongs into the list.
func (f EndpointFilter) Takes(endpoint *triggers.Endpoint) bool {
	return contains(f.Q, endpoint.Name, endpoint.URL) &&
		(f.System == "" || f.System == endpoint.System) && (f.State == "" || f.State == string(endpoint.State))
}

// The values of TriggerFilter.State.
const (
	Enabled  = "enabled"
	Disabled = "disabled"
)

// TriggerFilter narrows a list of triggers. Empty members take every one.
type TriggerFilter struct {
	Q      string // the name contains it, whatever the case
	System string
	State  string // Enabled or Disabled
}

// Takes says whether a trigger belongs into the list.
func (f TriggerFilter) Takes(trigger *triggers.Trigger) bool {
	return contains(f.Q, trigger.Name) &&
		(f.System == "" || f.System == trigger.System) && (f.State == "" || (f.State == Enabled) == trigger.Enabled)
}

// contains says whether one of the texts contains a part, whatever the case.
func contains(part string, texts ...string) bool {
	part = strings.ToLower(part)
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(strings.ToLower(text), part) })
}
