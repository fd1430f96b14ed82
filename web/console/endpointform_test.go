package console_test

import (
	"strings"
	"testing"
)

// The hint at the URL says what the server takes, and the tests' server is in
// development mode.
func TestHintOfURL(t *testing.T) {
	s := enter(t)
	for system, want := range map[string]string{
		"agency": "https only, as the vendor has it; http too, in development mode",
		"faveo":  "http or https",
	} {
		if got := s.get(t, "/endpoints/new?system="+system); !strings.Contains(got.body, want) {
			t.Errorf("the form of %s does not say %q", system, want)
		}
	}
}
