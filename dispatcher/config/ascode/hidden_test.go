package ascode

import (
	"strings"
	"testing"
)

// A token in a URL leaves the server as a reference to a variable. Where that
// is not set, the URL that the endpoint has stays.
func TestATokenInAURLIsNotExported(t *testing.T) {
	s := newServer(t)
	s.apply(t, `
endpoints:
  - name: Warehouse
    system: faveo
    url: https://example.com/hook?token=s3cret
`, nil, false)
	text, err := Write(s.Service, admin.Workspace)
	if err != nil || strings.Contains(string(text), "s3cret") || !strings.Contains(string(text), `url: "${env:WAREHOUSE_URL}"`) {
		t.Fatalf("exported %s, %v", text, err)
	}
	for address, want := range map[string]string{
		"":                                      "",
		"https://example.com/hook?token=s3cret": "",
		"https://example.com/hook?token=n3w":    "changed endpoint Warehouse url",
	} {
		env := environment{}
		if address != "" {
			env["WAREHOUSE_URL"] = address
		}
		if got := strings.Join(s.plan(t, string(text), env, true), "; "); got != want {
			t.Errorf("with the URL %q: %q, want %q", address, got, want)
		}
	}
}
