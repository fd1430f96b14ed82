package config

import (
	"errors"
	"slices"
	"testing"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/triggers"
)

func TestResealMakesTheOldKeyNeedless(t *testing.T) {
	oldKey, newKey := signing.GenerateKey(), signing.GenerateKey()
	ring := func(current string, previous ...string) func(*Options) {
		keys, err := signing.NewKeyring(current, previous...)
		if err != nil {
			t.Fatal(err)
		}
		return func(o *Options) { o.Keys = keys }
	}
	f := newFixture(t, ring(oldKey))
	f.endpoint(EndpointInput{})
	e := f.endpoint(EndpointInput{
		System: "socialboards", Signing: &triggers.Signing{Scheme: "superoffice"}, Secret: "a secret of my own",
		URL: "https://example.com/hook?token=t", Headers: map[string]string{"X-Api-Token": "h"},
		Auth:     &triggers.Auth{Type: triggers.AuthAPIKey, Header: "X-Key", Key: "k"},
		Settings: map[string]Scalar{"community_name": "c", "verify_token": "v"},
	})
	both := f.another(ring(newKey, oldKey))
	if saved, err := f.another(ring(newKey)).Reseal(t.Context(), "rotation", nil); err == nil || saved != 0 {
		t.Errorf("without the old key %d saved, %v", saved, err)
	}
	steps := 0
	if saved, err := both.Reseal(t.Context(), "rotation", func(int, int) { steps++ }); err != nil || saved != 1 || steps != 1 {
		t.Fatalf("%d saved in %d steps, %v", saved, steps, err)
	}
	if saved, err := both.Reseal(t.Context(), "rotation", nil); err != nil || saved != 0 {
		t.Errorf("repeated: %d saved, %v", saved, err)
	}
	// A process that does not know of it yet writes with the old key.
	if _, err := f.ChangeState(t.Context(), admin, e.ID, triggers.EndpointPaused, ""); !errors.Is(err, executionlog.ErrConflict) {
		t.Errorf("an endpoint that was sealed anew is changed by who does not know: %v", err)
	}
	after := f.another(ring(newKey))
	endpoint := after.Endpoint(e.ID)
	if endpoint == nil {
		t.Fatalf("the new key alone does not read it: %s", f.logs)
	}
	if endpoint.URL != "https://example.com/hook?token=t" || endpoint.Headers["X-Api-Token"] != "h" {
		t.Errorf("posts to %s with %v", endpoint.URL, endpoint.Headers)
	}
	keys, err := after.SigningKeys(endpoint, f.clock)
	opened, err2 := after.Credentials(endpoint)
	if err != nil || err2 != nil || !slices.Equal(keys, []string{"a secret of my own"}) || opened.Key != "k" || endpoint.Settings["verify_token"] != "v" {
		t.Errorf("keys %v, %v; credentials %+v, %v", keys, err, opened, err2)
	}
}
