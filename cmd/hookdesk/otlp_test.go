package main

import (
	"compress/gzip"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/client"
	"github.com/hookdesk/hookdesk/dispatcher"
)

// otlpCollector takes traces by OTLP over HTTP and keeps them.
type otlpCollector struct {
	*httptest.Server
	t *testing.T

	mu      sync.Mutex
	spans   []*otlp.Span
	headers http.Header
	text    string // everything that came, readable
}

func newCollector(t *testing.T) *otlpCollector {
	c := &otlpCollector{t: t}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

func (c *otlpCollector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" {
		c.t.Errorf("the collector got %s with %s", r.URL.Path, r.Header.Get("Content-Type"))
	}
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(r.Body)
		if err != nil {
			c.t.Error(err)
			return
		}
		body = unpacked
	}
	content, err := io.ReadAll(body)
	if err != nil {
		c.t.Error(err)
		return
	}
	var sent collector.ExportTraceServiceRequest
	if err := proto.Unmarshal(content, &sent); err != nil {
		c.t.Error(err)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.headers = r.Header.Clone()
	c.text += prototext.Format(&sent)
	for _, resource := range sent.ResourceSpans {
		for _, scope := range resource.ScopeSpans {
			c.spans = append(c.spans, scope.Spans...)
		}
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
	answer, _ := proto.Marshal(&collector.ExportTraceServiceResponse{})
	_, _ = w.Write(answer)
}

// named returns the spans of a name in a trace.
func (c *otlpCollector) named(trace, name string) []*otlp.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	var found []*otlp.Span
	for _, span := range c.spans {
		if span.Name == name && hex.EncodeToString(span.TraceId) == trace {
			found = append(found, span)
		}
	}
	return found
}

// one returns the only span of a name in a trace, and its id.
func (c *otlpCollector) one(trace, name string) (span *otlp.Span, id string) {
	c.t.Helper()
	found := c.named(trace, name)
	if len(found) != 1 {
		c.t.Fatalf("%d spans %q in trace %s of\n%s", len(found), name, trace, c.text)
	}
	return found[0], hex.EncodeToString(found[0].SpanId)
}

func parentOf(span *otlp.Span) string { return hex.EncodeToString(span.ParentSpanId) }

func attributesOf(span *otlp.Span) map[string]string {
	all := map[string]string{}
	for _, a := range span.Attributes {
		if text := a.Value.GetStringValue(); text != "" {
			all[a.Key] = text
		} else {
			all[a.Key] = fmt.Sprint(a.Value.GetIntValue())
		}
	}
	return all
}

// tracedDesk is a server with one endpoint, and a receiver that refuses every
// webhook once.
type tracedDesk struct {
	*testing.T
	api      *client.Client
	receiver *traced
	endpoint string
	stop     func()
}

func newTracedDesk(t *testing.T, config *Config) *tracedDesk {
	t.Helper()
	app, stop := start(t, config)
	d := &tracedDesk{T: t, api: &client.Client{Base: "http://" + app.Addr(), Token: app.Token()}, stop: stop}
	d.receiver = &traced{t: t, api: d.api, parents: map[string][]string{}}
	target := httptest.NewServer(d.receiver)
	t.Cleanup(target.Close)
	var endpoint struct {
		ID string `json:"id"`
	}
	do(t, d.api, "/endpoints", map[string]any{
		"name": "traced", "system": "faveo", "url": target.URL + "/takes?token=otlp-canary", "signing": map[string]any{"scheme": "standard"},
		"auth":  map[string]any{"type": "bearer", "token": "otlp-canary-bearer"},
		"retry": map[string]any{"schedule_seconds": []float64{0.1}},
	}, &endpoint)
	d.endpoint = endpoint.ID
	do(t, d.api, "/triggers", map[string]any{
		"name": "all", "system": "faveo", "on": []string{"ticket_created"},
		"then": []any{map[string]any{"webhook": map[string]any{"endpoint": endpoint.ID}}},
	}, nil)
	return d
}

// change posts a change with headers, and returns the headers traceparent of
// both attempts of its delivery.
func (d *tracedDesk) change(number string, headers map[string]string) []string {
	d.Helper()
	d.receiver.reset()
	body := fmt.Sprintf(`{"ticket": {"number": %q, "subject": "otlp-canary-subject", "status": "Open"}}`, number)
	request, err := http.NewRequestWithContext(d.Context(), http.MethodPost, d.api.Base+"/api/v1/changes", strings.NewReader(body))
	if err != nil {
		d.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+d.api.Token)
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		d.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusAccepted {
		d.Fatalf("the change was answered with %d", response.StatusCode)
	}
	var attempts []string
	eventually(d.T, 20*time.Second, func() error {
		attempts = d.receiver.only()
		if len(attempts) != 2 {
			return fmt.Errorf("%d attempts", len(attempts))
		}
		return nil
	})
	return attempts
}

const (
	callerTrace = "0af7651916cd43dd8448eb211c80319c"
	callerSpan  = "b7ad6b7169203331"
)

