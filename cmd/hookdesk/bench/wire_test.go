package bench

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func receiving(text string) *wire {
	ours, theirs := net.Pipe()
	go func() {
		_, _ = io.WriteString(theirs, text)
		_ = theirs.Close()
	}()
	return newWire(ours)
}

func TestWireReadsWebhooksOneAfterAnother(t *testing.T) {
	w := receiving("POST /hook HTTP/1.1\r\nContent-length: 5\r\nX-Bench-Number: 7\r\n\r\nhello" + "POST /hook HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
	first, err := w.read()
	if err != nil || string(first.number) != "7" || string(first.body) != "hello" {
		t.Fatalf("%q, %v", first, err)
	}
	second, err := w.read()
	if err != nil || len(second.number) != 0 || len(second.body) != 0 {
		t.Fatalf("%q, %v", second, err)
	}
	if _, err := w.read(); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
}

func TestWireRefusesWhatItDoesNotSpeak(t *testing.T) {
	for _, text := range []string{
		"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
		"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
	} {
		if _, err := receiving(text).read(); !errors.Is(err, errWire) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := receiving("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhel").read(); err == nil {
		t.Error("a body that is cut short is read")
	}
}

func TestPosterTellsWhatWentWrong(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("Authorization") != "Bearer secret" || string(body) != "{}" {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, "a problem")
			return
		}
		_, _ = io.WriteString(w, strings.Repeat("an answer in chunks ", 1000))
	}))
	defer server.Close()
	b := &Bench{target: Target{Base: server.URL, Token: "secret"}}
	p, err := b.poster("/api/v1/changes")
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	if err := p.post([]byte("{}")); err != nil {
		t.Error(err)
	}
	if err := p.post([]byte("[]")); err == nil || !strings.Contains(err.Error(), "400") || !strings.Contains(err.Error(), "a problem") {
		t.Errorf("a refused change: %v", err)
	}
	server.Close()
	if err := p.post([]byte("{}")); err == nil {
		t.Error("a server that is gone takes a change")
	}
}

func TestReceiverEndsWithConnectionsOpen(t *testing.T) {
	r, err := startReceiver()
	if err != nil {
		t.Fatal(err)
	}
	connection, err := net.Dial("tcp", r.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if _, err := io.WriteString(connection, "POST /hook HTTP/1.1\r\nContent-Length: 100\r\n\r\nthe beginning"); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		r.close()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("the receiver waits for its caller")
	}
}
