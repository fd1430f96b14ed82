package config

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
)

func TestWorkspaceCanBeMadeAgain(t *testing.T) {
	f := newFixture(t)
	for range 2 {
		if _, err := f.CreateWorkspace(t.Context(), admin, WorkspaceInput{Name: "acme"}); err != nil {
			t.Fatal(err)
		}
		if _, err := f.CreateWorkspace(t.Context(), admin, WorkspaceInput{Name: "acme"}); !errors.Is(err, executionlog.ErrConflict) {
			t.Errorf("made twice: %v", err)
		}
		if err := f.DeleteWorkspace(t.Context(), admin, "acme"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.PatchWorkspace(t.Context(), admin, DefaultWorkspace, []byte(`{"limits":{"triggers":1}}`)); err != nil {
		t.Fatal(err)
	}
	f.trigger(f.endpoint(EndpointInput{}).ID)
	if _, err := f.CreateTrigger(t.Context(), admin, &triggers.Trigger{Name: "x", System: "faveo"}); err == nil {
		t.Error("a second trigger, where one is allowed")
	}
}

func TestRetentionOfWorkspaces(t *testing.T) {
	const day = 24 * time.Hour
	f := newFixture(t)
	f.options.Keep = executionlog.Keep{Bodies: 30 * day, Succeeded: 90 * day, Failed: 180 * day, Changes: 180 * day}
	for _, in := range []WorkspaceInput{{Name: "plain"}, {Name: "brief", Retention: Retention{BodiesDays: 7, FailedDays: 90}}} {
		if _, err := f.CreateWorkspace(t.Context(), admin, in); err != nil {
			t.Fatal(err)
		}
	}
	want := executionlog.Retention{Keep: f.options.Keep, Workspaces: map[string]executionlog.Keep{
		"brief": {Bodies: 7 * day, Succeeded: 90 * day, Failed: 90 * day, Changes: 180 * day},
	}, Leap: executionlog.DefaultLeap, Settle: executionlog.DefaultSettle}
	if diff := cmp.Diff(want, f.Retention()); diff != "" {
		t.Errorf("retention (-want +got):\n%s", diff)
	}
	if f.Retention().Of("plain") != f.options.Keep || f.Retention().Of("nobody") != f.options.Keep {
		t.Error("a workspace without settings of its own does not keep what the process keeps")
	}
}
