package dispatcher_test

import (
	"context"
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
		return err == nil && replay.State != dispatcher.ReplayRunning
	})
	if replay.State != dispatcher.ReplayDone || replay.Done != len(names) {
		t.Errorf("replayed %d of %d: %s %s", replay.Done, len(names), replay.State, replay.Error)
	}
}
