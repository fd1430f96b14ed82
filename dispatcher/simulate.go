package dispatcher

import (
	"context"
	"fmt"
	"strings"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// simulatedExamples bounds each list of a SimulationResult.
const simulatedExamples = 50

// simulatedPage is how many changes are read at once, and how often progress
// is told.
const simulatedPage = 500

// Simulate implements Desk. It reads the stored changes of the range oldest
// first and evaluates the draft and the version in force on each.
func (d *Dispatcher) Simulate(ctx context.Context, workspace string, request Simulation, progress func(done, total int)) (*SimulationResult, error) {
	s, err := d.newSimulation(workspace, request)
	if err != nil {
		return nil, err
	}
	total, err := d.CountSimulation(ctx, workspace, request)
	if err != nil {
		return nil, err
	}
	query, done := request.changes(workspace), 0
	for {
		page, err := d.options.Ledger.Changes(ctx, query)
		if err != nil {
			return s.result, fmt.Errorf("read the stored changes: %w", err)
		}
		for _, row := range page.Items {
			if err := s.look(row); err != nil {
				return s.result, err
			}
		}
		done += len(page.Items)
		if progress != nil {
			progress(done, max(done, total)) // changes may come in or expire meanwhile
		}
		if err := ctx.Err(); page.Next == "" || err != nil {
			return s.result, err
		}
		query.Cursor = page.Next
	}
}

// CountSimulation implements Desk.
func (d *Dispatcher) CountSimulation(ctx context.Context, workspace string, request Simulation) (int, error) {
	total, err := d.options.Ledger.CountChanges(ctx, request.changes(workspace))
	if err != nil {
		return 0, fmt.Errorf("count the stored changes: %w", err)
	}
	return total, nil
}

// changes asks for the changes of the range, oldest first.
func (r Simulation) changes(workspace string) executionlog.ChangeQuery {
	return executionlog.ChangeQuery{
		Workspace: workspace, Ticket: r.Ticket, From: r.From, To: r.To, Oldest: true, Limit: simulatedPage,
	}
}

func (d *Dispatcher) newSimulation(workspace string, request Simulation) (*simulation, error) {
	live := d.options.Config.Trigger(request.Trigger)
	if request.Trigger != "" && (live == nil || live.Workspace != workspace) {
		return nil, fmt.Errorf("trigger %s: %w", request.Trigger, executionlog.ErrNotFound)
	}
	s := &simulation{
		result: &SimulationResult{Gained: []SimulatedVerdict{}, Lost: []SimulatedVerdict{}, Examples: []SimulatedVerdict{}},
		draft:  d.compileOne(workspace, request.Draft), live: d.compileOne(workspace, live),
		memories: map[string]*[2]triggers.Memory{},
	}
	if request.Draft == nil {
		s.draft = s.live
	}
	if request.System != "" {
		if s.only = d.options.Systems.Lookup(request.System); s.only == nil {
			return nil, invalid.New("system", request.System, "must be one of %s", strings.Join(d.options.Systems.Names(), ", "))
		}
	}
	for _, t := range []*triggers.Trigger{request.Draft, live} {
		if t != nil && d.options.Systems.Lookup(t.System) != nil {
			s.systems = append(s.systems, d.options.Systems.Lookup(t.System))
		}
	}
	return s, nil
}

// compileOne compiles a trigger alone and as if it were enabled, nil for nil.
func (d *Dispatcher) compileOne(workspace string, t *triggers.Trigger) *triggers.Engine {
	if t == nil {
		return nil
	}
	enabled := *t
	enabled.Enabled = true
	return triggers.Compile([]*triggers.Trigger{&enabled}, d.options.Config.Calendars(workspace))
}

type simulation struct {
	result      *SimulationResult
	draft, live *triggers.Engine
	systems     []systems.System               // those of the draft and the live version
	only        systems.System                 // leaves out what is no event of it, or nil
	memories    map[string]*[2]triggers.Memory // by ticket: the draft's and the live version's
}

func (s *simulation) look(row *executionlog.Change) error {
	change, err := parseChange(row)
	if err != nil {
		return err
	}
	if s.only != nil && len(s.only.Detect(change)) == 0 {
		return nil
	}
	s.result.Changes++
	detected := make(map[string][]string, len(s.systems))
	for _, system := range s.systems {
		detected[system.Sheet().Name] = system.Detect(change)
	}
	memory := s.memories[row.Ticket]
	if memory == nil {
		memory = &[2]triggers.Memory{}
		s.memories[row.Ticket] = memory
	}
	evaluate := func(engine *triggers.Engine, memory *triggers.Memory) (triggers.Verdict, bool) {
		if engine == nil {
			return triggers.Verdict{}, false
		}
		verdicts := engine.EvaluateAll(change, detected, *memory)
		*memory = memory.Remember(change.ID, verdicts, engine)
		return verdicts[0], verdicts[0].Verdict == triggers.Fired
	}
	draft, now := evaluate(s.draft, &memory[0])
	live, before := evaluate(s.live, &memory[1])
	keep := func(list *[]SimulatedVerdict, v triggers.Verdict) {
		if len(*list) < simulatedExamples {
			*list = append(*list, SimulatedVerdict{Change: row.ID, Ticket: row.Ticket, At: row.At, Verdict: v})
		}
	}
	if now {
		s.result.Fired++
		keep(&s.result.Examples, draft)
	}
	if before {
		s.result.Live++
	}
	switch {
	case now && !before && s.live != nil:
		s.result.GainedCount++
		keep(&s.result.Gained, draft)
	case before && !now:
		s.result.LostCount++
		keep(&s.result.Lost, live)
	}
	return nil
}
