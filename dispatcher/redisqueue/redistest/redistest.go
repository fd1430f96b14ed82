// Package redistest starts redis-server for tests: on a free port of the
// loopback, in a folder of its own, and gone when the test is over.
package redistest

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// patience is how long a server may take to start.
const patience = 15 * time.Second

// Server is a redis-server of one test. It keeps its port and its folder when
// it is killed and started again, so that it remembers what it was told to
// persist.
type Server struct {
	t      testing.TB
	port   int
	folder string
	args   []string
	cmd    *exec.Cmd
	gone   chan error // how cmd ended
}

// Start starts a server with more command-line arguments; without any it
// persists nothing. Outside of CI a machine without redis-server skips the test.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("redis-server is needed: install the package redis-server")
		}
		t.Skip("redis-server is not installed")
	}
	s := &Server{t: t, port: freePort(t), folder: t.TempDir(), args: append([]string{"--save", ""}, args...)}
	s.Start()
	t.Cleanup(s.Kill)
	return s
}

// StartSentinel starts a Sentinel that watches master under a name.
func StartSentinel(t testing.TB, name string, master *Server) *Server {
	t.Helper()
	s := &Server{t: t, port: freePort(t), folder: t.TempDir()}
	file := filepath.Join(s.folder, "sentinel.conf")
	content := fmt.Sprintf("sentinel monitor %s 127.0.0.1 %d 1\nsentinel down-after-milliseconds %s 500\nsentinel failover-timeout %s 2000\n",
		name, master.port, name, name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	s.args = []string{file, "--sentinel"}
	s.Start()
	t.Cleanup(s.Kill)
	return s
}

// freePort finds a port below those that systems give to outgoing connections:
// one of them could take it while the server is down.
func freePort(t testing.TB) int {
	t.Helper()
	const lowest, count, tries = 12_000, 18_000, 100
	var err error
	for range tries {
		port := lowest + rand.IntN(count)
		var listener net.Listener
		if listener, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			_ = listener.Close()
			return port
		}
	}
	t.Fatal(err)
	return 0
}

// Addr is host:port.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// URL is the server's address as a redis URL.
func (s *Server) URL() string { return "redis://" + s.Addr() + "/0" }

// Start starts the server again after Kill, and returns when it answers.
func (s *Server) Start() {
	s.t.Helper()
	args := append(append([]string{}, s.args...), "--port", strconv.Itoa(s.port), "--dir", s.folder, "--bind", "127.0.0.1")
	cmd, gone := exec.Command("redis-server", args...), make(chan error, 1)
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.cmd, s.gone = cmd, gone
	go func() { gone <- cmd.Wait() }()
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		reply, err := s.send("PING")
		if err == nil && (reply == "+PONG" || strings.HasPrefix(reply, "-NOAUTH")) {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("redis-server does not answer: %s %v", reply, err)
		}
		select {
		case err := <-gone:
			gone <- err // for Kill
			s.t.Fatalf("redis-server ended at once: %v", err)
		default:
		}
	}
}

// Kill ends the server at once, as kill -9 does.
func (s *Server) Kill() {
	_ = s.cmd.Process.Kill()
	s.gone <- <-s.gone // it may be killed again
}

// Port is the server's TCP port, in digits.
func (s *Server) Port() string { return strconv.Itoa(s.port) }

// Do runs a command whose reply is one line, such as FLUSHALL, or a text, such
// as INFO, and returns it.
func (s *Server) Do(command string) string {
	s.t.Helper()
	reply, err := s.send(command)
	if err != nil {
		s.t.Fatalf("%s: %v", command, err)
	}
	return reply
}

func (s *Server) send(command string) (string, error) {
	conn, err := net.DialTimeout("tcp", s.Addr(), time.Second)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return "", err
	}
	if _, err := conn.Write([]byte(command + "\r\n")); err != nil {
		return "", err
	}
	lines := bufio.NewReader(conn)
	reply, err := lines.ReadString('\n')
	reply = strings.TrimRight(reply, "\r\n")
	if size, ok := strings.CutPrefix(reply, "$"); ok && err == nil {
		length, wrong := strconv.Atoi(size)
		if wrong != nil {
			return reply, wrong
		}
		text := make([]byte, max(0, length))
		_, err = io.ReadFull(lines, text)
		return string(text), err
	}
	return reply, err
}
