package dispatcher

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// The states of a SimulationJob.
const (
	SimulationRunning   = "running"
	SimulationDone      = "done"
	SimulationCancelled = "cancelled"
	SimulationFailed    = "failed"
)

// The bounds of simulations. Each runs in the process that started it, and
// its progress is a document of the ledger, so that every process can show
// and cancel it.
const (
	// MaxSimulations is how many of a workspace may run at the same time.
	MaxSimulations = 3
	// simulationsHere is how many may run in one process.
	simulationsHere = 8
	// SimulationsKept is how many of a workspace are kept, and SimulationLife
	// how long after they ended.
	SimulationsKept = 20
	SimulationLife  = 24 * time.Hour

	simulationKind = "simulation"
	// simulationBeat is how often progress is written, and a wish to cancel
	// seen; a simulation silent for simulationSilence died with its process.
	simulationBeat    = 500 * time.Millisecond
	simulationSilence = time.Minute
)

// ErrTooManySimulations says that so many run that another must wait.
var ErrTooManySimulations = errors.New("too many simulations are running")

// errDied is what is said of a simulation whose process ended.
var errDied = errors.New("the server process that ran it ended; start it again")

// StartSimulation implements Desk.
func (d *Dispatcher) StartSimulation(ctx context.Context, workspace string, request Simulation, actor string) (*SimulationJob, error) {
	if _, err := d.newSimulation(workspace, request); err != nil {
		return nil, err
	}
	if err := d.makeRoom(ctx, workspace); err != nil {
		return nil, err
	}
	now := d.now()
	if request.To.IsZero() {
		request.To = now.Add(time.Microsecond) // what comes in meanwhile is not looked at
	}
	total, err := d.CountSimulation(ctx, workspace, request)
	if err != nil {
		return nil, err
	}
	job := &SimulationJob{
		ID: d.ids.New(id.Simulation), Workspace: workspace, Request: request, Actor: actor, State: SimulationRunning,
		Total: total, CreatedAt: now, UpdatedAt: now,
	}
	if !d.simulating.reserve() {
		return nil, ErrTooManySimulations
	}
	if err := d.putSimulation(ctx, job, 0); err != nil {
		d.simulating.release()
		return nil, err
	}
	started := *job
	d.simulating.start <- &started
	return job, nil
}

// makeRoom removes what has been kept long enough, and says whether another
// simulation may run. Processes that ask at the same time may both be told
// that it may.
func (d *Dispatcher) makeRoom(ctx context.Context, workspace string) error {
	list, versions, err := d.readSimulations(ctx, workspace)
	if err != nil {
		return err
	}
	running, ended := 0, 0
	for i, job := range list {
		if job.State == SimulationRunning {
			running++
			continue
		}
		if ended++; ended < SimulationsKept && !d.expired(job) {
			continue
		}
		err := d.putProgress(ctx, executionlog.Document{
			Workspace: workspace, Kind: simulationKind, ID: job.ID, Body: []byte("{}"), Deleted: true,
		}, versions[i])
		if err != nil && !errors.Is(err, executionlog.ErrConflict) { // else another process removes it
			return fmt.Errorf("remove simulation %s: %w", job.ID, err)
		}
	}
	if running >= MaxSimulations {
		return ErrTooManySimulations
	}
	return nil
}

func (d *Dispatcher) expired(job *SimulationJob) bool {
	return job.State != SimulationRunning && d.now().Sub(cmp.Or(job.FinishedAt, job.UpdatedAt)) > SimulationLife
}

// SimulationJob implements Desk.
func (d *Dispatcher) SimulationJob(ctx context.Context, workspace, id string) (*SimulationJob, error) {
	job, _, err := d.getSimulation(ctx, workspace, id)
	if err == nil && d.expired(job) {
		return nil, fmt.Errorf("simulation %s: %w", id, executionlog.ErrNotFound)
	}
	return job, err
}

// SimulationJobs implements Desk.
func (d *Dispatcher) SimulationJobs(ctx context.Context, workspace string) ([]*SimulationJob, error) {
	list, _, err := d.readSimulations(ctx, workspace)
	return slices.DeleteFunc(list, d.expired), err
}

// readSimulations returns the simulations of a workspace, newest first, and
// the versions of their documents.
func (d *Dispatcher) readSimulations(ctx context.Context, workspace string) ([]*SimulationJob, []int, error) {
	documents, err := d.options.Ledger.ListDocuments(ctx, workspace, simulationKind)
	if err != nil {
		return nil, nil, fmt.Errorf("list simulations: %w", err)
	}
	slices.SortFunc(documents, func(a, b *executionlog.Document) int { return cmp.Compare(b.ID, a.ID) })
	list, versions := make([]*SimulationJob, len(documents)), make([]int, len(documents))
	for i, document := range documents {
		if list[i], err = d.parseSimulation(document); err != nil {
			return nil, nil, err
		}
		versions[i] = document.Version
	}
	return list, versions, nil
}

// CancelSimulation implements Desk.
func (d *Dispatcher) CancelSimulation(ctx context.Context, workspace, id string) (*SimulationJob, error) {
	for {
		job, version, err := d.getSimulation(ctx, workspace, id)
		if err != nil {
			return nil, err
		}
		if job.State != SimulationRunning {
			return nil, fmt.Errorf("simulation %s is %s: %w", id, job.State, executionlog.ErrState)
		}
		job.State, job.UpdatedAt, job.FinishedAt = SimulationCancelled, d.now(), d.now()
		err = d.putSimulation(ctx, job, version)
		if !errors.Is(err, executionlog.ErrConflict) { // else it made progress meanwhile
			return job, err
		}
	}
}

