package dispatcher

import (
	"cmp"
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
	StateActive   = "active"   // somebody enabled the endpoint, which was disabled
	StateDisabled = "disabled" // somebody disabled it, or its receiver answered 410
	StateFailing  = "failing"  // it was disabled because too many attempts in a row failed
	StateWarning  = "warning"  // it is on the way there
	StatePaused   = "paused"   // somebody paused it: its deliveries wait
	StateResumed  = "resumed"  // somebody made an endpoint active that was paused
)

// StateChange is something about an endpoint that nobody should have to find
// out by themselves.
type StateChange struct {
	ID        string // Announce gives it one
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

// EndpointEvent is what hookdesk itself says about an endpoint: the body of
// the operator's webhook and of the deliveries of triggers that listen to the
// event.
type EndpointEvent struct {
	ID         string    `json:"id"`   // of what happened, the same for everybody who is told
	Type       string    `json:"type"` // endpoint.failing, .disabled, .enabled, .paused or .resumed
	At         time.Time `json:"at"`
	Workspace  string    `json:"workspace"`
	Endpoint   string    `json:"endpoint"`
	Name       string    `json:"name,omitempty"`
	System     string    `json:"system,omitempty"`
	Reason     string    `json:"reason,omitempty"`
	Failures   int       `json:"failures,omitempty"`    // in a row
	DisabledAt int       `json:"disabled_at,omitempty"` // the number of failures that disables
}

// endpointEvents are the events by the kind of change.
var endpointEvents = map[string]string{
	StateActive:   triggers.EventEndpointEnabled,
	StateDisabled: triggers.EventEndpointDisabled,
	StateFailing:  triggers.EventEndpointDisabled,
	StateWarning:  triggers.EventEndpointFailing,
	StatePaused:   triggers.EventEndpointPaused,
	StateResumed:  triggers.EventEndpointResumed,
}

// StateOf says what kind of StateChange it is that somebody changed an
// endpoint's state by hand.
func StateOf(after, before triggers.EndpointState) string {
	switch {
	case after == triggers.EndpointDisabled:
		return StateDisabled
	case after == triggers.EndpointPaused:
		return StatePaused
	case before == triggers.EndpointPaused:
		return StateResumed
	default:
		return StateActive
	}
}

// Event describes a change of an endpoint, which may be gone: nil.
func (c StateChange) Event(endpoint *triggers.Endpoint) EndpointEvent {
	event := EndpointEvent{
		ID: c.ID, Type: endpointEvents[c.State], At: c.At.UTC(), Workspace: c.Workspace, Endpoint: c.Endpoint,
		Reason: c.Reason, Failures: c.Failures, DisabledAt: c.DisabledAt,
	}
	if endpoint != nil {
		event.Name, event.System = endpoint.Name, endpoint.System
	}
	return event
}

// Announce tells of a change: the operator, by Options.Alert, and the
// endpoints of triggers that name the event, hookdesk's own or the vendor's
// where it has events about its webhooks. A trigger that names no events does
// not get them.
func (d *Dispatcher) Announce(change StateChange) {
	if change.At.IsZero() {
		change.At = d.now()
	}
	change.ID = d.ids.New(id.Event)
	if d.options.Alert != nil {
		d.options.Alert(change)
	}
	about := d.options.Config.Endpoint(change.Endpoint)
	if about == nil {
		return
	}
	list, err := d.stateDeliveries(about, change)
	if err != nil {
		d.options.Logger.Error("telling of an endpoint failed", "endpoint_id", about.ID, "state", change.State, "error", err)
	}
	if len(list) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), announcePatience)
	defer cancel()
	if err := d.options.Ledger.Add(ctx, list); err != nil {
		d.options.Logger.Error("telling of an endpoint failed", "endpoint_id", about.ID, "state", change.State, "error", err)
		return
	}
	d.notify(&Notice{Arrived: arrivals(list)})
}

// stateDeliveries renders the events of a change for those that want them.
func (d *Dispatcher) stateDeliveries(about *triggers.Endpoint, change StateChange) ([]*executionlog.NewDelivery, error) {
	own, err := d.ownEvent(about, change)
	if err != nil {
		return nil, err
	}
	list, err := d.tell(own, about, change)
	if system, ok := d.options.Systems.Lookup(about.System).(systems.StateEvents); ok && err == nil {
		var more []*executionlog.NewDelivery
		more, err = d.tell(vendorEvent(system, about, change), about, change)
		list = append(list, more...)
	}
	return list, err
}

