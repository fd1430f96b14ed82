package sender

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

// The names of headers keep their casing, and net/http adds nothing.
func TestHeaderLinesOnTheWire(t *testing.T) {
	lines := make(chan []string, 1)
	host := serveRaw(t, func(conn net.Conn) {
		reader := bufio.NewReader(conn)
		var got []string
		for {
			line, err := reader.ReadString('\n')
			if err != nil || line == "\r\n" {
				break
			}
			got = append(got, strings.TrimRight(line, "\r\n"))
		}
		lines <- got
		_, _ = io.WriteString(conn, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
	})
	tests := []struct {
		name   string
		header []executionlog.Header
		want   []string
	}{
		{"as given", []executionlog.Header{
			{Name: "X-SuperOffice-EventId", Value: "a"},
			{Name: "webhook-id", Value: "b"},
			{Name: "User-Agent", Value: "NetServer-Webhook/10"},
			{Name: "Content-Type", Value: "application/json; charset=utf-8"},
			{Name: "X-Twice", Value: "1"},
			{Name: "X-Twice", Value: "2"},
			{Name: "connection", Value: "upgrade"},
			{Name: "TE", Value: "trailers"},
		}, []string{
			"Content-Length: 2", "Content-Type: application/json; charset=utf-8", "Host: " + host, "POST /h HTTP/1.1",
			"User-Agent: NetServer-Webhook/10", "X-SuperOffice-EventId: a", "X-Twice: 1", "X-Twice: 2", "webhook-id: b",
		}},
		{"no user agent", nil, []string{"Content-Length: 2", "Host: " + host, "POST /h HTTP/1.1", "User-Agent: hookdesk/1"}},
		{"small user agent", []executionlog.Header{{Name: "user-agent", Value: "GuzzleHttp/7"}}, []string{"Content-Length: 2", "Host: " + host, "POST /h HTTP/1.1", "user-agent: GuzzleHttp/7"}},
	}
	c := newClient(t, Options{UserAgent: "hookdesk/1"})
	for _, test := range tests {
		exchange := c.Do(t.Context(), &Post{URL: "http://" + host + "/h", AllowHTTP: true, Header: test.header, Body: []byte("{}")})
		wantCode(t, exchange, OK)
		got := <-lines
		slices.Sort(got)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", test.name, got, test.want)
		}
	}
}

func TestInvalidRequests(t *testing.T) {
	url := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request arrived") })
	tests := []struct {
		post Post
		want Code
	}{
		{Post{URL: url, Header: []executionlog.Header{{Name: "X Y", Value: "geheim"}}}, InvalidRequest},
		{Post{URL: url, Header: []executionlog.Header{{Name: "X-Y", Value: "geheim\r\nX: 1"}}}, InvalidRequest},
		{Post{URL: url, Method: "BAD METHOD"}, InvalidRequest},
		{Post{URL: ""}, InvalidURL},
		{Post{URL: "gopher://example.com/geheim"}, InvalidURL},
		{Post{URL: "http://user:geheim@127.0.0.1/"}, InvalidURL},
		{Post{URL: "http://127.0.0.1/?a b"}, InvalidURL},
	}
	c := newClient(t, Options{})
	for _, test := range tests {
		test.post.AllowHTTP = true
		exchange := c.Do(t.Context(), &test.post)
		wantCode(t, exchange, test.want)
		if strings.Contains(exchange.Error, "geheim") {
			t.Errorf("the error repeats a secret: %s", exchange.Error)
		}
	}
	wantCode(t, c.Do(t.Context(), &Post{URL: url}), InvalidURL) // http is not allowed unless said
}

