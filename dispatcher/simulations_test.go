package dispatcher_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// gated is a ledger whose lists of changes wait for the test: each takes one
// value from open, or goes on once it is closed.
type gated struct {
	executionlog.Ledger
	open chan struct{}
}

func (g gated) Changes(ctx context.Context, query executionlog.ChangeQuery) (executionlog.Page[*executionlog.Change], error) {
	select {
	case <-g.open:
	case <-ctx.Done():
		return executionlog.Page[*executionlog.Change]{}, ctx.Err()
	}
	return g.Ledger.Changes(ctx, query)
}

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// simulating returns a dispatcher over so many stored changes, of which every
// second one closes its ticket, and a draft for which all fire.
func simulating(t *testing.T, ledger executionlog.Ledger, now *clock, count int) (*desk, dispatcher.Simulation) {
	t.Helper()
	config := newConfiguration()
	config.setTriggers(trigger(t, trgA, `{"name": "a", "system": "supportservice", "when": {"all": [{"field": "status", "op": "changed_to", "value": "Closed"}]}, "then": [{"tag": {"add": ["x"]}}]}`))
	d := runWith(t, ledger, config, "", func(o *dispatcher.Options) { o.Now, o.Feed, o.Work = now.Now, false, false })
	var inputs []*ticket.Input
	for i := range count {
		text := strings.Replace([]string{created, closed}[i%2], "T-1", fmt.Sprintf("T-%d", i/2), 1)
		inputs = append(inputs, input(t, text))
	}
	for _, submitted := range d.Submit(t.Context(), workspace, inputs) {
		if submitted.Err != nil {
			t.Fatal(submitted.Err)
		}
	}
	now.pass(time.Second) // ids made at one instant run ahead of it
	draft := trigger(t, trgA, `{"name": "a", "system": "supportservice", "when": {"all": [{"field": "status", "op": "present"}]}, "then": [{"tag": {"add": ["x"]}}]}`)
	return d, dispatcher.Simulation{Trigger: trgA, Draft: draft}
}

// reaches waits until a simulation is as wanted.
func reaches(t *testing.T, d *desk, id string, wanted func(*dispatcher.SimulationJob) bool) *dispatcher.SimulationJob {
	t.Helper()
	var job *dispatcher.SimulationJob
	eventually(t, func() bool {
		var err error
		job, err = d.SimulationJob(t.Context(), workspace, id)
		return err == nil && wanted(job)
	})
	return job
}

func in(state string) func(*dispatcher.SimulationJob) bool {
	return func(job *dispatcher.SimulationJob) bool { return job.State == state }
}

func TestASimulationShowsItsProgressAndItsResult(t *testing.T) {
	clock := newClock()
	ledger := gated{memory.New(), make(chan struct{})}
	d, request := simulating(t, ledger, clock, 1200)
	total, err := d.CountSimulation(t.Context(), workspace, request)
	if err != nil || total != 1800 { // closing one writes a tag
		t.Fatalf("%d changes (%v)", total, err)
	}
	started, err := d.StartSimulation(t.Context(), workspace, request, "ann")
	if err != nil || started.State != dispatcher.JobRunning || started.Total != total || !started.Ends().IsZero() {
		t.Fatalf("%+v (%v)", started, err)
	}
	clock.pass(2 * time.Second)
	ledger.open <- struct{}{}
	half := reaches(t, d, started.ID, func(job *dispatcher.SimulationJob) bool { return job.Considered > 0 })
	if half.Considered != 500 || half.Total != total || half.Result != nil || half.Actor != "ann" {
		t.Errorf("after a page %+v", half)
	}
	if want := half.UpdatedAt.Add(5200 * time.Millisecond); !half.Ends().Equal(want) {
		t.Errorf("it ends at %v, want %v", half.Ends(), want)
	}
	close(ledger.open)
	done := reaches(t, d, started.ID, in(dispatcher.JobDone))
	direct, err := d.Simulate(t.Context(), workspace, request, nil)
	if err != nil || done.Considered != total || done.Result == nil || done.Result.Fired != direct.Fired || direct.Fired != 1200 ||
		done.Result.LostCount != direct.LostCount || len(done.Result.Gained) != len(direct.Gained) {
		t.Errorf("%+v, simulated directly %+v (%v)", done.Result, direct, err)
	}
	if _, err := d.CancelSimulation(t.Context(), workspace, started.ID); !errors.Is(err, executionlog.ErrState) {
		t.Errorf("cancelling what is done: %v", err)
	}
	if _, err := d.SimulationJob(t.Context(), "other", started.ID); !errors.Is(err, executionlog.ErrNotFound) {
		t.Errorf("another workspace sees it: %v", err)
	}
}

