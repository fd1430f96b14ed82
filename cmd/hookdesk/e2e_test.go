package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/client"
	"github.com/hookdesk/hookdesk/cmd/hookdesk/story"
)

// get reads a URL with a bearer token.
func get(url, token string) (status int, body string, err error) {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
	if err != nil {
		return 0, "", fmt.Errorf("make request: %w", err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return response.StatusCode, string(content), err
}

// devConfig is a configuration for tests: development mode, data of its own,
// a free port.
func devConfig(t *testing.T) *Config {
	t.Helper()
	return &Config{
		Addr: "127.0.0.1:0", DataDir: t.TempDir(), Dev: true, Workers: 20,
		DrainTimeout: 5 * time.Second, LogLevel: "error", LogFormat: "text",
	}
}

// start runs a server until the test ends, or until the function that it
// returns is called.
func start(t *testing.T, config *Config) (app *App, stop func()) {
	t.Helper()
	app, err := NewApp(t.Context(), config, RoleAll, slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- app.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
		if err := app.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	t.Cleanup(stop)
	return app, stop
}

func TestEndToEnd(t *testing.T) {
	t.Run("embedded", func(t *testing.T) { endToEnd(t, devConfig(t)) })
	t.Run("redis", func(t *testing.T) {
		config := devConfig(t)
		config.RedisURL = "redis://" + startRedis(t) + "/0"
		endToEnd(t, config)
	})
}

// endToEnd plays the demonstration against a server and holds the ledger
// against what arrived.
func endToEnd(t *testing.T, config *Config) {
	app, _ := start(t, config)
	tale, err := story.Load()
	if err != nil {
		t.Fatal(err)
	}
	api := &client.Client{Base: "http://" + app.Addr(), Token: app.Token()}
	performance := &play{story: tale, printer: NewPrinter(t.Output()), now: time.Now, api: api}
	defer performance.close()
	followed := follow(t, api)
	complete, err := performance.tell(t.Context(), 30*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if !complete {
		t.Fatalf("the story is not complete; missing %v, %d signatures wrong", performance.missing, performance.wrong)
	}

	// Every webhook is a delivery that succeeded, each with its attempts. A
	// receiver sees a request a moment before its attempt is recorded.
	want := len(tale.Expected())
	var deliveries []delivery
	attempts := 0
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		deliveries, attempts = listDeliveries(t, api), 0
		settled := true
		for _, d := range deliveries {
			attempts += d.AttemptCount
			settled = settled && d.Outcome != "pending"
		}
		if settled {
			break
		}
	}
	for _, d := range deliveries {
		if d.Outcome != "succeeded" {
			t.Errorf("delivery %s is %s", d.ID, d.Outcome)
		}
	}
	if len(deliveries) != want || attempts != want+2 {
		t.Errorf("%d deliveries with %d attempts, want %d with %d", len(deliveries), attempts, want, want+2)
	}

	// Whoever follows the log has seen every attempt.
	eventually(t, 10*time.Second, func() error {
		if rows := followed(); rows != want+2 {
			return fmt.Errorf("following the log showed %d attempts, want %d", rows, want+2)
		}
		return nil
	})

	// Health, metrics and the description are served without a token.
	for path, want := range map[string]string{"/healthz": "", "/readyz": "", "/metrics": "hookdesk_attempts_total", "/openapi.json": `"openapi"`, "/docs": "<html", "/docs/api": "/api/v1/changes"} {
		status, body, err := get("http://"+app.Addr()+path, "")
		if err != nil || status != http.StatusOK || !contains(body, want) {
			t.Errorf("GET %s: %d, %v; want 200 with %q", path, status, err, want)
		}
	}
	if status, _, err := get("http://"+app.Addr()+"/api/v1/deliveries", "hkd_nonsense"); err != nil || status != http.StatusUnauthorized {
		t.Errorf("a wrong token gets %d, %v; want 401", status, err)
	}
}

// delivery is a delivery as the API shows it.
type delivery struct {
	ID           string `json:"id"`
	Ticket       string `json:"ticket"`
	Outcome      string `json:"outcome"`
	AttemptCount int    `json:"attempt_count"`
}

func listDeliveries(t *testing.T, api *client.Client) []delivery {
	t.Helper()
	var page client.Page[delivery]
	if err := api.Do(t.Context(), http.MethodGet, "/deliveries?limit=100", nil, &page); err != nil {
		t.Fatal(err)
	}
	return page.Items
}

// follow follows the log until the test ends, and returns how many different
// rows it has shown.
func follow(t *testing.T, api *client.Client) (rows func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var mu sync.Mutex
	seen := map[string]bool{}
	done := make(chan error, 1)
	go func() {
		done <- api.Follow(ctx, client.LogFilter{}, func(error) {}, func(row client.Execution) error {
			mu.Lock()
			defer mu.Unlock()
			seen[row.ID] = true
			return nil
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("follow: %v", err)
		}
	})
	return func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(seen)
	}
}
