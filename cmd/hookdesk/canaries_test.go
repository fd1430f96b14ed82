package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/client"
	"github.com/hookdesk/hookdesk/executionlog/logtest/pgtest"
)

// plant gives the server its secrets, and lets deliveries succeed, be refused
// and not get through with them.
func (a *aviary) plant(target string) {
	a.t.Helper()
	var actions []any
	endpoint := func(name, address string, more map[string]any) {
		input := map[string]any{
			"name": name, "system": "faveo", "url": address, "signing": map[string]any{"scheme": "standard"}, "secret": canaryRotated,
			"headers": map[string]any{"X-Api-Token": "canary-header"}, "retry": map[string]any{"max_attempts": 1},
		}
		maps.Copy(input, more)
		var made struct {
			ID string `json:"id"`
		}
		do(a.t, a.api, "/endpoints?skip_handshake=true", input, &made)
		do(a.t, a.api, "/endpoints/"+made.ID+"/rotate-secret", map[string]any{"secret": canarySigning}, nil)
		a.ids["endpoints"] = made.ID
		if input["system"] == "faveo" {
			actions = append(actions, map[string]any{"webhook": map[string]any{"endpoint": made.ID}})
		}
	}
	endpoint("bearer", target+"/good?token=canary-parameter", map[string]any{"auth": map[string]any{"type": "bearer", "token": "canary-bearer"}})
	endpoint("basic", target+"/bad?api_key=canary-parameter", map[string]any{"auth": map[string]any{"type": "basic", "user": "user", "password": "canary-basic"}})
	endpoint("key", target+"/moved?token=canary-parameter", map[string]any{"auth": map[string]any{"type": "api_key", "header": "X-Key", "key": "canary-apikey"}})
	endpoint("gone", "http://"+a.closed+"/?token=canary-parameter", nil)
	endpoint("name", "http://canary.invalid/?token=canary-parameter", nil)
	endpoint("hub", target+"/good?token=canary-parameter", map[string]any{
		"system": "socialboards", "settings": map[string]any{"community_name": "c", "verify_token": "canary-verify"},
	})
	var made struct {
		ID     string `json:"id"`
		Secret string `json:"token"`
	}
	do(a.t, a.api, "/triggers", map[string]any{"name": "all", "system": "faveo", "on": []string{"ticket_created"}, "then": actions}, &made)
	a.ids["triggers"], a.ids["version"] = made.ID, "1"
	do(a.t, a.api, "/tokens", map[string]any{"name": "reader", "scopes": []string{"read"}}, &made)
	a.ids["tokens"], a.secrets["API token"] = made.ID, made.Secret
	do(a.t, a.api, "/calendars", map[string]any{"name": "Office", "zone": "UTC", "hours": []any{map[string]any{"day": "monday", "from": "09:00", "to": "17:00"}}}, &made)
	a.ids["calendars"] = made.ID
	do(a.t, a.api, "/searches", map[string]any{"name": "Failures", "query": "outcome=failed"}, &made)
	a.ids["searches"] = made.ID
	do(a.t, a.api, "/changes", map[string]any{"ticket": map[string]any{"number": "C-1", "subject": "Canary"}}, &made)
	a.ids["changes"], a.ids["number"] = made.ID, "C-1"
	eventually(a.t, 20*time.Second, func() error {
		list := listDeliveries(a.t, a.api)
		for _, d := range list {
			a.ids["deliveries"], a.ids["executions"] = d.ID, a.execution()
			if d.Outcome == "pending" {
				return fmt.Errorf("delivery %s is pending", d.ID)
			}
		}
		if len(list) != len(actions) {
			return fmt.Errorf("%d deliveries, want %d", len(list), len(actions))
		}
		return nil
	})
	do(a.t, a.api, "/replays", map[string]any{"filter": map[string]any{"ticket": "C-1"}}, &made)
	a.ids["replays"] = made.ID
	do(a.t, a.api, "/simulations", map[string]any{"trigger": a.ids["triggers"]}, &made)
	a.ids["simulations"] = made.ID
	do(a.t, a.api, "/endpoints/"+a.ids["endpoints"]+"/test", map[string]any{}, nil)
}

