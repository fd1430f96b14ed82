package config

import (
	"errors"
	"testing"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
)

// Whoever changes an endpoint's state, by itself, with other things or as part
// of a whole configuration, it is told once; what the system does it tells
// itself.
func TestChangesOfStateAreTold(t *testing.T) {
	f := newFixture(t)
	var told []triggers.EndpointState
	f.SetStateChanged(func(after, _ *triggers.Endpoint) { told = append(told, after.State) })
	e := f.endpoint(EndpointInput{Name: "Warehouse"})
	expect := func(what string, want ...triggers.EndpointState) {
		t.Helper()
		if len(told) != len(want) || len(want) == 1 && told[0] != want[0] {
			t.Errorf("%s: told %v, want %v", what, told, want)
		}
		told = nil
	}
	expect("created")
	state := func(state triggers.EndpointState, reason string) {
		t.Helper()
		if _, err := f.ChangeState(t.Context(), admin, e.ID, state, reason); err != nil {
			t.Fatal(err)
		}
	}
	state(triggers.EndpointDisabled, "")
	expect("by hand", triggers.EndpointDisabled)
	state(triggers.EndpointDisabled, "moving house")
	expect("another reason")
	if err := f.SetEndpointState(t.Context(), DefaultWorkspace, e.ID, triggers.EndpointActive, ""); err != nil {
		t.Fatal(err)
	}
	expect("by the system")
	want := Desired{Endpoints: []DesiredEndpoint{{Path: "endpoints[0]", ID: e.ID, Input: EndpointInput{
		Name: "Warehouse", URL: e.URL, System: e.System, State: triggers.EndpointPaused,
	}}}}
	if _, err := f.CarryOut(t.Context(), admin, want); err != nil {
		t.Fatal(err)
	}
	expect("with a whole configuration", triggers.EndpointPaused)
}

// Closing a breaker is a new version of the endpoint and stands in the audit
// log; its state and what follows from it stay.
func TestClosingABreakerIsKept(t *testing.T) {
	f := newFixture(t)
	e := f.endpoint(EndpointInput{Name: "Warehouse"})
	closed, err := f.CloseBreaker(t.Context(), admin, e.ID)
	if err != nil || closed.BreakerClosedAt.IsZero() || closed.Version != e.Version+1 || !closed.StateSince.Equal(e.StateSince) {
		t.Fatalf("%+v (%v)", closed, err)
	}
	if kept := f.Endpoint(e.ID); !kept.BreakerClosedAt.Equal(closed.BreakerClosedAt) {
		t.Errorf("kept %+v", kept)
	}
	page, err := f.options.Ledger.Audit(t.Context(), executionlog.AuditQuery{Workspace: DefaultWorkspace, Action: "endpoint.breaker_closed"})
	if err != nil || len(page.Items) != 1 || page.Items[0].Target != e.ID || page.Items[0].Actor != admin.Name {
		t.Errorf("audit %+v (%v)", page.Items, err)
	}
	if _, err := f.CloseBreaker(t.Context(), admin, "ep_0000000000000"); !errors.Is(err, executionlog.ErrNotFound) {
		t.Errorf("an endpoint that is none: %v", err)
	}
}
