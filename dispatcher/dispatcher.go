package dispatcher

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// Options are what a Dispatcher works with.
type Options struct {
	Ledger  executionlog.Ledger
	Config  Configuration
	Systems *systems.Registry
	Queue   Queue
	Sender  Poster

	// Feed and Work choose what this process does beside accepting changes.
	Feed bool
	Work bool

	// Chunk is how many deliveries of one endpoint share a task, 50 if 0.
	Chunk int
	// MaxAge ends the retries of a delivery, 7 days if 0.
	MaxAge time.Duration
	// DrainTimeout bounds how long Run goes on after its context ended, 20 s if 0.
	DrainTimeout time.Duration
	// AllowHTTP relaxes HTTPS-only rules: development mode.
	AllowHTTP bool
	// UserAgent is sent where neither a system nor an endpoint has one.
	UserAgent string

	// Alert is told of endpoints that were disabled, enabled or fail; it
	// returns at once. May be nil.
	Alert func(StateChange)

	// AuditID makes ids of entries of the audit log. The configuration writes
	// there, too, so it is the one that makes them; nil for one's own.
	AuditID func() string

	Now      func() time.Time
	Logger   *slog.Logger
	Observer Observer
	// Tracer keeps spans of changes and attempts; nil keeps none, and costs
	// nothing.
	Tracer Tracer
}

// Observer is told what happens, for metrics. Its methods return at once.
type Observer interface {
	// Accepted: a change was committed, with so many deliveries.
	Accepted(workspace string, deliveries int)
	// Attempted: an attempt ended; waited is the time from the delivery's
	// creation to the start of a first attempt, negative for later ones.
	Attempted(attempt *executionlog.Attempt, waited time.Duration)
	// Finished: a delivery got its final outcome.
	Finished(system string, outcome executionlog.Outcome)
}

type nobody struct{}

func (nobody) Accepted(string, int)                           {}
func (nobody) Attempted(*executionlog.Attempt, time.Duration) {}
func (nobody) Finished(string, executionlog.Outcome)          {}

// Dispatcher implements Desk, and feeds and works the queue while Run runs.
type Dispatcher struct {
	options Options
	ids     *id.Source
	feeder  *feeder
	tickets *ticketCache
	intake  intake
	locks   ticketLocks
	outbox  chan *Notice

	executing claims
	crew      *crew
	recent    recent
	// replaying holds, by running replay, how far it is; runReplays alone uses
	// it.
	replaying   map[string]*replaying
	replays     jobs[*Replay]
	simulating  simulating
	simulations jobs[*SimulationJob]
}

var _ Desk = (*Dispatcher)(nil)

// New returns a Dispatcher. Nothing happens in the background before Run.
func New(options Options) *Dispatcher {
	if options.Chunk == 0 {
		options.Chunk = 50
	}
	if options.MaxAge == 0 {
		options.MaxAge = 7 * 24 * time.Hour
	}
	if options.DrainTimeout == 0 {
		options.DrainTimeout = 20 * time.Second
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if options.Observer == nil {
		options.Observer = nobody{}
	}
	d := &Dispatcher{
		options:   options,
		ids:       id.NewSource(options.Ledger.Node(), options.Now).Above(options.Ledger.Newest()),
		feeder:    newFeeder(options),
		tickets:   newTicketCache(),
		intake:    newIntake(),
		crew:      newCrew(),
		outbox:    make(chan *Notice, 4096),
		replaying: map[string]*replaying{},

		simulating: simulating{start: make(chan *SimulationJob, simulationsHere), here: map[string]bool{}},
	}
	if d.options.AuditID == nil {
		d.options.AuditID = func() string { return d.ids.New(id.Audit) }
	}
	d.replays = jobs[*Replay]{
		ledger: options.Ledger, now: d.now, empty: func() *Replay { return &Replay{} },
		kind: "replay", most: ReplaysKept, life: ReplayLife,
	}
	d.simulations = jobs[*SimulationJob]{
		ledger: options.Ledger, now: d.now, empty: func() *SimulationJob { return &SimulationJob{} },
		kind: "simulation", most: SimulationsKept, life: SimulationLife,
	}
	d.feeder.tell = d.toOthers
	d.feeder.limits.announce = d.Announce
	return d
}

// Run feeds and works the queue until ctx ends, then drains: attempts under
// way are finished and recorded, within DrainTimeout. What has not started
// stays pending in the ledger.
func (d *Dispatcher) Run(ctx context.Context) error {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	if d.options.Work {
		if err := d.options.Queue.Work(d.handle); err != nil {
			return err
		}
	}
	var feeding, helping sync.WaitGroup
	feeding.Go(func() { d.runSimulations(ctx) })
	if d.options.Feed {
		feeding.Go(func() { d.feeder.run(ctx) })
		helping.Go(func() { d.listen(background) })
		feeding.Go(func() { d.runReplays(ctx) })
	}
	helping.Go(func() { d.publish(background) })
	<-ctx.Done()
	feeding.Wait()
	drain, cancel := context.WithTimeout(background, d.options.DrainTimeout)
	defer cancel()
	d.options.Queue.Drain(drain)
	d.crew.dismiss()
	stop()
	helping.Wait()
	return nil
}

// now returns the time to the microsecond, which is what the ledger keeps.
func (d *Dispatcher) now() time.Time { return d.options.Now().UTC().Truncate(time.Microsecond) }

// Lanes implements Desk.
func (d *Dispatcher) Lanes(workspace string) []LaneStatus { return d.feeder.statuses(workspace) }

// Feeds implements Desk.
func (d *Dispatcher) Feeds() bool { return d.feeder.leading() }

// Queue implements Desk.
func (d *Dispatcher) Queue(ctx context.Context) (QueueStatus, error) {
	return d.options.Queue.Status(ctx), nil
}

// Refresh makes the feeder look at every endpoint again; to be called after
// the configuration changed.
func (d *Dispatcher) Refresh() { d.feeder.refresh() }

// claims are the deliveries that this process is attempting.
type claims struct {
	mu   sync.Mutex
	held map[string]bool
	busy map[string]int // by endpoint
}

// take claims a delivery of an endpoint, unless it is claimed already; full says
// that as many of the endpoint's are as may be. That many are under way only
// where the queue lost its memory: then the feeder does not know of them.
func (c *claims) take(endpoint, delivery string, most int) (ok, full bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.held[delivery]:
		return false, false
	case most > 0 && c.busy[endpoint] >= most:
		return false, true
	}
	if c.held == nil {
		c.held, c.busy = map[string]bool{}, map[string]int{}
	}
	c.held[delivery] = true
	c.busy[endpoint]++
	return true, false
}

func (c *claims) release(endpoint, delivery string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.held[delivery] {
		return
	}
	delete(c.held, delivery)
	if c.busy[endpoint]--; c.busy[endpoint] == 0 {
		delete(c.busy, endpoint)
	}
}