// execution returns the id of an attempt, "" as long as there is none.
func (a *aviary) execution() string {
	a.t.Helper()
	var page client.Page[struct {
		ID string `json:"id"`
	}]
	if err := a.api.Do(a.t.Context(), http.MethodGet, "/executions?limit=1", nil, &page); err != nil {
		a.t.Fatal(err)
	}
	if len(page.Items) == 0 {
		return ""
	}
	return page.Items[0].ID
}

// describedPaths asks every GET operation of the OpenAPI document.
func (a *aviary) describedPaths() {
	a.t.Helper()
	_, text, err := get(a.api.Base+"/openapi.json", "")
	if err != nil {
		a.t.Fatal(err)
	}
	var document struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		a.t.Fatal(err)
	}
	parameter := regexp.MustCompile(`\{(\w+)\}`)
	asked := 0
	for path, operations := range document.Paths {
		if operations["get"] == nil || strings.HasSuffix(path, "/stream") {
			continue
		}
		kind := ""
		if parts := strings.Split(path, "/"); len(parts) > 3 {
			kind = parts[3]
		}
		filled := parameter.ReplaceAllStringFunc(path, func(p string) string {
			switch name := strings.Trim(p, "{}"); {
			case name == "id":
				return a.ids[kind]
			case name == "event":
				return "ticket_created"
			case name == "name" && kind == "workspaces":
				return "default"
			default:
				return a.ids[name]
			}
		})
		for _, query := range []string{"", "?format=csv", "?format=ndjson", "?from=1&to=1", "?token=nonsense"} {
			status, body, err := get(a.api.Base+filled+query, a.app.Token())
			if err != nil || (query == "" && status != http.StatusOK && !strings.HasSuffix(path, "/diff") && kind != "workspaces") {
				a.t.Errorf("GET %s: %d, %v: %s", filled, status, err, body)
			}
			a.check("GET "+filled+query, body)
		}
		asked++
	}
	// All rows, not one of each kind only.
	for _, kind := range []string{"endpoints", "deliveries", "executions"} {
		var page client.Page[struct {
			ID string `json:"id"`
		}]
		if err := a.api.Do(a.t.Context(), http.MethodGet, "/"+kind, nil, &page); err != nil {
			a.t.Fatal(err)
		}
		for _, item := range page.Items {
			paths := []string{item.ID}
			if kind == "deliveries" {
				paths = append(paths, item.ID+"/curl")
			}
			for _, path := range paths {
				_, body, err := get(a.api.Base+"/api/v1/"+kind+"/"+path, a.app.Token())
				if err != nil || body == "" {
					a.t.Errorf("GET %s/%s: %v", kind, path, err)
				}
				a.check("GET "+kind+"/"+path, body)
			}
		}
	}
	if asked < 30 {
		a.t.Errorf("only %d operations were asked", asked)
	}
}