// TestTracesReachTheCollector follows a change from its caller's span to each
// attempt: what the receiver was sent is the id of the attempt's span.
func TestTracesReachTheCollector(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-collector-key=otlp-canary-header")
	c := newCollector(t)
	config := devConfig(t)
	config.OTLPURL, config.TraceRatio = c.URL, 1
	d := newTracedDesk(t, config)
	attempts := d.change("O-1", map[string]string{"traceparent": "00-" + callerTrace + "-" + callerSpan + "-01"})
	d.stop() // which sends what waits

	request, requestID := c.one(callerTrace, "POST /api/v1/changes")
	change, changeID := c.one(callerTrace, "change")
	if parentOf(request) != callerSpan || request.Kind != otlp.Span_SPAN_KIND_SERVER || parentOf(change) != requestID {
		t.Errorf("the request's parent is %s, the change's %s", parentOf(request), parentOf(change))
	}
	if got := attributesOf(change); got["hookdesk.ticket"] != "O-1" || got["hookdesk.deliveries"] != "1" {
		t.Errorf("the change's attributes are %v", got)
	}
	for _, name := range []string{"evaluate", "render", "commit"} {
		part, _ := c.one(callerTrace, name)
		if parentOf(part) != changeID || part.EndTimeUnixNano < part.StartTimeUnixNano || part.EndTimeUnixNano > change.EndTimeUnixNano {
			t.Errorf("%s: parent %s, from %d to %d", name, parentOf(part), part.StartTimeUnixNano, part.EndTimeUnixNano)
		}
	}
	delivered := c.named(callerTrace, "deliver")
	if len(delivered) != 2 {
		t.Fatalf("%d attempts were traced", len(delivered))
	}
	for _, span := range delivered {
		got := attributesOf(span)
		number := int(got["hookdesk.attempt"][0] - '0')
		if want := "00-" + callerTrace + "-" + hex.EncodeToString(span.SpanId) + "-01"; attempts[number-1] != want {
			t.Errorf("attempt %d was sent with %s, want %s", number, attempts[number-1], want)
		}
		if parentOf(span) != changeID || span.Kind != otlp.Span_SPAN_KIND_CLIENT ||
			got["hookdesk.endpoint_id"] != d.endpoint || got["hookdesk.system"] != "faveo" || got["hookdesk.event"] != "ticket_created" {
			t.Errorf("attempt %d: parent %s, attributes %v", number, parentOf(span), got)
		}
		status, code, failed := "503", "http_5xx", otlp.Status_STATUS_CODE_ERROR
		if number == 2 {
			status, code, failed = "200", "", otlp.Status_STATUS_CODE_UNSET
		}
		if got["http.response.status_code"] != status || got["error.type"] != code || span.Status.GetCode() != failed {
			t.Errorf("attempt %d: %v, %v", number, got, span.Status)
		}
	}
	if c.headers.Get("X-Collector-Key") != "otlp-canary-header" {
		t.Errorf("the collector got the headers %v", c.headers)
	}
	if !strings.Contains(c.text, `"hookdesk"`) || strings.Contains(c.text, "otlp-canary") || strings.Contains(c.text, d.api.Token) {
		t.Errorf("the spans name no service, or tell a secret:\n%s", c.text)
	}
}

// TestSampling holds that the caller decides for its traces, the ratio for
// others, and that receivers are told.
func TestSampling(t *testing.T) {
	for _, test := range []struct {
		name    string
		ratio   float64
		headers map[string]string
		trace   string // "" any
		sampled bool
	}{
		{"all that begin here", 1, nil, "", true},
		{"none that begins here", 0, nil, "", false},
		{"a caller that samples", 0, map[string]string{"traceparent": "00-" + callerTrace + "-" + callerSpan + "-01"}, callerTrace, true},
		{"a caller that does not", 1, map[string]string{"traceparent": "00-" + callerTrace + "-" + callerSpan + "-00"}, callerTrace, false},
		{"a chain that comes back", 0, map[string]string{"Webhook-Chain": "chn_01c3vq0rk8g7a." + callerTrace + "-01;depth=1"}, callerTrace, true},
		{"what is no traceparent", 1, map[string]string{"traceparent": "00-zz-" + callerSpan + "-01"}, "", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCollector(t)
			config := devConfig(t)
			config.OTLPURL, config.TraceRatio = c.URL, test.ratio
			d := newTracedDesk(t, config)
			attempts := d.change("O-1", test.headers)
			d.stop()
			sent, ok := dispatcher.ParseTraceParent(attempts[0])
			if !ok || sent.Sampled != test.sampled || (test.trace != "" && sent.ID != test.trace) {
				t.Errorf("the receiver got %s", attempts[0])
			}
			want := 0
			if test.sampled {
				want = 2
			}
			if got := c.named(sent.ID, "deliver"); len(got) != want {
				t.Errorf("%d attempts were traced, want %d", len(got), want)
			}
		})
	}
}

// TestTracingWithoutCollector holds that deliveries do not wait for a
// collector that is away, and that the log says so without its secrets.
func TestTracingWithoutCollector(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-collector-key=otlp-canary-header")
	closed, err := freeAddr()
	if err != nil {
		t.Fatal(err)
	}
	config := devConfig(t)
	config.OTLPURL, config.TraceRatio = "http://"+closed, 1
	d := newTracedDesk(t, config)
	if attempts := d.change("O-1", nil); len(attempts) != 2 {
		t.Errorf("%d attempts", len(attempts))
	}
	began := time.Now()
	d.stop()
	if took := time.Since(began); took > config.DrainTimeout+traceGrace {
		t.Errorf("the end took %s", took)
	}
}

// TestIncomingTraceWithoutTracing holds that a caller's trace goes on to the
// receiver where hookdesk keeps no spans itself.
func TestIncomingTraceWithoutTracing(t *testing.T) {
	d := newTracedDesk(t, devConfig(t))
	attempts := d.change("O-1", map[string]string{"traceparent": "00-" + callerTrace + "-" + callerSpan + "-01"})
	for _, attempt := range attempts {
		if sent, ok := dispatcher.ParseTraceParent(attempt); !ok || sent.ID != callerTrace || !sent.Sampled {
			t.Errorf("the receiver got %s", attempt)
		}
	}
	if attempts[0] == attempts[1] {
		t.Errorf("both attempts are the span %s", attempts[0])
	}
}
