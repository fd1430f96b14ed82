package dispatcher_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/triggers"
)

// adding is a ledger that says when redeliveries were recorded, before the
// replay that made them notes it.
type adding struct {
	executionlog.Ledger
	added func(replay string)
}

func (a *adding) Add(ctx context.Context, list []*executionlog.NewDelivery) error {
	err := a.Ledger.Add(ctx, list)
	if replay := list[0].Replay; replay != "" && a.added != nil {
		a.added(replay)
	}
	return err
}

// A replay that was cancelled goes on where it was, in another process too,
// and repeats nothing twice: not even what it made and could not note before
// it was cancelled.
func TestACancelledReplayGoesOn(t *testing.T) {
	const made = 12
	for _, c := range []struct {
		name    string
		restart bool
	}{{"in the same process", false}, {"after a restart", true}} {
		t.Run(c.name, func(t *testing.T) {
			ledger := &adding{Ledger: memory.New()}
			r := newReceiver(t, nil)
			e := r.endpoint("a", func(e *triggers.Endpoint) { e.MaxInFlight = 4 })
			configuration := newConfiguration(e)
			names := add(t, ledger, newIDs(), e, made, made)
			d := run(t, ledger, configuration, "")
			settled(t, ledger, names, 10*time.Second)

			cancelled := make(chan error, 1)
			var once sync.Once
			ledger.added = func(replay string) {
				once.Do(func() {
					_, err := d.CancelReplay(context.Background(), workspace, replay, "ann")
					cancelled <- err
				})
			}
			replay, err := d.StartReplay(t.Context(), executionlog.Filter{Workspace: workspace}, 6, "ann")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := d.ResumeReplay(t.Context(), workspace, replay.ID, "bob"); !errors.Is(err, executionlog.ErrState) {
				t.Errorf("resuming what runs: %v", err)
			}
			if err := <-cancelled; err != nil {
				t.Fatal(err)
			}
			if c.restart {
				d.stop()
				d = run(t, ledger, configuration, "")
			}
			replay, err = d.ResumeReplay(t.Context(), workspace, replay.ID, "bob")
			if err != nil || replay.Ended() || !replay.FinishedAt.IsZero() || replay.Actor != "ann" {
				t.Fatalf("resumed: %+v (%v)", replay, err)
			}
			eventually(t, func() bool {
				replay, err = d.Replay(t.Context(), workspace, replay.ID)
				return err == nil && replay.Ended()
			})
			if replay.State != dispatcher.JobDone || replay.Done != made || replay.Total != made {
				t.Errorf("%s: %d of %d, want all %d; %s", replay.State, replay.Done, replay.Total, made, replay.Error)
			}
			again, err := ledger.ListDeliveries(t.Context(), executionlog.DeliveryQuery{Workspace: workspace, Replay: replay.ID, Limit: 100})
			var originals []string
			for _, delivery := range again.Items {
				originals = append(originals, delivery.RedeliveryOf)
			}
			slices.Sort(originals)
			if slices.Sort(names); err != nil || !slices.Equal(originals, names) {
				t.Errorf("repeated %v (%v), want each of %v once", originals, err, names)
			}
			if _, err := d.ResumeReplay(t.Context(), workspace, replay.ID, "bob"); !errors.Is(err, executionlog.ErrState) {
				t.Errorf("resuming what is done: %v", err)
			}
			if list, err := d.Replays(t.Context(), workspace); err != nil || len(list) != 1 {
				t.Errorf("%d replays are listed (%v)", len(list), err)
			}
		})
	}
}

// A replay that was cancelled amid its count, with nothing made, is counted
// before it delivers.
func TestAReplayCancelledAmidItsCountGoesOn(t *testing.T) {
	const made = 7
	ledger := memory.New()
	r := newReceiver(t, nil)
	e := r.endpoint("a", nil)
	configuration := newConfiguration(e)
	names := add(t, ledger, newIDs(), e, made, made)
	first := run(t, ledger, configuration, "")
	settled(t, ledger, names, 10*time.Second)
	first.stop()

	open := make(chan struct{})
	close(open)
	pages := &paging{Ledger: ledger, gate: open}
	d := runWith(t, pages, configuration, "", func(o *dispatcher.Options) { o.Feed, o.Work = false, false })
	replay, err := d.StartReplay(t.Context(), executionlog.Filter{Workspace: workspace}, 1000, "ann")
	if err != nil || replay.State != dispatcher.JobCounting {
		t.Fatalf("started %+v (%v), want it counting", replay, err)
	}
	if _, err := d.CancelReplay(t.Context(), workspace, replay.ID, "ann"); err != nil {
		t.Fatal(err)
	}
	if replay, err = d.ResumeReplay(t.Context(), workspace, replay.ID, "ann"); err != nil || replay.State != dispatcher.JobCounting {
		t.Fatalf("resumed %+v (%v), want it counting", replay, err)
	}
	runWith(t, pages, configuration, "", func(*dispatcher.Options) {})
	eventually(t, func() bool {
		replay, err = d.Replay(t.Context(), workspace, replay.ID)
		return err == nil && replay.Ended()
	})
	if replay.State != dispatcher.JobDone || replay.Total != made || replay.Done != made {
		t.Errorf("%s: %d of %d, want all %d; %s", replay.State, replay.Done, replay.Total, made, replay.Error)
	}
}

// moving is a ledger that has something happen before those that ended are
// listed.
type moving struct {
	executionlog.Ledger
	before func()
}

func (m *moving) ListDocuments(ctx context.Context, workspace, kind string) ([]*executionlog.Document, error) {
	if before := m.before; kind == "replay.ended" && before != nil {
		m.before = nil
		before()
	}
	return m.Ledger.ListDocuments(ctx, workspace, kind)
}

// A replay that ends, or goes on, while replays are listed is in the list once.
func TestAReplayIsListedWhateverBecomesOfIt(t *testing.T) {
	ledger := &moving{Ledger: memory.New()}
	d := runWith(t, ledger, newConfiguration(), "", func(o *dispatcher.Options) { o.Feed, o.Work = false, false })
	replay, err := d.StartReplay(t.Context(), executionlog.Filter{Workspace: workspace}, 1000, "ann")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		change func(context.Context, string, string, string) (*dispatcher.Replay, error)
		want   string
	}{{d.CancelReplay, dispatcher.JobCancelled}, {d.ResumeReplay, dispatcher.JobCounting}} {
		ledger.before = func() {
			if _, err := c.change(t.Context(), workspace, replay.ID, "ann"); err != nil {
				t.Error(err)
			}
		}
		list, err := d.Replays(t.Context(), workspace)
		if err != nil || len(list) != 1 || list[0].State != c.want {
			t.Errorf("listed %+v (%v), want the one that is %s", list, err, c.want)
		}
	}
}
