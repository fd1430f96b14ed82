package signing

import (
	"strings"
	"testing"
)

// Whoever has the sent body beside the received one learns how they differ.
func TestAgainstWhatWasSent(t *testing.T) {
	p := patients()[0]
	const other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
	for _, c := range []struct {
		name, body, sent, secret string
		want                     Cause
		explanation              string
	}{
		{"members in another order", `{"tags":["x","y"],"subject":"Größe <p>a/b</p> & mehr","n":{"a":null,"b":1.50},"id":"evt_9"}`, ticketBody, p.secret, CauseReserialized, "another order"},
		{"cut where it is no JSON any more", ticketBody[:40], ticketBody, p.secret, CauseTruncated, "after 40 of the 93 bytes"},
		{"nothing left", "", ticketBody, p.secret, CauseTruncated, "after 0 of"},
		{"a value changed", strings.Replace(ticketBody, "evt_9", "evt_8", 1), ticketBody, p.secret, CauseOtherBytes, `from byte 11 on "9\",`},
		{"something added", ticketBody + "<!-- -->", ticketBody, p.secret, CauseOtherBytes, `"" was sent, and here stands "<!-- -->"`},
		{"a number that means the same", strings.Replace(ticketBody, "1.50", "1.5", 1), ticketBody, p.secret, CauseReserialized, "written otherwise"},
		{"another secret, too", `{"id":"evt_8"}`, ticketBody, other, CauseWrongSecret, ""},
		{"sent unknown", `{"id":"evt_8"}`, "", p.secret, CauseWrongSecret, ""},
		{"a known mistake stays that", ticketBody + "\n", ticketBody, p.secret, CauseTrailingNewline, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Diagnose(Capture{
				Header: p.sign(t), Body: []byte(c.body), Sent: []byte(c.sent), Secrets: []string{c.secret}, Now: testTime,
			})
			wantCause(t, got, c.want)
			if !strings.Contains(got.Explanation, c.explanation) {
				t.Errorf("explained by %q, want %q in it", got.Explanation, c.explanation)
			}
		})
	}
}
