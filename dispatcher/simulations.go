package dispatcher

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// The bounds of simulations. Any process may carry one out: the one that
// started it does, and when that falls silent another begins it anew.
const (
	// MaxSimulations is how many of a workspace may run at the same time.
	MaxSimulations = 3
	// simulationsHere is how many may run in one process.
	simulationsHere = 8
	// SimulationsKept is how many of a workspace are kept, and SimulationLife
	// how long after they ended.
	SimulationsKept = 20
	SimulationLife  = 24 * time.Hour

	// simulationBeat is how often progress is written, and a wish to cancel
	// seen; a simulation silent for simulationSilence died with its process.
	// Processes look for such every simulationLook.
	simulationBeat    = 500 * time.Millisecond
	simulationSilence = 15 * time.Second
	simulationLook    = time.Second
	// simulationLosses is how many processes may die of one.
	simulationLosses = 3
)

// ErrTooManySimulations says that so many run that another must wait.
var ErrTooManySimulations = errors.New("too many simulations are running")

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
		Job:     Job{ID: d.ids.New(id.Simulation), Workspace: workspace, Actor: actor, State: JobRunning, CreatedAt: now, UpdatedAt: now},
		Request: request, Total: total, Turn: 1, BegunAt: now,
	}
	if !d.simulating.reserve(job.ID) {
		return nil, ErrTooManySimulations
	}
	if err := d.simulations.put(ctx, job); err != nil {
		d.simulating.release(job.ID)
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
	if err := d.simulations.sweep(ctx, workspace, 1); err != nil {
		return err
	}
	list, err := d.simulations.list(ctx, workspace)
	if err != nil {
		return err
	}
	running := 0
	for _, job := range list {
		if job.State == JobRunning {
			running++
		}
	}
	if running >= MaxSimulations {
		return ErrTooManySimulations
	}
	return nil
}

// SimulationJob implements Desk.
func (d *Dispatcher) SimulationJob(ctx context.Context, workspace, id string) (*SimulationJob, error) {
	return d.simulations.get(ctx, workspace, id)
}

// SimulationJobs implements Desk.
func (d *Dispatcher) SimulationJobs(ctx context.Context, workspace string) ([]*SimulationJob, error) {
	return d.simulations.list(ctx, workspace)
}

// CancelSimulation implements Desk.
func (d *Dispatcher) CancelSimulation(ctx context.Context, workspace, id string) (*SimulationJob, error) {
	return d.simulations.cancel(ctx, workspace, id)
}

// simulating is the simulations of this process.
type simulating struct {
	start chan *SimulationJob // those that runSimulations is to carry out

	mu   sync.Mutex
	here map[string]bool // by id
}

// reserve makes room in this process for one more, if it may have one.
func (s *simulating) reserve(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.here[id] || len(s.here) == simulationsHere {
		return false
	}
	s.here[id] = true
	return true
}

func (s *simulating) release(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.here, id)
}

// runSimulations carries out what StartSimulation started, and what other
// processes left behind, until ctx ends.
func (d *Dispatcher) runSimulations(ctx context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	ticker := time.NewTicker(simulationLook)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			for len(d.simulating.start) > 0 {
				d.handBack(context.WithoutCancel(ctx), <-d.simulating.start)
			}
			return
		case <-ticker.C:
			d.adopt(ctx)
		case job := <-d.simulating.start:
			running.Go(func() {
				defer d.simulating.release(job.ID)
				d.carryOut(ctx, job)
			})
		}
	}
}

