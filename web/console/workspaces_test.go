package console_test

import (
	"strings"
	"testing"
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
