package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/invalid"
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

func TestDefaultsComeFromTheSheet(t *testing.T) {
	f := newFixture(t)
	for _, system := range all.Registry().All() {
		sheet := system.Sheet()
		in := EndpointInput{System: sheet.Name, Settings: map[string]Scalar{}}
		for _, setting := range sheet.Settings {
			if setting.Required && setting.Default == "" {
				in.Settings[setting.Name] = "x"
			}
		}
		e := f.endpoint(in)
		if e.Revision != sheet.DefaultRevision || e.Retry.MaxAttempts != sheet.Policy.Retry.MaxAttempts || e.Name != "example.com" ||
			e.TimeoutSeconds != 15 || e.MaxInFlight != 64 || e.Ordered != triggers.Unordered || e.OnFailure != triggers.OnFailureBlock || e.Auth.Type != triggers.AuthNone {
			t.Errorf("%s: %+v", sheet.Name, e)
		}
		want := sheet.Signing
		if want == "" {
			want = SchemeNone
		}
		if keys, err := f.SigningKeys(e, f.clock); e.Signing.Scheme != want || err != nil || (len(keys) == 1) != (want != SchemeNone) {
			t.Errorf("%s signs by %q with %d keys, %v", sheet.Name, e.Signing.Scheme, len(keys), err)
		}
	}
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

func TestOldSecretSignsUntilItExpires(t *testing.T) {
	f := newFixture(t)
	e, first, err := f.CreateEndpoint(t.Context(), admin, EndpointInput{URL: "https://example.com/x", System: "superoffice"}, EndpointOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, second, err := f.RotateSecret(t.Context(), admin, e.ID, "", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for after, want := range map[time.Duration][]string{
		0: {second, first}, time.Hour - time.Microsecond: {second, first}, time.Hour: {second},
	} {
		if keys, err := f.SigningKeys(f.Endpoint(e.ID), f.clock.Add(after)); err != nil || !slices.Equal(keys, want) {
			t.Errorf("after %s: %v, %v", after, keys, err)
		}
	}
	f.clock = f.clock.Add(2 * time.Hour)
	_, third, err := f.RotateSecret(t.Context(), admin, e.ID, "a secret of my own", 0)
	if err != nil || third != "a secret of my own" {
		t.Errorf("third %q, %v", third, err)
	}
	if sealed := f.Endpoint(e.ID).Sealed.Secrets; len(sealed) != 1 {
		t.Errorf("%d secrets are kept", len(sealed))
	}
	for overlap, secret := range map[time.Duration]string{-1: "", MaxOverlap + 1: "", 0: " x"} {
		var input *invalid.Error
		if _, _, err := f.RotateSecret(t.Context(), admin, e.ID, secret, overlap); !errors.As(err, &input) {
			t.Errorf("overlap %s, secret %q: %v", overlap, secret, err)
		}
	}
	plain := f.endpoint(EndpointInput{})
	if _, _, err := f.RotateSecret(t.Context(), admin, plain.ID, "", 0); err == nil {
		t.Error("an endpoint that does not sign got a secret")
	}
}

func TestSchemeChangeMakesAFittingSecret(t *testing.T) {
	f := newFixture(t)
	e := f.endpoint(EndpointInput{})
	after, secret, err := f.PatchEndpoint(t.Context(), admin, e.ID, []byte(`{"signing":{"scheme":"superoffice"}}`), EndpointOptions{})
	if err != nil || secret == "" || len(after.Sealed.Secrets) != 1 {
		t.Errorf("switched on: %q, %v", secret, err)
	}
	after, secret, err = f.PatchEndpoint(t.Context(), admin, e.ID, []byte(`{"name":"x"}`), EndpointOptions{})
	if err != nil || secret != "" || len(after.Sealed.Secrets) != 1 {
		t.Errorf("another change: %q, %v", secret, err)
	}
	after, _, err = f.PatchEndpoint(t.Context(), admin, e.ID, []byte(`{"signing":{"scheme":"none"}}`), EndpointOptions{})
	if err != nil || len(after.Sealed.Secrets) != 0 {
		t.Errorf("switched off: %v, %v", after.Sealed.Secrets, err)
	}
}

func TestSecretsAreSealedInTheStore(t *testing.T) {
	f := newFixture(t)
	const canary = "canary-0123456789abcdef"
	e := f.endpoint(EndpointInput{
		System: "socialboards", Signing: &triggers.Signing{Scheme: "superoffice"}, Secret: canary,
		Auth:     &triggers.Auth{Type: triggers.AuthBearer, Token: canary},
		Settings: map[string]Scalar{"community_name": "c", "verify_token": canary},
	})
	if _, _, err := f.PatchEndpoint(t.Context(), admin, e.ID, []byte(`{"auth":{"type":"bearer","token":"`+canary+`"},"settings":{"verify_token":"`+Masked+`"}}`), EndpointOptions{}); err != nil {
		t.Fatal(err)
	}
	documents, err := f.ledger.Versions(t.Context(), DefaultWorkspace, kindEndpoint, e.ID)
	if err != nil || len(documents) != 2 {
		t.Fatalf("%d versions, %v", len(documents), err)
	}
	audit, err := f.ledger.Audit(t.Context(), executionlog.AuditQuery{Workspace: DefaultWorkspace, Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, document := range documents {
		if bytes.Contains(document.Body, []byte(canary)) {
			t.Errorf("the store holds the secret: %s", document.Body)
		}
	}
	for _, entry := range audit.Items {
		if bytes.Contains(entry.Before, []byte(canary)) || bytes.Contains(entry.After, []byte(canary)) {
			t.Errorf("the audit log holds the secret: %s", entry.After)
		}
	}
	other := f.another()
	if got := other.Endpoint(e.ID); got.Settings["verify_token"] != canary {
		t.Errorf("another process reads the setting as %q", got.Settings["verify_token"])
	}
	if opened, err := other.Credentials(other.Endpoint(e.ID)); err != nil || opened.Token != canary {
		t.Errorf("credentials %+v, %v", opened, err)
	}
	if shown := fmt.Sprintf("%+v", other.Public(other.Endpoint(e.ID))); strings.Contains(shown, canary) {
		t.Errorf("shown: %s", shown)
	}
}

func TestAnotherAuthTypeDropsTheOldSecret(t *testing.T) {
	f := newFixture(t)
	e := f.endpoint(EndpointInput{Auth: &triggers.Auth{Type: triggers.AuthBasic, User: "u", Password: "p"}})
	after, _, err := f.PatchEndpoint(t.Context(), admin, e.ID, []byte(`{"auth":{"user":"v"}}`), EndpointOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if opened, err := f.Credentials(after); err != nil || opened.Password != "p" || after.Auth.User != "v" {
		t.Errorf("credentials %+v of %+v, %v", opened, after.Auth, err)
	}
	if after, _, err = f.PatchEndpoint(t.Context(), admin, e.ID, []byte(`{"auth":null}`), EndpointOptions{}); err != nil || after.Sealed.Password != "" || after.Auth.Type != triggers.AuthNone {
		t.Errorf("without auth: %+v, %v", after, err)
	}
	if _, _, err = f.PatchEndpoint(t.Context(), admin, e.ID, []byte(`{"auth":{"type":"basic","user":"u"}}`), EndpointOptions{}); err == nil {
		t.Error("a password came back from nowhere")
	}
}

func TestHandshakeBeforeSaving(t *testing.T) {
	var tried []string
	answer := errors.New("it answered 500")
	f := newFixture(t, func(o *Options) {
		o.Probe = func(_ context.Context, e *triggers.Endpoint, keys []string) error {
			tried = append(tried, fmt.Sprint(e.URL, " ", len(keys)))
			return answer
		}
	})
	in := EndpointInput{URL: "https://example.com/x", System: "superoffice"}
	var input *invalid.Error
	if _, _, err := f.CreateEndpoint(t.Context(), admin, in, EndpointOptions{}); !errors.As(err, &input) || input.Fields[0].Path != "url" {
		t.Errorf("refused with %v", err)
	}
	if len(f.Endpoints(DefaultWorkspace)) != 0 {
		t.Error("saved in spite of it")
	}
	e, _, err := f.CreateEndpoint(t.Context(), admin, in, EndpointOptions{SkipHandshake: true})
	if err != nil {
		t.Fatal(err)
	}
	answer = nil
	for _, patch := range []string{`{"name":"same URL"}`, `{"url":"https://example.com/y"}`} {
		if _, _, err := f.PatchEndpoint(t.Context(), admin, e.ID, []byte(patch), EndpointOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"https://example.com/x 1", "https://example.com/y 1"}; !slices.Equal(tried, want) {
		t.Errorf("tried %v, want %v", tried, want)
	}
}

func TestLimitOfASystem(t *testing.T) {
	f := newFixture(t)
	most := all.Registry().Lookup("agency").Sheet().Policy.MaxEndpoints
	for range most {
		f.endpoint(EndpointInput{System: "agency"})
	}
	var input *invalid.Error
	if _, _, err := f.CreateEndpoint(t.Context(), admin, EndpointInput{URL: "https://example.com/x", System: "agency"}, EndpointOptions{}); !errors.As(err, &input) {
		t.Errorf("endpoint %d: %v", most+1, err)
	}
	f.endpoint(EndpointInput{System: "faveo"})
}

func TestAddresses(t *testing.T) {
	for name, c := range map[string]struct {
		options func(*Options)
		by      Actor
		in      EndpointInput
		ok      bool
	}{
		"http where HTTPS is the rule":     {nil, admin, EndpointInput{URL: "http://example.com/x", System: "agency"}, false},
		"an administrator may relax it":    {nil, admin, EndpointInput{URL: "http://example.com/x", System: "agency", AllowHTTP: true}, true},
		"others may not":                   {nil, Actor{Name: "x", Workspace: DefaultWorkspace}, EndpointInput{URL: "http://example.com/x", System: "agency", AllowHTTP: true}, false},
		"development mode does":            {func(o *Options) { o.Dev = true }, admin, EndpointInput{URL: "http://127.0.0.1:9000/x", System: "agency"}, true},
		"a private address":                {nil, admin, EndpointInput{URL: "https://10.0.0.1/x", System: "faveo"}, false},
		"a private address, listed":        {func(o *Options) { o.AllowPrivate = true }, admin, EndpointInput{URL: "https://10.0.0.1/x", System: "faveo"}, true},
		"a metadata service":               {nil, admin, EndpointInput{URL: "http://169.254.169.254/latest", System: "faveo"}, false},
		"IPv6 loopback":                    {nil, admin, EndpointInput{URL: "https://[::1]/x", System: "faveo"}, false},
		"IPv4 in IPv6":                     {nil, admin, EndpointInput{URL: "https://[::ffff:127.0.0.1]/x", System: "faveo"}, false},
		"an international name":            {nil, admin, EndpointInput{URL: "https://bücher.example/x", System: "faveo"}, true},
		"relaxed, though nothing needs it": {nil, admin, EndpointInput{URL: "https://example.com/x", System: "agency", InsecureTLS: true}, true},
	} {
		t.Run(name, func(t *testing.T) {
			change := []func(*Options){}
			if c.options != nil {
				change = append(change, c.options)
			}
			f := newFixture(t, change...)
			e, _, err := f.CreateEndpoint(t.Context(), c.by, c.in, EndpointOptions{})
			if (err == nil) != c.ok {
				t.Errorf("error %v", err)
			}
			if err == nil && strings.Contains(e.URL, "ü") {
				t.Errorf("stored as %s", e.URL)
			}
		})
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

func TestTokenUseIsCoarse(t *testing.T) {
	f := newFixture(t)
	token, secret, err := f.CreateToken(t.Context(), admin, TokenInput{Name: "Robot", Scopes: []Scope{ScopeRead}})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if who, err := f.Authenticate(secret, ""); err != nil || who.Name != "Robot" || who.Admin || who.Allows(ScopeWrite) || !who.Allows(ScopeRead) {
			t.Fatalf("%+v, %v", who, err)
		}
		f.recordTokenUse(t.Context())
		f.clock = f.clock.Add(10 * time.Second)
	}
	if used := f.Tokens(DefaultWorkspace)[0]; used.Version != 2 || used.LastUsedAt.IsZero() || used.ID != token.ID {
		t.Errorf("after three uses: %+v", used)
	}
	f.clock = f.clock.Add(time.Minute)
	if _, err := f.Authenticate(secret, ""); err != nil {
		t.Fatal(err)
	}
	f.recordTokenUse(t.Context())
	if used := f.Tokens(DefaultWorkspace)[0]; used.Version != 3 {
		t.Errorf("a minute later: %+v", used)
	}
	entries, err := f.ledger.Audit(t.Context(), executionlog.AuditQuery{Workspace: DefaultWorkspace, Limit: 10})
	if err != nil || len(entries.Items) != 1 {
		t.Errorf("%d audit entries, %v", len(entries.Items), err)
	}
}

func TestAuthenticate(t *testing.T) {
	f := newFixture(t)
	_, secret, err := f.CreateToken(t.Context(), admin, TokenInput{Name: "Robot", Scopes: []Scope{ScopeRead}, ExpiresAt: f.clock.Add(time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	if who, err := f.Authenticate("the admin's", "the admin's"); err != nil || !who.Admin || !who.Allows(ScopeIngest) {
		t.Errorf("admin: %+v, %v", who, err)
	}
	for name, c := range map[string]struct {
		secret, admin string
		want          error
	}{
		"nothing, and no admin": {"", "", ErrUnknownToken},
		"not the admin's":       {"x", "y", ErrUnknownToken},
		"almost a token":        {secret[:len(secret)-1], "", ErrUnknownToken},
		"a token":               {secret, "y", nil},
	} {
		if _, err := f.Authenticate(c.secret, c.admin); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	f.clock = f.clock.Add(time.Minute)
	if _, err := f.Authenticate(secret, ""); !errors.Is(err, ErrExpiredToken) {
		t.Errorf("expired: %v", err)
	}
}

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
