package systemtest

import (
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
)

// Benchmark is the body of a system's benchmark: it renders each sample in
// each revision.
func Benchmark(b *testing.B, system systems.System) {
	s := Suite{System: system}
	s.sampled(func(event systems.Event, revision string) {
		occasion := s.occasion(event, revision)
		b.Run(event.Name+"/"+revision, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := system.Render(occasion); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}
