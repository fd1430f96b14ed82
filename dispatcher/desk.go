// Package dispatcher carries a change to its receivers: Submit turns it into
// verdicts and deliveries in the ledger, the feeder moves due deliveries into
// the queue, and workers sign, POST and record every attempt.
package dispatcher

import (
	"context"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/condition"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// Configuration is what the dispatcher reads of the configuration: the newest
// that this process knows, without I/O.
type Configuration interface {
	// Endpoint returns an endpoint, nil where there is none.
	Endpoint(id string) *triggers.Endpoint
	// Engine returns the compiled triggers of a workspace, never nil.
	Engine(workspace string) *triggers.Engine
	// Trigger returns the newest version of a trigger, nil where there is none.
	Trigger(id string) *triggers.Trigger
	// SigningKeys returns the endpoint's secrets that sign at a time, newest
	// first; none where its scheme has no secret or none is set.
	SigningKeys(endpoint *triggers.Endpoint, at time.Time) ([]string, error)
	// Credentials returns the opened secrets of the endpoint's Auth and TLS.
	Credentials(endpoint *triggers.Endpoint) (Credentials, error)
	// Calendars returns the calendars of a workspace.
	Calendars(workspace string) condition.Calendars
	// SetEndpointState changes an endpoint's state on behalf of the system.
	SetEndpointState(ctx context.Context, workspace, id string, state triggers.EndpointState, reason string) error
	// EngineAt compiles the triggers of a workspace as they were at a time,
	// for explanations and simulations.
	EngineAt(ctx context.Context, workspace string, at time.Time) (*triggers.Engine, error)
}

// Credentials are an endpoint's opened secrets, beside its signing keys.
type Credentials struct {
	Password, Token, Key string
	TLSKey               string
}

// Receipt says what a submitted change led to.
type Receipt struct {
	ID         string   `json:"id"`         // of the change
	Ticket     string   `json:"ticket"`     // its number
	Deliveries []string `json:"deliveries"` // ids
	Fired      []string `json:"fired"`      // ids of triggers
	Duplicate  bool     `json:"duplicate,omitempty"`
}

// Desk is what the API and the console do with the dispatcher; *Dispatcher
// implements it.
type Desk interface {
	// Submit accepts changes; each result stands at its input's place. An
	// *invalid.Error or executionlog error in a result concerns that input
	// alone.
	Submit(ctx context.Context, workspace string, inputs []*ticket.Input) []Submitted
	// Test sends a sample of an event to an endpoint, which may be disabled;
	// empty event: the system's first. It returns the delivery, pending.
	Test(ctx context.Context, workspace, endpoint, event string) (*executionlog.Delivery, error)
	// Redeliver makes a new delivery with the same request and event id.
	Redeliver(ctx context.Context, workspace, delivery string) (*executionlog.Delivery, error)
	// Cancel ends a pending delivery.
	Cancel(ctx context.Context, workspace, delivery string) error
	// Verdicts returns the verdict of every trigger of the workspace that
	// existed at the time of a change, recomputing those not stored.
	Verdicts(ctx context.Context, workspace, change string) ([]triggers.Verdict, error)
	// Explain returns the changes of a ticket, oldest first, with their
	// verdicts; of one trigger only if trigger is not empty.
	Explain(ctx context.Context, workspace, number, trigger string) (*Explanation, error)
	// Simulate evaluates a trigger over stored changes, without effects, and
	// returns when it is through. progress is told now and then; it may be
	// nil. When ctx ends, the result of what was looked at comes with its error.
	Simulate(ctx context.Context, workspace string, request Simulation, progress func(done, total int)) (*SimulationResult, error)
	// CountSimulation says how many changes a simulation would look at.
	CountSimulation(ctx context.Context, workspace string, request Simulation) (int, error)
	// StartSimulation starts a simulation that goes on by itself;
	// ErrTooManySimulations while too many do already.
	StartSimulation(ctx context.Context, workspace string, request Simulation, actor string) (*SimulationJob, error)
	// SimulationJob returns a simulation with its progress, whichever process
	// runs it.
	SimulationJob(ctx context.Context, workspace, id string) (*SimulationJob, error)
	// SimulationJobs lists simulations, newest first.
	SimulationJobs(ctx context.Context, workspace string) ([]*SimulationJob, error)
	// CancelSimulation stops a simulation, whichever process runs it; the
	// result of what it has looked at follows.
	CancelSimulation(ctx context.Context, workspace, id string) (*SimulationJob, error)
	// Curl returns a shell command that sends a delivery's bytes again, with
	// placeholders for secrets.
	Curl(ctx context.Context, workspace, delivery string) (string, error)

	// CountReplay says how many deliveries a log filter would replay. It takes
	// about a second at most: where that is not enough, AtLeast.
	CountReplay(ctx context.Context, filter executionlog.Filter) (ReplayCount, error)
	// StartReplay redelivers the deliveries behind a log filter. It answers at
	// once: where they are many, the replay is counting (JobCounting), and its
	// Total is at least so many.
	StartReplay(ctx context.Context, filter executionlog.Filter, ratePerSecond float64, actor string) (*Replay, error)
	// Replay returns a replay with its progress.
	Replay(ctx context.Context, workspace, id string) (*Replay, error)
	// Replays lists replays, newest first.
	Replays(ctx context.Context, workspace string) ([]*Replay, error)
	// CancelReplay stops a replay on behalf of actor; what it has already made
	// stays. ErrState for one that has ended.
	CancelReplay(ctx context.Context, workspace, id, actor string) (*Replay, error)
	// ResumeReplay lets a replay that was cancelled or failed go on where it
	// was, with the deliveries that it was started for; those that it has made
	// are not made again. ErrState for one that runs or is done.
	ResumeReplay(ctx context.Context, workspace, id, actor string) (*Replay, error)

	// Lanes returns the state of each endpoint's lane in this process.
	Lanes(workspace string) []LaneStatus
	// Feeds says whether this process feeds the queue, so that an endpoint
	// without a lane has nothing that waits.
	Feeds() bool
	// Queue returns the state of the task queue.
	Queue(ctx context.Context) (QueueStatus, error)
	// Probe carries out a system's handshake with an endpoint that is about
	// to be saved; nil where the system has none.
	Probe(ctx context.Context, endpoint *triggers.Endpoint, keys []string) error
}

// Submitted is the result of one input: a Receipt, or an error.
type Submitted struct {
	Receipt Receipt
	Err     error
}

// Explanation answers "why did, or didn't, this fire?" for one ticket.
type Explanation struct {
	Ticket  string            `json:"ticket"`
	Changes []ExplainedChange `json:"changes"`
}

// ExplainedChange is one change with the verdict of every trigger.
type ExplainedChange struct {
	Change   string             `json:"change"`
	At       time.Time          `json:"at"`
	Kind     ticket.Kind        `json:"kind"`
	Verdicts []triggers.Verdict `json:"verdicts"`
}

// Simulation is a trigger to try on stored changes.
type Simulation struct {
	// Trigger is the trigger in force to compare with, or empty.
	Trigger string `json:"trigger,omitempty"`
	// Draft is what to try; nil tries Trigger as it is.
	Draft  *triggers.Trigger `json:"draft,omitempty"`
	From   time.Time         `json:"from,omitzero"` // of the change's acceptance; zero is open
	To     time.Time         `json:"to,omitzero"`
	Ticket string            `json:"ticket,omitempty"`
	// System leaves out changes that are no event of this system; empty
	// leaves out none.
	System string `json:"system,omitempty"`
}

// SimulationResult says what a simulation found.
type SimulationResult struct {
	Changes int `json:"changes"` // tried
	Fired   int `json:"fired"`   // by the draft
	// Live counts the firings of the version in force, over the same changes.
	Live int `json:"live"`
	// Gained fire with the draft only, Lost with the version in force only;
	// at most 50 of each are listed.
	GainedCount int                `json:"gained_count"`
	LostCount   int                `json:"lost_count"`
	Gained      []SimulatedVerdict `json:"gained"`
	Lost        []SimulatedVerdict `json:"lost"`
	Examples    []SimulatedVerdict `json:"examples"` // firings of the draft
}

// SimulationJob is a simulation that goes on by itself.
type SimulationJob struct {
	Job
	Request Simulation `json:"request"`
	// Considered counts the stored changes looked at, of Total.
	Considered int `json:"considered"`
	Total      int `json:"total"`
	// Result is nil while it runs, and where it failed; of a cancelled one it
	// covers what was considered.
	Result *SimulationResult `json:"result,omitempty"`

	// Turn counts the processes that have carried it out, Lost those of them
	// that died; Left says that the last one has handed it back.
	Turn int  `json:"turn"`
	Lost int  `json:"lost,omitempty"`
	Left bool `json:"left,omitempty"`
	// BegunAt is when the last one began.
	BegunAt time.Time `json:"begun_at"`
}

// Ends estimates when a running simulation will end; zero where that cannot
// be said yet.
func (j *SimulationJob) Ends() time.Time {
	if j.State != JobRunning || j.Considered == 0 {
		return time.Time{}
	}
	left := float64(j.Total-j.Considered) / float64(j.Considered)
	return j.UpdatedAt.Add(time.Duration(left * float64(j.UpdatedAt.Sub(j.BegunAt))))
}

// SimulatedVerdict is the draft's verdict on one stored change.
type SimulatedVerdict struct {
	Change  string           `json:"change"`
	Ticket  string           `json:"ticket"`
	At      time.Time        `json:"at"`
	Verdict triggers.Verdict `json:"verdict"`
}

// Replay is a bulk redelivery.
type Replay struct {
	Job
	Filter        executionlog.Filter `json:"filter"`
	RatePerSecond float64             `json:"rate_per_second"`
	Total         int                 `json:"total"` // so far while it is counting
	Done          int                 `json:"done"`
	Cursor        string              `json:"cursor,omitempty"`
}

func (r *Replay) belong(workspace string) { r.Workspace, r.Filter.Workspace = workspace, workspace }

// LaneStatus is the state of one endpoint's lane.
type LaneStatus struct {
	Endpoint string    `json:"endpoint"`
	InFlight int       `json:"in_flight"`
	Window   int       `json:"window"`  // how many may be in flight now
	Waiting  int       `json:"waiting"` // pending in the ledger, counted up to 10,000
	Breaker  string    `json:"breaker"` // closed, open or half_open
	Until    time.Time `json:"until,omitzero"`
	Failures int       `json:"failures"` // consecutive failed attempts
	NextDue  time.Time `json:"next_due,omitzero"`
}

// QueueStatus is the state of the task queue.
type QueueStatus struct {
	Backend   string `json:"backend"` // embedded or redis
	Connected bool   `json:"connected"`
	Pending   int    `json:"pending"`
	Active    int    `json:"active"`
	Scheduled int    `json:"scheduled"`
	Error     string `json:"error,omitempty"`
}

// Poster sends one request; *sender.Client implements it.
type Poster interface {
	Do(ctx context.Context, post *sender.Post) *sender.Exchange
}
