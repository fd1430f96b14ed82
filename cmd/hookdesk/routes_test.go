package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestPatient serves an answer that takes longer than the time limit on
// reading: a request without a body lives on, a dripping body does not.
func TestPatient(t *testing.T) {
	const limit = 50 * time.Millisecond
	server := httptest.NewUnstartedServer(patient(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			if _, err := io.ReadAll(r.Body); err != nil {
				w.WriteHeader(http.StatusRequestTimeout)
			}
			return
		}
		select {
		case <-time.After(4 * limit):
		case <-r.Context().Done():
			w.WriteHeader(http.StatusGone)
		}
	})))
	server.Config.ReadTimeout = limit
	server.Start()
	defer server.Close()
	response, err := http.Get(server.URL)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("a long answer: %v, %v", response, err)
	}
	_ = response.Body.Close()

	reader, writer := io.Pipe()
	defer writer.Close()
	response, err = http.Post(server.URL, "text/plain", io.MultiReader(strings.NewReader("x"), reader))
	if err == nil {
		_ = response.Body.Close()
		if response.StatusCode != http.StatusRequestTimeout {
			t.Errorf("a dripping body is answered with %d", response.StatusCode)
		}
	}
}

func TestRoute(t *testing.T) {
	part := func(name string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, name) })
	}
	for _, c := range []struct {
		role       Role
		path, want string
	}{
		{RoleAll, "/api/v1/changes", "api"},
		{RoleAll, "/openapi.json", "api"},
		{RoleAll, "/metrics", "api"},
		{RoleAll, "/emulate/superoffice/api/v1/Webhook", "emulated"},
		{RoleAll, "/docs", "docs"},
		{RoleAll, "/docs/systems/faveo", "docs"},
		{RoleAPI, "/", "console"},
		{RoleAPI, "/endpoints", "console"},
		{RoleWorker, "/readyz", "api"},
		{RoleWorker, "/metrics", "api"},
		{RoleWorker, "/api/v1/changes", "404 page not found\n"},
		{RoleWorker, "/", "404 page not found\n"},
	} {
		w := httptest.NewRecorder()
		route(c.role, part("api"), part("emulated"), part("docs"), part("console")).ServeHTTP(w, httptest.NewRequest(http.MethodGet, c.path, nil))
		if got := w.Body.String(); got != c.want {
			t.Errorf("%s as %s: %q, want %q", c.path, c.role, got, c.want)
		}
	}
}
