package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// The list of workspaces says how long each keeps things.
func TestWorkspacesShowRetention(t *testing.T) {
	s := enter(t)
	page := s.get(t, "/operations/workspaces").body
	for _, text := range []string{"Removed in 30 days", "bodies for ever", "0 attempts"} {
		if !strings.Contains(page, text) {
			t.Errorf("the page lacks %q", text)
		}
	}
}

// A clock that leapt is shown with what to do about it, until somebody says
// that it is right.
func TestOperationsTellOfALeap(t *testing.T) {
	s, own := onOwnStage(t)
	const told, trust = "clock leapt ahead", "/operations/trust-clock"
	policy := own.Config.Retention()
	for _, now := range []time.Time{time.Now(), time.Now().AddDate(1, 0, 0)} {
		if body := s.get(t, "/operations").body; strings.Contains(body, told) {
			t.Errorf("before the leap:\n%s", body)
		}
		if _, err := own.Ledger.Maintain(t.Context(), policy, now); err != nil {
			t.Fatal(err)
		}
	}
	if body := s.get(t, "/operations").body; !strings.Contains(body, told) || !strings.Contains(body, trust) {
		t.Errorf("after the leap:\n%s", body)
	}
	if got := s.post(t, trust); got.status != http.StatusSeeOther {
		t.Errorf("trusting the clock: status %d", got.status)
	}
	if body := s.get(t, "/operations").body; strings.Contains(body, told) {
		t.Errorf("while it is trusted:\n%s", body)
	}
}
