package dispatcher

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// The states of a Replay.
const (
	ReplayRunning   = "running"
	ReplayDone      = "done"
	ReplayCancelled = "cancelled"
	ReplayFailed    = "failed"
)

const (
	replayKind  = "replay"
	replayBatch = 100
	replayEvery = time.Second
	// replayRate is used where a replay names no rate, in deliveries per second.
	replayRate    = 100
	replayMaxRate = 10_000
	// ownActor is the author where nobody is named.
	ownActor = "hookdesk"
)

// CountReplay implements Desk.
func (d *Dispatcher) CountReplay(ctx context.Context, filter executionlog.Filter) (int, error) {
	seen := map[string]bool{}
	err := d.options.Ledger.Export(ctx, filter, func(a *executionlog.Attempt) error {
		seen[a.Delivery] = true
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("count the deliveries: %w", err)
	}
	return len(seen), nil
}

// StartReplay implements Desk. The process that feeds the queue carries it
// out, from its cursor on, so that it goes on after a restart.
func (d *Dispatcher) StartReplay(ctx context.Context, filter executionlog.Filter, ratePerSecond float64, actor string) (*Replay, error) {
	switch {
	case ratePerSecond == 0:
		ratePerSecond = replayRate
	case ratePerSecond < 0 || ratePerSecond > replayMaxRate:
		return nil, invalid.New("rate_per_second", ratePerSecond, "must be above 0 and at most %d", replayMaxRate)
	}
	total, err := d.CountReplay(ctx, filter)
	if err != nil {
		return nil, err
	}
	now := d.now()
	if filter.To.IsZero() {
		filter.To = now // what the replay itself brings about is not replayed
	}
	filter.OldestFirst = true
	r := &Replay{
		ID: d.ids.New(id.Replay), Workspace: filter.Workspace, Filter: filter, RatePerSecond: ratePerSecond,
		Actor: actor, State: ReplayRunning, Total: total, CreatedAt: now, UpdatedAt: now,
	}
	return r, d.putReplay(ctx, r, 0)
}

// Replay implements Desk.
func (d *Dispatcher) Replay(ctx context.Context, workspace, id string) (*Replay, error) {
	r, _, err := d.getReplay(ctx, workspace, id)
	return r, err
}

// Replays implements Desk.
func (d *Dispatcher) Replays(ctx context.Context, workspace string) ([]*Replay, error) {
	documents, err := d.options.Ledger.ListDocuments(ctx, workspace, replayKind)
	if err != nil {
		return nil, fmt.Errorf("list replays: %w", err)
	}
	list := make([]*Replay, 0, len(documents))
	for _, document := range documents {
		r, err := parseReplay(document)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b *Replay) int { return cmp.Compare(b.ID, a.ID) })
	return list, nil
}

// CancelReplay implements Desk.
func (d *Dispatcher) CancelReplay(ctx context.Context, workspace, id string) (*Replay, error) {
	for {
		r, version, err := d.getReplay(ctx, workspace, id)
		if err != nil {
			return nil, err
		}
		if r.State != ReplayRunning {
			return nil, fmt.Errorf("replay %s is %s: %w", id, r.State, executionlog.ErrState)
		}
		r.State, r.UpdatedAt = ReplayCancelled, d.now()
		err = d.putReplay(ctx, r, version)
		if !errors.Is(err, executionlog.ErrConflict) { // else it made progress meanwhile
			return r, err
		}
	}
}

func (d *Dispatcher) getReplay(ctx context.Context, workspace, id string) (*Replay, int, error) {
	document, err := d.options.Ledger.Document(ctx, workspace, replayKind, id)
	if err != nil {
		return nil, 0, err
	}
	r, err := parseReplay(document)
	return r, document.Version, err
}

func parseReplay(document *executionlog.Document) (*Replay, error) {
	r := &Replay{}
	if err := json.Unmarshal(document.Body, r); err != nil {
		return nil, fmt.Errorf("read replay %s: %w", document.ID, err)
	}
	r.Workspace = document.Workspace
	r.Filter.Workspace = document.Workspace
	return r, nil
}

func (d *Dispatcher) putReplay(ctx context.Context, r *Replay, version int) error {
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode the replay: %w", err)
	}
	return d.putProgress(ctx, executionlog.Document{
		Workspace: r.Workspace, Kind: replayKind, ID: r.ID, Body: body, Author: r.Actor,
	}, version)
}

