package dispatcher_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/executionlog"
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

// Triggers of any system hear of hookdesk's own events about every endpoint of
// the workspace, in hookdesk's own words; the endpoint itself does not, nor
// does a trigger that names no events.
func TestTriggersHearOfEndpoints(t *testing.T) {
	ledger, ids := memory.New(), newIDs()
	sick := newReceiver(t, func(string, int) int { return http.StatusInternalServerError })
	watched := sick.endpoint("a", func(e *triggers.Endpoint) {
		e.System, e.Revision, e.MaxInFlight = "superoffice", "", 1
		e.Retry = triggers.Retry{ScheduleSeconds: []float64{0.01, 0.01}}
	})
	var mu sync.Mutex
	var events []dispatcher.EndpointEvent
	listening := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var event dispatcher.EndpointEvent
		if err := json.NewDecoder(r.Body).Decode(&event); err != nil || r.Header.Get("X-Hookdesk-Event") != event.Type {
			t.Errorf("%v: header %q, body %+v", err, r.Header.Get("X-Hookdesk-Event"), event)
		}
		mu.Lock()
		defer mu.Unlock()
		events = append(events, event)
	}))
	t.Cleanup(listening.Close)
	listener := (&receiver{Server: listening}).endpoint("b", func(e *triggers.Endpoint) { e.Ordered = triggers.OrderedTicket })
	config := newConfiguration(watched, listener)
	config.setTriggers(
		trigger(t, trgA, `{"name": "endpoints", "system": "faveo", "on": ["endpoint.failing", "endpoint.disabled", "endpoint.enabled"], "then": []}`, listener),
		trigger(t, trgB, `{"name": "everything", "system": "faveo", "then": []}`, listener),
		trigger(t, trgC, `{"name": "of itself", "system": "superoffice", "on": ["endpoint.failing", "endpoint.disabled"], "then": []}`, watched))
	names := add(t, ledger, ids, watched, 3, 3)
	d := run(t, ledger, config, "")
	settled(t, ledger, names, 20*time.Second)
	told := func(n int) bool {
		mu.Lock()
		defer mu.Unlock()
		return len(events) == n
	}
	eventually(t, func() bool { return told(3) })
	d.Announce(dispatcher.StateChange{Workspace: workspace, Endpoint: watched.ID, State: dispatcher.StateActive})
	eventually(t, func() bool { return told(4) })
	got := ""
	for _, e := range events {
		got += fmt.Sprintf("%s %d/%d of %s; ", e.Type, e.Failures, e.DisabledAt, e.Name)
		if e.ID == "" || e.Endpoint != watched.ID || e.System != "superoffice" || e.Workspace != workspace || e.At.IsZero() {
			t.Errorf("%+v", e)
		}
	}
	want := "endpoint.failing 5/9 of a; endpoint.failing 7/9 of a; endpoint.disabled 9/9 of a; endpoint.enabled 0/0 of a; "
	if got != want {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
	all, err := ledger.ListDeliveries(t.Context(), executionlog.DeliveryQuery{Workspace: workspace, Endpoint: watched.ID})
	if err != nil || len(all.Items) != len(names) {
		t.Errorf("%d deliveries to the endpoint itself (%v), want %d", len(all.Items), err, len(names))
	}
}

// Two endpoints that fail do not go on telling each other of their failures:
// a delivery that tells of one warns of nothing.
func TestFailuresOfTheTellingAreNotTold(t *testing.T) {
	ledger, ids := memory.New(), newIDs()
	r := newReceiver(t, func(string, int) int { return http.StatusInternalServerError })
	sick := func(e *triggers.Endpoint) {
		e.System, e.Revision, e.MaxInFlight = "superoffice", "", 1
		e.Retry = triggers.Retry{ScheduleSeconds: []float64{0.01, 0.01}}
	}
	a, b := r.endpoint("a", sick), r.endpoint("b", sick)
	config := newConfiguration(a, b)
	config.setTriggers(
		trigger(t, trgA, `{"name": "a", "system": "superoffice", "on": ["endpoint.failing", "endpoint.disabled"], "then": []}`, a),
		trigger(t, trgB, `{"name": "b", "system": "superoffice", "on": ["endpoint.failing", "endpoint.disabled"], "then": []}`, b))
	names := add(t, ledger, ids, a, 3, 3)
	var mu sync.Mutex
	warned := map[string]int{}
	runWith(t, ledger, config, "", func(o *dispatcher.Options) {
		o.Alert = func(change dispatcher.StateChange) {
			mu.Lock()
			defer mu.Unlock()
			warned[change.Endpoint+" "+change.State]++
		}
	})
	settled(t, ledger, names, 20*time.Second)
	// b is told of a three times, fails nine times, and is disabled for it.
	eventually(t, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return warned[b.ID+" "+dispatcher.StateFailing] == 1
	})
	mu.Lock()
	defer mu.Unlock()
	if warned[a.ID+" "+dispatcher.StateWarning] != 2 || warned[b.ID+" "+dispatcher.StateWarning] != 0 {
		t.Errorf("%v", warned)
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

// A restart, or another process that feeds, forgives no failure and repeats no
// warning: the ledger says how many failed in a row, since somebody enabled
// the endpoint.
func TestFailuresInARowOutliveTheProcess(t *testing.T) {
	ledger, ids := memory.New(), newIDs()
	r := newReceiver(t, func(string, int) int { return http.StatusInternalServerError })
	e := r.endpoint("a", func(e *triggers.Endpoint) {
		e.System, e.Revision, e.MaxInFlight = "superoffice", "", 1
		e.Retry = triggers.Retry{ScheduleSeconds: []float64{0.01, 0.01}}
	})
	config := newConfiguration(e)
	var mu sync.Mutex
	var told []string
	expect := func(deliveries int, want string) {
		t.Helper()
		d := runWith(t, ledger, config, "", func(o *dispatcher.Options) {
			o.Alert = func(change dispatcher.StateChange) {
				mu.Lock()
				defer mu.Unlock()
				told = append(told, fmt.Sprintf("%s %d", change.State, change.Failures))
			}
		})
		settled(t, ledger, add(t, ledger, ids, e, deliveries, deliveries), 20*time.Second)
		d.stop()
		mu.Lock()
		defer mu.Unlock()
		if got := strings.Join(told, ", "); got != want {
			t.Errorf("told %q, want %q", got, want)
		}
		told = nil
	}
	expect(2, "warning 5")
	expect(0, "")
	expect(1, "warning 7, failing 9")
	again := *config.Endpoint(e.ID)
	again.State, again.StateSince = triggers.EndpointActive, time.Now()
	config.set(&again)
	expect(2, "warning 5")
}
