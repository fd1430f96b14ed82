package dispatcher_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/triggers"
)

// Nine failures in a row disable a SuperOffice webhook; another one that
// subscribed to it is told with the vendor's own event.
func TestADisabledWebhookIsAnnounced(t *testing.T) {
	ledger, ids := memory.New(), newIDs()
	sick := newReceiver(t, func(string, int) int { return http.StatusInternalServerError })
	watched := sick.endpoint("a", func(e *triggers.Endpoint) {
		e.System, e.Revision, e.Retry = "superoffice", "", triggers.Retry{ScheduleSeconds: []float64{0.01, 0.01}}
	})
	told := make(chan *http.Request, 4)
	bodies := make(chan string, 4)
	listening := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		told <- r
		bodies <- string(body)
	}))
	t.Cleanup(listening.Close)
	listener := (&receiver{Server: listening}).endpoint("b", func(e *triggers.Endpoint) { e.System, e.Revision = "superoffice", "" })
	config := newConfiguration(watched, listener)
	config.setTriggers(
		trigger(t, trgA, `{"name": "errors", "system": "superoffice", "on": ["webhook.errors"], "then": []}`, listener),
		trigger(t, trgB, `{"name": "everything", "system": "superoffice", "then": []}`, listener))
	names := add(t, ledger, ids, watched, 3, 3)
	run(t, ledger, config, "")
	settled(t, ledger, names, 20*time.Second)
	select {
	case request := <-told:
		if header := request.Header.Get("X-SuperOffice-Event"); !strings.HasPrefix(header, "webhook") || !strings.HasSuffix(header, ".errors") {
			t.Errorf("event %q", header)
		}
		if body := <-bodies; !strings.Contains(body, `"Event":"webhook.errors"`) {
			t.Errorf("body %s", body)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("nobody was told")
	}
}

// The operator hears of warnings, of the end, and of what people do.
func TestTheOperatorIsTold(t *testing.T) {
	var mu sync.Mutex
	var states []string
	ledger, ids := memory.New(), newIDs()
	r := newReceiver(t, func(string, int) int { return http.StatusInternalServerError })
	e := r.endpoint("a", func(e *triggers.Endpoint) {
		e.System, e.Revision, e.MaxInFlight = "superoffice", "", 1
		e.Retry = triggers.Retry{ScheduleSeconds: []float64{0.01, 0.01}}
	})
	names := add(t, ledger, ids, e, 3, 3)
	runWith(t, ledger, newConfiguration(e), "", func(o *dispatcher.Options) {
		o.Alert = func(change dispatcher.StateChange) {
			mu.Lock()
			defer mu.Unlock()
			states = append(states, change.State)
		}
	})
	settled(t, ledger, names, 20*time.Second)
	want := "warning warning failing"
	eventually(t, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return strings.Join(states, " ") == want
	})
}