func (d *Dispatcher) getSimulation(ctx context.Context, workspace, id string) (*SimulationJob, int, error) {
	document, err := d.options.Ledger.Document(ctx, workspace, simulationKind, id)
	if err != nil {
		return nil, 0, err
	}
	job, err := d.parseSimulation(document)
	return job, document.Version, err
}

// parseSimulation reads a simulation's document. One whose process has been
// silent for too long is shown as failed.
func (d *Dispatcher) parseSimulation(document *executionlog.Document) (*SimulationJob, error) {
	job := &SimulationJob{}
	if err := json.Unmarshal(document.Body, job); err != nil {
		return nil, fmt.Errorf("read simulation %s: %w", document.ID, err)
	}
	job.Workspace = document.Workspace
	if job.State == SimulationRunning && d.now().Sub(job.UpdatedAt) > simulationSilence {
		job.State, job.Error = SimulationFailed, errDied.Error()
	}
	return job, nil
}

func (d *Dispatcher) putSimulation(ctx context.Context, job *SimulationJob, version int) error {
	body, err := json.Marshal(job)
	if err != nil {
		return fmt.Errorf("encode the simulation: %w", err)
	}
	return d.putProgress(ctx, executionlog.Document{
		Workspace: job.Workspace, Kind: simulationKind, ID: job.ID, Body: body, Author: job.Actor,
	}, version)
}

// simulating is the simulations of this process.
type simulating struct {
	start chan *SimulationJob // those that Run is to carry out

	mu    sync.Mutex
	count int // reserved
}

// reserve makes room in this process for one more, if it may have one.
func (s *simulating) reserve() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count == simulationsHere {
		return false
	}
	s.count++
	return true
}

func (s *simulating) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count--
}

// runSimulations carries out what StartSimulation started, until ctx ends.
func (d *Dispatcher) runSimulations(ctx context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	for {
		select {
		case <-ctx.Done():
			for len(d.simulating.start) > 0 {
				d.carryOut(ctx, <-d.simulating.start) // says that it was not to be
			}
			return
		case job := <-d.simulating.start:
			running.Go(func() {
				defer d.simulating.release()
				d.carryOut(ctx, job)
			})
		}
	}
}

// carryOut runs a simulation, writing its progress, until it is through or
// somebody cancels it.
func (d *Dispatcher) carryOut(ctx context.Context, job *SimulationJob) {
	running, stop := context.WithCancel(ctx)
	defer stop()
	version := 1
	result, err := d.Simulate(running, job.Workspace, job.Request, func(done, total int) {
		job.Considered, job.Total = done, total
		now := d.now()
		if now.Sub(job.UpdatedAt) < simulationBeat {
			return
		}
		job.UpdatedAt = now
		if version = d.beat(ctx, job, version); job.State != SimulationRunning {
			stop()
		}
	})
	ending := context.WithoutCancel(ctx)
	for version > 0 {
		d.end(job, result, err, ctx.Err() != nil)
		put := d.putResult(ending, job, version)
		if put == nil {
			return
		}
		if !errors.Is(put, executionlog.ErrConflict) {
			d.options.Logger.Error("simulation_result_lost", "simulation_id", job.ID, "error", put)
			return
		}
		version = d.again(ending, job)
	}
}

// putResult is putSimulation for the last time: a ledger that is away for a
// moment does not cost what took long.
func (d *Dispatcher) putResult(ctx context.Context, job *SimulationJob, version int) error {
	var put error
	gone := patiently(ctx, recordPatience, func() error {
		if put = d.putSimulation(ctx, job, version); errors.Is(put, executionlog.ErrUnavailable) {
			return put
		}
		return nil
	})
	return cmp.Or(gone, put)
}

// end fills in how a simulation ended.
func (d *Dispatcher) end(job *SimulationJob, result *SimulationResult, err error, stopped bool) {
	job.UpdatedAt, job.FinishedAt = d.now(), d.now()
	switch {
	case job.State == SimulationCancelled:
		job.Result = result
	case stopped:
		job.State, job.Error = SimulationFailed, errDied.Error()
	case err != nil:
		job.State, job.Error = SimulationFailed, err.Error()
	default:
		job.State, job.Result = SimulationDone, result
	}
}

// beat writes progress and returns the document's version. Where somebody
// else wrote it, to cancel the simulation or to remove it, the job's state
// says so.
func (d *Dispatcher) beat(ctx context.Context, job *SimulationJob, version int) int {
	err := d.putSimulation(ctx, job, version)
	switch {
	case err == nil:
		return version + 1
	case errors.Is(err, executionlog.ErrConflict):
		return d.again(ctx, job)
	default:
		d.options.Logger.Warn("simulation_progress_lost", "simulation_id", job.ID, "error", err)
		return version // written with the next
	}
}

// again reads a simulation that somebody else wrote, and returns its version,
// 0 where it is gone.
func (d *Dispatcher) again(ctx context.Context, job *SimulationJob) int {
	stored, version, err := d.getSimulation(ctx, job.Workspace, job.ID)
	if err != nil {
		job.State = SimulationCancelled
		return 0
	}
	job.State, job.Error = stored.State, stored.Error
	return version
}
