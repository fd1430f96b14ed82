package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/client"
)

// stubborn is a receiver that refuses until it is told to give in. It counts
// what it has taken, by the event id.
type stubborn struct {
	mu      sync.Mutex
	yields  bool
	refused int
	taken   map[string]int
}

func (s *stubborn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.yields {
		s.refused++
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	s.taken[r.Header.Get("webhook-id")]++
}

func (s *stubborn) state() (refused, taken int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused, len(s.taken)
}

const testToken = "a-token-of-some-length"

// process is a server of its own, which can be killed.
type process struct {
	command *exec.Cmd
	api     *client.Client
}

// startProcess runs this test binary as a server: TestMain sees to that.
// Settings are variables of its environment, beside those of development.
func startProcess(t *testing.T, addr, role string, settings ...string) *process {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(path, "serve", "--role", role)
	command.Env = append(os.Environ(),
		commandVariable+"=1", "HOOKDESK_DEV=1", "HOOKDESK_ADDR="+addr, "HOOKDESK_ADMIN_TOKEN="+testToken, "HOOKDESK_LOG_LEVEL=error")
	command.Env = append(command.Env, settings...)
	command.Stdout, command.Stderr = t.Output(), t.Output()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{command, &client.Client{Base: "http://" + addr, Token: testToken}}
	t.Cleanup(p.kill)
	eventually(t, 30*time.Second, func() error {
		status, _, err := get("http://"+addr+"/readyz", "")
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("not ready: %d", status)
		}
		return err
	})
	return p
}

func (p *process) kill() {
	if p.command.ProcessState == nil {
		_ = p.command.Process.Kill()
		_ = p.command.Wait()
	}
}

// stop asks the process to end, as a rolling restart does, and waits.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if err := p.command.Wait(); err != nil {
		t.Errorf("a process that was asked to stop: %v", err)
	}
}

// eventually calls check until it returns nil.
func eventually(t *testing.T, most time.Duration, check func() error) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(most); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if err = check(); err == nil {
			return
		}
	}
	t.Fatal(err)
}

// TestRestart kills a server in the middle of its retries, without a warning,
// and wipes the Redis it used: the next one delivers everything.
func TestRestart(t *testing.T) {
	t.Run("embedded", func(t *testing.T) { restart(t, "") })
	t.Run("redis", func(t *testing.T) { restart(t, "redis://"+startRedis(t)+"/0") })
}

func restart(t *testing.T, redis string) {
	receiver := &stubborn{taken: map[string]int{}}
	target := httptest.NewServer(receiver)
	defer target.Close()
	addr, err := freeAddr()
	if err != nil {
		t.Fatal(err)
	}
	settings := []string{"HOOKDESK_DATA_DIR=" + t.TempDir(), "HOOKDESK_REDIS_URL=" + redis}
	first := startProcess(t, addr, "all", settings...)
	var endpoint struct {
		ID string `json:"id"`
	}
	do(t, first.api, "/endpoints", map[string]any{
		"name": "stubborn", "system": "faveo", "url": target.URL, "signing": map[string]any{"scheme": "standard"},
		"retry": map[string]any{"max_attempts": 100, "initial_seconds": 1, "max_seconds": 1},
	}, &endpoint)
	do(t, first.api, "/triggers", map[string]any{
		"name": "everything", "system": "faveo", "on": []string{"ticket_created"},
		"then": []any{map[string]any{"webhook": map[string]any{"endpoint": endpoint.ID}}},
	}, nil)
	const tickets = 20
	for i := range tickets {
		do(t, first.api, "/tickets", map[string]any{"number": fmt.Sprint("T-", i), "subject": "Restart"}, nil)
	}
	eventually(t, 20*time.Second, func() error {
		if refused, _ := receiver.state(); refused < 4 {
			return fmt.Errorf("only %d attempts", refused)
		}
		return nil
	})
	first.kill()
	receiver.mu.Lock()
	receiver.yields = true
	receiver.mu.Unlock()
	if redis != "" {
		flush(t, redis)
	}

	second := startProcess(t, addr, "all", settings...)
	eventually(t, 60*time.Second, func() error {
		if _, taken := receiver.state(); taken != tickets {
			return fmt.Errorf("%d of %d webhooks arrived after the restart", taken, tickets)
		}
		return nil
	})
	eventually(t, 10*time.Second, func() error {
		for _, d := range listDeliveries(t, second.api) {
			if d.Outcome != "succeeded" {
				return fmt.Errorf("delivery %s of ticket %s is %s", d.ID, d.Ticket, d.Outcome)
			}
		}
		return nil
	})
}

func do(t *testing.T, api *client.Client, path string, in, out any) {
	t.Helper()
	if err := api.Do(context.Background(), http.MethodPost, path, in, out); err != nil {
		t.Fatalf("POST %s: %v", path, err)
	}
}

// flush removes everything from a Redis.
func flush(t *testing.T, url string) {
	t.Helper()
	conn, err := net.Dial("tcp", url[len("redis://"):len(url)-len("/0")])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := fmt.Fprint(conn, "FLUSHALL\r\n"); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 5)
	if _, err := conn.Read(answer); err != nil || string(answer[:3]) != "+OK" {
		t.Fatalf("FLUSHALL answered %q, %v", answer, err)
	}
}
