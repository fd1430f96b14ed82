package dispatcher

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Trace is where something belongs in a distributed trace, in the terms of
// W3C Trace Context.
type Trace struct {
	ID      string // 32 lower-case hexadecimal digits
	Span    string // 16 of them: the span that led here, or ""
	Sampled bool   // its spans are kept
}

const (
	traceDigits = 32
	spanDigits  = 16
	flagDigits  = 2
)

// ParseTraceParent reads the header traceparent. What is none is ignored, as
// the standard asks: then ok is false.
func ParseTraceParent(header string) (trace Trace, ok bool) {
	parts := strings.Split(strings.TrimSpace(header), "-")
	if len(parts) < 4 || len(parts[0]) != 2 || parts[0] == "ff" || (parts[0] == "00" && len(parts) != 4) ||
		!isHex(parts[0], 2) || !isHex(parts[1], traceDigits) || !isHex(parts[2], spanDigits) || !isHex(parts[3], flagDigits) ||
		zero(parts[1]) || zero(parts[2]) {
		return Trace{}, false
	}
	return Trace{ID: parts[1], Span: parts[2], Sampled: sampledFlag(parts[3])}, true
}

// sampledFlag reads the lowest bit of two hexadecimal digits.
func sampledFlag(digits string) bool { return strings.IndexByte("13579bdf", digits[1]) >= 0 }

func isHex(text string, n int) bool {
	return len(text) == n && strings.Trim(text, "0123456789abcdef") == ""
}

func zero(digits string) bool { return strings.Trim(digits, "0") == "" }

// Parent writes the trace as the value of traceparent.
func (t Trace) Parent() string { return "00-" + t.ID + "-" + t.Span + "-" + t.flags() }

func (t Trace) flags() string {
	if t.Sampled {
		return "01"
	}
	return "00"
}

type traceKey struct{}

// WithTrace returns a context in which chains begin as part of a trace,
// unless it has one already.
func WithTrace(ctx context.Context, trace Trace) context.Context {
	if _, has := TraceOf(ctx); has {
		return ctx
	}
	return context.WithValue(ctx, traceKey{}, trace)
}

// TraceOf returns the trace of a context.
func TraceOf(ctx context.Context) (Trace, bool) {
	trace, ok := ctx.Value(traceKey{}).(Trace)
	return trace, ok
}

// chainSuffix is what the ids of chains that begin in a context get, so that
// whoever attempts their deliveries, later and elsewhere, knows their trace.
func chainSuffix(ctx context.Context) string {
	trace, ok := TraceOf(ctx)
	if !ok {
		return ""
	}
	return "." + trace.ID + "-" + trace.flags()
}

// ChainTrace returns the trace that a chain is: the one that its id names,
// else one derived from the id. Known says whether it is named, and with it
// whether it is sampled.
func ChainTrace(chain string) (trace Trace, known bool) {
	if _, suffix, ok := strings.Cut(chain, "."); ok {
		digits, flags, _ := strings.Cut(suffix, "-")
		if isHex(digits, traceDigits) && isHex(flags, flagDigits) && !zero(digits) {
			return Trace{ID: digits, Sampled: sampledFlag(flags)}, true
		}
	}
	return Trace{ID: hexID(chain, traceDigits)}, false
}

// hexID derives an identifier of n hexadecimal digits from a text.
func hexID(text string, n int) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:n/2])
}
