package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/client"
)

// TestBackupUnderLoad copies the ledger while changes come in and are
// delivered. Whatever was acknowledged before the backup began is in the copy,
// which a server opens like its own.
func TestBackupUnderLoad(t *testing.T) {
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer target.Close()
	config := devConfig(t)
	app, _ := start(t, config)
	api := &client.Client{Base: "http://" + app.Addr(), Token: app.Token()}
	var endpoint struct {
		ID string `json:"id"`
	}
	do(t, api, "/endpoints", map[string]any{"name": "busy", "system": "faveo", "url": target.URL}, &endpoint)
	do(t, api, "/triggers", map[string]any{
		"name": "everything", "system": "faveo", "on": []string{"ticket_created"},
		"then": []any{map[string]any{"webhook": map[string]any{"endpoint": endpoint.ID}}},
	}, nil)

	const before, lanes = 50, 4
	var mu sync.Mutex
	var acknowledged []string
	enough, stop := make(chan struct{}), make(chan struct{})
	var posting sync.WaitGroup
	for lane := range lanes {
		posting.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				number := fmt.Sprintf("L-%d-%d", lane, n)
				if err := api.Do(t.Context(), http.MethodPost, "/tickets", map[string]any{"number": number, "subject": "Load"}, nil); err != nil {
					t.Errorf("ticket %s: %v", number, err)
					return
				}
				mu.Lock()
				acknowledged = append(acknowledged, number)
				if len(acknowledged) == before {
					close(enough)
				}
				mu.Unlock()
			}
		})
	}
	<-enough
	mu.Lock()
	promised := append([]string(nil), acknowledged...)
	mu.Unlock()
	restored := devConfig(t)
	code, _, wrong := command(t, "backup", "--data-dir", config.DataDir, filepath.Join(restored.DataDir, "hookdesk.db"))
	close(stop)
	posting.Wait()
	if code != exitOK {
		t.Fatalf("backup: status %d, %s", code, wrong)
	}

	restored.SecretKey = readKey(t, config)
	other, _ := start(t, restored)
	copied := &client.Client{Base: "http://" + other.Addr(), Token: other.Token()}
	for _, number := range promised {
		if err := copied.Do(t.Context(), http.MethodGet, "/tickets/"+number, nil, nil); err != nil {
			t.Errorf("ticket %s was acknowledged before the backup: %v", number, err)
		}
	}
	// What the copy says is waiting is delivered by the server that has it.
	eventually(t, scriptPatience, func() error {
		for _, d := range listDeliveries(t, copied) {
			if d.Outcome != "succeeded" {
				return fmt.Errorf("delivery %s of the copy is %s", d.ID, d.Outcome)
			}
		}
		return nil
	})
}

// readKey returns the key that a server in development has made for itself.
func readKey(t *testing.T, config *Config) string {
	t.Helper()
	key, err := config.generated("secret.key", func() string {
		t.Fatal("the server has made no key")
		return ""
	})
	if err != nil {
		t.Fatal(err)
	}
	return key
}
