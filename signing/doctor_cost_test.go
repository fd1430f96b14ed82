package signing

import (
	"strings"
	"testing"
	"time"
)

// bigBody is JSON of about n bytes.
func bigBody(n int) []byte {
	return []byte(`{"items":[` + strings.TrimSuffix(strings.Repeat(`{"a":"é <p>","b":[1,2,3]},`, n/26), ",") + `]}`)
}

// BenchmarkDiagnose is the search that finds nothing, which tries everything.
func BenchmarkDiagnose(b *testing.B) {
	for _, size := range []struct {
		name  string
		bytes int
	}{{"2KiB", 2 << 10}, {"64KiB", 64 << 10}, {"250KiB", 250 << 10}, {"1MiB", 1 << 20}} {
		b.Run(size.name, func(b *testing.B) {
			p := patients()[0]
			p.message.Body = bigBody(size.bytes)
			capture := Capture{
				Header: p.signWith([]byte("correct horse battery")), Body: p.message.Body,
				Secrets: []string{p.secret, standard{}.NewSecret()}, Now: testTime, Tolerance: time.Minute,
			}
			for b.Loop() {
				if d := Diagnose(capture); d.Cause != CauseWrongSecret {
					b.Fatal(d.Cause)
				}
			}
		})
	}
}
