package dispatcher

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
)

const (
	reconcileEvery = 5 * time.Second
	// horizon is how far the feeder reads ahead: whatever is due before it
	// reconciles again is known by then.
	horizon      = 2 * reconcileEvery
	leadEvery    = time.Second
	enqueueRetry = 250 * time.Millisecond
)

// feeder moves due deliveries from the ledger into the queue: never more of
// one endpoint than its window allows. One process at a time feeds. All that
// it remembers can be read from the ledger again, so losing it loses nothing.
type feeder struct {
	ledger executionlog.Ledger
	config Configuration
	queue  Queue
	now    func() time.Time // of the wall, which may be set back
	chunk  int
	log    *slog.Logger
	limits limits
	tell   func(*Notice) // passes a notice on to whichever process feeds; does not block

	kicked chan struct{}

	// Run alone uses these: the newest time seen; the newest before the clock
	// was set back, until the ledger knows of it; and when the ledger was told
	// the time.
	latest, ahead, told time.Time
	waiting             bool // anything was pending when the ledger was compared last

	mu     sync.Mutex
	leads  bool
	lanes  map[string]*lane
	dirty  map[*lane]bool
	wakes  wakes
	paused time.Time // the queue did not take tasks: try again then
}

func newFeeder(o Options) *feeder {
	f := &feeder{
		ledger: o.Ledger, config: o.Config, queue: o.Queue, now: func() time.Time { return o.Now().Round(0) }, chunk: o.Chunk, log: o.Logger,
		limits: limits{ledger: o.Ledger, config: o.Config, systems: o.Systems, log: o.Logger, warned: map[string]lastWarn{}},
		kicked: make(chan struct{}, 1), lanes: map[string]*lane{}, dirty: map[*lane]bool{},
	}
	f.limits.counted = f.failed
	return f
}

// kick makes the feeder look at its lanes.
func (f *feeder) kick() {
	select {
	case f.kicked <- struct{}{}:
	default:
	}
}

// leading says whether this process feeds the queue.
func (f *feeder) leading() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.leads
}

// run feeds until ctx ends.
func (f *feeder) run(ctx context.Context) {
	var lead, reconcile time.Time
	for ctx.Err() == nil {
		now, back := f.look()
		if back {
			lead, reconcile = time.Time{}, time.Time{}
		}
		if !now.Before(lead) {
			lead = now.Add(leadEvery)
			if f.checkLead(ctx) {
				reconcile = now
			}
		}
		if f.leading() {
			if !now.Before(reconcile) {
				reconcile = now.Add(reconcileEvery)
				f.reconcile(ctx)
			}
			f.round(ctx)
		} else {
			f.ahead, f.told = time.Time{}, time.Time{} // the one that leads tells the time
		}
		f.wait(ctx, lead)
	}
}

// checkLead finds out whether this process feeds, and forgets what it knows
// when it does not or when the queue has lost its memory. It reports whether
// the ledger has to be read now.
func (f *feeder) checkLead(ctx context.Context) bool {
	leads, lost, err := f.queue.Lead(ctx)
	if err != nil && ctx.Err() == nil {
		f.log.Warn("the queue does not answer", "error", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.leads && !leads {
		// What was reported here since another process leads is news to it.
		defer f.tell(&Notice{Restart: true})
	}
	if leads && !f.leads {
		f.limits.feedsSince(f.now())
	}
	fresh := leads && (lost || !f.leads)
	switch {
	case fresh && f.leads:
		f.restartLanes()
	case fresh || !leads:
		clear(f.lanes)
		clear(f.dirty)
		f.wakes = nil
	}
	f.leads = leads
	return fresh
}

// restartLanes forgets which deliveries wait and are in flight, but not how
// the endpoints fare.
func (f *feeder) restartLanes() {
	for _, l := range f.lanes {
		l.restart()
		f.dirty[l] = true
	}
}

// wait blocks until something happened or is due.
func (f *feeder) wait(ctx context.Context, latest time.Time) {
	f.mu.Lock()
	if next := f.wakes.next(); !next.IsZero() && next.Before(latest) {
		latest = next
	}
	f.mu.Unlock()
	// However the clock was set since, run looks at it again soon.
	timer := time.NewTimer(min(max(0, latest.Sub(f.now())), leadEvery))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-f.kicked:
	case <-timer.C:
	}
}

// reconcile compares the ledger with what the lanes know, so that nothing
// pending is forgotten whatever was lost on the way.
func (f *feeder) reconcile(ctx context.Context) {
	if now := f.now(); !f.ahead.IsZero() || !now.Before(f.told.Add(tellEvery)) || f.waiting || now.Before(f.told) {
		f.tellTime(ctx)
	}
	waiting, err := f.ledger.Waiting(ctx)
	if err != nil {
		if ctx.Err() == nil {
			f.log.Error("comparing the ledger with the lanes failed", "error", err)
		}
		return
	}
	f.waiting = len(waiting) > 0
	due := f.now()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range f.lanes {
		l.waiting = 0
	}
	for _, b := range waiting {
		l := f.lane(b.Workspace, b.Endpoint)
		l.waiting = b.Pending
		if b.Pending <= len(l.known) {
			continue
		}
		if b.DueAt.After(due) && len(l.known) == 0 {
			l.pollAt = b.DueAt
		} else {
			l.look()
		}
		f.dirty[l] = true
	}
	for id, l := range f.lanes {
		if l.waiting == 0 && (l.idle() || f.config.Endpoint(id) == nil) {
			delete(f.lanes, id)
			delete(f.dirty, l)
			f.wakes.remove(l)
		}
	}
}

func (f *feeder) lane(workspace, endpoint string) *lane {
	l := f.lanes[endpoint]
	if l == nil {
		l = newLane(workspace, endpoint)
		f.lanes[endpoint] = l
	}
	return l
}

// round hands out what the lanes have ready and refills them.
func (f *feeder) round(ctx context.Context) {
	batches, refills := f.collect()
	f.enqueue(ctx, batches)
	for _, l := range refills {
		f.refill(ctx, l)
	}
}

// batch is what one lane hands out in one round.
type batch struct {
	lane  *lane
	items []item
}

func (f *feeder) collect() (batches []batch, refills []*lane) {
	now := f.now()
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.wakes) > 0 && !f.wakes[0].wakeAt.After(now) {
		f.dirty[f.wakes[0]] = true
		f.wakes.remove(f.wakes[0])
	}
	for l := range f.dirty {
		delete(f.dirty, l)
		endpoint := f.config.Endpoint(l.endpoint)
		if endpoint != nil {
			l.configure(endpoint)
		}
		l.promote(now)
		if !now.Before(f.paused) {
			if items := l.take(now, endpoint); len(items) > 0 {
				batches = append(batches, batch{l, items})
			}
		} else {
			f.wakes.add(l, f.paused)
		}
		if l.wantsRefill(now, endpoint) {
			l.refilling = true
			refills = append(refills, l)
		}
		f.wakes.add(l, l.next(now))
	}
	return batches, refills
}

