package dispatcher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

const (
	// submitTries is how often a change is merged anew when another process
	// changed the ticket in between.
	submitTries = 50
	// submitWait is the longest pause before trying again, chosen at random so
	// that two processes do not go on colliding.
	submitWait = 4 * time.Millisecond
)

// Submit implements Desk. Changes of one ticket are taken one after another,
// in the order of the inputs.
func (d *Dispatcher) Submit(ctx context.Context, workspace string, inputs []*ticket.Input) []Submitted {
	results := make([]Submitted, len(inputs))
	open := make([]int, len(inputs))
	for i := range open {
		open[i] = i
	}
	// First the tickets, then the places: who waits for a ticket that others
	// change, too, must not keep the places from changes of other tickets.
	unlock := d.locks.lock(workspace, inputs)
	defer unlock()
	leave, err := d.intake.enter(ctx, len(inputs))
	if err != nil {
		for i := range results {
			results[i].Err = err
		}
		return results
	}
	defer leave()
	for range submitTries {
		open = d.submit(ctx, workspace, inputs, open, results)
		if len(open) == 0 || ctx.Err() != nil {
			break
		}
		time.Sleep(rand.N(submitWait))
	}
	for i := range results {
		if results[i].Err != nil && inputs[i].ID != "" {
			d.acceptedBefore(ctx, workspace, inputs[i].ID, &results[i])
		}
	}
	return results
}

// acceptedBefore answers a change that failed with what was accepted under its
// id earlier, if anything was. What is sent again can often not be made a
// second time: a ticket is created once, a reply deleted once.
func (d *Dispatcher) acceptedBefore(ctx context.Context, workspace, key string, result *Submitted) {
	if change, err := d.options.Ledger.ChangeByKey(ctx, workspace, key); err == nil {
		*result = d.earlier(ctx, workspace, change)
	}
}

// submit takes the open inputs once and returns those to take again because
// of a conflict.
func (d *Dispatcher) submit(ctx context.Context, workspace string, inputs []*ticket.Input, open []int, results []Submitted) []int {
	batch := newBatchTickets(ctx, d, workspace)
	if err := batch.fetch(ctx, inputs, open); err != nil {
		for _, i := range open {
			results[i] = Submitted{Err: err}
		}
		return nil
	}
	var acceptances []*executionlog.Acceptance
	var places []int
	for _, i := range open {
		plan, err := d.plan(ctx, batch, inputs[i])
		if err != nil {
			results[i] = Submitted{Err: err}
			continue
		}
		results[i] = Submitted{Receipt: plan.receipt}
		acceptances, places = append(acceptances, plan.acceptance), append(places, i)
		if d.options.Tracer != nil {
			batch.plans = append(batch.plans, plan)
		}
	}
	if len(acceptances) == 0 {
		return nil
	}
	var again []int
	notice := &Notice{}
	committing := d.lap()
	for k, err := range d.options.Ledger.Accept(ctx, acceptances) {
		i, accepted := places[k], acceptances[k]
		var duplicate *executionlog.DuplicateError
		switch {
		case err == nil:
			d.tickets.store(accepted.Ticket, batch.parsed[accepted.Ticket])
			if d.options.Work && d.options.Queue.Alone() {
				d.recent.put(accepted.Deliveries)
			}
			notice.Arrived = append(notice.Arrived, arrivals(accepted.Deliveries)...)
			d.options.Observer.Accepted(workspace, len(accepted.Deliveries))
			if d.options.Tracer != nil {
				trace, _ := TraceOf(ctx)
				d.traceChanges(trace, batch.plans[k], committing)
			}
		case errors.As(err, &duplicate):
			batch.forget(accepted.Ticket)
			results[i] = d.earlier(ctx, workspace, duplicate.ChangeID)
		case errors.Is(err, executionlog.ErrConflict):
			batch.forget(accepted.Ticket)
			results[i] = Submitted{Err: fmt.Errorf("accept the change: %w", err)}
			again = append(again, i)
		default:
			batch.forget(accepted.Ticket)
			results[i] = Submitted{Err: fmt.Errorf("accept the change: %w", err)}
		}
	}
	if len(notice.Arrived) > 0 {
		d.notify(notice)
	}
	return again
}

// earlier returns the receipt of a change that was accepted before.
func (d *Dispatcher) earlier(ctx context.Context, workspace, change string) Submitted {
	row, err := d.options.Ledger.Change(ctx, workspace, change)
	if err != nil {
		return Submitted{Err: fmt.Errorf("read the change accepted before: %w", err)}
	}
	return Submitted{Receipt: Receipt{
		ID: row.ID, Ticket: row.Ticket, Duplicate: true,
		Deliveries: orEmpty(row.Deliveries), Fired: orEmpty(row.Fired),
	}}
}

