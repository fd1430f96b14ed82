// Package all lists the emulated systems. Adding one is a folder beside this
// one and a line here.
package all

import (
	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/dispatcher/systems/agency"
	"github.com/hookdesk/hookdesk/dispatcher/systems/faveo"
	"github.com/hookdesk/hookdesk/dispatcher/systems/socialboards"
	"github.com/hookdesk/hookdesk/dispatcher/systems/superoffice"
	"github.com/hookdesk/hookdesk/dispatcher/systems/supportservice"
)

// Registry returns a registry of every system, in their fixed order.
func Registry() *systems.Registry {
	return systems.NewRegistry(
		faveo.New(),
		agency.New(),
		superoffice.New(),
		supportservice.New(),
		socialboards.New(),
	)
}