func (f *feeder) enqueue(ctx context.Context, batches []batch) {
	var tasks []Task
	for _, b := range batches {
		for from := 0; from < len(b.items); from += f.chunk {
			tasks = append(tasks, newTask(b.lane.endpoint, b.items[from:min(from+f.chunk, len(b.items))]))
		}
	}
	if len(tasks) == 0 {
		return
	}
	err := f.queue.Enqueue(ctx, tasks)
	if err == nil {
		return
	}
	if ctx.Err() == nil {
		f.log.Warn("handing tasks to the queue failed", "tasks", len(tasks), "error", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.paused = f.now().Add(enqueueRetry)
	for _, b := range batches {
		b.lane.putBack(b.items)
		f.wakes.add(b.lane, f.paused)
	}
}

func newTask(endpoint string, items []item) Task {
	task := Task{Endpoint: endpoint, Members: make([]Member, len(items))}
	for i, it := range items {
		task.Members[i] = Member{Delivery: it.id, Attempt: it.attempts + 1}
	}
	return task
}

// refill reads due deliveries of a lane from the ledger.
func (f *feeder) refill(ctx context.Context, l *lane) {
	endpoint := f.config.Endpoint(l.endpoint)
	f.mu.Lock()
	known := len(l.known)
	f.mu.Unlock()
	query := executionlog.DueQuery{Endpoint: l.endpoint, Now: f.now().Add(horizon), Limit: refillSize + known}
	if endpoint != nil && endpoint.Ordered == triggers.OrderedTicket {
		query.Ordered, query.Block = true, endpoint.OnFailure == triggers.OnFailureBlock
	}
	rows, err := f.ledger.Due(ctx, query)
	if err != nil {
		if ctx.Err() == nil {
			f.log.Error("reading due deliveries failed", "endpoint_id", l.endpoint, "error", err)
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		l.refilling = false
		f.wakes.add(l, f.now().Add(time.Second))
		return
	}
	items := f.itemsOf(ctx, endpoint, rows)
	complete := len(rows) < query.Limit
	f.mu.Lock()
	defer f.mu.Unlock()
	before := len(l.known)
	l.filled(items, complete, f.now())
	if l.more && len(l.known) == before {
		// Nothing new although there is more: it waits for what is in flight.
		f.wakes.add(l, f.now().Add(100*time.Millisecond))
		return
	}
	f.dirty[l] = true
	f.kick()
}

// itemsOf marks the deliveries that may go out although their endpoint is off.
func (f *feeder) itemsOf(ctx context.Context, endpoint *triggers.Endpoint, rows []executionlog.Due) []item {
	items := make([]item, len(rows))
	place := make(map[string]int, len(rows))
	ids := make([]string, len(rows))
	for i, row := range rows {
		items[i] = item{id: row.ID, ticket: row.Ticket, attempts: row.Attempts, due: row.DueAt}
		if row.Attempts == 0 {
			items[i].due = time.Time{} // at once, whatever the clock says
		}
		place[row.ID], ids[i] = i, row.ID
	}
	if endpoint != nil && endpoint.State == triggers.EndpointActive {
		return items
	}
	loaded, err := f.ledger.Load(ctx, ids)
	if err != nil {
		f.log.Error("reading due deliveries failed", "error", err)
		return items
	}
	for _, delivery := range loaded {
		items[place[delivery.ID]].forced = delivery.OnRequest()
	}
	return items
}
