package tracing

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
)

func TestCheckURL(t *testing.T) {
	for _, good := range []string{"http://127.0.0.1:4318", "https://collector.example.com/otlp/"} {
		if err := CheckURL(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for bad, want := range map[string]string{
		"127.0.0.1:4318":               "an http or https URL",
		"grpc://127.0.0.1:4317":        "an http or https URL",
		"http://":                      "an http or https URL",
		"http://%zz":                   "an http or https URL",
		"https://key:secret@host:4318": "without user and password",
		"https://host:4318?key=secret": "without query",
	} {
		if err := CheckURL(bad); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want %s", bad, err, want)
		}
	}
}

func TestComplaintsAreRare(t *testing.T) {
	var log bytes.Buffer
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	complain := quietly(slog.New(slog.NewTextHandler(&log, nil)), func() time.Time { return now })
	for range 3 {
		complain(errors.New("away"))
	}
	now = now.Add(complainEvery)
	complain(errors.New("still away"))
	if got := strings.Count(log.String(), "level=WARN"); got != 2 {
		t.Errorf("%d complaints:\n%s", got, log.String())
	}
}

func TestRouteOf(t *testing.T) {
	for path, want := range map[string]string{
		"/api/v1/changes":               "/api/v1/changes",
		"/api/v1/tickets/T-1/replies":   "/api/v1/tickets",
		"/emulate/superoffice/api/v1/x": "/emulate/superoffice/api",
		"/":                             "/",
	} {
		if got := routeOf(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

// TestHandlerPutsRequestsIntoATrace looks at the trace that handlers see.
func TestHandlerPutsRequestsIntoATrace(t *testing.T) {
	e, err := New(t.Context(), Options{URL: "http://127.0.0.1:1", Ratio: 0, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Shutdown(t.Context()) }()
	var seen dispatcher.Trace
	var has bool
	handler := e.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen, has = dispatcher.TraceOf(r.Context()) }))
	call := func(method, name, value string) {
		r := httptest.NewRequest(method, "/api/v1/changes", http.NoBody)
		if name != "" {
			r.Header.Set(name, value)
		}
		handler.ServeHTTP(httptest.NewRecorder(), r)
	}
	const trace = "0af7651916cd43dd8448eb211c80319c"
	if call(http.MethodGet, "", ""); has {
		t.Error("a question is part of a trace")
	}
	if call(http.MethodPost, "", ""); !has || len(seen.ID) != 32 || len(seen.Span) != 16 || seen.Sampled {
		t.Errorf("a new trace is %+v", seen)
	}
	if call(http.MethodPost, "traceparent", "00-"+trace+"-b7ad6b7169203331-00"); seen.ID != trace || seen.Span == "b7ad6b7169203331" || seen.Sampled {
		t.Errorf("the caller's trace became %+v", seen)
	}
	if call(http.MethodPost, "Webhook-Chain", "chn_01c3vq0rk8g7a."+trace+"-00;depth=1"); seen.ID != trace || seen.Sampled {
		t.Errorf("the chain's trace became %+v", seen)
	}
}