func TestConnectionsAreReused(t *testing.T) {
	var opened atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusInternalServerError) // failures keep the connection too
		_, _ = io.WriteString(w, "no")
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	c := newClient(t, Options{})
	for i := range 50 {
		exchange := do(t, c, server.URL)
		wantCode(t, exchange, HTTP5xx)
		if reused := exchange.Timings.Connect == 0; reused != (i > 0) {
			t.Fatalf("exchange %d: timings %+v", i, exchange.Timings)
		}
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("50 exchanges one after another opened %d connections", n)
	}
	var wait sync.WaitGroup
	for range 32 {
		wait.Go(func() {
			for range 20 {
				do(t, c, server.URL)
			}
		})
	}
	wait.Wait()
	// Some dial while another gives its connection back, more of them on a busy
	// machine; with net/http's two idle connections it is most of the 640.
	if n := opened.Load(); n > 160 {
		t.Errorf("640 exchanges, 32 at a time, opened %d connections", n)
	}
}

// No secret of a request comes back in an error, whatever the receiver does
// with what it got.
func TestNoSecretInErrors(t *testing.T) {
	const canary = "kanarienvogel"
	echo := func(conn net.Conn) {
		buffer := make([]byte, 8192)
		n, _ := conn.Read(buffer)
		_, _ = conn.Write(buffer[:n])
	}
	echoInHeader := func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 8192))
		_, _ = io.WriteString(conn, "HTTP/1.1 200 "+canary+"\r\n"+canary+" "+canary+"\r\n\r\n")
	}
	redirect := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "https://example.com/"+canary+"?t="+canary)
		w.WriteHeader(http.StatusFound)
	})
	query := "/" + canary + "?token=" + canary
	urls := []string{
		"http://" + serveRaw(t, echo) + query,
		"https://" + serveRaw(t, echo) + query,
		"http://" + serveRaw(t, echoInHeader) + query,
		"http://" + serveRaw(t, answer("")) + query,
		"http://" + serveRaw(t, untilClosed) + query,
		"http://127.0.0.1:1" + query,
		"http://10.0.0.1" + query,
		"http://nowhere.invalid" + query,
		"http://user:" + canary + "@127.0.0.1" + query,
		"http://127.0.0.1:" + canary + query,
		"http://127.0.0.1/%zz" + canary,
		"ftp://127.0.0.1" + query,
		redirect + query,
	}
	c := newClient(t, Options{Resolver: resolveTo(t, "10.0.0.1")})
	for _, url := range urls {
		for _, broken := range []bool{false, true} {
			post := &Post{
				URL: url, AllowHTTP: true, InsecureTLS: true, Endpoint: "ep_1", Timeout: 100 * time.Millisecond, Body: []byte(canary),
				Header: []executionlog.Header{{Name: "Authorization", Value: "Bearer " + canary}, {Name: "X-Signature", Value: canary}},
			}
			if broken {
				post.Cert, post.Key, post.CA = canary, canary, canary
			}
			exchange := c.Do(t.Context(), post)
			if exchange.Code == OK {
				t.Errorf("%s succeeds", url)
			}
			exchange.ResponseBody, exchange.ResponseHeader = nil, nil // a stranger's own words
			text, err := json.Marshal(exchange)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), canary) {
				t.Errorf("%s: %s", url, text)
			}
		}
	}
}

func BenchmarkDo(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	body := strings.Repeat("x", 2048)
	b.Run("sender", func(b *testing.B) {
		c := New(Options{AllowLoopback: true})
		defer c.Close()
		post := &Post{URL: server.URL + "/hook", AllowHTTP: true, Body: []byte(body), Header: []executionlog.Header{{Name: "Content-Type", Value: "application/json"}}}
		b.ReportAllocs()
		b.SetParallelism(16)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if exchange := c.Do(b.Context(), post); exchange.Code != OK {
					b.Error(exchange.Error)
				}
			}
		})
	})
	b.Run("default", func(b *testing.B) {
		client := new(http.Client)
		defer client.CloseIdleConnections()
		b.ReportAllocs()
		b.SetParallelism(16)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				response, err := client.Post(server.URL+"/hook", "application/json", strings.NewReader(body))
				if err != nil {
					b.Error(err)
					continue
				}
				_, _ = io.Copy(io.Discard, response.Body)
				_ = response.Body.Close()
			}
		})
	})
}
