package config

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
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

// TestSealPlain reads an endpoint as a version stored it that did not know of
// secrets in headers, URLs and settings.
func TestSealPlain(t *testing.T) {
	f := newFixture(t)
	f.endpoint(EndpointInput{})
	e := f.endpoint(EndpointInput{
		System: "socialboards", URL: "https://example.com/hook?token=plain-token", Headers: map[string]string{"X-Api-Token": "plain-header"},
		Settings: map[string]Scalar{"community_name": "c", "verify_token": "plain-verify"},
	})
	f.rewrite(e.ID, func(stored *storedEndpoint) {
		stored.URL, stored.SecretURL = e.URL, ""
		stored.Headers, stored.SecretHeaders = e.Headers, nil
		stored.Settings, stored.SecretSettings = e.Settings, nil
	})
	later := f.another()
	for _, want := range []int{1, 0} {
		steps := 0
		saved, err := later.SealPlain(t.Context(), "system", func(done, total int) {
			steps++
			if done != steps || total != want {
				t.Errorf("progress: %d of %d", done, total)
			}
		})
		if err != nil || saved != want || steps != want {
			t.Fatalf("%d saved in %d steps, %v; want %d", saved, steps, err, want)
		}
	}
	documents, err := f.ledger.ListDocuments(t.Context(), "", kindEndpoint)
	if err != nil {
		t.Fatal(err)
	}
	for _, document := range documents {
		if strings.Contains(string(document.Body), "plain-") {
			t.Errorf("stored in the clear: %s", document.Body)
		}
	}
	if got := f.another().Endpoint(e.ID); got == nil || got.URL != e.URL || got.Headers["X-Api-Token"] != "plain-header" || got.Settings["verify_token"] != "plain-verify" {
		t.Errorf("read again: %+v", got)
	}
}

// rewrite changes an endpoint in the ledger as it is stored.
func (f *fixture) rewrite(id string, change func(*storedEndpoint)) {
	f.t.Helper()
	documents, err := f.ledger.ListDocuments(f.t.Context(), "", kindEndpoint)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, document := range documents {
		if document.ID != id {
			continue
		}
		stored := &storedEndpoint{}
		if err := json.Unmarshal(document.Body, stored); err != nil {
			f.t.Fatal(err)
		}
		change(stored)
		if document.Body, err = json.Marshal(stored); err != nil {
			f.t.Fatal(err)
		}
		writes := []executionlog.DocumentWrite{{Document: *document, Expect: document.Version}}
		if err := f.ledger.Put(f.t.Context(), writes, nil); err != nil {
			f.t.Fatal(err)
		}
	}
}
