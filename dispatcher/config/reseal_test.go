package config

import (
	"slices"
	"testing"

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
		Auth:     &triggers.Auth{Type: triggers.AuthAPIKey, Header: "X-Key", Key: "k"},
		Settings: map[string]Scalar{"community_name": "c", "verify_token": "v"},
	})
	both := f.another(ring(newKey, oldKey))
	if saved, err := both.Reseal(t.Context(), "rotation"); err != nil || saved != 1 {
		t.Fatalf("%d saved, %v", saved, err)
	}
	after := f.another(ring(newKey))
	endpoint := after.Endpoint(e.ID)
	if endpoint == nil {
		t.Fatalf("the new key alone does not read it: %s", f.logs)
	}
	keys, err := after.SigningKeys(endpoint, f.clock)
	opened, err2 := after.Credentials(endpoint)
	if err != nil || err2 != nil || !slices.Equal(keys, []string{"a secret of my own"}) || opened.Key != "k" || endpoint.Settings["verify_token"] != "v" {
		t.Errorf("keys %v, %v; credentials %+v, %v", keys, err, opened, err2)
	}
}
