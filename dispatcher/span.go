package dispatcher

import (
	"strconv"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

// Tracer keeps spans. Its methods return at once, and may be called by
// several goroutines.
type Tracer interface {
	// Sampled says whether spans of a trace are kept that did not come from
	// outside; the answer is the same in every process.
	Sampled(traceID string) bool
	// Record takes a span that has ended.
	Record(span *Span)
}

// Span is a piece of work that has ended. It carries no payload, no address
// and no secret.
type Span struct {
	Trace      Trace  // Trace.Span is the parent, "" for none
	ID         string // 16 hexadecimal digits
	Name       string // one of few
	Incoming   bool   // a request to hookdesk
	Outgoing   bool   // a request to a receiver
	Start, End time.Time
	Attributes []SpanAttribute
	Error      string // what went wrong as a code; "" if nothing did
}

// SpanAttribute is something known about a span: text, or a number where
// Text is "".
type SpanAttribute struct {
	Key    string
	Text   string
	Number int64
}

// lap returns the time if somebody traces.
func (d *Dispatcher) lap() time.Time {
	if d.options.Tracer == nil {
		return time.Time{}
	}
	return d.options.Now()
}

// laps is when the parts of taking in a change began and ended.
type laps struct{ began, evaluated, rendered time.Time }

// chainTrace returns the trace of a chain, sampled as all processes agree.
func (d *Dispatcher) chainTrace(chain string) Trace {
	trace, known := ChainTrace(chain)
	if !known {
		trace.Sampled = d.options.Tracer == nil || d.options.Tracer.Sampled(trace.ID)
	}
	return trace
}

// attemptTrace is what the receiver of an attempt gets: the attempt is a span
// of the chain's trace.
func (d *Dispatcher) attemptTrace(delivery *executionlog.Delivery, number int) Trace {
	trace := d.chainTrace(delivery.Chain)
	trace.Span = hexID(delivery.ID+"/"+strconv.Itoa(number), spanDigits)
	return trace
}

func changeSpan(change string) string { return hexID(change, spanDigits) }

// traceChanges makes the spans of an input that was committed: one for the
// change and one for each change that triggers' actions made of it, and below
// each what was done.
func (d *Dispatcher) traceChanges(parent Trace, p *plan, committing time.Time) {
	ended := d.options.Now()
	for i, s := range p.steps {
		trace := d.chainTrace(s.change.Chain.ID)
		if !trace.Sampled {
			continue
		}
		switch {
		case i > 0:
			trace.Span = changeSpan(p.steps[0].change.ID)
		case parent.ID == trace.ID:
			trace.Span = parent.Span
		}
		own := changeSpan(s.change.ID)
		d.options.Tracer.Record(&Span{
			Trace: trace, ID: own, Name: "change", Start: s.laps.began, End: ended,
			Attributes: []SpanAttribute{
				{Key: "hookdesk.workspace", Text: s.row.Workspace},
				{Key: "hookdesk.change_id", Text: s.row.ID},
				{Key: "hookdesk.ticket", Text: s.row.Ticket},
				{Key: "hookdesk.kind", Text: s.row.Kind},
				{Key: "hookdesk.triggers_fired", Number: int64(len(s.row.Fired))},
				{Key: "hookdesk.deliveries", Number: int64(len(s.row.Deliveries))},
			},
		})
		trace.Span = own
		for _, part := range []struct {
			name       string
			start, end time.Time
		}{
			{"evaluate", s.laps.began, s.laps.evaluated},
			{"render", s.laps.evaluated, s.laps.rendered},
			{"commit", committing, ended},
		} {
			d.options.Tracer.Record(&Span{
				Trace: trace, ID: hexID(s.change.ID+"/"+part.name, spanDigits), Name: part.name, Start: part.start, End: part.end,
			})
		}
	}
}

// traceAttempt makes the span of an attempt.
func (d *Dispatcher) traceAttempt(delivery *executionlog.Delivery, attempt *executionlog.Attempt) {
	trace := d.attemptTrace(delivery, attempt.Number)
	if delivery.Chain == "" || !trace.Sampled {
		return
	}
	own := trace.Span
	trace.Span = ""
	if delivery.Change != "" {
		trace.Span = changeSpan(delivery.Change)
	}
	span := &Span{
		Trace: trace, ID: own, Name: "deliver", Outgoing: true,
		Start: attempt.At, End: attempt.At.Add(attempt.Duration), Error: attempt.ErrorCode,
		Attributes: []SpanAttribute{
			{Key: "hookdesk.workspace", Text: attempt.Workspace},
			{Key: "hookdesk.delivery_id", Text: attempt.Delivery},
			{Key: "hookdesk.ticket", Text: attempt.Ticket},
			{Key: "hookdesk.endpoint_id", Text: attempt.Endpoint},
			{Key: "hookdesk.system", Text: attempt.System},
			{Key: "hookdesk.event", Text: attempt.Event},
			{Key: "hookdesk.attempt", Number: int64(attempt.Number)},
			{Key: "hookdesk.outcome", Text: string(attempt.Outcome)},
			{Key: "http.request.method", Text: "POST"},
		},
	}
	if attempt.HTTPStatus != 0 {
		span.Attributes = append(span.Attributes, SpanAttribute{Key: "http.response.status_code", Number: int64(attempt.HTTPStatus)})
	}
	d.options.Tracer.Record(span)
}
