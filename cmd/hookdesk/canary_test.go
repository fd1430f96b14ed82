package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/client"
)

// journal is a writer that several goroutines may use.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(part []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(part)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// TestCanary gives a server secrets of every kind, lets deliveries succeed and
// fail with them, and looks for them in everything that a server puts out.
func TestCanary(t *testing.T) {
	const (
		signing  = "whsec_Y2FuYXJ5LXNpZ25pbmctc2VjcmV0LW9mLXRlc3Q="
		password = "canary-password"
		bearer   = "canary-bearer-token"
		key      = "canary-api-key"
	)
	config := devConfig(t)
	config.AdminToken = "canary-administrator-token"
	config.LogLevel = "debug"
	var output journal
	app, err := NewApp(t.Context(), config, RoleAll, slog.New(slog.NewTextHandler(&output, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- app.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-done
		_ = app.Close()
	})

	var mu sync.Mutex
	got := map[string]bool{}
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		got[r.URL.Path] = true
		if r.URL.Path == "/basic" {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	defer target.Close()
	api := &client.Client{Base: "http://" + app.Addr(), Token: app.Token()}
	var actions []any
	var endpoints []string
	for path, auth := range map[string]map[string]any{
		"/basic":  {"type": "basic", "user": "u", "password": password},
		"/bearer": {"type": "bearer", "token": bearer},
		"/key":    {"type": "api_key", "header": "X-Key", "key": key},
	} {
		var made struct {
			ID string `json:"id"`
		}
		do(t, api, "/endpoints", map[string]any{
			"name": path, "system": "faveo", "url": target.URL + path, "auth": auth,
			"signing": map[string]any{"scheme": "standard"}, "secret": signing,
			"retry": map[string]any{"max_attempts": 1},
		}, &made)
		endpoints = append(endpoints, made.ID)
		actions = append(actions, map[string]any{"webhook": map[string]any{"endpoint": made.ID}})
	}
	do(t, api, "/triggers", map[string]any{"name": "all", "system": "faveo", "on": []string{"ticket_created"}, "then": actions}, nil)
	do(t, api, "/tickets", map[string]any{"number": "C-1", "subject": "Canary"}, nil)
	var deliveries []delivery
	eventually(t, 10*time.Second, func() error {
		deliveries = listDeliveries(t, api)
		for _, d := range deliveries {
			if d.Outcome == "pending" {
				return fmt.Errorf("delivery %s is pending", d.ID)
			}
		}
		if len(deliveries) != 3 {
			return fmt.Errorf("%d deliveries", len(deliveries))
		}
		return nil
	})
	if len(got) != 3 {
		t.Fatalf("the receivers got %v", got)
	}

	// Requests that are refused, whose errors might repeat what they held.
	refused := []string{
		`{"name":"x","system":"nope","url":"https://u:canary-password@example.com/","secret":"` + signing + `"}`,
		`{"name":"x","system":"faveo","url":"` + target.URL + `","auth":{"type":"basic","password":"canary-password","user":7}}`,
		`{"name":"x","system":"faveo","url":"` + target.URL + `","signing":{"scheme":"standard"},"secret":"canary-password"}`,
	}
	outputs := map[string]string{"log": output.String()}
	for i, body := range refused {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, api.Base+"/api/v1/endpoints", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+app.Token())
		request.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		_, _ = text.ReadFrom(response.Body)
		_ = response.Body.Close()
		if response.StatusCode/100 != 4 {
			t.Errorf("refused request %d got %d: %s", i, response.StatusCode, text.String())
		}
		outputs[fmt.Sprint("problem ", i)] = text.String()
	}
	paths := []string{
		"/metrics", "/openapi.json", "/docs", "/api/v1/endpoints", "/api/v1/triggers", "/api/v1/audit", "/api/v1/tokens",
		"/api/v1/executions", "/api/v1/executions/export?format=csv", "/api/v1/executions/export?format=ndjson",
		"/api/v1/deliveries", "/api/v1/configuration/export", "/api/v1/queues", "/api/v1/changes", "/api/v1/tickets/C-1/explain",
	}
	for _, id := range endpoints {
		paths = append(paths, "/api/v1/endpoints/"+id)
	}
	for _, d := range deliveries {
		paths = append(paths, "/api/v1/deliveries/"+d.ID, "/api/v1/deliveries/"+d.ID+"/curl")
	}
	for _, path := range paths {
		status, body, err := get(api.Base+path, app.Token())
		if err != nil || status != http.StatusOK {
			t.Errorf("GET %s: %d %s %v", path, status, body, err)
		}
		outputs[path] = body
	}
	outputs["log afterwards"] = output.String()
	for where, text := range outputs {
		for _, secret := range []string{
			signing, strings.TrimPrefix(signing, "whsec_"), password, bearer, key, app.Token(),
			"dTpjYW5hcnktcGFzc3dvcmQ", // the Basic credentials
		} {
			if strings.Contains(text, secret) {
				at := strings.Index(text, secret)
				t.Errorf("%s holds the secret %s: …%s", where, secret, text[max(0, at-80):at+len(secret)])
			}
		}
	}
}
