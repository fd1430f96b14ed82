package dispatcher

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// The kinds of StateChange.
const (
	StateActive   = "active"   // somebody enabled the endpoint
	StateDisabled = "disabled" // somebody disabled it, or its receiver answered 410
	StateFailing  = "failing"  // it was disabled because too many attempts in a row failed
	StateWarning  = "warning"  // it is on the way there
)

// StateChange is something about an endpoint that nobody should have to find
// out by themselves.
type StateChange struct {
	Workspace string
	Endpoint  string
	State     string
	Reason    string
	// Failures in a row, and the number at which the endpoint is disabled;
	// 0 where neither matters.
	Failures   int
	DisabledAt int
	At         time.Time
}

// announcePatience bounds how long an announcement may hold up its caller.
const announcePatience = 10 * time.Second

// Announce tells of a change: the operator, by Options.Alert, and, where the
// vendor has events about its webhooks, the endpoints whose triggers name such
// an event. A trigger that names no events does not get them.
func (d *Dispatcher) Announce(change StateChange) {
	if change.At.IsZero() {
		change.At = d.now()
	}
	if d.options.Alert != nil {
		d.options.Alert(change)
	}
	about := d.options.Config.Endpoint(change.Endpoint)
	if about == nil {
		return
	}
	system, ok := d.options.Systems.Lookup(about.System).(systems.StateEvents)
	if !ok {
		return
	}
	event := system.StateEvent(change.State)
	if event == "" {
		return
	}
	list, err := d.stateDeliveries(system, event, about, change)
	if err != nil {
		d.options.Logger.Error("state_event_failed", "endpoint_id", about.ID, "event", event, "error", err)
		return
	}
	if len(list) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), announcePatience)
	defer cancel()
	if err := d.options.Ledger.Add(ctx, list); err != nil {
		d.options.Logger.Error("state_event_failed", "endpoint_id", about.ID, "event", event, "error", err)
		return
	}
	d.notify(&Notice{Arrived: arrivals(list)})
}

// stateDeliveries renders an event about an endpoint for those that want it.
// The endpoint itself gets it only where it is active.
func (d *Dispatcher) stateDeliveries(system systems.StateEvents, event string, about *triggers.Endpoint, change StateChange) ([]*executionlog.NewDelivery, error) {
	var list []*executionlog.NewDelivery
	for _, t := range d.options.Config.Engine(change.Workspace).Triggers() {
		if !t.Enabled || t.System != about.System || !slices.Contains(t.On, event) {
			continue
		}
		for _, target := range targets(t) {
			to := d.options.Config.Endpoint(target)
			if to == nil || to.Workspace != change.Workspace || to.State == triggers.EndpointDisabled {
				continue
			}
			delivery := executionlog.Delivery{
				ID: d.ids.New(id.Delivery), Workspace: change.Workspace, System: about.System, Event: event,
				Revision: to.Revision, Endpoint: to.ID, Trigger: t.ID, TriggerVersion: t.Version,
				Chain: d.ids.New(id.Chain), Outcome: executionlog.Pending, CreatedAt: change.At, DueAt: change.At,
			}
			request, err := system.RenderState(event, endpointOf(about), endpointOf(to), delivery.ID, change.At)
			if err != nil {
				return nil, fmt.Errorf("render %s: %w", event, err)
			}
			delivery.EventID = request.EventID
			list = append(list, &executionlog.NewDelivery{Delivery: delivery, Request: stored(request)})
		}
	}
	return list, nil
}