func arrivals(deliveries []*executionlog.NewDelivery) []Arrival {
	list := make([]Arrival, len(deliveries))
	for i, n := range deliveries {
		list[i] = Arrival{
			Workspace: n.Workspace, Endpoint: n.Endpoint, Delivery: n.ID, Ticket: n.Ticket, DueAt: n.DueAt,
			Forced: n.OnRequest(),
		}
	}
	return list
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// plan is what one input leads to.
type plan struct {
	acceptance *executionlog.Acceptance
	receipt    Receipt
	steps      []*step // if somebody traces
}

// plan merges an input onto its ticket, evaluates the triggers, renders the
// deliveries, and does the same for what triggers' actions write.
func (d *Dispatcher) plan(ctx context.Context, batch *batchTickets, in *ticket.Input) (*plan, error) {
	known, err := batch.get(ctx, in.Ticket.Number)
	if err != nil {
		return nil, err
	}
	p := &plan{
		acceptance: &executionlog.Acceptance{Workspace: batch.workspace, Key: in.ID, Version: known.version},
		receipt:    Receipt{Deliveries: []string{}, Fired: []string{}},
	}
	if in, err = batch.continued(ctx, in); err != nil {
		return nil, err
	}
	after, memory := known.ticket, known.memory
	queue := []*ticket.Input{in}
	for len(queue) > 0 {
		next := queue[0]
		queue = queue[1:]
		step, err := d.step(batch, next, after, memory)
		if err != nil {
			if len(p.acceptance.Changes) == 0 {
				return nil, err
			}
			// An action that cannot be carried out does not undo the change.
			d.options.Logger.Warn("carrying out a trigger's action failed", "ticket", after.Number, "error", err)
			continue
		}
		p.add(step)
		if d.options.Tracer != nil {
			p.steps = append(p.steps, step)
		}
		after, memory = step.change.After, step.memory
		queue = append(queue, step.actions...)
	}
	batch.remember(in, p.receipt.Fired)
	return p, p.finish(batch, known, after, memory)
}

func (p *plan) add(s *step) {
	if len(p.acceptance.Changes) == 0 {
		p.receipt.ID, p.receipt.Ticket = s.change.ID, s.change.After.Number
	}
	p.acceptance.Changes = append(p.acceptance.Changes, s.row)
	p.acceptance.Deliveries = append(p.acceptance.Deliveries, s.deliveries...)
	p.receipt.Deliveries = append(p.receipt.Deliveries, s.row.Deliveries...)
	p.receipt.Fired = append(p.receipt.Fired, s.row.Fired...)
}

// finish makes the ticket's row after all changes.
func (p *plan) finish(batch *batchTickets, known knownTicket, after *ticket.Ticket, memory triggers.Memory) error {
	doc, err := json.Marshal(after)
	if err != nil {
		return fmt.Errorf("encode the ticket: %w", err)
	}
	meta, err := json.Marshal(memory)
	if err != nil {
		return fmt.Errorf("encode the ticket's memory: %w", err)
	}
	last := p.acceptance.Changes[len(p.acceptance.Changes)-1]
	p.acceptance.Ticket = &executionlog.Ticket{
		Workspace: batch.workspace, Number: after.Number, Version: known.version + 1,
		Doc: doc, Meta: meta, UpdatedAt: last.AcceptedAt,
		Deleted: last.Kind == string(ticket.TicketDeleted),
	}
	batch.put(p.acceptance.Ticket, knownTicket{
		version: known.version + 1, ticket: after, memory: memory, deleted: p.acceptance.Ticket.Deleted,
	})
	return nil
}

// step is one change and what it leads to directly.
type step struct {
	change     *ticket.Change
	row        *executionlog.Change
	deliveries []*executionlog.NewDelivery
	actions    []*ticket.Input
	memory     triggers.Memory
	laps       laps
}

func (d *Dispatcher) step(batch *batchTickets, in *ticket.Input, stored *ticket.Ticket, memory triggers.Memory) (*step, error) {
	now := d.now()
	change, err := in.Apply(stored, ticket.Env{
		Workspace: batch.workspace, Now: now, ChangeID: d.ids.New(id.Change), NewID: d.ids.New,
		Chain: ticket.Chain{ID: d.ids.New(id.Chain) + batch.chain},
	})
	if err != nil {
		return nil, err
	}
	engine := d.options.Config.Engine(batch.workspace)
	verdicts := engine.Evaluate(change, d.detect(change), memory)
	s := &step{change: change, laps: laps{began: now, evaluated: d.lap()}}
	var fired []string
	for i := range verdicts {
		v := &verdicts[i]
		if v.Verdict != triggers.Fired {
			continue
		}
		s.deliveries = append(s.deliveries, d.deliveries(engine.Trigger(v.Trigger), v, change, now)...)
		if v.Verdict == triggers.Fired { // else nobody can get what it sends
			fired = append(fired, v.Trigger)
		}
	}
	s.laps.rendered = d.lap()
	s.actions = d.actions(engine, verdicts, change, fired)
	s.memory = memory.Remember(change.ID, verdicts, engine)
	s.row, err = changeRow(change, in.ID, verdicts, fired, s.deliveries, now)
	return s, err
}

// actions are the changes that the fired triggers' notes, tags and fields
// make. Each knows what else fired, so that none of it fires again in the chain.
func (d *Dispatcher) actions(engine *triggers.Engine, verdicts []triggers.Verdict, change *ticket.Change, fired []string) []*ticket.Input {
	var list []*ticket.Input
	for _, v := range verdicts {
		if v.Verdict != triggers.Fired {
			continue
		}
		action, err := triggers.RuleInput(engine.Trigger(v.Trigger), change, v.Deliveries, fired...)
		if err != nil {
			d.options.Logger.Warn("carrying out a trigger's action failed", "trigger_id", v.Trigger, "error", err)
		} else if action != nil {
			list = append(list, action)
		}
	}
	return list
}

// detect returns the events that a change is, by system.
func (d *Dispatcher) detect(change *ticket.Change) map[string][]string {
	all := d.options.Systems.All()
	detected := make(map[string][]string, len(all))
	for _, system := range all {
		if events := system.Detect(change); len(events) > 0 {
			detected[system.Sheet().Name] = events
		}
	}
	return detected
}
