package main

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/tracing"
	"github.com/hookdesk/hookdesk/dispatcher"
)

// traceGrace is how long the end may wait for the collector of traces.
const traceGrace = 3 * time.Second

// checkTraces returns what is wrong with the settings of traces.
func (c *Config) checkTraces() error {
	if c.OTLPURL == "" {
		return nil
	}
	if err := tracing.CheckURL(c.OTLPURL); err != nil {
		address, _, _ := strings.Cut(c.OTLPURL, "?")
		return usage("HOOKDESK_OTLP_URL (or OTEL_EXPORTER_OTLP_ENDPOINT) is %q; %w", redactURL(address), err)
	}
	if c.OTLPProtocol != "" && c.OTLPProtocol != "http/protobuf" {
		return usage("OTEL_EXPORTER_OTLP_PROTOCOL is %q; want http/protobuf, which collectors take on port 4318", c.OTLPProtocol)
	}
	if !(c.TraceRatio >= 0 && c.TraceRatio <= 1) { // NaN is neither
		return setting("TRACE_RATIO", c.TraceRatio, "a number from 0 to 1")
	}
	return nil
}

// trace starts the export of traces where the settings name a collector;
// else the tracer is nil.
func (a *App) trace(ctx context.Context) (dispatcher.Tracer, error) {
	if a.config.OTLPURL == "" {
		return nil, nil //nolint:nilnil // nobody wants traces, which is no error
	}
	var err error
	a.traces, err = tracing.New(ctx, tracing.Options{
		URL: a.config.OTLPURL, Ratio: a.config.TraceRatio, Version: build().Version, Node: a.ledger.Node(), Logger: a.log,
	})
	if err != nil {
		return nil, err
	}
	return a.traces, nil
}

// traced makes spans of the requests to a part of the web.
func (a *App) traced(part http.Handler) http.Handler {
	if a.traces == nil {
		return part
	}
	return a.traces.Handler(part)
}

// endTraces sends the last spans.
func (a *App) endTraces() {
	if a.traces == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), traceGrace)
	defer cancel()
	if err := a.traces.Shutdown(ctx); err != nil {
		a.log.Warn("exporting traces failed", "error", err)
	}
}
