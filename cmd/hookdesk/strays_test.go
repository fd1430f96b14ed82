package main

import (
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher/sender"
)

// lines hands over each line that is written.
type lines chan string

func (l lines) Write(line []byte) (int, error) {
	l <- string(line)
	return len(line), nil
}

// What a receiver sends behind its answer does not get into the server's log,
// in which nobody looks for credentials.
func TestStraysAreNotQuoted(t *testing.T) {
	written := make(lines, 10)
	before, flags := log.Writer(), log.Flags()
	t.Cleanup(func() { log.SetOutput(before); log.SetFlags(flags) })
	strays{slog.New(slog.NewTextHandler(written, &slog.HandlerOptions{Level: slog.LevelDebug}))}.gather()

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = conn.Read(make([]byte, 4096))
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokAuthorization: Bearer s3cret")
		_, _ = io.Copy(io.Discard, conn)
	}()
	client := sender.New(sender.Options{AllowLoopback: true})
	defer client.Close()
	if exchange := client.Do(t.Context(), &sender.Post{URL: "http://" + listener.Addr().String(), AllowHTTP: true}); exchange.Status != http.StatusOK {
		t.Fatalf("answered %+v", exchange)
	}
	if line := <-written; strings.Contains(line, "s3cret") || !strings.Contains(line, "level=DEBUG") {
		t.Errorf("logged %s", line)
	}
	log.Print("something else")
	if line := <-written; !strings.Contains(line, `text="something else"`) || strings.Count(line, "\n") != 1 {
		t.Errorf("logged %s", line)
	}
}
