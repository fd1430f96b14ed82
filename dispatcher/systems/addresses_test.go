package systems_test

import (
	"slices"
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
)

func TestAddresses(t *testing.T) {
	for text, want := range map[string][]string{
		"":                              nil,
		"a@example.com":                 {"a@example.com"},
		" A <a@example.com> ,b@x.test,": {"a@example.com", "b@x.test"},
	} {
		if got, err := systems.Addresses(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"nobody", "a@example.com b@example.com", "a@example.com\r\nBcc: c@example.com", "a@", "a@example.com, b"} {
		if got, err := systems.Addresses(text); err == nil {
			t.Errorf("%q is taken for %q", text, got)
		}
	}
}
