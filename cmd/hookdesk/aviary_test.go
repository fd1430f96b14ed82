package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/client"
	"github.com/hookdesk/hookdesk/dispatcher/redisqueue/redistest"
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

// aviary is a server that has been given a secret of every kind, and what is
// known of it.
type aviary struct {
	t        *testing.T
	app      *App
	api      *client.Client
	output   *journal
	spans    *otlpCollector
	alerts   *journal          // bodies of alerts to the operator
	closed   string            // an address that nobody listens on
	secrets  map[string]string // by what they are
	ids      map[string]string // an id for each path parameter
	searched int
}

const (
	canarySigning = "whsec_Y2FuYXJ5LW9mLXRoZS1uZXctc2lnbmluZy1zZWNyZXQ="
	canaryRotated = "whsec_Y2FuYXJ5LW9mLXRoZS1vbGQtc2lnbmluZy1zZWNyZXQ="
	canaryAlert   = "whsec_Y2FuYXJ5LW9mLXRoZS1hbGVydHMtc2VjcmV0LS0tLS0="
	canaryKey     = "Y2FuYXJ5LW9mLXRoZS1zZWNyZXQta2V5LS0zMmJ5dGU="
)

func newAviary(t *testing.T, database string) *aviary {
	t.Helper()
	closed, err := freeAddr()
	if err != nil {
		t.Fatal(err)
	}
	a := &aviary{t: t, output: &journal{}, closed: closed, ids: map[string]string{"name": "faveo"}, secrets: map[string]string{
		"signing secret": strings.TrimPrefix(canarySigning, "whsec_"), "rotated secret": strings.TrimPrefix(canaryRotated, "whsec_"),
		"secret key": canaryKey, "administrator's token": "canary-administrator", "Redis password": "canary-redis",
		"bearer token": "canary-bearer", "basic password": "canary-basic", "API key": "canary-apikey", "header": "canary-header",
		"basic credentials": strings.TrimRight(base64.StdEncoding.EncodeToString([]byte("user:canary-basic")), "="),
		"verify_token":      "canary-verify", "parameter": "canary-parameter",
		"mail password": "canary-mail", "collector's key": "canary-collector",
		"alert secret": strings.TrimPrefix(canaryAlert, "whsec_"),
	}}
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=canary-collector")
	a.spans, a.alerts = newCollector(t), &journal{}
	alerted := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(a.alerts, r.Body) }))
	t.Cleanup(alerted.Close)
	redis := redistest.Start(t, "--requirepass", "canary-redis")
	config := devConfig(t)
	config.DatabaseURL, config.RedisURL = database, "redis://:canary-redis@"+redis.Addr()+"/0"
	config.AdminToken, config.SecretKey = "canary-administrator", canaryKey
	config.OTLPURL, config.TraceRatio = a.spans.URL, 1
	config.AlertURL, config.AlertSecret = alerted.URL+"/?token=canary-parameter", canaryAlert
	config.AlertEmail, config.SMTPAddr, config.SMTPFrom, config.SMTPTLS = "desk@example.com", closed, "hookdesk@example.com", "starttls"
	config.SMTPUser, config.SMTPPassword = "hookdesk", "canary-mail"
	app, err := NewApp(t.Context(), config, RoleAll, slog.New(slog.NewJSONHandler(a.output, &slog.HandlerOptions{Level: slog.LevelDebug})))
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
	a.app, a.api = app, &client.Client{Base: "http://" + app.Addr(), Token: app.Token()}
	return a
}

// check looks for every secret in a text.
func (a *aviary) check(where, text string) {
	a.t.Helper()
	a.searched++
	for kind, secret := range a.secrets {
		for _, form := range []string{secret, url.QueryEscape(secret), fmt.Sprintf("%x", secret)} {
			if at := strings.Index(text, form); at >= 0 {
				a.t.Errorf("%s holds the %s: …%q", where, kind, text[max(0, at-100):min(len(text), at+len(form)+20)])
				break
			}
		}
	}
}
