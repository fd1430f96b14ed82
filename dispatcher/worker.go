package dispatcher

import (
	"context"
	"sync"
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
// all attempts in one batch and reports to the feeder.
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
	defer d.options.Queue.Release(ctx, members)
	notice := d.work(ctx, task, endpoint, members)
	// Released before the feeder hears of it, which may offer a member again
	// at once: who is still claimed is left out and would wait for its lease.
	for _, member := range members {
		d.executing.release(task.Endpoint, member.Delivery)
	}
	d.notify(notice)
}

// work makes the attempts of claimed members and returns what to report.
func (d *Dispatcher) work(ctx context.Context, task Task, endpoint *triggers.Endpoint, members []Member) *Notice {
	outgoing, err := d.load(ctx, members)
	if err != nil {
		d.options.Logger.Error("loading deliveries failed", "endpoint_id", task.Endpoint, "error", err)
		return &Notice{} // the lease ends and the deliveries are offered again
	}
	var current []*executionlog.Outgoing
	notice := &Notice{}
	for _, member := range members {
		delivery := outgoing[member.Delivery]
		switch {
		case delivery == nil || endpoint == nil,
			delivery.Outcome != executionlog.Pending, delivery.Attempts+1 != member.Attempt:
			notice.Reports = append(notice.Reports, Report{Endpoint: task.Endpoint, Delivery: member.Delivery, Stale: true})
		default:
			current = append(current, delivery)
		}
	}
	notice.Reports = append(notice.Reports, d.attempt(ctx, endpoint, current)...)
	return notice
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

// attempt sends deliveries of one endpoint side by side and records them.
func (d *Dispatcher) attempt(ctx context.Context, endpoint *triggers.Endpoint, deliveries []*executionlog.Outgoing) []Report {
	results := make([]*executionlog.Result, len(deliveries))
	reports := make([]Report, len(deliveries))
	var sending sync.WaitGroup
	for i, delivery := range deliveries {
		one := func() { results[i], reports[i] = d.send(ctx, endpoint, delivery) }
		if len(deliveries) == 1 {
			one()
			continue
		}
		sending.Go(one)
	}
	sending.Wait()
	return d.record(ctx, deliveries, results, reports)
}

// send makes one attempt.
func (d *Dispatcher) send(ctx context.Context, endpoint *triggers.Endpoint, delivery *executionlog.Outgoing) (*executionlog.Result, Report) {
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
	return result, report
}

// record writes the attempts down and returns the reports of those that could
// be; the others are offered again when their lease ends.
func (d *Dispatcher) record(ctx context.Context, deliveries []*executionlog.Outgoing, results []*executionlog.Result, reports []Report) []Report {
	var recorded []Report
	pending, places := results, make([]int, len(results))
	for i := range places {
		places[i] = i
	}
	_ = patiently(ctx, recordPatience, func() error {
		var left []*executionlog.Result
		var leftPlaces []int
		var last error
		for i, err := range d.options.Ledger.Record(ctx, pending) {
			place := places[i]
			if err != nil {
				last = err
				left, leftPlaces = append(left, pending[i]), append(leftPlaces, place)
				continue
			}
			recorded = append(recorded, reports[place])
			d.observe(deliveries[place], results[place])
		}
		pending, places = left, leftPlaces
		return last
	})
	for _, result := range pending {
		d.options.Logger.Error("an attempt could not be recorded", "delivery_id", result.Attempt.Delivery, "attempt", result.Attempt.Number)
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