// adopt begins anew what other processes left behind.
func (d *Dispatcher) adopt(ctx context.Context) {
	list, err := d.simulations.running(ctx)
	if err != nil {
		if ctx.Err() == nil {
			d.options.Logger.Error("reading the running simulations failed", "error", err)
		}
		return
	}
	for _, job := range list {
		now := d.now()
		silent := now.Sub(job.UpdatedAt) > simulationSilence
		if !(job.Left || silent) || !d.simulating.reserve(job.ID) {
			continue
		}
		if !job.Left {
			job.Lost++
		}
		job.Turn, job.Left, job.Considered, job.BegunAt, job.UpdatedAt = job.Turn+1, false, 0, now, now
		if job.Lost == simulationLosses {
			job.end(JobFailed, fmt.Sprintf("%d server processes ended while they ran it; try it on fewer changes", job.Lost), now)
		}
		err := d.simulations.put(ctx, job)
		if err == nil && job.State == JobRunning {
			d.simulating.start <- job
			continue
		}
		d.simulating.release(job.ID) // it failed, or another process was faster
		if err != nil && !errors.Is(err, executionlog.ErrConflict) && ctx.Err() == nil {
			d.options.Logger.Error("taking over a simulation failed", "simulation_id", job.ID, "error", err)
		}
	}
}

// taken is the state of a job that another process carries out by now.
const taken = "taken"

// carryOut runs a simulation, writing its progress, until it is through or
// somebody cancels it.
func (d *Dispatcher) carryOut(ctx context.Context, job *SimulationJob) {
	running, stop := context.WithCancel(ctx)
	defer stop()
	result, err := d.Simulate(running, job.Workspace, job.Request, func(done, total int) {
		job.Considered, job.Total = done, total
		now := d.now()
		if now.Sub(job.UpdatedAt) < simulationBeat {
			return
		}
		job.UpdatedAt = now
		if d.beat(ctx, job); job.State != JobRunning {
			stop()
		}
	})
	ending := context.WithoutCancel(ctx)
	if err != nil && job.State == JobRunning && (ctx.Err() != nil || errors.Is(err, executionlog.ErrUnavailable)) {
		d.handBack(ending, job)
		return
	}
	d.putResult(ending, job, func() {
		switch {
		case job.State == JobCancelled:
			job.Result, job.UpdatedAt = result, d.now()
		case err != nil:
			job.end(JobFailed, err.Error(), d.now())
		default:
			job.Result = result
			job.end(JobDone, "", d.now())
		}
	})
}

// handBack leaves a simulation to whichever process looks for one next.
func (d *Dispatcher) handBack(ctx context.Context, job *SimulationJob) {
	d.putResult(ctx, job, func() {
		if job.State == JobRunning { // else it was cancelled before anything was looked at
			job.Left = true
		}
	})
}

// putResult writes a job for the last time, as change makes it. A ledger that
// is away for a moment does not cost what took long, and where somebody else
// wrote it, it is changed again.
func (d *Dispatcher) putResult(ctx context.Context, job *SimulationJob, change func()) {
	for job.State != taken {
		change()
		var put error
		_ = patiently(ctx, recordPatience, func() error {
			if put = d.simulations.put(ctx, job); errors.Is(put, executionlog.ErrUnavailable) {
				return put
			}
			return nil
		})
		switch {
		case put == nil:
			return
		case !errors.Is(put, executionlog.ErrConflict):
			d.options.Logger.Error("writing a simulation's result failed", "simulation_id", job.ID, "error", put)
			return
		}
		d.again(ctx, job)
	}
}

// beat writes progress. Where somebody else wrote it, to cancel the simulation
// or to take it over, the job's state says so.
func (d *Dispatcher) beat(ctx context.Context, job *SimulationJob) {
	err := d.simulations.put(ctx, job)
	switch {
	case err == nil:
	case errors.Is(err, executionlog.ErrConflict):
		d.again(ctx, job)
	default: // written with the next
		d.options.Logger.Warn("writing a simulation's progress failed", "simulation_id", job.ID, "error", err)
	}
}

// again reads how somebody else wrote a simulation.
func (d *Dispatcher) again(ctx context.Context, job *SimulationJob) {
	stored, err := d.simulations.get(ctx, job.Workspace, job.ID)
	if err != nil || stored.Turn != job.Turn {
		job.State = taken
		return
	}
	job.Job = stored.Job
}
