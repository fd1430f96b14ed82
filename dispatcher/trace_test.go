package dispatcher_test

import (
	"context"
	"strings"
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher"
)

const (
	someTrace = "0af7651916cd43dd8448eb211c80319c"
	someSpan  = "b7ad6b7169203331"
)

func TestParseTraceParent(t *testing.T) {
	for header, sampled := range map[string]bool{
		"00-" + someTrace + "-" + someSpan + "-01":        true,
		"00-" + someTrace + "-" + someSpan + "-00":        false,
		" 00-" + someTrace + "-" + someSpan + "-03 ":      true,
		"cc-" + someTrace + "-" + someSpan + "-01-later":  true, // a version to come may say more
		"cc-" + someTrace + "-" + someSpan + "-02-what-x": false,
	} {
		got, ok := dispatcher.ParseTraceParent(header)
		if !ok || got != (dispatcher.Trace{ID: someTrace, Span: someSpan, Sampled: sampled}) {
			t.Errorf("%q: %+v, %v", header, got, ok)
		}
	}
	for _, header := range []string{
		"", "00", "00-" + someTrace + "-" + someSpan, "00-" + someTrace + "-" + someSpan + "-01-more",
		"ff-" + someTrace + "-" + someSpan + "-01", "0-" + someTrace + "-" + someSpan + "-01",
		"00-" + strings.Repeat("0", 32) + "-" + someSpan + "-01", "00-" + someTrace + "-" + strings.Repeat("0", 16) + "-01",
		"00-" + strings.ToUpper(someTrace) + "-" + someSpan + "-01", "00-" + someTrace[1:] + "-" + someSpan + "-01",
		"00-" + someTrace + "-" + someSpan + "-1", "00-" + someTrace + "-" + someSpan + "-0g",
	} {
		if got, ok := dispatcher.ParseTraceParent(header); ok {
			t.Errorf("%q: %+v", header, got)
		}
	}
}

func FuzzParseTraceParent(f *testing.F) {
	f.Add("00-" + someTrace + "-" + someSpan + "-01")
	f.Add("cc-" + someTrace + "-" + someSpan + "-01-more")
	f.Fuzz(func(t *testing.T, header string) {
		trace, ok := dispatcher.ParseTraceParent(header)
		if !ok {
			return
		}
		if again, ok := dispatcher.ParseTraceParent(trace.Parent()); !ok || again != trace {
			t.Errorf("%q became %+v, and that %+v", header, trace, again)
		}
	})
}

func TestChainTrace(t *testing.T) {
	for chain, want := range map[string]dispatcher.Trace{
		"chn_01c3vq0rk8g7a." + someTrace + "-01": {ID: someTrace, Sampled: true},
		"chn_01c3vq0rk8g7a." + someTrace + "-00": {ID: someTrace},
	} {
		if got, known := dispatcher.ChainTrace(chain); !known || got != want {
			t.Errorf("%s: %+v, %v", chain, got, known)
		}
	}
	seen := map[string]bool{}
	for _, chain := range []string{
		"", "chn_01c3vq0rk8g7a", "chn_01c3vq0rk8g7b", "made.up", "chn_01c3vq0rk8g7a." + someTrace, "x." + strings.Repeat("0", 32) + "-01",
	} {
		got, known := dispatcher.ChainTrace(chain)
		if known || len(got.ID) != 32 || seen[got.ID] {
			t.Errorf("%s: %+v, %v", chain, got, known)
		}
		seen[got.ID] = true
	}
}

func TestTheFirstTraceOfAContextStays(t *testing.T) {
	first := dispatcher.Trace{ID: someTrace, Span: someSpan}
	ctx := dispatcher.WithTrace(context.Background(), first)
	ctx = dispatcher.WithTrace(ctx, dispatcher.Trace{ID: strings.Repeat("1", 32)})
	if got, ok := dispatcher.TraceOf(ctx); !ok || got != first {
		t.Errorf("%+v, %v", got, ok)
	}
}
