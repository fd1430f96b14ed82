package console_test

import (
	"net/http"
	"strings"
	"testing"
)

// A refused token keeps what was typed; one that is made is shown once.
func TestTokenForm(t *testing.T) {
	s := enter(t)
	for name, tt := range map[string]struct {
		form []string
		want string
	}{
		"no scope":    {[]string{"name", "Reporting", "expires_at", "2035-05-07T11:17"}, `value="2035-05-07T11:17"`},
		"in the past": {[]string{"name", "Reporting", "expires_at", "2015-05-07T11:17", "scopes", "read"}, `value="read" checked`},
		"no time":     {[]string{"name", "Reporting", "expires_at", "soon", "scopes", "ingest"}, `value="ingest" checked`},
	} {
		got := s.post(t, "/operations/tokens", tt.form...)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, tt.want) || !strings.Contains(got.body, `value="Reporting"`) || !strings.Contains(got.body, "data-refused") {
			t.Errorf("%s: status %d:\n%s", name, got.status, section(got.body, `id="new"`))
		}
	}
	made := s.post(t, "/operations/tokens", "name", "Reporting", "scopes", "read")
	_, rest, _ := strings.Cut(made.body, `id="secret">`)
	secret, _, _ := strings.Cut(rest, "<")
	if made.status != http.StatusOK || !strings.HasPrefix(secret, "hd_") {
		t.Fatalf("status %d, token %q", made.status, secret)
	}
	list := s.get(t, "/operations/tokens").body
	if strings.Contains(list, secret) || !strings.Contains(list, ">Reporting<") {
		t.Error("the token is shown twice, or not listed")
	}
	_, rest, _ = strings.Cut(list, `name="id" value="tok_`)
	id, _, _ := strings.Cut(rest, `"`)
	if got := s.post(t, "/operations/tokens/delete", "id", "tok_"+id); got.status != http.StatusSeeOther {
		t.Errorf("deleting: status %d", got.status)
	}
}
