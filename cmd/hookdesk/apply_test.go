package main

import (
	"maps"
	"testing"
)

// Only what a file refers to leaves this machine.
func TestEnvironmentOfAFile(t *testing.T) {
	set := map[string]string{"SECRET": "s3cret", "HOST": "h", "ESCAPED": "no", "COMMENT": "no", "OTHER": "no"}
	lookup := func(name string) (string, bool) {
		value, ok := set[name]
		return value, ok
	}
	text := "# ${env:COMMENT}\nendpoints:\n  - name: $${env:ESCAPED}\n    url: https://${env:HOST}/\n    secret: ${env:SECRET}\n    headers: {X: '${env:UNSET}'}\n"
	if got := environmentOf([]byte(text), lookup); !maps.Equal(got, map[string]string{"SECRET": "s3cret", "HOST": "h"}) {
		t.Errorf("sent %v", got)
	}
	if got := environmentOf([]byte("a: [${env:SECRET}"), lookup); len(got) != 0 {
		t.Errorf("of a file that is none: %v", got)
	}
}
