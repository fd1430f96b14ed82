package config

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

func TestEndpointsMayBeWrittenInOtherForms(t *testing.T) {
	for text, check := range map[string]func(EndpointInput) (got, want any){
		`{"signing": "github"}`: func(in EndpointInput) (any, any) {
			return in.Signing, &triggers.Signing{Scheme: "github"}
		},
		`{"auth": {"type": "basic", "username": "u", "password": "p"}}`: func(in EndpointInput) (any, any) {
			return in.Auth, &triggers.Auth{Type: "basic", User: "u", Password: "p"}
		},
		`{"auth": {"type": "api_key", "name": "X-Key", "value": "k"}}`: func(in EndpointInput) (any, any) {
			return in.Auth, &triggers.Auth{Type: "api_key", Header: "X-Key", Key: "k"}
		},
	} {
		in, err := DecodeEndpoint([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := cmp.Diff(check(in)); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
	for _, text := range []string{`{"signing": 5}`, `{"auth": "basic"}`, `{"auth": {"user": "a", "username": "b"}}`, `[]`, `null`, `{`, ``} {
		if in, err := DecodeEndpoint([]byte(text)); err == nil {
			t.Errorf("%s is read as %+v", text, in)
		}
	}
}

func TestSchemesAreStoredByTheirOwnName(t *testing.T) {
	f := newFixture(t)
	e := f.endpoint(EndpointInput{Signing: &triggers.Signing{Scheme: "standard_webhooks"}})
	if e.Signing.Scheme != "standard" {
		t.Errorf("stored as %q", e.Signing.Scheme)
	}
}

// A zero in a retry policy means what it says, and not the default.
func TestZerosOfRetry(t *testing.T) {
	for text, want := range map[string]triggers.Retry{
		`{"initial_seconds": 0, "max_attempts": 3}`:       {MaxAttempts: 3, InitialSeconds: shortestWait},
		`{"initial_seconds": 0.0, "max_seconds": 0}`:      {InitialSeconds: shortestWait, MaxSeconds: shortestWait},
		`{"schedule_seconds": []}`:                        {MaxAttempts: 1},
		`{"schedule_seconds": [], "initial_seconds": 2}`:  {InitialSeconds: 2},
		`{"schedule_seconds": [0, 0], "max_attempts": 1}`: {MaxAttempts: 1, ScheduleSeconds: []float64{0, 0}},
	} {
		in, err := DecodeEndpoint([]byte(`{"retry": ` + text + `}`))
		if err != nil || !cmp.Equal(*in.Retry, want) {
			t.Errorf("%s is %+v (%v), want %+v", text, in.Retry, err, want)
		}
	}
	var list *invalid.Error
	if _, err := DecodeEndpoint([]byte(`{"retry": {"max_attempts": 0}}`)); !errors.As(err, &list) || list.Fields[0].Path != "retry.max_attempts" {
		t.Errorf("no attempts at all: %v", err)
	}
}

// A patch that chooses another kind of retry or auth does not trip over what
// the endpoint had before.
func TestPatchesReplaceTheKindOfRetryAndAuth(t *testing.T) {
	f := newFixture(t)
	e := f.endpoint(EndpointInput{Auth: &triggers.Auth{Type: "api_key", Header: "X-Key", Key: "k"}})
	patch := func(text string) *triggers.Endpoint {
		t.Helper()
		after, _, err := f.PatchEndpoint(t.Context(), admin, e.ID, []byte(text), EndpointOptions{})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return after
	}
	steps := []struct {
		patch string
		want  triggers.Retry
	}{
		{`{"retry": {"schedule_seconds": [1, 2]}}`, triggers.Retry{MaxAttempts: 3, ScheduleSeconds: []float64{1, 2}}},
		{`{"retry": {"max_attempts": 2}}`, triggers.Retry{MaxAttempts: 2, ScheduleSeconds: []float64{1, 2}}},
		{`{"retry": {"initial_seconds": 3, "max_seconds": 9}}`, triggers.Retry{MaxAttempts: 2, InitialSeconds: 3, MaxSeconds: 9}},
	}
	for _, step := range steps {
		if diff := cmp.Diff(step.want, patch(step.patch).Retry); diff != "" {
			t.Errorf("%s: %s", step.patch, diff)
		}
	}
	if auth := patch(`{"auth": {"type": "bearer", "token": "t"}}`).Auth; auth.Type != "bearer" || auth.Header != "" {
		t.Errorf("auth is %+v", auth)
	}
}