// announcement is one event about an endpoint, and who may get it.
type announcement struct {
	event  string // "" where there is none
	wanted func(t *triggers.Trigger, to *triggers.Endpoint) bool
	render func(to *triggers.Endpoint, delivery string) (*systems.Request, error)
}

// eventHeader names hookdesk's own event.
const eventHeader = "X-Hookdesk-Event"

// ownEvent is hookdesk's own event of a change. Triggers of any system may
// listen to it. The endpoint that it is about is never told: what it fails to
// take must not lead to the next one.
func (d *Dispatcher) ownEvent(about *triggers.Endpoint, change StateChange) (announcement, error) {
	event := change.Event(about)
	body, err := systems.JSON(event)
	if err != nil {
		return announcement{}, fmt.Errorf("render %s: %w", event.Type, err)
	}
	request := &systems.Request{
		ContentType: "application/json", Header: []systems.Header{{Name: eventHeader, Value: event.Type}}, Body: body,
	}
	return announcement{
		event:  event.Type,
		wanted: func(_ *triggers.Trigger, to *triggers.Endpoint) bool { return to.ID != about.ID },
		render: func(*triggers.Endpoint, string) (*systems.Request, error) { return request, nil },
	}, nil
}

// vendorEvent is the event that a vendor sends about its webhooks, to those of
// the same system; to the endpoint itself only where it is active.
func vendorEvent(system systems.StateEvents, about *triggers.Endpoint, change StateChange) announcement {
	event := system.StateEvent(change.State)
	return announcement{
		event:  event,
		wanted: func(t *triggers.Trigger, _ *triggers.Endpoint) bool { return t.System == about.System },
		render: func(to *triggers.Endpoint, delivery string) (*systems.Request, error) {
			return system.RenderState(event, endpointOf(about), endpointOf(to), delivery, change.At)
		},
	}
}

// tell makes the deliveries of an announcement.
func (d *Dispatcher) tell(a announcement, about *triggers.Endpoint, change StateChange) ([]*executionlog.NewDelivery, error) {
	if a.event == "" {
		return nil, nil
	}
	var list []*executionlog.NewDelivery
	for _, t := range d.options.Config.Engine(about.Workspace).Triggers() {
		if !t.Enabled || !slices.Contains(t.On, a.event) {
			continue
		}
		for _, target := range targets(t) {
			to := d.options.Config.Endpoint(target)
			if to == nil || to.Workspace != about.Workspace || to.State == triggers.EndpointDisabled || !a.wanted(t, to) {
				continue
			}
			delivery := executionlog.Delivery{
				ID: d.ids.New(id.Delivery), Workspace: about.Workspace, System: t.System, Event: a.event,
				Revision: to.Revision, Endpoint: to.ID, Trigger: t.ID, TriggerVersion: t.Version,
				Chain: d.ids.New(id.Chain), Outcome: executionlog.Pending, CreatedAt: change.At, DueAt: change.At,
			}
			request, err := a.render(to, delivery.ID)
			if err != nil {
				return nil, fmt.Errorf("render %s: %w", a.event, err)
			}
			delivery.EventID = cmp.Or(request.EventID, delivery.ID)
			list = append(list, &executionlog.NewDelivery{Delivery: delivery, Request: stored(request)})
		}
	}
	return list, nil
}

// isAnnouncement says whether a delivery is an event about an endpoint. Its
// failures count towards disabling, and warn of nothing: else two receivers
// that fail could go on telling each other.
func (d *Dispatcher) isAnnouncement(delivery *executionlog.Delivery) bool {
	if triggers.IsEndpointEvent(delivery.Event) {
		return true
	}
	system, ok := d.options.Systems.Lookup(delivery.System).(systems.StateEvents)
	return ok && slices.ContainsFunc([]string{StateActive, StateDisabled, StateFailing}, func(state string) bool {
		return system.StateEvent(state) == delivery.Event
	})
}
