package tracing

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
)

// Handler makes a span of each request that may change something, in the
// trace that its header traceparent or its chain names, else in a new one.
// Changes that follow belong to it.
func (e *Exporter) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions {
			next.ServeHTTP(w, r)
			return
		}
		parent := e.traceOf(r.Header)
		own := dispatcher.Trace{ID: parent.ID, Span: randomHex(8), Sampled: parent.Sampled}
		r = r.WithContext(dispatcher.WithTrace(r.Context(), own))
		if !own.Sampled {
			next.ServeHTTP(w, r)
			return
		}
		kept := &keepStatus{ResponseWriter: w, status: http.StatusOK}
		start := time.Now()
		next.ServeHTTP(kept, r)
		route := routeOf(r.URL.Path)
		span := &dispatcher.Span{
			Trace: parent, ID: own.Span, Name: r.Method + " " + route, Incoming: true, Start: start, End: time.Now(),
			Attributes: []dispatcher.SpanAttribute{
				{Key: "http.request.method", Text: r.Method},
				{Key: "http.route", Text: route},
				{Key: "http.response.status_code", Number: int64(kept.status)},
			},
		}
		if kept.status >= http.StatusInternalServerError {
			span.Error = "http_5xx"
		}
		e.Record(span)
	})
}

// traceOf returns the trace of a request. Its span is the caller's, if any.
func (e *Exporter) traceOf(header http.Header) dispatcher.Trace {
	if trace, ok := dispatcher.ParseTraceParent(header.Get(dispatcher.TraceHeader)); ok {
		return trace
	}
	trace, known := dispatcher.Trace{}, false
	if chain, _, ok := strings.Cut(header.Get(dispatcher.ChainHeader), ";"); ok {
		trace, known = dispatcher.ChainTrace(strings.TrimSpace(chain))
	} else {
		trace.ID = randomHex(16)
	}
	if !known {
		trace.Sampled = e.Sampled(trace.ID)
	}
	return trace
}

func randomHex(n int) string {
	random := make([]byte, n)
	_, _ = rand.Read(random) // never fails
	return hex.EncodeToString(random)
}

// routeOf is the part of a path that has few values: /api/v1 and what follows.
func routeOf(path string) string {
	const segments = 4
	parts := strings.SplitN(path, "/", segments+1)
	return strings.Join(parts[:min(segments, len(parts))], "/")
}

// keepStatus remembers the status of an answer.
type keepStatus struct {
	http.ResponseWriter
	status int
}

func (k *keepStatus) WriteHeader(status int) {
	k.status = status
	k.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (k *keepStatus) Unwrap() http.ResponseWriter { return k.ResponseWriter }
