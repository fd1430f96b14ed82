package dispatcher_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/executionlog/memory"
)

// logged is a log that several goroutines write.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// The address of Socialboards' handshake holds the verify token. Whatever the
// receiver does with it, no error and no line of the log repeats it.
func TestAHandshakesTokenIsNeverTold(t *testing.T) {
	const token = "canary-7c31f"
	for name, answer := range map[string]http.HandlerFunc{
		"refuses": func(w http.ResponseWriter, r *http.Request) { http.Error(w, r.URL.String(), http.StatusForbidden) },
		"echoes":  func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprint(w, r.URL.Query().Get("verifyToken")) },
		"redirects": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://example.com/?was="+r.URL.RawQuery, http.StatusFound)
		},
		"breaks HTTP": func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, "HTTP/1.1 two hundred "+r.URL.RawQuery+"\r\n\r\n")
				_ = conn.Close()
			}
		},
		"hangs up": func(w http.ResponseWriter, _ *http.Request) {
			if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
				_ = conn.Close()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Bool
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Get("verifyToken") == token {
					asked.Store(true)
				}
				answer(w, r)
			}))
			t.Cleanup(server.Close)
			e := (&receiver{Server: server}).endpoint("a", nil)
			e.System, e.Revision, e.Settings = "socialboards", "", map[string]string{"verify_token": token}
			log := &logged{}
			d := runWith(t, memory.New(), newConfiguration(e), "", func(o *dispatcher.Options) {
				o.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			})
			err := d.Probe(t.Context(), e, nil)
			if err == nil || !asked.Load() {
				t.Fatalf("accepted: %v, asked with the token: %t", err, asked.Load())
			}
			d.stop()
			if strings.Contains(err.Error(), token) || strings.Contains(log.text.String(), token) {
				t.Errorf("told in %v or\n%s", err, log.text.String())
			}
		})
	}
	nowhere := newReceiver(t, nil)
	e := nowhere.endpoint("a", nil)
	e.System, e.Revision, e.Settings = "socialboards", "", map[string]string{"verify_token": token}
	nowhere.Close()
	d := run(t, memory.New(), newConfiguration(e), "")
	if err := d.Probe(t.Context(), e, nil); err == nil || strings.Contains(err.Error(), token) {
		t.Errorf("out of reach: %v", err)
	}
}

// The error of a handshake says what the receiver answered.
func TestAHandshakesErrorQuotesTheAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"no challenge": {
			func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello\nthere") },
			`; it answered 200, and said "hello there"; administrators`,
		},
		"nothing": {func(http.ResponseWriter, *http.Request) {}, "; it answered 200, with an empty body; administrators"},
		"refused": {
			func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "wrong tenant", http.StatusForbidden) },
			`it answered 403, and said "wrong tenant"; administrators`,
		},
		"a page": {
			func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "<html>no</html>", http.StatusNotFound) },
			"it answered 404; administrators",
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(c.answer)
			t.Cleanup(server.Close)
			e := (&receiver{Server: server}).endpoint("a", nil)
			e.System, e.Revision = "socialboards", ""
			err := run(t, memory.New(), newConfiguration(e), "").Probe(t.Context(), e, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %s in it", err, c.want)
			}
		})
	}
}
