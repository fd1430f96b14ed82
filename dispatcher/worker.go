package dispatcher

import (
	"context"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/id"
)

const (
	ledgerRetry  = 200 * time.Millisecond
	loadPatience = 5 * time.Second
	// recordPatience is how long a worker keeps trying to write down an
	// attempt that it made. After that the delivery is attempted again, with
	// the same event id.
	recordPatience = 10 * time.Second
)

// handle works one task: claims its members, sends them side by side, records
// the attempts and reports to the feeder.
func (d *Dispatcher) handle(ctx context.Context, task Task) {
	ctx = context.WithoutCancel(ctx) // an attempt that was begun is finished and recorded
	endpoint := d.options.Config.Endpoint(task.Endpoint)
	timeout, most := 0, 0
	if endpoint != nil {
		timeout, most = endpoint.TimeoutSeconds, endpoint.MaxInFlight
	}
	members, held := d.claim(ctx, task, timeout, most)
	if len(held) > 0 {
		d.notify(&Notice{Reports: held})
	}
	if len(members) == 0 {
		return
	}
	outgoing, err := d.load(ctx, members)
	if err != nil {
		// Nothing to report: the leases end and the deliveries are offered again.
		d.options.Logger.Error("reading deliveries to send failed", "endpoint_id", task.Endpoint, "error", err)
		d.settle(ctx, task.Endpoint, members, nil)
		return
	}
	var current []*executionlog.Outgoing
	var stale []Member
	var reports []Report
	for _, member := range members {
		delivery := outgoing[member.Delivery]
		switch {
		case delivery == nil || endpoint == nil,
			delivery.Outcome != executionlog.Pending, delivery.Attempts+1 != member.Attempt:
			stale = append(stale, member)
			reports = append(reports, Report{Endpoint: task.Endpoint, Delivery: member.Delivery, Stale: true})
		default:
			current = append(current, delivery)
		}
	}
	d.settle(ctx, task.Endpoint, stale, reports)
	d.attempt(ctx, endpoint, current)
}

// settle gives members back and tells the feeder what became of them. They are
// released first: the feeder may offer one again at once, and what is still
// being executed is left out and would wait for its lease.
func (d *Dispatcher) settle(ctx context.Context, endpoint string, members []Member, reports []Report) {
	if len(members) == 0 {
		return
	}
	for _, member := range members {
		d.executing.release(endpoint, member.Delivery)
	}
	d.notify(&Notice{Reports: reports})
	d.options.Queue.Release(ctx, members)
}

// claim returns the members that are this process's to attempt, and reports of
// those that have to wait: another process has claimed them, or had when it
// died, or as many are under way here as may be.
func (d *Dispatcher) claim(ctx context.Context, task Task, timeout, most int) (mine []Member, held []Report) {
	var free []Member
	for _, member := range task.Members {
		ok, full := d.executing.take(task.Endpoint, member.Delivery, most)
		if ok {
			free = append(free, member)
		} else if full {
			held = append(held, Report{Endpoint: task.Endpoint, Delivery: member.Delivery, Attempt: member.Attempt, Full: true})
		}
	}
	if len(free) == 0 {
		return nil, held
	}
	// The claim lasts a little longer than the attempt may, and ends before
	// the feeder's lease does.
	for i, ok := range d.options.Queue.Claim(ctx, task.Endpoint, free, timeout+int(queueGrace/time.Second)-2) {
		if ok {
			mine = append(mine, free[i])
			continue
		}
		d.executing.release(task.Endpoint, free[i].Delivery)
		held = append(held, Report{Endpoint: task.Endpoint, Delivery: free[i].Delivery, Attempt: free[i].Attempt, Held: true})
	}
	return mine, held
}

func (d *Dispatcher) load(ctx context.Context, members []Member) (map[string]*executionlog.Outgoing, error) {
	byID := make(map[string]*executionlog.Outgoing, len(members))
	var ids []string
	for _, member := range members {
		if fresh := d.recent.take(member.Delivery); fresh != nil {
			byID[member.Delivery] = fresh
		} else {
			ids = append(ids, member.Delivery)
		}
	}
	if len(ids) == 0 {
		return byID, nil
	}
	var list []*executionlog.Outgoing
	err := patiently(ctx, loadPatience, func() (err error) {
		list, err = d.options.Ledger.Load(ctx, ids)
		return err
	})
	for _, delivery := range list {
		byID[delivery.ID] = delivery
	}
	return byID, err
}

// sent is one attempt that has ended.
type sent struct {
	delivery *executionlog.Outgoing
	result   *executionlog.Result
	report   Report
}

// attempt sends deliveries of one endpoint side by side. Those that end at
// about the same time are recorded together; one that takes long holds up
// nobody else's record, nor the place in the window.
func (d *Dispatcher) attempt(ctx context.Context, endpoint *triggers.Endpoint, deliveries []*executionlog.Outgoing) {
	if len(deliveries) == 1 {
		d.conclude(ctx, endpoint, []sent{d.send(ctx, endpoint, deliveries[0])})
		return
	}
	ended := make(chan sent, len(deliveries))
	for _, delivery := range deliveries {
		d.crew.run(func() { ended <- d.send(ctx, endpoint, delivery) })
	}
	for left := len(deliveries); left > 0; {
		group := gather(ended, left)
		left -= len(group)
		d.conclude(ctx, endpoint, group)
	}
}

