package faults

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/condition"
)

const (
	workspace = "default"
	triggerID = "trg_0000000000001"
	secret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
)

// configuration has endpoints and one trigger, which tells all of them of
// every new ticket.
type configuration struct {
	mu        sync.Mutex
	endpoints map[string]*triggers.Endpoint
	engine    *triggers.Engine
}

func newConfiguration(endpoints ...*triggers.Endpoint) *configuration {
	c := &configuration{endpoints: map[string]*triggers.Endpoint{}}
	for _, e := range endpoints {
		e.Workspace = workspace
		c.endpoints[e.ID] = e
	}
	made, err := triggers.DecodeTrigger([]byte(`{"name": "all", "system": "faveo", "on": ["ticket_created"], "then": []}`))
	if err != nil {
		panic(fmt.Sprintf("the trigger of the tests: %v", err))
	}
	made.ID, made.Workspace, made.Version, made.CreatedAt = triggerID, workspace, 1, time.Unix(1, 0)
	for _, id := range slices.Sorted(maps.Keys(c.endpoints)) {
		made.Then = append(made.Then, triggers.Action{Webhook: &triggers.WebhookAction{Endpoint: id}})
	}
	c.engine = triggers.Compile([]*triggers.Trigger{made}, nil)
	return c
}

func (c *configuration) Endpoint(id string) *triggers.Endpoint {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.endpoints[id]
}

func (c *configuration) Engine(string) *triggers.Engine { return c.engine }

func (c *configuration) Trigger(id string) *triggers.Trigger { return c.engine.Trigger(id) }

func (c *configuration) SigningKeys(*triggers.Endpoint, time.Time) ([]string, error) {
	return []string{secret}, nil
}

func (c *configuration) Credentials(*triggers.Endpoint) (dispatcher.Credentials, error) {
	return dispatcher.Credentials{}, nil
}

func (c *configuration) Calendars(string) condition.Calendars { return nil }

func (c *configuration) SetEndpointState(_ context.Context, _, id string, state triggers.EndpointState, reason string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	changed := *c.endpoints[id]
	changed.State, changed.StateReason = state, reason
	c.endpoints[id] = &changed
	return nil
}

func (c *configuration) EngineAt(context.Context, string, time.Time) (*triggers.Engine, error) {
	return c.engine, nil
}
