package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/client"
	"github.com/hookdesk/hookdesk/signing"
)

// TestRotateKey seals under a new key; afterwards a server that knows only
// the new one reads the secrets, and one that knows only the old one does not.
func TestRotateKey(t *testing.T) {
	before := devConfig(t)
	app, stop := start(t, before)
	api := &client.Client{Base: "http://" + app.Addr(), Token: app.Token()}
	do(t, api, "/endpoints", map[string]any{
		"name": "kept", "system": "agency", "url": "https://hooks.example.com/", "secret": "kept-secret", "state": "disabled",
	}, nil)
	stop()
	content, err := os.ReadFile(filepath.Join(before.DataDir, "secret.key"))
	if err != nil {
		t.Fatal(err)
	}
	oldKey, newKey := string(bytes.TrimSpace(content)), signing.GenerateKey()

	var out bytes.Buffer
	std := Std{In: strings.NewReader(""), Out: &out, Err: t.Output()}
	rotate := func(keys string) error {
		out.Reset()
		return (&RotateKeyCmd{DataDir: before.DataDir, SecretKey: keys}).Run(t.Context(), std)
	}
	if err := rotate(newKey); err == nil || !strings.Contains(err.Error(), "holds one key") {
		t.Errorf("one key alone: %v", err)
	}
	if err := rotate(newKey + "," + signing.GenerateKey()); err == nil || strings.Contains(err.Error(), newKey) {
		t.Errorf("without the key in use: %v", err)
	}
	if err := rotate(newKey + "," + oldKey); err != nil || !strings.Contains(out.String(), "1 endpoints") {
		t.Fatalf("%v, %s", err, out.String())
	}

	keysUnder := func(key string) ([]string, error) {
		config := *before
		config.SecretKey = key
		app, stop := start(t, &config)
		defer stop()
		endpoint := app.settings.Endpoints("default")[0]
		return app.settings.SigningKeys(endpoint, endpoint.UpdatedAt)
	}
	if keys, err := keysUnder(newKey); err != nil || len(keys) != 1 || keys[0] != "kept-secret" {
		t.Errorf("under the new key the secret is %v, %v", keys, err)
	}
	if keys, err := keysUnder(oldKey); err == nil {
		t.Errorf("under the old key the secret is still %v", keys)
	}
}
