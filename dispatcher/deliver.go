package dispatcher

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// deliveries renders what a fired trigger sends: each event to each endpoint.
// It notes the ids in the verdict, and what stood in the way. The verdict turns
// into suppressed when the trigger has webhooks only and none of them can get
// anything; its other actions happen whatever becomes of the webhooks.
func (d *Dispatcher) deliveries(t *triggers.Trigger, v *triggers.Verdict, change *ticket.Change, now time.Time) []*executionlog.NewDelivery {
	var made []*executionlog.NewDelivery
	var refused, paused *refusal
	for _, target := range targets(t) {
		endpoint, no := d.admit(t, target, change)
		if no != nil {
			refused = no
			continue
		}
		if endpoint.State == triggers.EndpointPaused {
			paused = &refusal{triggers.CodeEndpointPaused, nameAndReason(endpoint)}
		}
		for _, event := range v.Events {
			delivery, err := d.render(t, v, endpoint, event, change, now)
			if err != nil {
				refused = &refusal{code: triggers.CodeActionFailed, detail: err.Error()}
				d.options.Logger.Error("rendering a delivery failed", "system", t.System, "event", event, "error", err)
				continue
			}
			made = append(made, delivery)
			v.Deliveries = append(v.Deliveries, delivery.ID)
		}
	}
	switch others := slices.ContainsFunc(t.Then, func(a triggers.Action) bool { return a.Webhook == nil }); {
	case refused == nil && paused != nil:
		v.Code, v.Reason = paused.code, paused.sentence()
	case refused == nil:
	case len(made) > 0:
		v.Reason += " " + triggers.LeftOut(refused.code, refused.detail)
	case others:
		v.Code = refused.code
		v.Reason += " " + refused.sentence() + " Its other actions were carried out."
	default:
		v.Verdict, v.Code, v.Reason = triggers.Suppressed, refused.code, refused.sentence()
	}
	return made
}

func targets(t *triggers.Trigger) []string {
	var list []string
	for _, action := range t.Then {
		if action.Webhook == nil {
			continue
		}
		for _, target := range action.Webhook.Targets() {
			if !slices.Contains(list, target) {
				list = append(list, target)
			}
		}
	}
	return list
}

// refusal is why an endpoint does not get a change.
type refusal struct{ code, detail string }

func (r *refusal) sentence() string { return triggers.Sentence(r.code, r.detail) }

func nameAndReason(endpoint *triggers.Endpoint) string {
	if endpoint.StateReason == "" {
		return endpoint.Name
	}
	return endpoint.Name + ": " + endpoint.StateReason
}

func (d *Dispatcher) admit(t *triggers.Trigger, target string, change *ticket.Change) (*triggers.Endpoint, *refusal) {
	endpoint := d.options.Config.Endpoint(target)
	if endpoint == nil || endpoint.Workspace != t.Workspace {
		return nil, &refusal{triggers.CodeEndpointMissing, target}
	}
	if endpoint.State == triggers.EndpointDisabled {
		return nil, &refusal{triggers.CodeEndpointDisabled, nameAndReason(endpoint)}
	}
	if filter, ok := d.options.Systems.Lookup(t.System).(systems.Filter); ok {
		if reason := filter.Accepts(change, endpoint.Settings); reason != "" {
			return nil, &refusal{triggers.CodeSourceFiltered, reason}
		}
	}
	return endpoint, nil
}

func (d *Dispatcher) render(t *triggers.Trigger, v *triggers.Verdict, endpoint *triggers.Endpoint, event string, change *ticket.Change, now time.Time) (*executionlog.NewDelivery, error) {
	system := d.options.Systems.Lookup(t.System)
	if system == nil {
		return nil, fmt.Errorf("there is no system %q", t.System)
	}
	delivery := executionlog.Delivery{
		ID: d.ids.New(id.Delivery), Workspace: change.Workspace, Change: change.ID, Ticket: change.After.Number,
		System: t.System, Event: event, Revision: endpoint.Revision, Endpoint: endpoint.ID,
		Trigger: t.ID, TriggerVersion: t.Version, Chain: change.Chain.ID, Depth: change.Chain.Depth,
		Outcome: executionlog.Pending, CreatedAt: now, DueAt: now,
	}
	request, err := system.Render(systems.Occasion{
		Event: event, Revision: endpoint.Revision, Change: change, Endpoint: endpointOf(endpoint),
		Delivery: delivery.ID, Matched: matched(v),
	})
	if err != nil {
		return nil, fmt.Errorf("render %s: %w", event, err)
	}
	delivery.EventID = cmp.Or(request.EventID, delivery.ID)
	return &executionlog.NewDelivery{Delivery: delivery, Request: stored(request)}, nil
}

// stored is a rendered request as the ledger keeps it.
func stored(request *systems.Request) *executionlog.Request {
	kept := &executionlog.Request{ContentType: request.ContentType, Body: request.Body}
	for _, h := range request.Header {
		kept.Header = append(kept.Header, executionlog.Header(h))
	}
	return kept
}

// endpointOf is what a system may know of an endpoint.
func endpointOf(e *triggers.Endpoint) systems.Endpoint {
	return systems.Endpoint{ID: e.ID, Name: e.Name, URL: e.URL, Settings: e.Settings, PrivateNotes: e.PrivateNotes}
}

// matched lists the conditions that held, for systems that send them.
func matched(v *triggers.Verdict) []systems.Matched {
	var list []systems.Matched
	for _, leaf := range v.Leaves {
		if leaf.Matched {
			list = append(list, systems.Matched{Field: leaf.Field, Op: leaf.Op})
		}
	}
	return list
}

// changeRow is a change as the ledger keeps it.
func changeRow(change *ticket.Change, key string, verdicts []triggers.Verdict, fired []string, deliveries []*executionlog.NewDelivery, now time.Time) (*executionlog.Change, error) {
	doc, err := json.Marshal(change)
	if err != nil {
		return nil, fmt.Errorf("encode the change: %w", err)
	}
	var verdictDoc []byte
	if len(verdicts) > 0 {
		if verdictDoc, err = json.Marshal(verdicts); err != nil {
			return nil, fmt.Errorf("encode the verdicts: %w", err)
		}
	}
	ids := make([]string, len(deliveries))
	for i, delivery := range deliveries {
		ids[i] = delivery.ID
	}
	return &executionlog.Change{
		ID: change.ID, Workspace: change.Workspace, Ticket: change.After.Number, Kind: string(change.Kind),
		At: change.At, AcceptedAt: now, Key: key, Chain: change.Chain.ID, Depth: change.Chain.Depth,
		Doc: doc, Verdicts: verdictDoc, Fired: fired, Deliveries: ids,
	}, nil
}