// console signs in and follows every link.
func (a *aviary) console() {
	a.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		a.t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	response, err := browser.PostForm(a.api.Base+"/signin", url.Values{"token": {a.app.Token()}})
	if err != nil || response.StatusCode != http.StatusOK {
		a.t.Fatalf("signing in: %v, %v", response, err)
	}
	_ = response.Body.Close()
	base, err := url.Parse(a.api.Base)
	if err != nil {
		a.t.Fatal(err)
	}
	for _, c := range jar.Cookies(base) {
		a.check("cookie "+c.Name, c.Value)
	}
	link := regexp.MustCompile(`(?:href|hx-get|src)="(/[^"#]*)`)
	const most = 250
	waiting, seen := []string{"/"}, map[string]bool{"/": true}
	pages := 0
	for ; len(waiting) > 0 && pages < most; pages++ {
		path := waiting[0]
		waiting = waiting[1:]
		ctx, cancel := context.WithTimeout(a.t.Context(), 5*time.Second)
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, a.api.Base+path, nil)
		if err != nil {
			a.t.Fatal(err)
		}
		response, err := browser.Do(request)
		if err == nil {
			text, _ := io.ReadAll(response.Body)
			_ = response.Body.Close()
			a.check("page "+path, string(text))
			if response.StatusCode >= http.StatusInternalServerError {
				a.t.Errorf("page %s: %d", path, response.StatusCode)
			}
			for _, found := range link.FindAllStringSubmatch(string(text), -1) {
				next := strings.ReplaceAll(found[1], "&amp;", "&")
				if !seen[next] && !strings.Contains(next, "/stream") && !strings.HasPrefix(next, "//") && !strings.HasPrefix(next, "/docs") {
					seen[next] = true
					waiting = append(waiting, next)
				}
			}
		}
		cancel()
	}
	if pages < 20 {
		a.t.Errorf("only %d pages of the console", pages)
	}
}

// commands runs the command line against the server.
func (a *aviary) commands() {
	a.t.Helper()
	file := filepath.Join(a.t.TempDir(), "exported.yaml")
	for _, args := range [][]string{
		{"export"},
		{"export", "-o", file},
		{"plan", file},
		{"plan", file, "--json"},
		{"log"},
		{"log", "--json"},
		{"token", "list"},
		{"token", "list", "--json"},
		{"log", "--from", "nonsense"},
	} {
		args = append(args, "--server", a.api.Base, "--token", a.app.Token())
		_, out, wrong := command(a.t, args...)
		if out+wrong == "" && args[1] != "-o" {
			a.t.Errorf("hookdesk %v says nothing", args[:2])
		}
		a.check("hookdesk "+strings.Join(args[:2], " "), out+wrong)
	}
	content, err := os.ReadFile(file)
	if err != nil || len(content) == 0 {
		a.t.Fatalf("the export is empty: %v", err)
	}
	a.check("exported file", string(content))
}

// problems sends what is refused.
func (a *aviary) problems(target string) {
	a.t.Helper()
	for i, body := range []string{
		`{"name": "x", "system": "faveo", "url": "https://user:canary-basic@example.com/?token=canary-parameter"}`,
		`{"name": "x", "system": "faveo", "url": "canary-parameter://?token=canary-parameter", "secret": "` + canarySigning + `"}`,
		`{"name": "x", "system": "faveo", "url": "` + target + `", "headers": {"X-Api-Token": "canary-header\n"}}`,
		`{"name": "x", "system": "faveo", "url": "` + target + `", "auth": {"type": "bearer", "token": "canary-bearer", "key": 7}}`,
		`{"name": "x", "system": "faveo", "url": "` + target + `", "auth": {"type": "nothing", "token": "canary-bearer"}}`,
		`{"name": "x", "system": "socialboards", "url": "http://` + a.closed + `/?token=canary-parameter", "settings": {"community_name": "c", "verify_token": "canary-verify"}}`,
		`{"name": "x", "system": "socialboards", "url": "` + target + `/bad?token=canary-parameter", "settings": {"community_name": "c", "verify_token": "canary-verify"}}`,
		`{"name": "x", "system": "faveo", "url": "` + target + `", "signing": {"scheme": "standard"}, "secret": "canary-header"}`,
	} {
		request, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, a.api.Base+"/api/v1/endpoints", strings.NewReader(body))
		if err != nil {
			a.t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+a.app.Token())
		request.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			a.t.Fatal(err)
		}
		var text bytes.Buffer
		_, _ = text.ReadFrom(response.Body)
		_ = response.Body.Close()
		if response.StatusCode/100 != 4 {
			a.t.Errorf("problem %d: %d %s", i, response.StatusCode, text.String())
		}
		a.check(fmt.Sprint("problem ", i), text.String())
	}
}

