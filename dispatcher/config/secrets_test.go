package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

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

// countingSealer counts how often a secret is decrypted.
type countingSealer struct {
	Sealer
	opened int
}

func (c *countingSealer) Open(sealed, owner string) (string, error) {
	c.opened++
	return c.Sealer.Open(sealed, owner)
}

func TestSecretsAreDecryptedOnce(t *testing.T) {
	ring, err := signing.NewKeyring(signing.GenerateKey())
	if err != nil {
		t.Fatal(err)
	}
	keys := &countingSealer{Sealer: ring}
	s := &Service{options: Options{Keys: keys}}
	sealed, err := keys.Seal("whsec_1", "end_1")
	if err != nil {
		t.Fatal(err)
	}
	endpoint := &triggers.Endpoint{ID: "end_1", Sealed: triggers.Sealed{Secrets: []triggers.SealedSecret{{ID: "sec_1", Sealed: sealed}}}}
	for range 3 {
		got, err := s.SigningKeys(endpoint, time.Now())
		if err != nil || len(got) != 1 || got[0] != "whsec_1" {
			t.Fatalf("the keys are %q: %v", got, err)
		}
	}
	if keys.opened != 1 {
		t.Errorf("the secret was decrypted %d times", keys.opened)
	}
	endpoint.ID = "end_2" // what was sealed for one endpoint stays closed to another
	for range 2 {
		if got, err := s.SigningKeys(endpoint, time.Now()); err == nil {
			t.Fatalf("another endpoint's secret was opened: %q", got)
		}
	}
	for i := range 3 * maxOpened {
		if sealed, err = keys.Seal("x", fmt.Sprint(i)); err == nil {
			_, err = s.open(sealed, fmt.Sprint(i))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(s.opened.kept) > maxOpened {
		t.Errorf("%d secrets are kept", len(s.opened.kept))
	}
}
