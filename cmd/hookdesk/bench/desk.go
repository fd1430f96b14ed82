package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/synthetic"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// HelpDesk is a configuration with some twenty receivers, and a dispatcher
// with a clock of its own that takes in the changes of made-up tickets: what
// it accepts is as real as it gets without anybody to send it to.
type HelpDesk struct {
	Lanes []synthetic.Lane

	desk  *dispatcher.Dispatcher
	taken *taken
	now   atomic.Pointer[time.Time]
}

// HelpDeskOptions are what a HelpDesk works with.
type HelpDeskOptions struct {
	Ledger  executionlog.Ledger
	Systems *systems.Registry
	Keys    config.Sealer
	// Since is when the endpoints and triggers were made.
	Since time.Time
}

// NewHelpDesk makes the endpoints and triggers.
func NewHelpDesk(ctx context.Context, options HelpDeskOptions) (*HelpDesk, error) {
	h := &HelpDesk{taken: &taken{Ledger: options.Ledger, tickets: map[string]*executionlog.Ticket{}}}
	h.now.Store(&options.Since)
	clock := func() time.Time { return *h.now.Load() }
	settings, err := config.New(ctx, config.Options{
		Ledger: options.Ledger, Systems: options.Systems, Keys: options.Keys, Node: options.Ledger.Node(), Newest: options.Ledger.Newest(), Now: clock,
	})
	if err != nil {
		return nil, fmt.Errorf("load configuration: %w", err)
	}
	for i := range receivers {
		if err := h.receiver(ctx, settings, options.Systems, i); err != nil {
			return nil, err
		}
	}
	h.desk = dispatcher.New(dispatcher.Options{Ledger: h.taken, Config: settings, Systems: options.Systems, Now: clock})
	return h, nil
}

// receivers is how many endpoints there are, each with a trigger.
const receivers = 24

// departments are what the triggers' conditions ask for.
var departments = []string{"Support", "Billing", "Sales", "Logistics", "Returns", "IT", "Legal", "Press"}

// receiver makes the n-th endpoint and its trigger.
func (h *HelpDesk) receiver(ctx context.Context, settings *config.Service, registry *systems.Registry, n int) error {
	by := config.Actor{Name: "bench", Workspace: config.DefaultWorkspace, Admin: true}
	all := registry.All()
	sheet := all[n%len(all)].Sheet()
	department := departments[n%len(departments)]
	lane := synthetic.Lane{System: sheet.Name, Host: fmt.Sprintf("hooks-%d.customer%d.example", n%5, n*4)}
	given := map[string]config.Scalar{}
	for _, setting := range sheet.Settings {
		if setting.Required {
			given[setting.Name] = "example"
			if len(setting.Choices) > 0 {
				given[setting.Name] = config.Scalar(setting.Choices[0])
			}
		}
	}
	endpoint, _, err := settings.CreateEndpoint(ctx, by, config.EndpointInput{
		Name: fmt.Sprintf("%s of customer %d", sheet.Title, n*4), System: sheet.Name, URL: "https://" + lane.Host + "/hookdesk/" + sheet.Name, Settings: given,
	}, config.EndpointOptions{SkipHandshake: true})
	if err != nil {
		return fmt.Errorf("make an endpoint: %w", err)
	}
	text, err := json.Marshal(map[string]any{
		"name": department + " to customer " + fmt.Sprint(n*4), "system": sheet.Name, "enabled": true,
		"when": map[string]any{"all": []any{map[string]any{"field": "department", "op": "is", "value": department}}},
		"then": []any{map[string]any{"webhook": map[string]any{"endpoint": endpoint.ID}}},
	})
	if err != nil {
		return fmt.Errorf("encode a trigger: %w", err)
	}
	decoded, err := config.DecodeTrigger(text)
	var trigger *triggers.Trigger
	if err == nil {
		trigger, err = settings.CreateTrigger(ctx, by, decoded)
	}
	if err != nil {
		return fmt.Errorf("make a trigger: %w", err)
	}
	lane.Endpoint, lane.Trigger, lane.Events = endpoint.ID, trigger.ID, sheet.EventNames()
	h.Lanes = append(h.Lanes, lane)
	return nil
}

// Tell has the dispatcher take in what happens and returns what it would have
// written.
func (h *HelpDesk) Tell(ctx context.Context, happening synthetic.Happening) ([]*executionlog.Acceptance, error) {
	h.now.Store(&happening.At)
	input, err := ticket.DecodeInput(script(happening))
	if err != nil {
		return nil, fmt.Errorf("decode a made-up change: %w", err)
	}
	for _, result := range h.desk.Submit(ctx, config.DefaultWorkspace, []*ticket.Input{input}) {
		if result.Err != nil {
			return nil, fmt.Errorf("take in a made-up change: %w", result.Err)
		}
	}
	return h.taken.take(), nil
}

// taken is a ledger that keeps what it is given until somebody takes it, to
// be written with much else at a time.
type taken struct {
	executionlog.Ledger
	acceptances []*executionlog.Acceptance
	tickets     map[string]*executionlog.Ticket
}

// Accept keeps acceptances.
func (t *taken) Accept(_ context.Context, acceptances []*executionlog.Acceptance) []error {
	for _, a := range acceptances {
		t.acceptances = append(t.acceptances, a)
		if a.Ticket != nil {
			t.tickets[a.Ticket.Number] = a.Ticket
		}
	}
	return make([]error, len(acceptances))
}

// Ticket returns a ticket as it was last accepted.
func (t *taken) Ticket(ctx context.Context, workspace, number string) (*executionlog.Ticket, error) {
	if known := t.tickets[number]; known != nil {
		return known, nil
	}
	return t.Ledger.Ticket(ctx, workspace, number)
}

func (t *taken) take() []*executionlog.Acceptance {
	taken := t.acceptances
	t.acceptances = nil
	return taken
}
