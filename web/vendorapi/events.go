package vendorapi

import (
	"regexp"
	"slices"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/systems/superoffice"
	"github.com/hookdesk/hookdesk/triggers"
)

// stateEvent is an event about a webhook by its number, such as
// webhook123.errors; the system knows it as webhook.errors.
var stateEvent = regexp.MustCompile(`^webhook[0-9]*\.(started|stopped|errors)$`)

// triggersOf lists the triggers that send to an endpoint.
func (c *call) triggersOf(endpoint string) []*triggers.Trigger {
	var found []*triggers.Trigger
	for _, trigger := range c.Config.Triggers(c.by.Workspace) {
		if slices.ContainsFunc(trigger.Then, func(a triggers.Action) bool {
			return a.Webhook != nil && slices.Contains(a.Webhook.Targets(), endpoint)
		}) {
			found = append(found, trigger)
		}
	}
	return found
}

// eventsOf lists the events that reach an endpoint, whichever trigger sends
// them.
func (c *call) eventsOf(endpoint string) []string {
	events := []string{}
	for _, trigger := range c.triggersOf(endpoint) {
		on := trigger.On
		if len(on) == 0 {
			on = []string{"ticket.created", "ticket.changed"}
		}
		for _, event := range on {
			if stateEvent.MatchString(event) {
				event = superoffice.StateEventName(event, endpoint)
			}
			if trigger.Enabled && !slices.Contains(events, event) {
				events = append(events, event)
			}
		}
	}
	return events
}

// plain reports whether a trigger is what a webhook's events amount to: no
// condition, and one target.
func plain(trigger *triggers.Trigger, endpoint string) bool {
	if trigger.When != nil || len(trigger.Then) != 1 || trigger.Then[0].Webhook == nil {
		return false
	}
	return slices.Equal(trigger.Then[0].Webhook.Targets(), []string{endpoint})
}

// subscribe makes the plain trigger of an endpoint listen to events, and makes
// one where there is none. Triggers with conditions, which this API cannot
// say, stay as they are.
func (c *call) subscribe(endpoint *triggers.Endpoint, name string, events []string) error {
	on := make([]string, 0, len(events))
	for _, event := range events {
		if parts := stateEvent.FindStringSubmatch(event); parts != nil {
			event = "webhook." + parts[1]
		}
		if !slices.Contains(on, event) {
			on = append(on, event)
		}
	}
	if name == "" {
		name = endpoint.Name
	}
	for _, trigger := range c.triggersOf(endpoint.ID) {
		if !plain(trigger, endpoint.ID) {
			continue
		}
		if trigger.Enabled && slices.Equal(trigger.On, on) && trigger.Name == name {
			return nil
		}
		next := *trigger
		next.On, next.Name, next.Enabled = on, name, true
		_, err := c.Config.ReplaceTrigger(c.ctx, c.by, trigger.ID, &next, trigger.Version)
		return eventError(err)
	}
	_, err := c.Config.CreateTrigger(c.ctx, c.by, &triggers.Trigger{
		Name: name, System: superOfficeSystem, Enabled: true, On: on,
		Then: []triggers.Action{{Webhook: &triggers.WebhookAction{Endpoint: endpoint.ID}}},
	})
	return eventError(err)
}

func eventError(err error) error {
	if err == nil {
		return nil
	}
	return inVendorsWords(err)
}

// withdraw takes an endpoint out of a trigger, and deletes the trigger where
// nothing is left of it.
func (c *call) withdraw(trigger *triggers.Trigger, endpoint string) error {
	next := *trigger
	next.Then = nil
	for _, action := range trigger.Then {
		if action.Webhook == nil {
			next.Then = append(next.Then, action)
			continue
		}
		targets := slices.DeleteFunc(action.Webhook.Targets(), func(id string) bool { return id == endpoint })
		if len(targets) > 0 {
			next.Then = append(next.Then, triggers.Action{Webhook: &triggers.WebhookAction{Endpoints: targets}})
		}
	}
	if !slices.ContainsFunc(next.Then, func(a triggers.Action) bool { return a.Webhook != nil }) {
		return c.Config.DeleteTrigger(c.ctx, c.by, trigger.ID, config.AnyVersion)
	}
	_, err := c.Config.ReplaceTrigger(c.ctx, c.by, trigger.ID, &next, trigger.Version)
	return err
}
