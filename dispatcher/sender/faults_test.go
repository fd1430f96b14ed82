package sender

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// serveRaw starts a receiver that speaks whatever it likes, one goroutine for
// each connection, and returns its host and port.
func serveRaw(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				handle(conn)
			}()
		}
	}()
	return listener.Addr().String()
}

// answer reads the request's first bytes and writes a fixed text.
func answer(text string) func(net.Conn) {
	return func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 8192))
		_, _ = io.WriteString(conn, text)
	}
}

// untilClosed holds a connection open until the client gives it up.
func untilClosed(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

func TestRedirectsAreNotFollowed(t *testing.T) {
	var hits atomic.Int64
	target := serve(t, func(http.ResponseWriter, *http.Request) { hits.Add(1) })
	c := newClient(t, Options{})
	for _, status := range []int{300, 301, 302, 303, 304, 305, 307, 308} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", target+"/elsewhere?token=geheim")
			w.WriteHeader(status)
		})
		exchange := do(t, c, url)
		wantCode(t, exchange, Redirect)
		if exchange.Status != status || strings.Contains(exchange.Error, "geheim") {
			t.Errorf("%d: status %d, error %q", status, exchange.Status, exchange.Error)
		}
	}
	if hits.Load() != 0 {
		t.Errorf("the target got %d requests", hits.Load())
	}
}

func TestStatuses(t *testing.T) {
	tests := []struct {
		status int
		want   Code
	}{
		{200, OK},
		{201, OK},
		{204, OK},
		{299, OK},
		{400, HTTP4xx},
		{401, HTTP4xx},
		{404, HTTP4xx},
		{408, HTTP4xx},
		{425, HTTP4xx},
		{499, HTTP4xx},
		{410, Gone},
		{429, Throttled},
		{500, HTTP5xx},
		{502, HTTP5xx},
		{599, HTTP5xx},
		{600, InvalidResponse},
		{999, InvalidResponse},
	}
	var status int
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
	c := newClient(t, Options{})
	for _, test := range tests {
		status = test.status
		exchange := do(t, c, url)
		wantCode(t, exchange, test.want)
		if exchange.Status != test.status {
			t.Errorf("status %d, want %d", exchange.Status, test.status)
		}
		if test.want != OK && !strings.Contains(exchange.Error, fmt.Sprint(test.status)) {
			t.Errorf("%d: the error does not name it: %s", test.status, exchange.Error)
		}
	}
}

func TestGzipBombStaysSmall(t *testing.T) {
	var bomb bytes.Buffer
	writer := gzip.NewWriter(&bomb)
	_, _ = writer.Write(make([]byte, 32<<20))
	_ = writer.Close()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "" {
			t.Error("asks for compression")
		}
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb.Bytes())
	})
	exchange := do(t, newClient(t, Options{}), url)
	wantCode(t, exchange, OK)
	if !bytes.Equal(exchange.ResponseBody, bomb.Bytes()[:min(bomb.Len(), MaxBody)]) {
		t.Errorf("%d bytes of body", len(exchange.ResponseBody))
	}
}

func TestEndlessBodyIsCut(t *testing.T) {
	ended := make(chan struct{})
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		defer close(ended)
		for {
			if _, err := w.Write(make([]byte, 4096)); err != nil {
				return
			}
		}
	})
	exchange := do(t, newClient(t, Options{}), url)
	wantCode(t, exchange, OK)
	if len(exchange.ResponseBody) != MaxBody || !exchange.Truncated {
		t.Errorf("%d bytes, truncated %v", len(exchange.ResponseBody), exchange.Truncated)
	}
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Error("the connection stays open")
	}
}

func TestBodyOfExactlyTheLimit(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, MaxBody)) })
	exchange := do(t, newClient(t, Options{}), url)
	if len(exchange.ResponseBody) != MaxBody || exchange.Truncated {
		t.Errorf("%d bytes, truncated %v", len(exchange.ResponseBody), exchange.Truncated)
	}
}

