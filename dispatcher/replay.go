package dispatcher

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

const (
	replayBatch = 100
	replayEvery = time.Second
	// ReplayRate is used where a replay names no rate, in deliveries per second,
	// and ReplayMaxRate is the highest.
	ReplayRate    = 100
	ReplayMaxRate = 10_000
	// ReplaysKept is how many replays of a workspace are kept, and ReplayLife
	// how long after they ended.
	ReplaysKept = 100
	ReplayLife  = 30 * 24 * time.Hour
	// sweepEvery is how often the process that feeds removes older ones.
	sweepEvery = time.Hour
)

// replaying is what the process that carries out a replay remembers of it.
type replaying struct {
	count *count // while it is counting
	// done are the deliveries that were repeated or left out, nil until the
	// ledger was asked what a process before this one has made.
	done *deliverySet
	pace replayPace
}

// StartReplay implements Desk. The process that feeds the queue carries it
// out, from its cursor on, so that it goes on after a restart. Where the log
// holds much, that process counts, too.
func (d *Dispatcher) StartReplay(ctx context.Context, filter executionlog.Filter, ratePerSecond float64, actor string) (*Replay, error) {
	switch {
	case ratePerSecond == 0:
		ratePerSecond = ReplayRate
	case ratePerSecond < 0 || ratePerSecond > ReplayMaxRate:
		return nil, invalid.New("rate_per_second", ratePerSecond, "must be above 0 and at most %d", ReplayMaxRate)
	}
	now := d.now()
	if filter.To.IsZero() || filter.To.After(now) {
		filter.To = now // what the replay itself brings about is not replayed
	}
	filter.OldestFirst = true
	var c count
	over, err := c.some(ctx, d.options.Ledger, filter, countAtOnce)
	if err != nil {
		return nil, err
	}
	r := &Replay{
		Job:    Job{ID: d.ids.New(id.Replay), Workspace: filter.Workspace, Actor: actor, State: JobCounting, CreatedAt: now, UpdatedAt: now},
		Filter: filter, RatePerSecond: ratePerSecond, Total: c.seen.len(),
	}
	if over {
		r.State = JobRunning
	}
	if err := d.replays.sweep(ctx, filter.Workspace, 1); err != nil {
		return nil, err
	}
	entries, err := d.auditReplay(r, actor, "replay.started", nil)
	if err != nil {
		return nil, err
	}
	return r, d.replays.put(ctx, r, entries...)
}

// Replay implements Desk.
func (d *Dispatcher) Replay(ctx context.Context, workspace, id string) (*Replay, error) {
	return d.replays.get(ctx, workspace, id)
}

// Replays implements Desk.
func (d *Dispatcher) Replays(ctx context.Context, workspace string) ([]*Replay, error) {
	return d.replays.list(ctx, workspace)
}

// CancelReplay implements Desk.
func (d *Dispatcher) CancelReplay(ctx context.Context, workspace, id, actor string) (*Replay, error) {
	return d.changeReplay(ctx, workspace, id, actor, "replay.cancelled", func(r *Replay) error { return r.cancel(d.now()) })
}

// ResumeReplay implements Desk. What a process made of it and could not note
// before it was cancelled is read from the ledger by the one that goes on.
func (d *Dispatcher) ResumeReplay(ctx context.Context, workspace, id, actor string) (*Replay, error) {
	return d.changeReplay(ctx, workspace, id, actor, "replay.resumed", func(r *Replay) error {
		state := JobRunning
		if r.Cursor == "" {
			state = JobCounting // it may not have been counted to the end
		}
		return r.resume(state, d.now())
	})
}

// changeReplay changes a replay on somebody's behalf, which the audit log tells.
func (d *Dispatcher) changeReplay(ctx context.Context, workspace, id, actor, action string, change func(*Replay) error) (*Replay, error) {
	return d.replays.change(ctx, workspace, id, func(r *Replay) ([]executionlog.AuditEntry, error) {
		before := *r
		if err := change(r); err != nil {
			return nil, err
		}
		return d.auditReplay(r, actor, action, &before)
	})
}

// auditReplay makes the entry of the audit log about a replay; before is nil
// for one that is new.
func (d *Dispatcher) auditReplay(r *Replay, actor, action string, before *Replay) ([]executionlog.AuditEntry, error) {
	type shown struct {
		State         string  `json:"state"`
		Done          int     `json:"done"`
		Total         int     `json:"total"`
		RatePerSecond float64 `json:"rate_per_second"`
	}
	entry := executionlog.AuditEntry{
		ID: d.options.AuditID(), Workspace: r.Workspace, At: d.now(), Actor: cmp.Or(actor, ownActor), Action: action, Target: r.ID,
	}
	for _, side := range []struct {
		of   *Replay
		into *[]byte
	}{{before, &entry.Before}, {r, &entry.After}} {
		if side.of == nil {
			continue
		}
		var err error
		if *side.into, err = json.Marshal(shown{side.of.State, side.of.Done, side.of.Total, side.of.RatePerSecond}); err != nil {
			return nil, fmt.Errorf("encode audit entry: %w", err)
		}
	}
	return []executionlog.AuditEntry{entry}, nil
}

