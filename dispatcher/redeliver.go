package dispatcher

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// Test implements Desk: a delivery without a trigger, of the event's sample.
func (d *Dispatcher) Test(ctx context.Context, workspace, endpointID, event string) (*executionlog.Delivery, error) {
	endpoint := d.options.Config.Endpoint(endpointID)
	if endpoint == nil || endpoint.Workspace != workspace {
		return nil, fmt.Errorf("endpoint %s: %w", endpointID, executionlog.ErrNotFound)
	}
	system := d.options.Systems.Lookup(endpoint.System)
	if system == nil {
		return nil, invalid.New("system", endpoint.System, "is not a system that hookdesk emulates")
	}
	sheet := system.Sheet()
	if event == "" {
		event = sheet.Events[0].Name
	}
	described, ok := sheet.Event(event)
	if !ok || described.Sample == nil {
		return nil, invalid.New("event", event, "must be one of %s", strings.Join(sheet.EventNames(), ", "))
	}
	now := d.now()
	delivery := executionlog.Delivery{
		ID: d.ids.New(id.Delivery), Workspace: workspace, System: endpoint.System, Event: event,
		Revision: endpoint.Revision, Endpoint: endpoint.ID, Chain: d.ids.New(id.Chain),
		Outcome: executionlog.Pending, CreatedAt: now, DueAt: now,
	}
	change := described.Sample()
	delivery.Ticket = change.After.Number
	request, err := system.Render(systems.Occasion{
		Event: event, Revision: endpoint.Revision, Change: change, Endpoint: endpointOf(endpoint),
		Delivery: delivery.ID, Matched: described.SampleMatched,
	})
	if err != nil {
		return nil, fmt.Errorf("render %s: %w", event, err)
	}
	delivery.EventID = cmp.Or(request.EventID, delivery.ID)
	return d.add(ctx, &executionlog.NewDelivery{Delivery: delivery, Request: stored(request)})
}

// Redeliver implements Desk.
func (d *Dispatcher) Redeliver(ctx context.Context, workspace, delivery string) (*executionlog.Delivery, error) {
	original, err := d.options.Ledger.Delivery(ctx, workspace, delivery)
	if err != nil {
		return nil, err
	}
	again, err := d.repeat(original, "")
	if err != nil {
		return nil, err
	}
	return d.add(ctx, again)
}

// repeat makes the redelivery of a delivery that has ended.
func (d *Dispatcher) repeat(original *executionlog.Delivery, replay string) (*executionlog.NewDelivery, error) {
	if original.Outcome == executionlog.Pending {
		return nil, fmt.Errorf("delivery %s is still pending: %w", original.ID, executionlog.ErrState)
	}
	endpoint := d.options.Config.Endpoint(original.Endpoint)
	if endpoint == nil {
		return nil, fmt.Errorf("endpoint %s of the delivery does not exist any more: %w", original.Endpoint, executionlog.ErrState)
	}
	now := d.now()
	again := executionlog.NewDelivery{Delivery: *original}
	again.ID, again.RedeliveryOf, again.Replay = d.ids.New(id.Delivery), original.ID, replay
	if original.RedeliveryOf != "" {
		again.RedeliveryOf = original.RedeliveryOf // the one that has the request
	}
	again.Outcome, again.Attempts, again.CreatedAt, again.DueAt = executionlog.Pending, 0, now, now
	again.LastStatus, again.LastErrorCode, again.LastError = 0, "", ""
	again.FinishedAt, again.Recovered = time.Time{}, false
	return &again, nil
}

func (d *Dispatcher) add(ctx context.Context, delivery *executionlog.NewDelivery) (*executionlog.Delivery, error) {
	list := []*executionlog.NewDelivery{delivery}
	if err := d.options.Ledger.Add(ctx, list); err != nil {
		return nil, fmt.Errorf("record the delivery: %w", err)
	}
	d.notify(&Notice{Arrived: arrivals(list), Look: d.orderedEndpoints(list)})
	return &delivery.Delivery, nil
}

// orderedEndpoints lists the endpoints that keep an order: a redelivery may
// free what an exhausted delivery held back.
func (d *Dispatcher) orderedEndpoints(list []*executionlog.NewDelivery) []string {
	var endpoints []string
	for _, delivery := range list {
		endpoint := d.options.Config.Endpoint(delivery.Endpoint)
		if endpoint != nil && endpoint.Ordered == triggers.OrderedTicket {
			endpoints = append(endpoints, endpoint.ID)
		}
	}
	return endpoints
}

// Cancel implements Desk.
func (d *Dispatcher) Cancel(ctx context.Context, workspace, delivery string) error {
	row, err := d.options.Ledger.Delivery(ctx, workspace, delivery)
	if err != nil {
		return err
	}
	if err := d.options.Ledger.Cancel(ctx, workspace, delivery, d.now()); err != nil {
		return err
	}
	d.recent.take(delivery)
	d.options.Observer.Finished(row.System, executionlog.Cancelled)
	d.notify(&Notice{Look: []string{row.Endpoint}})
	return nil
}