// putProgress writes the document of something that goes on, in place of a
// version of it.
func (d *Dispatcher) putProgress(ctx context.Context, document executionlog.Document, version int) error {
	document.Version, document.At, document.Author = version+1, d.now(), cmp.Or(document.Author, ownActor)
	return d.options.Ledger.Put(ctx, []executionlog.DocumentWrite{{Document: document, Expect: version, Forget: true, Quiet: true}}, nil)
}

// runReplays carries out the running replays of all workspaces while this
// process feeds the queue.
func (d *Dispatcher) runReplays(ctx context.Context) {
	ticker := time.NewTicker(replayEvery)
	defer ticker.Stop()
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
		list, err := d.Replays(ctx, "")
		if err != nil {
			if ctx.Err() == nil {
				d.options.Logger.Error("replays_unreadable", "error", err)
			}
			continue
		}
		for _, r := range list {
			if r.State != ReplayRunning {
				delete(d.replaying, r.ID)
			} else if ctx.Err() == nil {
				d.advance(ctx, r)
			}
		}
	}
}

// advance makes the redeliveries of about one second.
func (d *Dispatcher) advance(ctx context.Context, r *Replay) {
	r, version, err := d.getReplay(ctx, r.Workspace, r.ID)
	if err != nil || r.State != ReplayRunning {
		return
	}
	if err := d.replaySome(ctx, r); err != nil {
		delete(d.replaying, r.ID) // what was made is read from the ledger then
		if ctx.Err() != nil || errors.Is(err, executionlog.ErrUnavailable) {
			return // tried again in a second
		}
		r.State, r.Error = ReplayFailed, err.Error()
	}
	r.UpdatedAt = d.now()
	if err := d.putReplay(ctx, r, version); err != nil && !errors.Is(err, executionlog.ErrConflict) {
		d.options.Logger.Error("replay_progress_lost", "replay_id", r.ID, "error", err)
	}
}

func (d *Dispatcher) replaySome(ctx context.Context, r *Replay) error {
	done := d.replaying[r.ID]
	if done == nil {
		var err error
		if done, err = d.replayed(ctx, r); err != nil {
			return err
		}
		d.replaying[r.ID], r.Done = done, len(done) // some may have been made since it was written
	}
	budget := max(1, int(r.RatePerSecond*replayEvery.Seconds()))
	for budget > 0 && r.State == ReplayRunning {
		page, err := d.options.Ledger.Executions(ctx, r.Filter, min(budget, replayBatch), r.Cursor)
		if err != nil {
			return fmt.Errorf("read the log: %w", err)
		}
		var list []*executionlog.NewDelivery
		for _, attempt := range page.Items {
			if done[attempt.Delivery] {
				continue
			}
			again, err := d.replayOne(ctx, r, attempt.Delivery, done)
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
		budget -= max(1, len(list))
		r.Done += len(list)
		r.Cursor = page.Next
		if page.Next == "" {
			r.State = ReplayDone
		}
	}
	return nil
}

// replayOne makes the redelivery of one delivery, nil where it was made
// before or cannot be repeated now.
func (d *Dispatcher) replayOne(ctx context.Context, r *Replay, delivery string, done map[string]bool) (*executionlog.NewDelivery, error) {
	done[delivery] = true
	original, err := d.options.Ledger.Delivery(ctx, r.Workspace, delivery)
	if errors.Is(err, executionlog.ErrNotFound) {
		return nil, nil //nolint:nilnil // retention removed it
	}
	if err != nil {
		return nil, fmt.Errorf("read delivery %s: %w", delivery, err)
	}
	if original.RedeliveryOf != "" {
		if done[original.RedeliveryOf] {
			return nil, nil //nolint:nilnil // its original is replayed already
		}
		done[original.RedeliveryOf] = true
	}
	again, err := d.repeat(original, r.ID)
	if errors.Is(err, executionlog.ErrState) {
		return nil, nil //nolint:nilnil // still pending, or its endpoint is gone
	}
	return again, err
}

// replayed returns the deliveries that a replay has repeated so far: what the
// ledger says, since a crash may have come between them and the cursor.
func (d *Dispatcher) replayed(ctx context.Context, r *Replay) (map[string]bool, error) {
	done := map[string]bool{}
	query := executionlog.DeliveryQuery{Workspace: r.Workspace, Replay: r.ID, Limit: 500}
	for {
		page, err := d.options.Ledger.ListDeliveries(ctx, query)
		if err != nil {
			return nil, fmt.Errorf("read what was replayed: %w", err)
		}
		for _, delivery := range page.Items {
			done[delivery.RedeliveryOf] = true
		}
		if page.Next == "" {
			return done, nil
		}
		query.Cursor = page.Next
	}
}