func TestAnotherProcessShowsAndCancelsASimulation(t *testing.T) {
	clock := newClock()
	shared := memory.New()
	ledger := gated{shared, make(chan struct{})}
	d, request := simulating(t, ledger, clock, 1200)
	other := runWith(t, shared, d.config, "", func(o *dispatcher.Options) { o.Now, o.Feed, o.Work = clock.Now, false, false })
	started, err := d.StartSimulation(t.Context(), workspace, request, "ann")
	if err != nil {
		t.Fatal(err)
	}
	ledger.open <- struct{}{}
	if list, err := other.SimulationJobs(t.Context(), workspace); err != nil || len(list) != 1 || list[0].ID != started.ID {
		t.Fatalf("%v (%v)", list, err)
	}
	if cancelled, err := other.CancelSimulation(t.Context(), workspace, started.ID); err != nil || cancelled.State != dispatcher.JobCancelled {
		t.Fatalf("%+v (%v)", cancelled, err)
	}
	clock.pass(time.Second)
	close(ledger.open)
	over := reaches(t, other, started.ID, func(job *dispatcher.SimulationJob) bool { return job.Result != nil })
	if over.State != dispatcher.JobCancelled || over.Considered >= over.Total || over.Result.Changes != over.Considered {
		t.Errorf("%+v", over)
	}
}

// A process that dies, or that is stopped, leaves its simulations to another
// one, which begins them anew; what it still writes afterwards is not kept.
func TestASimulationGoesOnInAnotherProcess(t *testing.T) {
	for name, leave := range map[string]func(*clock, *desk){
		"silent":  func(now *clock, _ *desk) { now.pass(time.Minute) },
		"stopped": func(_ *clock, d *desk) { d.stop() },
	} {
		t.Run(name, func(t *testing.T) {
			clock, shared := newClock(), memory.New()
			held := gated{shared, make(chan struct{})}
			d, request := simulating(t, held, clock, 1200)
			started, err := d.StartSimulation(t.Context(), workspace, request, "ann")
			if err != nil {
				t.Fatal(err)
			}
			clock.pass(time.Second)
			held.open <- struct{}{}
			reaches(t, d, started.ID, func(job *dispatcher.SimulationJob) bool { return job.Considered == 500 })
			runWith(t, shared, d.config, "", func(o *dispatcher.Options) { o.Now, o.Feed, o.Work = clock.Now, false, false })
			leave(clock, d)
			over := reaches(t, d, started.ID, in(dispatcher.JobDone))
			if over.Considered != over.Total || over.Result.Fired != 1200 || over.Turn != 2 {
				t.Errorf("%+v", over)
			}
			close(held.open)
			d.stop()
			if after, err := d.SimulationJob(t.Context(), workspace, started.ID); err != nil || after.State != dispatcher.JobDone || after.Turn != 2 {
				t.Errorf("once the first process is through: %+v (%v)", after, err)
			}
		})
	}
}

// What kills every process that tries it is given up.
func TestASimulationThatKillsItsProcesses(t *testing.T) {
	clock, shared := newClock(), memory.New()
	d, request := simulating(t, gated{shared, make(chan struct{})}, clock, 2)
	started, err := d.StartSimulation(t.Context(), workspace, request, "ann")
	if err != nil {
		t.Fatal(err)
	}
	for turn := 2; turn <= 3; turn++ {
		another := runWith(t, gated{shared, make(chan struct{})}, d.config, "", func(o *dispatcher.Options) { o.Now, o.Feed, o.Work = clock.Now, false, false })
		clock.pass(time.Minute)
		reaches(t, another, started.ID, func(job *dispatcher.SimulationJob) bool { return job.Turn == turn })
	}
	runWith(t, shared, d.config, "", func(o *dispatcher.Options) { o.Now, o.Feed, o.Work = clock.Now, false, false })
	clock.pass(time.Minute)
	if over := reaches(t, d, started.ID, in(dispatcher.JobFailed)); !strings.Contains(over.Error, "3 server processes") {
		t.Errorf("%+v", over)
	}
}

