package console_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// Who may only read sees every page but those of administrators, and no form
// that would be refused can be filled in.
func TestReadingOnly(t *testing.T) {
	admin := enter(t)
	made := admin.post(t, "/operations/tokens", "name", "reader", "scopes", "read")
	s := open(t)
	s.post(t, "/signin", "token", regexp.MustCompile(`hd_[A-Za-z0-9_-]{20,}`).FindString(made.body))
	form := regexp.MustCompile(`(?s)<form [^>]*method="post"[^>]*>(.*?)</form>`)
	locked := 0
	for _, path := range everyPage(t, admin) {
		got := s.get(t, path)
		switch path, _, _ := strings.Cut(path, "?"); path {
		case "/operations/tokens", "/operations/audit", "/operations/workspaces", "/operations/workspaces/new", "/operations/workspaces/default":
			if got.status != http.StatusForbidden {
				t.Errorf("%s: status %d", path, got.status)
			}
			continue
		case "/operations":
			for _, hidden := range []string{"tokens", "audit", "workspaces"} {
				if strings.Contains(got.body, `href="/operations/`+hidden) {
					t.Errorf("a tab leads to %s, which is refused", hidden)
				}
			}
		}
		if got.status != http.StatusOK {
			t.Errorf("%s: status %d", path, got.status)
		}
		checkMarkup(t, got.body)
		if !strings.Contains(got.body, "Signed in as reader, to read only") {
			t.Errorf("%s does not say that one may only read", path)
		}
		for _, found := range form.FindAllStringSubmatch(got.body, -1) {
			own := strings.Contains(found[0], `action="/theme"`) || strings.Contains(found[0], `action="/signout"`)
			if strings.HasPrefix(found[1], `<fieldset class="locked" disabled>`) == own {
				t.Errorf("%s: a form is locked or not, and should not be so: %.120s", path, found[0])
			}
			if !own {
				locked++
			}
		}
	}
	if locked < 20 {
		t.Errorf("only %d forms are locked", locked)
	}
	if strings.Contains(admin.get(t, "/endpoints/new?system=faveo").body, `class="locked"`) {
		t.Error("a form of the administrator is locked")
	}
}
