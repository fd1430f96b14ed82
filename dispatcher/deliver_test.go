package dispatcher_test

import (
	"hash/fnv"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/triggers"
)

func TestEveryPendingDeliveryArrivesOnce(t *testing.T) {
	ledger, ids := memory.New(), newIDs()
	first, second := newReceiver(t, nil), newReceiver(t, nil)
	a, b := first.endpoint("a", nil), second.endpoint("b", nil)
	names := add(t, ledger, ids, a, 700, 50)
	more := add(t, ledger, ids, b, 30, 3)
	run(t, ledger, newConfiguration(a, b), "")
	for _, row := range settled(t, ledger, append(names, more...), 30*time.Second) {
		if row.Outcome != executionlog.Succeeded || row.Attempts != 1 {
			t.Fatalf("%+v", row)
		}
	}
	for _, account := range []struct {
		r     *receiver
		names []string
	}{{first, names}, {second, more}} {
		got := account.r.arrived()
		slices.Sort(got)
		if !slices.Equal(got, account.names) {
			t.Errorf("%d arrived, want %d once each", len(got), len(account.names))
		}
	}
}

func TestFailuresAreTriedAgainUntilTheyAreExhausted(t *testing.T) {
	ledger, ids := memory.New(), newIDs()
	r := newReceiver(t, func(name string, time int) int {
		if name[len(name)-1]%2 == 0 {
			return http.StatusInternalServerError
		}
		if time < 3 {
			return http.StatusServiceUnavailable
		}
		return http.StatusNoContent
	})
	e := r.endpoint("a", func(e *triggers.Endpoint) {
		e.Retry = triggers.Retry{ScheduleSeconds: []float64{0.02, 0.02, 0.02}}
	})
	names := add(t, ledger, ids, e, 4, 4)
	run(t, ledger, newConfiguration(e), "")
	for name, row := range settled(t, ledger, names, 30*time.Second) {
		want, attempts := executionlog.Succeeded, 3
		if name[len(name)-1]%2 == 0 {
			want, attempts = executionlog.Failed, 4
		}
		if row.Outcome != want || row.Attempts != attempts {
			t.Errorf("%s: %s after %d attempts, want %s after %d", name, row.Outcome, row.Attempts, want, attempts)
		}
		log, err := ledger.Attempts(t.Context(), workspace, name)
		if err != nil || len(log) != attempts {
			t.Fatalf("log has %d attempts (%v), want %d", len(log), err, attempts)
		}
		for i, attempt := range log {
			if attempt.Number != i+1 || attempt.Detail == nil || attempt.Detail.Address == "" {
				t.Errorf("attempt %d: %+v", i+1, attempt)
			}
		}
	}
}

func TestGoneDisablesTheEndpointAndItsDeliveriesWait(t *testing.T) {
	ledger, ids := memory.New(), newIDs()
	r := newReceiver(t, func(string, int) int { return http.StatusGone })
	e := r.endpoint("a", func(e *triggers.Endpoint) { e.MaxInFlight = 1 })
	names := add(t, ledger, ids, e, 3, 3)
	config := newConfiguration(e)
	d := run(t, ledger, config, "")
	settled(t, ledger, names[:1], 10*time.Second)
	eventually(t, func() bool { return config.Endpoint(e.ID).State == triggers.EndpointDisabled })
	if reason := config.Endpoint(e.ID).StateReason; reason == "" {
		t.Error("disabled without a reason")
	}
	row, err := ledger.Delivery(t.Context(), workspace, names[2])
	if err != nil || row.Outcome != executionlog.Pending {
		t.Fatalf("the last one is %+v (%v)", row, err)
	}
	r.mu.Lock()
	r.answer = nil
	r.mu.Unlock()
	_ = config.SetEndpointState(t.Context(), workspace, e.ID, triggers.EndpointActive, "")
	d.Refresh()
	if row := settled(t, ledger, names[2:], 10*time.Second)[names[2]]; row.Outcome != executionlog.Succeeded {
		t.Errorf("after enabling it is %s", row.Outcome)
	}
}

func TestSuperOfficeIsDisabledAfterNineFailures(t *testing.T) {
	ledger, ids := memory.New(), newIDs()
	r := newReceiver(t, func(string, int) int { return http.StatusInternalServerError })
	e := r.endpoint("a", func(e *triggers.Endpoint) {
		e.System, e.Retry = "superoffice", triggers.Retry{ScheduleSeconds: []float64{0.01, 0.01}}
	})
	names := add(t, ledger, ids, e, 3, 3)
	config := newConfiguration(e)
	run(t, ledger, config, "")
	settled(t, ledger, names, 20*time.Second)
	eventually(t, func() bool { return config.Endpoint(e.ID).State == triggers.EndpointDisabled })
}

