package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestRoute(t *testing.T) {
	part := func(name string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, name) })
	}
	for _, c := range []struct {
		role       Role
		path, want string
	}{
		{RoleAll, "/api/v1/changes", "api"},
		{RoleAll, "/api/v1//changes", "api"},
		{RoleAll, "/api/../console", "api"},
		{RoleAll, "/emulate/superoffice//x", "emulated"},
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
