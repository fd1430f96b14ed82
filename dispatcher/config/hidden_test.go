package config

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hookdesk/hookdesk/executionlog"
)

func TestMaskedURL(t *testing.T) {
	for _, c := range []struct{ address, masked string }{
		{"https://example.com/hook", "https://example.com/hook"},
		{"https://example.com/hook?team=a&page=2", "https://example.com/hook?team=a&page=2"},
		{"https://example.com/hook?team=a&token=s3cret&x=1", "https://example.com/hook?team=a&token=********&x=1"},
		{"https://example.com/hook?API_Key=s3cret", "https://example.com/hook?API_Key=********"},
		{"https://example.com/hook?to%6Ben=s3cret#part", "https://example.com/hook?to%6Ben=********#part"},
		{"https://example.com/hook?token&token=", "https://example.com/hook?token&token="},
		{"https://example.com/hook?sig=a=b", "https://example.com/hook?sig=********"},
	} {
		if got := maskedURL(c.address); got != c.masked {
			t.Errorf("%s is shown as %s, want %s", c.address, got, c.masked)
		}
		if back, err := unmaskedURL(c.masked, c.address); err != nil || back != c.address {
			t.Errorf("%s was read as %s, %v; want %s", c.masked, back, err, c.address)
		}
	}
	if back, err := unmaskedURL("https://example.com/new?token=%2A%2A%2A%2A%2A%2A%2A%2A&b=2", "https://example.com/?token=s3cret"); err != nil || back != "https://example.com/new?token=s3cret&b=2" {
		t.Errorf("a changed URL was read as %s, %v", back, err)
	}
	if _, err := unmaskedURL("https://example.com/?key=********", "https://example.com/?token=s3cret"); err == nil {
		t.Error("a masked value of a parameter that was not there is accepted")
	}
}

// Headers and parameters that are secrets by their names are sealed, masked
// where they are shown, and kept when the masked values come back.
func TestHiddenPartsOfEndpoints(t *testing.T) {
	f := newFixture(t)
	const address = "https://example.com/hook?team=a&token=s3cret-parameter"
	made := f.endpoint(EndpointInput{URL: address, Headers: map[string]string{"X-Api-Token": "s3cret-header", "X-Team": "ours"}})
	check := func(s *Service) {
		t.Helper()
		e := s.Endpoint(made.ID)
		if e == nil || e.URL != address || e.Headers["X-Api-Token"] != "s3cret-header" || e.Headers["X-Team"] != "ours" {
			t.Fatalf("the endpoint is %+v", e)
		}
		text, err := json.Marshal(s.Public(e))
		if err != nil || strings.Contains(string(text), "s3cret") || !strings.Contains(string(text), "team=a") || !strings.Contains(string(text), "ours") {
			t.Errorf("shown as %s, %v", text, err)
		}
	}
	check(f.Service)
	check(f.another())

	// As a form or a client sends back what it was shown.
	in := InputOf(f.Public(made))
	in.Headers["X-Team"] = "theirs"
	if _, _, err := f.UpdateEndpoint(t.Context(), admin, made.ID, in, EndpointOptions{}); err != nil {
		t.Fatal(err)
	}
	if e := f.Endpoint(made.ID); e.URL != address || e.Headers["X-Api-Token"] != "s3cret-header" || e.Headers["X-Team"] != "theirs" {
		t.Errorf("after an update with masked values: %s %v", e.URL, e.Headers)
	}
	in.Headers["X-Other-Token"] = Masked
	if _, _, err := f.UpdateEndpoint(t.Context(), admin, made.ID, in, EndpointOptions{}); err == nil || !strings.Contains(err.Error(), "X-Other-Token") {
		t.Errorf("a masked value of a header that was not there: %v", err)
	}
	before := f.Endpoint(made.ID)
	if _, _, err := f.PatchEndpoint(t.Context(), admin, made.ID, []byte(`{"headers": {"X-Api-Token": "n3w"}, "url": "https://example.com/hook?team=a&token=n3w"}`), EndpointOptions{}); err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, d := range f.hiddenDiffs(before, f.Endpoint(made.ID)) {
		paths = append(paths, d.Path)
	}
	if got := strings.Join(paths, " "); got != "headers.X-Api-Token url" {
		t.Errorf("secrets that differ: %s", got)
	}

	versions, err := f.ledger.Versions(t.Context(), admin.Workspace, kindEndpoint, made.ID)
	if err != nil || len(versions) != 3 {
		t.Fatalf("%d versions, %v", len(versions), err)
	}
	audit, err := f.ledger.Audit(t.Context(), executionlog.AuditQuery{Workspace: admin.Workspace})
	if err != nil || len(audit.Items) != 3 {
		t.Fatalf("%d audit entries, %v", len(audit.Items), err)
	}
	var kept []string
	for _, v := range versions {
		kept = append(kept, string(v.Body))
	}
	for _, entry := range audit.Items {
		kept = append(kept, string(entry.Before), string(entry.After))
	}
	for _, text := range kept {
		if strings.Contains(text, "s3cret") || strings.Contains(text, "n3w") {
			t.Errorf("the ledger keeps %s", text)
		}
	}
}
