package sender

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// A status that refuses counts whatever becomes of the body behind it: a
// receiver that says 410 must not be asked again because it hung up.
func TestRefusalWithABrokenBody(t *testing.T) {
	head := "HTTP/1.1 %d X\r\nRetry-After: 7\r\n"
	drip := func(status int) func(net.Conn) {
		return func(conn net.Conn) {
			answer(fmt.Sprintf(head+"Content-Length: 100\r\n\r\nsold out", status))(conn)
			untilClosed(conn)
		}
	}
	tests := []struct {
		name   string
		status int
		handle func(net.Conn)
		want   Code
	}{
		{"cut off", 410, answer(fmt.Sprintf(head+"Content-Length: 100\r\n\r\nsold out", 410)), Gone},
		{"late", 410, drip(410), Gone},
		{"bad chunk", 429, answer(fmt.Sprintf(head+"Transfer-Encoding: chunked\r\n\r\n8\r\nsold out\r\nzz\r\n", 429)), Throttled},
		{"cut off", 503, answer(fmt.Sprintf(head+"Content-Length: 100\r\n\r\nsold out", 503)), HTTP5xx},
		{"cut off", 302, answer(fmt.Sprintf(head+"Content-Length: 100\r\n\r\nsold out", 302)), Redirect},
		{"late", 200, drip(200), TimeoutBody},
		{"late", 700, drip(700), TimeoutBody},
	}
	c := newClient(t, Options{})
	for _, test := range tests {
		t.Run(fmt.Sprint(test.status, " ", test.name), func(t *testing.T) {
			t.Parallel()
			exchange := c.Do(t.Context(), &Post{URL: "http://" + serveRaw(t, test.handle), AllowHTTP: true, Timeout: 1500 * time.Millisecond})
			wantCode(t, exchange, test.want)
			if exchange.Status != test.status || string(exchange.ResponseBody) != "sold out" {
				t.Errorf("status %d, body %q", exchange.Status, exchange.ResponseBody)
			}
			if refused := test.status != 200 && test.status != 700; refused && (exchange.RetryAfter != 7*time.Second || !strings.Contains(exchange.Error, "did not come whole")) {
				t.Errorf("wants %s, error %q", exchange.RetryAfter, exchange.Error)
			}
		})
	}
}

// An answer that comes before the request is read is the answer, though the
// receiver hangs up on the rest.
func TestAnswerBeforeTheRequestIsRead(t *testing.T) {
	early := serveRaw(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1))
		_, _ = io.WriteString(conn, "HTTP/1.1 413 Too Large\r\nContent-Length: 9\r\nConnection: close\r\n\r\ntoo large")
	})
	c := newClient(t, Options{})
	for _, size := range []int{1 << 10, 1 << 19, 8 << 20} {
		for range 20 {
			exchange := c.Do(t.Context(), &Post{URL: "http://" + early, AllowHTTP: true, Body: make([]byte, size), Timeout: 5 * time.Second})
			wantCode(t, exchange, HTTP4xx)
			if string(exchange.ResponseBody) != "too large" {
				t.Fatalf("%d bytes of request: body %q", size, exchange.ResponseBody)
			}
		}
	}
}