// runReplays carries out the running replays of all workspaces while this
// process feeds the queue.
func (d *Dispatcher) runReplays(ctx context.Context) {
	ticker := time.NewTicker(replayEvery)
	defer ticker.Stop()
	var swept time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if !d.feeder.leading() {
			clear(d.replaying) // another process goes on with them
			continue
		}
		if now := d.now(); now.Sub(swept) >= sweepEvery || now.Before(swept) {
			swept = now
			d.sweepJobs(ctx)
		}
		list, err := d.replays.running(ctx)
		if err != nil {
			if ctx.Err() == nil {
				d.options.Logger.Error("reading the running replays failed", "error", err)
			}
			continue
		}
		runs := make(map[string]bool, len(list))
		for _, r := range list {
			runs[r.ID] = true
			if ctx.Err() == nil {
				d.advance(ctx, r)
			}
		}
		maps.DeleteFunc(d.replaying, func(id string, _ *replaying) bool { return !runs[id] })
	}
}

// sweepJobs removes the replays and simulations that were kept long enough.
func (d *Dispatcher) sweepJobs(ctx context.Context) {
	err := errors.Join(d.replays.sweep(ctx, "", 0), d.simulations.sweep(ctx, "", 0))
	if err != nil && ctx.Err() == nil {
		d.options.Logger.Warn("removing old replays and simulations failed", "error", err)
	}
}

// advance counts for about a second, or makes the redeliveries of one.
func (d *Dispatcher) advance(ctx context.Context, r *Replay) {
	step := d.replaySome
	if r.State == JobCounting {
		step = d.countSome
	}
	if err := step(ctx, r); err != nil {
		delete(d.replaying, r.ID) // what was made is read from the ledger then
		if ctx.Err() != nil || errors.Is(err, executionlog.ErrUnavailable) {
			return // tried again in a second
		}
		r.end(JobFailed, err.Error(), d.now())
	}
	r.UpdatedAt = d.now()
	if err := d.replays.put(ctx, r); err != nil {
		if at := d.replaying[r.ID]; at != nil {
			at.done = nil // what was made is not in the document's count
		}
		if !errors.Is(err, executionlog.ErrConflict) { // else it was cancelled
			d.options.Logger.Error("writing a replay's progress failed", "replay_id", r.ID, "error", err)
		}
	}
}

func (d *Dispatcher) replaySome(ctx context.Context, r *Replay) error {
	at := d.replaying[r.ID]
	if at == nil {
		at = &replaying{}
		d.replaying[r.ID] = at
	}
	if at.done == nil {
		var err error
		if at.done, err = d.replayed(ctx, r); err != nil {
			return err
		}
		r.Done = max(r.Done, at.done.len()) // some may have been made since it was written, and retention removes others
	}
	budget := at.pace.turn(r.RatePerSecond)
	for budget > 0 && r.State == JobRunning {
		page, err := d.options.Ledger.Executions(ctx, r.Filter, min(budget, replayBatch), r.Cursor)
		if err != nil {
			return fmt.Errorf("read the log: %w", err)
		}
		var list []*executionlog.NewDelivery
		for _, attempt := range page.Items {
			if !at.done.add(attempt.Delivery) {
				continue
			}
			again, err := d.replayOne(ctx, r, attempt.Delivery, at.done)
			if err != nil {
				return err
			}
			if again != nil {
				list = append(list, again)
			}
		}
		if len(list) > 0 {
			if err := d.options.Ledger.Add(ctx, list); err != nil {
				return fmt.Errorf("record the redeliveries: %w", err)
			}
			d.notify(&Notice{Arrived: arrivals(list), Look: d.orderedEndpoints(list)})
		}
		looked := max(1, len(list)) // a page without any costs the ledger as much
		budget -= looked
		at.pace.spend(looked)
		r.Done += len(list)
		r.Cursor = page.Next
		if page.Next == "" {
			r.end(JobDone, "", d.now())
		}
	}
	return nil
}

// replayOne makes the redelivery of one delivery, nil where it was made
// before or cannot be repeated now.
func (d *Dispatcher) replayOne(ctx context.Context, r *Replay, delivery string, done *deliverySet) (*executionlog.NewDelivery, error) {
	original, err := d.options.Ledger.Delivery(ctx, r.Workspace, delivery)
	if errors.Is(err, executionlog.ErrNotFound) {
		return nil, nil //nolint:nilnil // retention removed it
	}
	if err != nil {
		return nil, fmt.Errorf("read delivery %s: %w", delivery, err)
	}
	if original.RedeliveryOf != "" && !done.add(original.RedeliveryOf) {
		return nil, nil //nolint:nilnil // its original is replayed already
	}
	again, err := d.repeat(original, r.ID)
	if errors.Is(err, executionlog.ErrState) {
		return nil, nil //nolint:nilnil // still pending, or its endpoint is gone
	}
	return again, err
}

// replayed returns the deliveries that a replay has repeated so far: what the
// ledger says, since a crash may have come between them and the cursor.
func (d *Dispatcher) replayed(ctx context.Context, r *Replay) (*deliverySet, error) {
	done := &deliverySet{}
	query := executionlog.DeliveryQuery{Workspace: r.Workspace, Replay: r.ID, Limit: 500}
	for {
		page, err := d.options.Ledger.ListDeliveries(ctx, query)
		if err != nil {
			return nil, fmt.Errorf("read what was replayed: %w", err)
		}
		for _, delivery := range page.Items {
			done.add(delivery.RedeliveryOf)
		}
		if page.Next == "" {
			return done, nil
		}
		query.Cursor = page.Next
	}
}
