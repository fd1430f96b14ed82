// Package inspect finds out what the console and the API say beside what is
// stored: how a delivery was signed and why a receiver refuses it, what holds
// it up, what is failing now, and how a draft of a trigger judges a ticket.
package inspect

import (
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
)

// Inspector answers the questions. All members are needed.
type Inspector struct {
	Config  *config.Service
	Ledger  executionlog.Ledger
	Desk    dispatcher.Desk
	Systems *systems.Registry
	Now     func() time.Time
}

// endpoint returns an endpoint of a workspace, nil where it is gone.
func (i *Inspector) endpoint(workspace, id string) *triggers.Endpoint {
	found := i.Config.Endpoint(id)
	if found == nil || found.Workspace != workspace {
		return nil
	}
	return found
}

// Held says in a sentence why a pending delivery waits although its time may
// have come; empty where nothing but its time holds it up. What somebody asked
// for, a sample or a redelivery, is sent in every state, but waits for the
// breaker as all do.
func (i *Inspector) Held(delivery *executionlog.Delivery) string {
	if delivery.Outcome != executionlog.Pending {
		return ""
	}
	endpoint := i.endpoint(delivery.Workspace, delivery.Endpoint)
	if endpoint == nil {
		return ""
	}
	if endpoint.State != triggers.EndpointActive && !delivery.OnRequest() {
		return "It waits until the endpoint is enabled, which is " + string(endpoint.State) + "."
	}
	if lane := i.Lane(delivery.Workspace, delivery.Endpoint); lane != nil && lane.Breaker != BreakerClosed {
		_, advice := sender.Describe(sender.BreakerOpen)
		return "It waits until the endpoint's breaker closes (" + string(sender.BreakerOpen) + "). " + advice
	}
	return ""
}
