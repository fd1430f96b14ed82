package main

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/metrics"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
)

func readDeploy(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// TestMetricsOfDeploy holds every metric and label value that the alerts and
// the dashboard name against what a server really shows.
func TestMetricsOfDeploy(t *testing.T) {
	app, _ := start(t, devConfig(t))
	_, shown, err := get("http://"+app.Addr()+"/metrics", "")
	if err != nil {
		t.Fatal(err)
	}
	// Vectors show themselves once they have counted something.
	counted := metrics.New("test", func(string) *triggers.Endpoint { return nil }, time.Now)
	counted.Attempted(&executionlog.Attempt{System: "faveo", Outcome: executionlog.Failed, ErrorCode: "http_5xx"}, time.Second)
	counted.Finished("faveo", executionlog.Failed)
	counted.Redis("enqueue", time.Millisecond)
	w := httptest.NewRecorder()
	counted.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	shown += w.Body.String()

	metric := regexp.MustCompile(`hookdesk_[a-z_]+(\{[^}]*\})?`)
	label := regexp.MustCompile(`[a-z_]+="[^"]*"`)
	found := 0
	for _, name := range []string{"prometheus/alerts.yaml", "grafana/dashboard.json"} {
		text := strings.ReplaceAll(string(readDeploy(t, name)), `\"`, `"`)
		for _, use := range metric.FindAllString(text, -1) {
			found++
			series, labels, _ := strings.Cut(use, "{")
			if !regexp.MustCompile(`(?m)^` + series + `[ {]`).MatchString(shown) {
				t.Errorf("%s names %s, which no server shows", name, series)
			}
			for _, pair := range label.FindAllString(labels, -1) {
				if !regexp.MustCompile(`(?m)^` + series + `\{[^}]*` + regexp.QuoteMeta(pair)).MatchString(shown) {
					t.Errorf("%s names %s, but %s is never shown", name, use, pair)
				}
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d uses of metrics were found", found)
	}
}

// TestDeployReads parses what people deploy with, and holds its settings
// against those that exist.
func TestDeployReads(t *testing.T) {
	var dashboard map[string]any
	if err := json.Unmarshal(readDeploy(t, "grafana/dashboard.json"), &dashboard); err != nil {
		t.Errorf("dashboard: %v", err)
	}
	for _, name := range []string{"prometheus/alerts.yaml", "compose.yaml"} {
		var tree map[string]any
		if err := yaml.Unmarshal(readDeploy(t, name), &tree); err != nil || len(tree) == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	source, err := os.ReadFile("config.go")
	if err != nil {
		t.Fatal(err)
	}
	variable := regexp.MustCompile(`HOOKDESK_[A-Z_]+`)
	for _, name := range []string{"compose.yaml", "Dockerfile", "systemd/hookdesk.service", "helm/hookdesk/values.yaml", "helm/hookdesk/templates/_names.tpl"} {
		for _, used := range variable.FindAllString(string(readDeploy(t, name)), -1) {
			if !strings.Contains(string(source), `env:"`+used+`"`) {
				t.Errorf("%s sets %s, which does not exist", name, used)
			}
		}
	}
}
