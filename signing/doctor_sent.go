package signing

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// againstSent compares the body with the one that was sent, where that is
// known. It finds nothing unless the sent one verifies: otherwise the secret
// or the header is the matter, whatever happened to the body.
func againstSent(form form, capture Capture) (finding, bool) {
	scheme, ok := Lookup(form.name)
	if !ok || len(capture.Sent) == 0 || bytes.Equal(capture.Sent, capture.Body) {
		return finding{}, false
	}
	err := scheme.Verify(capture.Header, capture.Sent, capture.Secrets, VerifyOptions{Options: capture.Options})
	if err != nil && !errors.Is(err, ErrTimestamp) {
		return finding{}, false
	}
	switch {
	case bytes.HasPrefix(capture.Sent, capture.Body):
		return finding{
			CauseTruncated,
			fmt.Sprintf("The body ends after %d of the %d bytes that were sent.", len(capture.Body), len(capture.Sent)),
			"Read the body to its end before verifying, and before anything else reads it.",
		}, true
	case sameJSON(capture.Sent, capture.Body):
		return finding{
			CauseReserialized,
			"The body was parsed as JSON and written anew: it means the same as what was sent, but its members stand in another order or are written otherwise.",
			"Verify the raw bytes of the body; parse it afterwards. Many frameworks have a switch that keeps the raw body.",
		}, true
	default:
		at := firstDifference(capture.Sent, capture.Body)
		return finding{
			CauseOtherBytes,
			fmt.Sprintf("The secret is right, the body is another: from byte %d on %q was sent, and here stands %q.", at, around(capture.Sent, at), around(capture.Body, at)),
			"Verify the raw bytes, before anything parses or changes them, and check that the body is that of this delivery.",
		}, true
	}
}

// sameJSON reports whether two texts are JSON of the same meaning. Numbers are
// compared as floating-point ones, as most parsers take them: 1.50 is 1.5.
func sameJSON(a, b []byte) bool {
	var left, right any
	return json.Unmarshal(a, &left) == nil && json.Unmarshal(b, &right) == nil && reflect.DeepEqual(left, right)
}

// firstDifference counts the bytes that two texts begin with alike.
func firstDifference(a, b []byte) int {
	length := min(len(a), len(b))
	for i := range length {
		if a[i] != b[i] {
			return i
		}
	}
	return length
}

// shownAround is how many bytes of a body a finding shows.
const shownAround = 24

func around(body []byte, at int) []byte { return body[at:min(at+shownAround, len(body))] }
