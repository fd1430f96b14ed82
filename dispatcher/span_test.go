package dispatcher_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// spans is a Tracer that keeps everything, or nothing.
type spans struct {
	none bool

	mu   sync.Mutex
	kept []*dispatcher.Span
}

func (s *spans) Sampled(string) bool { return !s.none }

func (s *spans) Record(span *dispatcher.Span) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, span)
}

func (s *spans) named(name string) []*dispatcher.Span {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.kept), func(span *dispatcher.Span) bool { return span.Name != name })
}

// A change and the change that a trigger's action makes of it are spans of one
// trace, the second below the first; and so is the attempt, below its change.
func TestSpansOfAChainHangTogether(t *testing.T) {
	kept := &spans{}
	r := newReceiver(t, func(string, int) int { return 200 })
	e := r.endpoint("a", nil)
	config := newConfiguration(e)
	config.setTriggers(
		trigger(t, trgA, `{"name": "tags", "system": "faveo", "on": ["ticket_created"], "then": [{"tag": {"add": ["new"]}}]}`),
		trigger(t, trgB, `{"name": "tells", "system": "faveo", "on": ["ticket_created"], "then": []}`, e))
	d := runWith(t, memory.New(), config, "", func(o *dispatcher.Options) { o.Tracer = kept })
	accepted(t, d, created)
	eventually(t, func() bool { return len(kept.named("deliver")) == 1 })

	changes, attempt := kept.named("change"), kept.named("deliver")[0]
	if len(changes) != 2 {
		t.Fatalf("%d changes were traced", len(changes))
	}
	first, second := changes[0], changes[1]
	if first.Trace.Span != "" || second.Trace.Span != first.ID || second.Trace.ID != first.Trace.ID {
		t.Errorf("the changes are %+v and %+v", first.Trace, second.Trace)
	}
	if attempt.Trace.ID != first.Trace.ID || attempt.Trace.Span != first.ID || !attempt.Outgoing || attempt.Error != "" {
		t.Errorf("the attempt is %+v of %+v", attempt, first)
	}
	for _, name := range []string{"evaluate", "render", "commit"} {
		parts := kept.named(name)
		if len(parts) != 2 || parts[0].Trace.Span != first.ID || parts[1].Trace.Span != second.ID || parts[0].ID == parts[1].ID {
			t.Errorf("%s: %+v", name, parts)
		}
	}
}

func TestNoSpansOfWhatIsNotSampled(t *testing.T) {
	kept := &spans{none: true}
	r := newReceiver(t, func(string, int) int { return 200 })
	e := r.endpoint("a", nil)
	config := newConfiguration(e)
	config.setTriggers(trigger(t, trgA, `{"name": "tells", "system": "faveo", "on": ["ticket_created"], "then": []}`, e))
	d := runWith(t, memory.New(), config, "", func(o *dispatcher.Options) { o.Tracer = kept })
	accepted(t, d, created)
	eventually(t, func() bool { return len(r.arrived()) == 1 })
	d.stop()
	if len(kept.kept) != 0 {
		t.Errorf("%d spans were kept", len(kept.kept))
	}
}

// BenchmarkTracing measures what taking in a change costs without a tracer,
// with one that keeps nothing, and with one that keeps all.
func BenchmarkTracing(b *testing.B) {
	for _, c := range []struct {
		name   string
		tracer dispatcher.Tracer
	}{{"off", nil}, {"not sampled", &spans{none: true}}, {"sampled", &spans{}}} {
		b.Run(c.name, func(b *testing.B) {
			config := newConfiguration()
			config.setTriggers(trigger(b, trgA, `{"name": "tells", "system": "faveo", "on": ["ticket_created"], "then": []}`))
			d := runWith(b, memory.New(), config, "", func(o *dispatcher.Options) { o.Tracer = c.tracer })
			inputs := make([]*ticket.Input, b.N)
			for i := range inputs {
				var err error
				if inputs[i], err = ticket.DecodeInput(fmt.Appendf(nil, `{"ticket": {"number": "T-%d", "subject": "Printer on fire"}}`, i)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := range inputs {
				if result := d.Submit(b.Context(), workspace, inputs[i:i+1])[0]; result.Err != nil {
					b.Fatal(result.Err)
				}
			}
		})
	}
}