func TestNetworkFaults(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	tests := []struct {
		name, host string
		want       Code
	}{
		{"refused", closed.Addr().String(), ConnectionRefused},
		{"closed without an answer", serveRaw(t, answer("")), ConnectionReset},
		{"reset", serveRaw(t, func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 1))
			_ = conn.(*net.TCPConn).SetLinger(0)
		}), ConnectionReset},
		{"cut in the header", serveRaw(t, answer("HTTP/1.1 200 OK\r\nX-A: b\r\n")), ConnectionReset},
		{"cut in the body", serveRaw(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")), ConnectionReset},
		{"not HTTP", serveRaw(t, answer("SSH-2.0-OpenSSH_9.2\r\n")), InvalidResponse},
		{"not a status", serveRaw(t, answer("HTTP/1.1 abc OK\r\n\r\n")), InvalidResponse},
		{"bad chunk", serveRaw(t, answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")), InvalidResponse},
		{"two lengths", serveRaw(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")), InvalidResponse},
		{"2 MiB of header", serveRaw(t, answer("HTTP/1.1 200 OK\r\n"+strings.Repeat("X-Filler: "+strings.Repeat("x", 1000)+"\r\n", 2048)+"\r\n")), ResponseTooLarge},
		{"one endless header", serveRaw(t, answer("HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 2<<20))), ResponseTooLarge},
		{"another protocol", serveRaw(t, answer("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")), InvalidResponse},
	}
	c := newClient(t, Options{})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			exchange := do(t, c, "http://"+test.host+"/hook")
			wantCode(t, exchange, test.want)
			if exchange.Address != test.host {
				t.Errorf("address %q, want %q", exchange.Address, test.host)
			}
			if words := searched[test.want]; !strings.HasPrefix(exchange.Error, words) {
				t.Errorf("%q does not begin with %q", exchange.Error, words)
			}
		})
	}
}

// searched are the words that people look for in the log after these faults.
var searched = map[Code]string{ConnectionRefused: "connection refused", ConnectionReset: "connection reset"}

func TestTimeoutsByStage(t *testing.T) {
	drip := func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 8192))
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
		for {
			time.Sleep(10 * time.Millisecond)
			if _, err := io.WriteString(conn, "x"); err != nil {
				return
			}
		}
	}
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	deaf := func(conn net.Conn) {
		_ = conn.(*net.TCPConn).SetReadBuffer(1024)
		<-over
	}
	noDNS := startDNS(t, func(int64, string) (netip.Addr, int) { return netip.Addr{}, silent })
	tests := []struct {
		name, url string
		body      int
		want      Code
	}{
		{"no answer", "http://" + serveRaw(t, untilClosed), 1, TimeoutHeaders},
		{"dripping body", "http://" + serveRaw(t, drip), 1, TimeoutBody},
		{"no handshake", "https://" + serveRaw(t, untilClosed), 1, TimeoutTLS},
		{"does not read", "http://" + serveRaw(t, deaf), 32 << 20, TimeoutTotal},
		{"no name server", "http://slow.example/", 1, DNSTimeout},
	}
	c := newClient(t, Options{Resolver: noDNS})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			exchange := c.Do(t.Context(), &Post{URL: test.url, AllowHTTP: true, Body: make([]byte, test.body), Timeout: 200 * time.Millisecond})
			wantCode(t, exchange, test.want)
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("took %s", took)
			}
			if !strings.Contains(exchange.Error, "200ms") {
				t.Errorf("the error does not say after how long: %s", exchange.Error)
			}
			if timings := exchange.Timings; test.want == TimeoutTLS && timings.TLS < 100_000 || test.want == DNSTimeout && timings.DNS < 100_000 {
				t.Errorf("the stage that took the time is not counted: %+v", timings)
			}
		})
	}
}

func TestStageLimitsWithinALongTimeout(t *testing.T) {
	c := newClient(t, Options{TLSTimeout: 100 * time.Millisecond})
	exchange := c.Do(t.Context(), &Post{URL: "https://" + serveRaw(t, untilClosed), Timeout: 10 * time.Second})
	wantCode(t, exchange, TimeoutTLS)

	noDNS := startDNS(t, func(int64, string) (netip.Addr, int) { return netip.Addr{}, silent })
	c = newClient(t, Options{ConnectTimeout: 100 * time.Millisecond, Resolver: noDNS})
	exchange = c.Do(t.Context(), &Post{URL: "https://slow.example", Timeout: 10 * time.Second})
	wantCode(t, exchange, DNSTimeout)
}