// One fifth of all attempts fail; still no delivery of a ticket arrives before
// an earlier one of it.
func TestOrderedDeliveriesNeverOvertake(t *testing.T) {
	ledger, ids := memory.New(), newIDs()
	r := newReceiver(t, failingOnce)
	const tickets = 20
	e := r.endpoint("a", func(e *triggers.Endpoint) { e.Ordered = triggers.OrderedTicket })
	names := add(t, ledger, ids, e, 600, tickets)
	run(t, ledger, newConfiguration(e), "")
	settled(t, ledger, names, 60*time.Second)
	place := map[string]int{}
	for i, name := range r.arrived() {
		place[name] = i
	}
	for i := tickets; i < len(names); i++ {
		if place[names[i]] < place[names[i-tickets]] {
			t.Fatalf("delivery %d of its ticket overtook the one before", i/tickets)
		}
	}
}

// A crash of everything but the ledger loses nothing.
func TestAnotherDispatcherTakesOver(t *testing.T) {
	ledger, ids := memory.New(), newIDs()
	r := newReceiver(t, failingOnce)
	e := r.endpoint("a", func(e *triggers.Endpoint) { e.Retry = triggers.Retry{ScheduleSeconds: []float64{0.5, 0.5}} })
	names := add(t, ledger, ids, e, 100, 10)
	config := newConfiguration(e)
	first := run(t, ledger, config, "")
	eventually(t, func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return len(r.times) > 20
	})
	first.stop()
	run(t, ledger, config, "")
	for _, row := range settled(t, ledger, names, 30*time.Second) {
		if row.Outcome != executionlog.Succeeded {
			t.Errorf("%s is %s", row.ID, row.Outcome)
		}
	}
}

// failingOnce fails the first attempt of one delivery in five.
func failingOnce(name string, n int) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	if n == 1 && h.Sum32()%5 == 0 {
		return http.StatusInternalServerError
	}
	return http.StatusOK
}

func eventually(t testing.TB, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatal("did not happen within 15 seconds")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestADisabledEndpointIsAnswered(t *testing.T) {
	r := newReceiver(t, nil)
	e := r.endpoint("a", func(e *triggers.Endpoint) {
		e.State, e.StateReason = triggers.EndpointDisabled, "the receiver answered 410 Gone"
	})
	config := newConfiguration(e)
	config.setTriggers(trigger(t, trgA, `{"name": "all", "system": "faveo", "then": []}`, e))
	d := run(t, memory.New(), config, "")
	receipt := accepted(t, d, created)
	if len(receipt.Deliveries) != 0 || len(receipt.Fired) != 0 {
		t.Fatalf("receipt %+v", receipt)
	}
	verdicts, err := d.Verdicts(t.Context(), workspace, receipt.ID)
	if err != nil || len(verdicts) != 1 || verdicts[0].Code != triggers.CodeEndpointDisabled || !strings.Contains(verdicts[0].Reason, "410") {
		t.Errorf("verdicts %+v (%v)", verdicts, err)
	}
}

// What a trigger does beside its webhooks happens whatever becomes of those,
// and its verdict tells of both.
func TestWhatFiredWhereEndpointsAreOff(t *testing.T) {
	r := newReceiver(t, nil)
	off := r.endpoint("off", func(e *triggers.Endpoint) { e.State, e.StateReason = triggers.EndpointDisabled, "moving house" })
	paused := r.endpoint("paused", func(e *triggers.Endpoint) { e.State = triggers.EndpointPaused })
	well := r.endpoint("well", nil)
	for name, test := range map[string]struct {
		then       string
		endpoints  []*triggers.Endpoint
		tagged     bool
		deliveries int
		code       string
		reason     string
	}{
		"a tag and an endpoint that is off": {
			`[{"tag": {"add": ["seen"]}}]`,
			[]*triggers.Endpoint{off},
			true, 0, triggers.CodeEndpointDisabled,
			"It fired: everything it asks for held. Nothing was sent, because the endpoint is switched off: off: moving house. Its other actions were carried out.",
		},
		"one of two": {
			`[]`,
			[]*triggers.Endpoint{off, well},
			false, 1, triggers.CodeFired,
			"It fired: everything it asks for held. An endpoint was left out, because it is switched off: off: moving house.",
		},
		"paused": {
			`[{"tag": {"add": ["seen"]}}]`,
			[]*triggers.Endpoint{paused},
			true, 1, triggers.CodeEndpointPaused,
			"It fired; the delivery waits, because the endpoint is paused: paused.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			config := newConfiguration(off, paused, well)
			config.setTriggers(trigger(t, trgA, `{"name": "all", "system": "faveo", "on": ["ticket_created"], "then": `+test.then+`}`, test.endpoints...))
			ledger := memory.New()
			d := run(t, ledger, config, "")
			receipt := accepted(t, d, created)
			if len(receipt.Fired) != 1 || len(receipt.Deliveries) != test.deliveries {
				t.Errorf("receipt %+v", receipt)
			}
			verdicts, err := d.Verdicts(t.Context(), workspace, receipt.ID)
			if err != nil || verdicts[0].Verdict != triggers.Fired || verdicts[0].Code != test.code || verdicts[0].Reason != test.reason {
				t.Errorf("%+v (%v)", verdicts, err)
			}
			stored, err := ledger.Ticket(t.Context(), workspace, receipt.Ticket)
			if err != nil || strings.Contains(string(stored.Doc), `"seen"`) != test.tagged {
				t.Errorf("ticket %s (%v)", stored.Doc, err)
			}
		})
	}
}
