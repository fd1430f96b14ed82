package sender

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/executionlog"
)

// newClient makes a Client that may reach the test's own servers.
func newClient(t *testing.T, options Options) *Client {
	t.Helper()
	options.AllowLoopback = true
	c := New(options)
	t.Cleanup(c.Close)
	return c
}

// serve starts a receiver without TLS.
func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// do posts a small body to a URL.
func do(t *testing.T, c *Client, url string) *Exchange {
	t.Helper()
	return c.Do(t.Context(), &Post{URL: url, Body: []byte(`{"n":1}`), AllowHTTP: true, Timeout: 5 * time.Second})
}

func wantCode(t *testing.T, exchange *Exchange, want Code) {
	t.Helper()
	if exchange.Code != want {
		t.Errorf("code %q (%s), want %q", exchange.Code, exchange.Error, want)
	}
	if (exchange.Error == "") != (want == OK) {
		t.Errorf("code %q with the error %q", exchange.Code, exchange.Error)
	}
}

func TestRequestAsSent(t *testing.T) {
	type received struct {
		Method, URI, Host, Body string
		Length                  int64
	}
	var got received
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = received{r.Method, r.RequestURI, r.Host, string(body), r.ContentLength}
		w.Header().Set("X-Reply", "yes")
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, "thanks")
	})
	c := newClient(t, Options{})
	exchange := c.Do(t.Context(), &Post{
		URL: url + "/hook?token=a%2Fb&x=[1]", Body: []byte("hello"), AllowHTTP: true,
		Header: []executionlog.Header{{Name: "Content-Length", Value: "99"}, {Name: "Host", Value: "elsewhere"}},
	})
	wantCode(t, exchange, OK)
	if diff := cmp.Diff(received{"POST", "/hook?token=a%2Fb&x=[1]", url[len("http://"):], "hello", 5}, got); diff != "" {
		t.Error(diff)
	}
	if exchange.Status != 202 || string(exchange.ResponseBody) != "thanks" || exchange.Truncated {
		t.Errorf("exchange: %+v", exchange)
	}
	if exchange.Address != url[len("http://"):] || exchange.TLSVersion != "" {
		t.Errorf("address %q, TLS %q", exchange.Address, exchange.TLSVersion)
	}
	found := false
	for _, h := range exchange.ResponseHeader {
		found = found || h == executionlog.Header{Name: "X-Reply", Value: "yes"}
	}
	if !found {
		t.Errorf("response header %v", exchange.ResponseHeader)
	}
	if timings := exchange.Timings; timings.Connect == 0 || timings.FirstByte == 0 || timings.Total < timings.FirstByte || timings.TLS != 0 {
		t.Errorf("timings %+v", timings)
	}
}

func TestNothingToSend(t *testing.T) {
	c := newClient(t, Options{})
	wantCode(t, c.Do(t.Context(), nil), Internal)
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	wantCode(t, c.Do(stopped, &Post{URL: "https://example.com"}), Cancelled)
}

// What is behind the host arrives as its owner wrote it; only bytes that no
// path may have are encoded, and nothing that is encoded is decoded for them.
func TestPathAsSent(t *testing.T) {
	var got string
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) { got = r.RequestURI })
	c := newClient(t, Options{})
	for path, want := range map[string]string{
		"":                      "/",
		"?a=%41":                "/?a=%41",
		"/a%2Fb/%41":            "/a%2Fb/%41",
		"/it's;$(1)/a,b&c=@:!*": "/it's;$(1)/a,b&c=@:!*",
		"/ä%2Fb'(c)":            "/%C3%A4%2Fb'(c)",
		"/a`b%2f<c>|{d}":        "/a%60b%2f%3Cc%3E%7C%7Bd%7D",
		"//a/../b/./c//":        "//a/../b/./c//",
		"/x?q='ä`%2F&r={}":      "/x?q='ä`%2F&r={}",
	} {
		got = ""
		wantCode(t, do(t, c, url+path), OK)
		if got != want {
			t.Errorf("%s arrives as %s, want %s", path, got, want)
		}
	}
}