// Each stage has its own code. Connecting is here because nothing on the
// loopback interface keeps a connection waiting.
func TestLateNamesTheStage(t *testing.T) {
	want := map[stage]Code{
		stageStart: TimeoutTotal, stageDNS: DNSTimeout, stageConnect: TimeoutConnect, stageTLS: TimeoutTLS,
		stageWrite: TimeoutTotal, stageHeaders: TimeoutHeaders, stageBody: TimeoutBody,
	}
	for stage, code := range want {
		got, text := failure{stage: stage, host: "receiver.example"}.late(time.Second)
		if got != code || !strings.Contains(text, "receiver.example") {
			t.Errorf("stage %d: %s (%s), want %s", stage, got, text, code)
		}
	}
}

func TestDNSFaults(t *testing.T) {
	tests := []struct {
		code dnsmessage.RCode
		want Code
	}{
		{dnsmessage.RCodeNameError, DNSNotFound},
		{dnsmessage.RCodeServerFailure, DNSFailed},
		{dnsmessage.RCodeRefused, DNSFailed},
	}
	for _, test := range tests {
		resolver := startDNS(t, func(int64, string) (netip.Addr, int) { return netip.Addr{}, int(test.code) })
		exchange := do(t, newClient(t, Options{Resolver: resolver}), "https://nowhere.example/")
		wantCode(t, exchange, test.want)
		if !strings.Contains(exchange.Error, "nowhere.example") {
			t.Errorf("the error does not name the host: %s", exchange.Error)
		}
	}
}

func TestCancelledByTheCaller(t *testing.T) {
	arrived := make(chan struct{})
	url := "http://" + serveRaw(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1))
		close(arrived)
		untilClosed(conn)
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	exchange := newClient(t, Options{}).Do(ctx, &Post{URL: url, AllowHTTP: true, Timeout: time.Minute})
	wantCode(t, exchange, Cancelled)
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2024, 5, 7, 11, 0, 0, 0, time.UTC)
	tests := []struct {
		value string
		want  time.Duration
	}{
		{"", 0},
		{"0", 0},
		{"120", 2 * time.Minute},
		{" 5 ", 5 * time.Second},
		{"-5", 0},
		{"1.5", 0},
		{"soon", 0},
		{"86401", MaxRetryAfter},
		{"99999999999999999999999", MaxRetryAfter},
		{now.Add(time.Minute).Format(http.TimeFormat), time.Minute},
		{now.Add(-time.Minute).Format(http.TimeFormat), 0},
		{now.Add(48 * time.Hour).Format(http.TimeFormat), MaxRetryAfter},
		{"Tuesday, 07-May-24 11:00:30 GMT", 30 * time.Second},
	}
	for _, test := range tests {
		if got := retryAfter(test.value, now); got != test.want {
			t.Errorf("%q: %s, want %s", test.value, got, test.want)
		}
	}
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(429)
	})
	if got := do(t, newClient(t, Options{}), url).RetryAfter; got != 7*time.Second {
		t.Errorf("from a response: %s", got)
	}
}

func FuzzRetryAfter(f *testing.F) {
	now := time.Date(2024, 5, 7, 11, 0, 0, 0, time.UTC)
	for _, seed := range []string{"120", "-1", "Tue, 07 May 2024 11:00:30 GMT", "99999999999999999999", "1e9"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if got := retryAfter(value, now); got < 0 || got > MaxRetryAfter {
			t.Errorf("%q: %s", value, got)
		}
	})
}

// Closing the client ends what still dials, and leaves alone what does not.
func TestCloseEndsDialling(t *testing.T) {
	accepted := make(chan struct{})
	silentHost := serveRaw(t, func(conn net.Conn) { close(accepted); untilClosed(conn) })
	c := New(Options{AllowLoopback: true, TLSTimeout: time.Minute})
	result := make(chan *Exchange, 1)
	go func() { result <- c.Do(t.Context(), &Post{URL: "https://" + silentHost, Timeout: time.Minute}) }()
	<-accepted
	c.Close()
	wantCode(t, <-result, Cancelled)

	arrived, proceed := make(chan struct{}), make(chan struct{})
	url := serve(t, func(http.ResponseWriter, *http.Request) { close(arrived); <-proceed })
	c = New(Options{AllowLoopback: true})
	go func() { result <- do(t, c, url) }()
	<-arrived
	c.Close()
	close(proceed)
	wantCode(t, <-result, OK)
}