// gatherFor is how long an attempt that has ended waits for others of its task,
// to be recorded with them.
const gatherFor = 10 * time.Millisecond

// gather receives what ends within a moment of the first one, at most so many.
func gather(ended <-chan sent, most int) []sent {
	group := []sent{<-ended}
	if most == 1 {
		return group
	}
	enough := time.NewTimer(gatherFor)
	defer enough.Stop()
	for len(group) < most {
		select {
		case one := <-ended:
			group = append(group, one)
		case <-enough.C:
			return group
		}
	}
	return group
}

// conclude records attempts and gives their deliveries back.
func (d *Dispatcher) conclude(ctx context.Context, endpoint *triggers.Endpoint, group []sent) {
	reports := d.record(ctx, group)
	members := make([]Member, len(group))
	for i, one := range group {
		members[i] = Member{Delivery: one.delivery.ID, Attempt: one.result.Attempt.Number}
	}
	d.settle(ctx, endpoint.ID, members, reports)
}

// send makes one attempt.
func (d *Dispatcher) send(ctx context.Context, endpoint *triggers.Endpoint, delivery *executionlog.Outgoing) sent {
	number := delivery.Attempts + 1
	attempt := executionlog.Attempt{
		ID: d.ids.New(id.Attempt), At: d.now(), Number: number,
		Workspace: delivery.Workspace, Delivery: delivery.ID, Change: delivery.Change, Ticket: delivery.Ticket,
		System: delivery.System, Event: delivery.Event, Trigger: delivery.Trigger, Endpoint: delivery.Endpoint,
	}
	post, masked, err := d.prepare(endpoint, delivery, attempt.At)
	var exchange *sender.Exchange
	if err != nil {
		exchange = &sender.Exchange{Code: sender.SigningFailed, Error: err.Error()}
	} else {
		exchange = d.options.Sender.Do(ctx, post)
		conceal(exchange, sentSecrets(post, masked))
	}
	ended := d.now()
	attempt.Duration = ended.Sub(attempt.At)
	attempt.HTTPStatus, attempt.ErrorCode, attempt.Error = exchange.Status, string(exchange.Code), errorText(exchange)
	attempt.Outcome = executionlog.Succeeded
	if exchange.Code != sender.OK {
		attempt.Outcome = executionlog.Failed
	}
	attempt.Detail = detail(post, masked, exchange, d.options.Ledger.Node())

	decision := decide(exchange, d.policyOf(endpoint), number, delivery.CreatedAt, ended)
	result := &executionlog.Result{Attempt: attempt, Outcome: decision.outcome, DueAt: decision.due, Recovers: delivery.RedeliveryOf}
	report := Report{
		Workspace: delivery.Workspace, Endpoint: delivery.Endpoint, Delivery: delivery.ID, Ticket: delivery.Ticket,
		System: delivery.System, Attempt: number, Outcome: decision.outcome, DueAt: decision.due,
		Effect: decision.effect, Hold: decision.hold, Gone: exchange.Code == sender.Gone, Error: exchange.Error,
		Announcement: d.isAnnouncement(&delivery.Delivery),
	}
	return sent{delivery, result, report}
}

// record writes the attempts down and returns the reports of those that could
// be; the others are offered again when their lease ends.
func (d *Dispatcher) record(ctx context.Context, group []sent) []Report {
	var recorded []Report
	open := group
	_ = patiently(ctx, recordPatience, func() error {
		results := make([]*executionlog.Result, len(open))
		for i, one := range open {
			results[i] = one.result
		}
		var left []sent
		var last error
		for i, err := range d.options.Ledger.Record(ctx, results) {
			if err != nil {
				last, left = err, append(left, open[i])
				continue
			}
			recorded = append(recorded, open[i].report)
			d.observe(open[i].delivery, open[i].result)
		}
		open = left
		return last
	})
	for _, one := range open {
		d.options.Logger.Error("recording an attempt failed", "delivery_id", one.delivery.ID, "attempt", one.result.Attempt.Number)
	}
	return recorded
}

func (d *Dispatcher) observe(delivery *executionlog.Outgoing, result *executionlog.Result) {
	waited := time.Duration(-1)
	if result.Attempt.Number == 1 {
		waited = result.Attempt.At.Sub(delivery.CreatedAt)
	}
	d.options.Observer.Attempted(&result.Attempt, waited)
	if d.options.Tracer != nil {
		d.traceAttempt(&delivery.Delivery, &result.Attempt)
	}
	if result.Outcome != executionlog.Pending {
		d.options.Observer.Finished(delivery.System, result.Outcome)
	}
}

// patiently repeats do until it succeeds or patience ends.
func patiently(ctx context.Context, patience time.Duration, do func() error) error {
	deadline := time.Now().Add(patience)
	for {
		err := do()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(ledgerRetry):
		}
	}
}
