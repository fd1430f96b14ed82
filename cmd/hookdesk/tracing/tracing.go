// Package tracing exports the spans of changes, requests and attempts to an
// OpenTelemetry collector, by OTLP over HTTP.
package tracing

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/hookdesk/hookdesk/dispatcher"
)

// Options say where spans go and how many.
type Options struct {
	// URL is the collector's base URL, as OTEL_EXPORTER_OTLP_ENDPOINT has it:
	// /v1/traces is appended. CheckURL has seen it.
	URL string
	// Ratio of the traces that begin here and are kept, from 0 to 1. Traces
	// from outside are kept where their caller keeps them.
	Ratio float64
	// Version and Node describe this process.
	Version string
	Node    int
	// Logger is told, once a minute at most, that spans do not arrive.
	Logger *slog.Logger
}

// Exporter implements dispatcher.Tracer. Spans are sent in batches in the
// background; where the collector is slow or away they are dropped, and
// nothing else waits.
type Exporter struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
	ratio    sdk.Sampler
}

var _ dispatcher.Tracer = (*Exporter)(nil)

// CheckURL says what is wrong with the URL of a collector, without repeating
// what may be a secret in it.
func CheckURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return errors.New("want an http or https URL, such as http://127.0.0.1:4318")
	case u.User != nil:
		return errors.New("want a URL without user and password; credentials are headers, in OTEL_EXPORTER_OTLP_HEADERS")
	case u.RawQuery != "" || u.Fragment != "":
		return errors.New("want a URL without query; credentials are headers, in OTEL_EXPORTER_OTLP_HEADERS")
	}
	return nil
}

// New returns an Exporter that runs until Shutdown. Headers and certificates
// come from the variables of the OpenTelemetry standard; attributes of this
// process from OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME.
func New(ctx context.Context, options Options) (*Exporter, error) {
	out, err := otlptracehttp.New(ctx,
		otlptracehttp.WithEndpointURL(strings.TrimSuffix(options.URL, "/")+"/v1/traces"),
		otlptracehttp.WithEncoding(otlptracehttp.EncodingProtobuf))
	if err != nil {
		return nil, fmt.Errorf("make exporter of traces: %w", err)
	}
	described, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithAttributes(
		attribute.String("service.name", "hookdesk"),
		attribute.String("service.version", options.Version),
		attribute.Int("service.instance.id", options.Node),
	), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("describe this process for traces: %w", err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(quietly(options.Logger, time.Now)))
	provider := sdk.NewTracerProvider(
		sdk.WithBatcher(out), sdk.WithResource(described), sdk.WithSampler(sdk.AlwaysSample()), sdk.WithIDGenerator(given{}),
	)
	return &Exporter{
		provider: provider, tracer: provider.Tracer("github.com/hookdesk/hookdesk"), ratio: sdk.TraceIDRatioBased(options.Ratio),
	}, nil
}

// complainEvery is how often the log hears that spans do not arrive.
const complainEvery = time.Minute

func quietly(logger *slog.Logger, now func() time.Time) func(error) {
	var last atomic.Int64
	return func(err error) {
		before, at := last.Load(), now().UnixNano()
		if at-before >= int64(complainEvery) && last.CompareAndSwap(before, at) {
			logger.Warn("exporting traces failed", "error", err)
		}
	}
}

// Shutdown sends what waits, until ctx ends.
func (e *Exporter) Shutdown(ctx context.Context) error {
	if err := e.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("send the last spans: %w", err)
	}
	return nil
}

// Sampled implements dispatcher.Tracer.
func (e *Exporter) Sampled(traceID string) bool {
	return e.ratio.ShouldSample(sdk.SamplingParameters{TraceID: traceOf(traceID)}).Decision == sdk.RecordAndSample
}

// Record implements dispatcher.Tracer.
func (e *Exporter) Record(span *dispatcher.Span) {
	ids := spanIDs{trace: traceOf(span.Trace.ID), span: spanOf(span.ID)}
	ctx := context.WithValue(context.Background(), spanIDs{}, ids)
	if span.Trace.Span != "" {
		ctx = trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
			TraceID: ids.trace, SpanID: spanOf(span.Trace.Span), TraceFlags: trace.FlagsSampled, Remote: true,
		}))
	}
	kind := trace.SpanKindInternal
	switch {
	case span.Outgoing:
		kind = trace.SpanKindClient
	case span.Incoming:
		kind = trace.SpanKindServer
	}
	_, made := e.tracer.Start(ctx, span.Name, trace.WithTimestamp(span.Start), trace.WithSpanKind(kind), trace.WithAttributes(attributes(span)...))
	if span.Error != "" {
		made.SetStatus(codes.Error, span.Error)
	}
	made.End(trace.WithTimestamp(span.End))
}

func attributes(span *dispatcher.Span) []attribute.KeyValue {
	list := make([]attribute.KeyValue, 0, len(span.Attributes)+1)
	for _, a := range span.Attributes {
		if a.Text != "" {
			list = append(list, attribute.String(a.Key, a.Text))
		} else {
			list = append(list, attribute.Int64(a.Key, a.Number))
		}
	}
	if span.Error != "" {
		list = append(list, attribute.String("error.type", span.Error))
	}
	return list
}

func traceOf(digits string) (id trace.TraceID) {
	_, _ = hex.Decode(id[:], []byte(digits))
	return id
}

func spanOf(digits string) (id trace.SpanID) {
	_, _ = hex.Decode(id[:], []byte(digits))
	return id
}

// spanIDs are the ids that the next span of a context gets. They are chosen
// before there is a span: a receiver is told of the attempt's span before the
// attempt has ended, and another process may have committed the change.
type spanIDs struct {
	trace trace.TraceID
	span  trace.SpanID
}

// given is the generator of the ids in the context.
type given struct{}

func (given) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	ids, _ := ctx.Value(spanIDs{}).(spanIDs)
	return ids.trace, ids.span
}

func (given) NewSpanID(ctx context.Context, _ trace.TraceID) trace.SpanID {
	ids, _ := ctx.Value(spanIDs{}).(spanIDs)
	return ids.span
}
