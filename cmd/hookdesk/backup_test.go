package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/client"
)

// TestBackup copies the ledger of a server that runs, and starts another one
// on the copy: tickets and endpoints are there, and secrets open with the key.
func TestBackup(t *testing.T) {
	config := devConfig(t)
	app, _ := start(t, config)
	api := &client.Client{Base: "http://" + app.Addr(), Token: app.Token()}
	do(t, api, "/tickets", map[string]any{"number": "B-1", "subject": "Before"}, nil)
	do(t, api, "/endpoints", map[string]any{
		"name": "kept", "system": "agency", "url": "https://hooks.example.com/", "secret": "kept-secret", "state": "disabled",
	}, nil)

	restored := devConfig(t)
	output := filepath.Join(restored.DataDir, "hookdesk.db")
	command := &BackupCmd{Output: output, DataDir: config.DataDir}
	std := Std{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard}
	if err := command.Run(context.Background(), std); err != nil {
		t.Fatal(err)
	}
	do(t, api, "/tickets", map[string]any{"number": "B-2", "subject": "After"}, nil)
	if err := command.Run(context.Background(), std); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("an existing file was written over: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(restored.DataDir, ".hookdesk-backup-*")); len(left) > 0 {
		t.Errorf("%v is left behind", left)
	}

	key, err := os.ReadFile(filepath.Join(config.DataDir, "secret.key"))
	if err != nil {
		t.Fatal(err)
	}
	restored.SecretKey = string(bytes.TrimSpace(key))
	other, _ := start(t, restored)
	api = &client.Client{Base: "http://" + other.Addr(), Token: other.Token()}
	if err := api.Do(t.Context(), http.MethodGet, "/tickets/B-1", nil, nil); err != nil {
		t.Errorf("the ticket from before the backup: %v", err)
	}
	if err := api.Do(t.Context(), http.MethodGet, "/tickets/B-2", nil, nil); err == nil {
		t.Error("a ticket from after the backup is in it")
	}
	endpoints := other.settings.Endpoints("default")
	if len(endpoints) != 1 {
		t.Fatalf("%d endpoints, want 1", len(endpoints))
	}
	keys, err := other.settings.SigningKeys(endpoints[0], endpoints[0].CreatedAt)
	if err != nil || len(keys) != 1 || keys[0] != "kept-secret" {
		t.Errorf("the secret is %v, %v", keys, err)
	}
}

func TestBackupWrong(t *testing.T) {
	std := Std{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard}
	dir := t.TempDir()
	for _, c := range []struct {
		command BackupCmd
		want    string
	}{
		{BackupCmd{DatabaseURL: "postgres://u:geheim@h/d"}, "want sqlite:FILE"},
		{BackupCmd{DataDir: filepath.Join(dir, "none")}, "no such file"},
	} {
		c.command.Output = filepath.Join(dir, "copy.db")
		err := c.command.Run(context.Background(), std)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("got %v, want something about %q", err, c.want)
		}
		if _, err := os.Stat(c.command.Output); err == nil {
			t.Error("a file was written")
		}
	}
}
