package config

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/triggers"
)

var admin = Actor{Name: "admin", Workspace: DefaultWorkspace, Admin: true}

// fixture is a Service over a ledger in memory, at a time of the test's own.
type fixture struct {
	*Service
	t      *testing.T
	ledger *memory.Store
	keys   *signing.Keyring
	clock  time.Time
	logs   *bytes.Buffer
}

func newFixture(t *testing.T, change ...func(*Options)) *fixture {
	t.Helper()
	keys, err := signing.NewKeyring(signing.GenerateKey())
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t, ledger: memory.New(), keys: keys, clock: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), logs: &bytes.Buffer{}}
	f.Service = f.another(change...)
	return f
}

// another returns one more Service over the same ledger: another process.
func (f *fixture) another(change ...func(*Options)) *Service {
	f.t.Helper()
	options := Options{
		Ledger: f.ledger, Systems: all.Registry(), Keys: f.keys,
		Now: func() time.Time { return f.clock }, Logger: slog.New(slog.NewTextHandler(f.logs, nil)),
	}
	for _, c := range change {
		c(&options)
	}
	service, err := New(f.t.Context(), options)
	if err != nil {
		f.t.Fatal(err)
	}
	return service
}

func (f *fixture) endpoint(in EndpointInput) *triggers.Endpoint {
	f.t.Helper()
	if in.URL == "" {
		in.URL = "https://example.com/hook"
	}
	if in.System == "" {
		in.System = "faveo"
	}
	endpoint, _, err := f.CreateEndpoint(f.t.Context(), admin, in, EndpointOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	return endpoint
}

func (f *fixture) trigger(endpoint string) *triggers.Trigger {
	f.t.Helper()
	trigger, err := f.CreateTrigger(f.t.Context(), admin, &triggers.Trigger{
		Name: "Rule", System: "faveo", Enabled: true, Then: []triggers.Action{{Webhook: &triggers.WebhookAction{Endpoint: endpoint}}},
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return trigger
}

func TestAnotherProcessFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		other := f.another()
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			other.Run(ctx)
			close(done)
		}()
		e := f.endpoint(EndpointInput{})
		trigger := f.trigger(e.ID)
		if other.Endpoint(e.ID) != nil {
			t.Error("known at once")
		}
		time.Sleep(pollInterval + time.Millisecond)
		if other.Endpoint(e.ID) == nil || other.Trigger(trigger.ID) == nil || len(other.Engine(DefaultWorkspace).Triggers()) != 1 {
			t.Error("not followed within the interval")
		}
		stop()
		<-done
	})
}

func TestTwoProcessesDoNotOverwriteEachOther(t *testing.T) {
	f := newFixture(t)
	e := f.endpoint(EndpointInput{})
	other := f.another()
	if _, _, err := f.PatchEndpoint(t.Context(), admin, e.ID, []byte(`{"name":"first"}`), EndpointOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := other.PatchEndpoint(t.Context(), admin, e.ID, []byte(`{"name":"second"}`), EndpointOptions{}); !errors.Is(err, executionlog.ErrConflict) {
		t.Errorf("the second process got %v", err)
	}
	// The system itself does not give up over that.
	if err := other.SetEndpointState(t.Context(), DefaultWorkspace, e.ID, triggers.EndpointDisabled, "410 Gone"); err != nil {
		t.Fatal(err)
	}
	if now := other.Endpoint(e.ID); now.Name != "first" || now.State != triggers.EndpointDisabled || now.StateReason != "410 Gone" {
		t.Errorf("endpoint %+v", now)
	}
}

func TestEngineOfThePast(t *testing.T) {
	f := newFixture(t)
	e := f.endpoint(EndpointInput{})
	f.clock = f.clock.Add(time.Hour)
	trigger := f.trigger(e.ID)
	before, then := f.clock.Add(-time.Minute), f.clock.Add(time.Minute)
	f.clock = f.clock.Add(time.Hour)
	if _, err := f.PatchTrigger(t.Context(), admin, trigger.ID, []byte(`{"name":"Later"}`), AnyVersion); err != nil {
		t.Fatal(err)
	}
	f.clock = f.clock.Add(time.Hour)
	if err := f.DeleteTrigger(t.Context(), admin, trigger.ID, AnyVersion); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Time]string{before: "", then: "Rule", then.Add(time.Hour): "Later", f.clock.Add(time.Minute): ""} {
		engine, err := f.EngineAt(t.Context(), DefaultWorkspace, at)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if list := engine.Triggers(); len(list) > 0 {
			got = list[0].Name
		}
		if got != want {
			t.Errorf("at %s the trigger is %q, want %q", at, got, want)
		}
	}
}

func TestOneBrokenDocumentStopsNoOther(t *testing.T) {
	f := newFixture(t)
	e := f.endpoint(EndpointInput{})
	broken := executionlog.Document{Workspace: DefaultWorkspace, Kind: kindEndpoint, ID: "ep_broken", Version: 1, Body: []byte(`{"url":7}`), At: f.clock}
	if err := f.ledger.Put(t.Context(), []executionlog.DocumentWrite{{Document: broken}}, nil); err != nil {
		t.Fatal(err)
	}
	other := f.another()
	if other.Endpoint(e.ID) == nil || other.Endpoint("ep_broken") != nil || !strings.Contains(f.logs.String(), "ep_broken") {
		t.Errorf("endpoints %v, log %s", other.Endpoints(DefaultWorkspace), f.logs)
	}
}

func TestCalendarInUse(t *testing.T) {
	f := newFixture(t)
	calendar, err := f.CreateCalendar(t.Context(), admin, []byte(`{"name":"Office","zone":"Europe/Oslo","hours":[{"day":"monday","from":"09:00","to":"17:00"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	in, err := DecodeTrigger([]byte(`{"name":"x","system":"faveo","when":{"any":[{"all":[{"field":"created_at","op":"in_business_hours","options":{"calendar":"` + calendar.ID + `"}}]}]},"then":[{"tag":{"add":["late"]}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	trigger, err := f.CreateTrigger(t.Context(), admin, in)
	if err != nil {
		t.Fatal(err)
	}
	var inUse *InUseError
	if err := f.DeleteCalendar(t.Context(), admin, calendar.ID); !errors.As(err, &inUse) || !slices.Equal(inUse.By, []string{trigger.ID}) {
		t.Errorf("deleted in use: %v", err)
	}
	if len(f.Calendars(DefaultWorkspace)) != 1 || len(f.Calendars("acme")) != 0 {
		t.Error("calendars of the workspaces are mixed")
	}
}

// What is only tried needs neither a name nor an action.
func TestADraftNeedsOnlyConditions(t *testing.T) {
	s := newFixture(t)
	draft, err := s.Draft(DefaultWorkspace, "", &triggers.Trigger{System: "faveo", Enabled: true})
	if err != nil || len(draft.Then) != 0 || draft.Fire != triggers.FireEvery {
		t.Errorf("%+v (%v)", draft, err)
	}
	if _, err := s.Draft(DefaultWorkspace, "", &triggers.Trigger{System: "faveo", On: []string{"ticket_exploded"}}); err == nil || !strings.Contains(err.Error(), "on.0") {
		t.Errorf("a draft for an unknown event: %v", err)
	}
}
