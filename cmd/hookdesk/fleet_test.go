package main

import (
	"fmt"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog/logtest/pgtest"
	"github.com/hookdesk/hookdesk/signing"
)

// TestFleet runs two API processes and three workers on one PostgreSQL and one
// Redis. Tickets come in through both APIs; one worker is killed and one is
// asked to stop while they do. Everything arrives.
func TestFleet(t *testing.T) {
	receiver := &stubborn{yields: true, taken: map[string]int{}}
	target := httptest.NewServer(receiver)
	defer target.Close()
	settings := []string{
		"HOOKDESK_DATABASE_URL=" + pgtest.Database(t), "HOOKDESK_REDIS_URL=redis://" + startRedis(t) + "/0",
		"HOOKDESK_SECRET_KEY=" + signing.GenerateKey(), "HOOKDESK_DATA_DIR=" + t.TempDir(),
	}
	start := func(role string) *process {
		addr, err := freeAddr()
		if err != nil {
			t.Fatal(err)
		}
		return startProcess(t, addr, role, settings...)
	}
	apis := []*process{start("api"), start("api")}
	workers := []*process{start("worker"), start("worker"), start("worker")}

	var endpoint struct {
		ID string `json:"id"`
	}
	do(t, apis[0].api, "/endpoints", map[string]any{
		"name": "fleet", "system": "faveo", "url": target.URL, "signing": map[string]any{"scheme": "standard"},
	}, &endpoint)
	do(t, apis[0].api, "/triggers", map[string]any{
		"name": "everything", "system": "faveo", "on": []string{"ticket_created"},
		"then": []any{map[string]any{"webhook": map[string]any{"endpoint": endpoint.ID}}},
	}, nil)

	// The other API process knows the endpoint within a second.
	changed := time.Now()
	eventually(t, 10*time.Second, func() error {
		_, body, err := get(apis[1].api.Base+"/api/v1/endpoints", testToken)
		if err == nil && !contains(body, endpoint.ID) {
			err = fmt.Errorf("the other process does not know the endpoint: %s", body)
		}
		return err
	})
	if took := time.Since(changed); took > 2*time.Second {
		t.Errorf("the other process knew of the endpoint after %s", took)
	}

	const tickets = 200
	var posting sync.WaitGroup
	for i, p := range apis {
		posting.Go(func() {
			for n := range tickets / len(apis) {
				ticket := map[string]any{"number": fmt.Sprintf("F-%d-%d", i, n), "subject": "Fleet"}
				if err := p.api.Do(t.Context(), "POST", "/tickets", ticket, nil); err != nil {
					t.Errorf("ticket %v: %v", ticket, err)
				}
				switch {
				case i == 0 && n == 30:
					workers[0].kill()
				case i == 0 && n == 60:
					workers[1].stop(t)
				}
			}
		})
	}
	posting.Wait()
	eventually(t, 90*time.Second, func() error {
		if _, taken := receiver.state(); taken != tickets {
			return fmt.Errorf("%d of %d webhooks arrived", taken, tickets)
		}
		return nil
	})
	receiver.mu.Lock()
	defer receiver.mu.Unlock()
	twice := 0
	for _, times := range receiver.taken {
		if times > 1 {
			twice++
		}
	}
	// The killed worker's requests under way may come again, nothing else.
	if twice > tickets/4 {
		t.Errorf("%d of %d webhooks came more than once", twice, tickets)
	}
}
