package dispatcher_test

import (
	"hash/fnv"
	"net/http"
	"slices"
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
