package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/client"
	"github.com/hookdesk/hookdesk/executionlog/logtest/pgtest"
	"github.com/hookdesk/hookdesk/signing"
)

// checking is a receiver that takes only what is signed and carries its
// credentials.
type checking struct {
	mu    sync.Mutex
	taken map[string]bool // by event id
	wrong []string
}

const (
	rotatedSecret = "whsec_cm90YXRlZC1zZWNyZXQtb2YtdGhlLXRlc3QtMQ=="
	rotatedBearer = "rotated-bearer"
	rotatedHeader = "rotated-header"
	rotatedQuery  = "rotated-query"
)

func (c *checking) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	scheme, _ := signing.Lookup("standard")
	err := scheme.Verify(r.Header, body, []string{rotatedSecret}, signing.VerifyOptions{Now: time.Now(), Tolerance: time.Minute})
	switch {
	case r.Header.Get("Authorization") != "Bearer "+rotatedBearer:
		err = errors.New("wrong bearer token")
	case r.Header.Get("X-Api-Token") != rotatedHeader:
		err = errors.New("wrong header")
	case r.URL.Query().Get("token") != rotatedQuery:
		err = errors.New("wrong parameter")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.wrong = append(c.wrong, err.Error())
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	c.taken[r.Header.Get("webhook-id")] = true
}

func (c *checking) expect(t *testing.T, want int) {
	t.Helper()
	eventually(t, 10*time.Second, func() error {
		c.mu.Lock()
		defer c.mu.Unlock()
		if len(c.wrong) > 0 {
			t.Fatalf("the receiver refused: %v", c.wrong)
		}
		if len(c.taken) != want {
			return fmt.Errorf("%d webhooks arrived, want %d", len(c.taken), want)
		}
		return nil
	})
}

// command runs one command line in this process.
func command(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, wrong bytes.Buffer
	code = run(t.Context(), args, Std{In: strings.NewReader(""), Out: &out, Err: &wrong})
	return code, out.String(), wrong.String()
}

// TestRotateKey seals everything under a new key; then the new key alone is
// enough to sign and to send credentials.
func TestRotateKey(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { rotateKey(t, "", false) })
	t.Run("postgres, while a server runs", func(t *testing.T) { rotateKey(t, pgtest.Database(t), true) })
}

func rotateKey(t *testing.T, database string, running bool) {
	receiver := &checking{taken: map[string]bool{}}
	target := httptest.NewServer(receiver)
	defer target.Close()
	oldKey, newKey := signing.GenerateKey(), signing.GenerateKey()
	config := devConfig(t)
	config.DatabaseURL, config.SecretKey = database, newKey+","+oldKey
	with := func(keys string) []string {
		return []string{"rotate-key", "--data-dir", config.DataDir, "--database-url", config.DatabaseURL, "--secret-key", keys}
	}

	config.SecretKey = oldKey
	app, stop := start(t, config)
	api := func() *client.Client { return &client.Client{Base: "http://" + app.Addr(), Token: app.Token()} }
	var endpoint struct {
		ID string `json:"id"`
	}
	do(t, api(), "/endpoints", map[string]any{
		"name": "sealed", "system": "faveo", "url": target.URL + "/?token=" + rotatedQuery,
		"signing": map[string]any{"scheme": "standard"}, "secret": rotatedSecret,
		"auth":    map[string]any{"type": "bearer", "token": rotatedBearer},
		"headers": map[string]any{"X-Api-Token": rotatedHeader},
	}, &endpoint)
	do(t, api(), "/triggers", map[string]any{
		"name": "everything", "system": "faveo", "on": []string{"ticket_created"},
		"then": []any{map[string]any{"webhook": map[string]any{"endpoint": endpoint.ID}}},
	}, nil)
	do(t, api(), "/tickets", map[string]any{"number": "R-1", "subject": "Old key"}, nil)
	receiver.expect(t, 1)
	stop()
	if running { // servers learn the new key first
		config.SecretKey = newKey + "," + oldKey
		app, stop = start(t, config)
	}

	if code, _, text := command(t, with(newKey+","+signing.GenerateKey())...); code != exitFailed || !strings.Contains(text, endpoint.ID) || strings.Contains(text, newKey) {
		t.Errorf("without the old key: status %d, %s", code, text)
	}
	for keys, want := range map[string]string{"short": "error: HOOKDESK_SECRET_KEY", newKey: "error: HOOKDESK_SECRET_KEY holds one key"} {
		if code, _, text := command(t, with(keys)...); code != exitUsage || !strings.HasPrefix(text, want) || strings.Contains(text, keys) {
			t.Errorf("with bad keys: status %d, %s", code, text)
		}
	}
	for _, want := range []string{"the secrets of 1 endpoints", "the secrets of 0 endpoints"} { // repeating is safe
		code, text, wrong := command(t, with(newKey+","+oldKey)...)
		if code != exitOK || !strings.HasPrefix(text, want) {
			t.Fatalf("status %d: %s%s", code, text, wrong)
		}
	}
	if running {
		do(t, api(), "/tickets", map[string]any{"number": "R-2", "subject": "Both keys"}, nil)
		receiver.expect(t, 2)
		stop()
	}
	config.SecretKey = newKey
	app, _ = start(t, config)
	do(t, api(), "/tickets", map[string]any{"number": "R-3", "subject": "New key"}, nil)
	want := 2
	if running {
		want = 3
	}
	receiver.expect(t, want)
}
