package dispatcher_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/triggers"
)

// failing is a ledger that answers a look at a delivery with an error, once,
// after some that go well.
type failing struct {
	executionlog.Ledger
	after atomic.Int64
}

func (f *failing) Delivery(ctx context.Context, workspace, id string) (*executionlog.Delivery, error) {
	if f.after.Add(-1) == 0 {
		return nil, fmt.Errorf("read delivery: %w", executionlog.ErrUnavailable)
	}
	return f.Ledger.Delivery(ctx, workspace, id)
}

// A database that goes away amid a page of a replay costs time, and none of
// the redeliveries that were about to be recorded.
func TestAReplayGoesOnAfterTheLedgerWasAway(t *testing.T) {
	ledger := &failing{Ledger: memory.New()}
	r := newReceiver(t, nil)
	e := r.endpoint("a", func(e *triggers.Endpoint) { e.MaxInFlight = 4 })
	names := add(t, ledger, newIDs(), e, 10, 10)
	d := run(t, ledger, newConfiguration(e), "")
	settled(t, ledger, names, 10*time.Second)
	ledger.after.Store(6)
	replay, err := d.StartReplay(t.Context(), executionlog.Filter{Workspace: workspace}, 1000, "ann")
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool {
		replay, err = d.Replay(t.Context(), workspace, replay.ID)
		return err == nil && replay.Ended()
	})
	if replay.State != dispatcher.JobDone || replay.Done != len(names) {
		t.Errorf("replayed %d of %d: %s %s", replay.Done, len(names), replay.State, replay.Error)
	}
}

// reading counts how often the documents of a kind are listed.
type reading struct {
	executionlog.Ledger
	ended atomic.Int64
}

func (r *reading) ListDocuments(ctx context.Context, workspace, kind string) ([]*executionlog.Document, error) {
	if kind == "replay.ended" {
		r.ended.Add(1)
	}
	return r.Ledger.ListDocuments(ctx, workspace, kind)
}

// Replays that ended are kept for a while, not for ever, and the process that
// carries replays out does not read them.
func TestReplaysThatEnded(t *testing.T) {
	now := newClock()
	ledger := &reading{Ledger: memory.New()}
	d := runWith(t, ledger, newConfiguration(), "", func(o *dispatcher.Options) { o.Now, o.Work = now.Now, false })
	var ids []string
	for range dispatcher.ReplaysKept + 2 {
		now.pass(time.Millisecond)
		replay, err := d.StartReplay(t.Context(), executionlog.Filter{Workspace: workspace}, 1000, "ann")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.CancelReplay(t.Context(), workspace, replay.ID, "ann"); err != nil && !errors.Is(err, executionlog.ErrState) {
			t.Fatal(err)
		}
		ids = append(ids, replay.ID)
	}
	listed, err := d.Replays(t.Context(), workspace)
	if err != nil || len(listed) != dispatcher.ReplaysKept || listed[0].ID != ids[len(ids)-1] || listed[0].FinishedAt.IsZero() {
		t.Fatalf("%d are kept (%v), the newest %+v", len(listed), err, listed[0])
	}
	if _, err := d.Replay(t.Context(), workspace, ids[0]); !errors.Is(err, executionlog.ErrNotFound) {
		t.Errorf("the oldest: %v", err)
	}
	before := ledger.ended.Load()
	running, err := d.StartReplay(t.Context(), executionlog.Filter{Workspace: workspace}, 1000, "ann")
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool {
		replay, err := d.Replay(t.Context(), workspace, running.ID)
		return err == nil && replay.State == dispatcher.JobDone
	})
	if read := ledger.ended.Load() - before; read > 2 { // to make room, and perhaps the hourly look
		t.Errorf("those that ended were listed %d times", read)
	}
	now.pass(dispatcher.ReplayLife + time.Minute)
	if list, err := d.Replays(t.Context(), workspace); err != nil || len(list) != 0 {
		t.Errorf("%d outlive their time (%v)", len(list), err)
	}
	eventually(t, func() bool {
		documents, err := ledger.Ledger.ListDocuments(t.Context(), workspace, "replay.ended")
		return err == nil && len(documents) == 0
	})
}

// paging is a ledger whose searches give two rows at a time, and wait until
// somebody lets them.
type paging struct {
	executionlog.Ledger
	looks atomic.Int64
	gate  chan struct{}
}

func (p *paging) Executions(ctx context.Context, filter executionlog.Filter, limit int, cursor string) (executionlog.Page[*executionlog.Attempt], error) {
	p.looks.Add(1)
	select {
	case <-p.gate:
	case <-ctx.Done():
		return executionlog.Page[*executionlog.Attempt]{}, ctx.Err()
	}
	return p.Ledger.Executions(ctx, filter, min(limit, 2), cursor)
}

// A replay of more than can be counted at once is there at once, and counts
// before it delivers. It can be cancelled then, and a process that dies amid
// the count costs time only.
func TestAReplayCountsBeforeItDelivers(t *testing.T) {
	const made = 11
	ledger := memory.New()
	r := newReceiver(t, nil)
	e := r.endpoint("a", nil)
	configuration := newConfiguration(e)
	names := add(t, ledger, newIDs(), e, made, made)
	run := func(gate chan struct{}, feed bool) (*desk, *paging) {
		pages := &paging{Ledger: ledger, gate: gate}
		return runWith(t, pages, configuration, "", func(o *dispatcher.Options) { o.Feed, o.Work = feed, feed }), pages
	}
	shut, open := make(chan struct{}), make(chan struct{})
	close(open)
	counting, looked := run(shut, true)
	settled(t, ledger, names, 10*time.Second)
	d, _ := run(open, false)
	start := func() *dispatcher.Replay {
		t.Helper()
		replay, err := d.StartReplay(t.Context(), executionlog.Filter{Workspace: workspace}, 1000, "ann")
		if err != nil || replay.State != dispatcher.JobCounting || replay.Total != 2 {
			t.Fatalf("started %+v (%v), want it counting, two so far", replay, err)
		}
		return replay
	}
	dropped, kept := start(), start()
	eventually(t, func() bool { return looked.looks.Load() > 0 })
	if _, err := d.CancelReplay(t.Context(), workspace, dropped.ID, "ann"); err != nil {
		t.Fatal(err)
	}
	counting.stop()
	if replay, err := d.Replay(t.Context(), workspace, kept.ID); err != nil || replay.State != dispatcher.JobCounting {
		t.Fatalf("after the process ended: %+v (%v)", replay, err)
	}

	run(open, true)
	var replay *dispatcher.Replay
	eventually(t, func() bool {
		var err error
		replay, err = d.Replay(t.Context(), workspace, kept.ID)
		return err == nil && replay.Ended()
	})
	if replay.State != dispatcher.JobDone || replay.Total != made || replay.Done != made {
		t.Errorf("%s: %d of %d, want all %d; %s", replay.State, replay.Done, replay.Total, made, replay.Error)
	}
	if gone, err := d.Replay(t.Context(), workspace, dropped.ID); err != nil || gone.State != dispatcher.JobCancelled || gone.Done != 0 {
		t.Errorf("the one that was cancelled amid its count: %+v (%v)", gone, err)
	}
}
