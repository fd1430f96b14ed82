package console_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/hookdesk/hookdesk/web/console"
	"github.com/hookdesk/hookdesk/web/console/consoletest"
)

// restartable is a console whose process can be killed and started again at
// the same address.
type restartable struct {
	t       *testing.T
	on      *consoletest.Stage
	address string
	server  *httptest.Server
	refuses atomic.Int64 // so many streams are answered as a proxy does whose server is away
}

func startConsole(t *testing.T, on *consoletest.Stage) *restartable {
	r := &restartable{t: t, on: on, address: "127.0.0.1:0"}
	r.start()
	t.Cleanup(func() { r.kill() })
	return r
}

func (r *restartable) start() {
	r.t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(r.t.Context(), "tcp", r.address)
	if err != nil {
		r.t.Fatal(err)
	}
	r.address = listener.Addr().String()
	handler := console.New(console.Options{
		Desk: r.on.Desk, Config: r.on.Config, Ledger: r.on.Ledger, Systems: r.on.Systems,
		AdminToken: consoletest.AdminToken, SecretKey: []byte("a key of the test"),
	})
	r.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path == "/log/stream" && r.refuses.Add(-1) >= 0 {
			http.Error(w, "bad gateway", http.StatusBadGateway)
			return
		}
		handler.ServeHTTP(w, q)
	}))
	_ = r.server.Listener.Close()
	r.server.Listener = listener
	r.server.Start()
}

// kill breaks off every connection.
func (r *restartable) kill() {
	r.server.CloseClientConnections()
	r.server.Close()
}

// The live tail goes on where it was when the server is killed and started
// again, and when a proxy answers in its stead: each attempt is there once,
// those too that came between the page and the tail, and while it was away.
func TestBrowserLiveTailOutlivesTheServer(t *testing.T) {
	on, err := consoletest.New(true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(on.Close)
	endpoint, err := on.Endpoint("Watched", "faveo", "/ok/watched")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := on.Trigger(`{"name":"Watched","system":"faveo","on":["ticket_created"],"then":{"webhook":"%s"}}`, endpoint); err != nil {
		t.Fatal(err)
	}
	s, r := openStage(t, on), startConsole(t, on)
	s.signIn(t)
	b := browse(t, "http://"+r.address)
	b.signIn(t)
	sent := 0
	act := func(n int) {
		t.Helper()
		for range n {
			sent++
			s.post(t, "/tickets", "number", fmt.Sprintf("OUTLIVE-%d", sent), "subject", "tail", "status", "Open")
		}
		if err := on.Settled("OUTLIVE-*", "", 10*time.Second); err != nil {
			t.Fatal(err)
		}
	}
	const tickets = `[...document.querySelectorAll("#rows tr")].map(row => row.cells[1].innerText)`
	shown := func(state string) {
		t.Helper()
		b.waitFor(t, fmt.Sprintf(`new Set(%s).size === %d && document.querySelector("#tail-state").textContent === %q`, tickets, sent, state))
		if rows := eval[int](t, b, tickets+".length"); rows != sent {
			t.Errorf("%d rows of %d tickets", rows, sent)
		}
	}
	act(2)
	b.open(t, "/log?ticket=OUTLIVE-*")
	act(2) // between the page and the tail
	b.run(t, chromedp.Click(chromedp.CSS("[data-tail]")))
	shown("watching")
	act(2)
	shown("watching")

	r.kill()
	b.waitFor(t, `document.querySelector("#tail-state").textContent === "reconnecting"`)
	act(3)
	r.start()
	shown("watching")

	r.refuses.Store(1)
	r.server.CloseClientConnections()
	b.waitFor(t, `document.querySelector("#tail-state").textContent === "reconnecting"`)
	act(3)
	shown("watching")
}

// Who is signed out is told so, and not connected again and again.
func TestTailOfWhoIsSignedOut(t *testing.T) {
	s := open(t)
	for name, c := range map[string]struct{ accept, want string }{
		"an event source": {"text/event-stream", "event: ended"},
		"a page":          {"text/html", "/signin?next="},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/log/stream", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept", c.accept)
		if got := s.do(t, request); !strings.Contains(got.body+got.header.Get("Location"), c.want) {
			t.Errorf("%s: status %d, %q", name, got.status, got.body)
		}
	}
}

// A tail is offered where something new can come, and goes on behind its page.
func TestTailIsOffered(t *testing.T) {
	s := enter(t)
	for path, want := range map[string]bool{
		"/log": true, "/log?ticket=RTL-1&last=1h": true, "/log?order=oldest": false, "/log?to=2026-01-01": false, "/log?status=no": false,
	} {
		if offered := strings.Contains(s.get(t, path).body, `data-after="place.`); offered != want {
			t.Errorf("%s: a live tail is offered: %v, want %v", path, offered, want)
		}
	}
	body := s.get(t, "/log?ticket=RTL-1").body
	_, after, _ := strings.Cut(body, `data-after="`)
	after, _, _ = strings.Cut(after, `"`)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/log/stream?ticket=RTL-1&after="+after, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := s.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "data:") {
			t.Errorf("it sends what is on the page: %s", lines.Text())
		}
		if strings.HasPrefix(lines.Text(), "id: place.") {
			return
		}
	}
	t.Error("it tells no place")
}