// TestCanaries looks for secrets of every kind in everything that a server
// lets out: answers, exports, pages, commands, metrics, alerts, traces, its log
// at its most talkative, and the bytes of its database.
func TestCanaries(t *testing.T) {
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/bad":
			w.WriteHeader(http.StatusInternalServerError)
		case "/moved":
			http.Redirect(w, r, "/elsewhere?token=canary-parameter", http.StatusFound)
		}
	}))
	defer target.Close()
	t.Run("sqlite", func(t *testing.T) {
		a := newAviary(t, "")
		a.search(target.URL)
		files, err := filepath.Glob(filepath.Join(a.app.config.DataDir, "*"))
		if err != nil || len(files) == 0 {
			t.Fatalf("files %v, %v", files, err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			a.check(filepath.Base(file), string(content))
		}
	})
	t.Run("postgres", func(t *testing.T) {
		database, err := url.Parse(pgtest.Database(t))
		if err != nil {
			t.Fatal(err)
		}
		query := database.Query()
		query.Set("password", "canary-database")
		database.RawQuery = query.Encode()
		a := newAviary(t, database.String())
		a.secrets["database password"] = "canary-database"
		a.search(target.URL)
	})
}

// afterwards looks into what went to others meanwhile: metrics, the pages of
// the documentation, alerts and traces.
func (a *aviary) afterwards() {
	a.t.Helper()
	for _, path := range []string{"/metrics", "/docs", "/openapi.json", "/healthz", "/readyz"} {
		_, body, err := get(a.api.Base+path, "")
		if err != nil || body == "" {
			a.t.Errorf("GET %s: %v", path, err)
		}
		a.check("GET "+path, body)
	}
	do(a.t, a.api, "/endpoints/"+a.ids["endpoints"]+"/disable", map[string]any{"reason": "the test is over"}, nil)
	eventually(a.t, 20*time.Second, func() error {
		if !strings.Contains(a.alerts.String(), "endpoint.disabled") {
			return fmt.Errorf("no alert in %q", a.alerts.String())
		}
		return nil
	})
	a.check("alerts", a.alerts.String())
	a.app.endTraces()
	if !strings.Contains(a.spans.text, "deliver") {
		a.t.Error("nothing was traced")
	}
	a.check("traces", a.spans.text)
}

func (a *aviary) search(target string) {
	a.plant(target)
	a.problems(target)
	a.describedPaths()
	a.console()
	a.commands()
	a.afterwards()
	a.check("log", a.output.String())
	a.t.Logf("%d texts were searched for %d secrets", a.searched, len(a.secrets))
}

// TestCanariesOfSettings gives a server settings that do not work, whose
// errors must not repeat their secrets.
func TestCanariesOfSettings(t *testing.T) {
	closed, err := freeAddr()
	if err != nil {
		t.Fatal(err)
	}
	for _, settings := range [][]string{
		{"--database-url", "postgres://user:canary-database@" + closed + "/name"},
		{"--database-url", "postgres://" + closed + "/name?user=u&password=canary-database"},
		{"--database-url", "nonsense://user:canary-database@" + closed + "/name"},
		{"--database-url", "postgres://user:canary-database@%zz"},
		{"--redis-url", "redis://:canary-database@%zz"},
		{"--redis-url", "nonsense://:canary-database@" + closed},
		{"--secret-key", "canary-database"},
		{"--admin-token", "canary-database"[:12]},
	} {
		args := append([]string{"serve", "--dev", "--addr", "127.0.0.1:0", "--data-dir", t.TempDir(), "--log-level", "debug"}, settings...)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		var out bytes.Buffer
		code := run(ctx, args, Std{In: strings.NewReader(""), Out: &out, Err: &out})
		cancel()
		if code == exitOK || out.Len() == 0 {
			t.Errorf("%v: status %d, %s", settings, code, out.String())
		}
		if strings.Contains(out.String(), "canary-datab") {
			t.Errorf("%v: the error repeats the secret: %s", settings, out.String())
		}
	}
}