func TestSimulationsAreBounded(t *testing.T) {
	clock := newClock()
	ledger := gated{memory.New(), make(chan struct{})}
	d, request := simulating(t, ledger, clock, 2)
	start := func() (*dispatcher.SimulationJob, error) {
		clock.pass(time.Millisecond)
		return d.StartSimulation(t.Context(), workspace, request, "ann")
	}
	var ids []string
	for range dispatcher.MaxSimulations {
		job, err := start()
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, job.ID)
	}
	if _, err := start(); !errors.Is(err, dispatcher.ErrTooManySimulations) {
		t.Errorf("one more: %v", err)
	}
	close(ledger.open)
	for _, id := range ids {
		reaches(t, d, id, in(dispatcher.JobDone))
	}
	for range dispatcher.SimulationsKept {
		job, err := start()
		if err != nil {
			t.Fatal(err)
		}
		reaches(t, d, job.ID, in(dispatcher.JobDone))
	}
	if list, err := d.SimulationJobs(t.Context(), workspace); err != nil || len(list) != dispatcher.SimulationsKept {
		t.Errorf("%d are kept (%v)", len(list), err)
	}
	if _, err := d.SimulationJob(t.Context(), workspace, ids[0]); !errors.Is(err, executionlog.ErrNotFound) {
		t.Errorf("the oldest: %v", err)
	}
	clock.pass(dispatcher.SimulationLife + time.Second)
	if list, err := d.SimulationJobs(t.Context(), workspace); err != nil || len(list) != 0 {
		t.Errorf("%d outlive their time (%v)", len(list), err)
	}
}

func TestASimulationOfOneSystemsEvents(t *testing.T) {
	d, request := simulating(t, memory.New(), newClock(), 10)
	request.System = "superoffice"
	request.Draft = &triggers.Trigger{System: "superoffice", On: []string{"ticket.created"}}
	result, err := d.Simulate(t.Context(), workspace, request, nil)
	if err != nil || result.Fired != 5 || result.Changes == 0 {
		t.Errorf("%+v (%v)", result, err)
	}
	request.System = "zendesk"
	if _, err := d.Simulate(t.Context(), workspace, request, nil); err == nil || !strings.Contains(err.Error(), "faveo") {
		t.Errorf("an unknown system: %v", err)
	}
	if _, err := d.StartSimulation(t.Context(), workspace, dispatcher.Simulation{Trigger: "trg_0000000000000"}, "ann"); !errors.Is(err, executionlog.ErrNotFound) {
		t.Errorf("an unknown trigger: %v", err)
	}
}

// away is a ledger that cannot write how a simulation ended, for so many tries.
type away struct {
	executionlog.Ledger
	tries *atomic.Int64
}

func (a away) Put(ctx context.Context, writes []executionlog.DocumentWrite, audit []executionlog.AuditEntry) error {
	if len(writes) > 0 && strings.Contains(string(writes[len(writes)-1].Body), `"result"`) && a.tries.Add(-1) >= 0 {
		return fmt.Errorf("write: %w", executionlog.ErrUnavailable)
	}
	return a.Ledger.Put(ctx, writes, audit)
}

func TestASimulationsResultWaitsForTheLedger(t *testing.T) {
	var tries atomic.Int64
	tries.Store(2)
	d, request := simulating(t, away{memory.New(), &tries}, newClock(), 4)
	started, err := d.StartSimulation(t.Context(), workspace, request, "ann")
	if err != nil {
		t.Fatal(err)
	}
	over := reaches(t, d, started.ID, in(dispatcher.JobDone))
	if over.Result == nil || tries.Load() >= 0 {
		t.Errorf("%+v, %d tries left", over, tries.Load())
	}
}
