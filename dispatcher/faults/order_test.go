package faults

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/executionlog/sqlite"
	"github.com/hookdesk/hookdesk/triggers"
)

// Deliveries of 200 tickets, each attempt failing with a probability of one in
// five: within a ticket nothing overtakes. The throughput is printed beside
// the same without an order.
func TestOrderHoldsUnderFailures(t *testing.T) {
	const tickets = 200
	all := 3000
	if long {
		all = 100_000
	}
	var rates [2]float64
	for i, ordered := range []triggers.Ordered{triggers.Unordered, triggers.OrderedTicket} {
		ledger, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		r := newReceiver(t)
		dice, throw := rand.New(rand.NewPCG(1, 2)), sync.Mutex{}
		r.set(func(string, int) int {
			throw.Lock()
			defer throw.Unlock()
			if dice.IntN(5) == 0 {
				return http.StatusInternalServerError
			}
			return http.StatusOK
		}, nil)
		e := r.endpoint(0, func(e *triggers.Endpoint) {
			e.MaxInFlight, e.Ordered = 64, ordered
			e.Retry = triggers.Retry{ScheduleSeconds: make([]float64, 30)}
			for i := range e.Retry.ScheduleSeconds {
				e.Retry.ScheduleSeconds[i] = 0.01
			}
		})
		names := add(t, ledger, newIDs(), e.ID, all, tickets)
		t.Logf("delivering %d of %d tickets, order: %s", all, tickets, ordered)
		begun := time.Now()
		n := run(t, ledger, newConfiguration(e), nodeOptions{})
		settle(t, ledger, 10*time.Minute)
		rates[i] = float64(all) / time.Since(begun).Seconds()
		if err := n.stop(); err != nil {
			t.Error(err)
		}
		_ = ledger.Close()
		place := map[string]int{}
		for at, name := range r.sequence() {
			place[name] = at
		}
		if len(place) != all || len(r.sequence()) != all {
			t.Fatalf("%d deliveries arrived %d times, want %d once", len(place), len(r.sequence()), all)
		}
		if ordered != triggers.OrderedTicket {
			continue
		}
		for i := tickets; i < all; i++ {
			if place[names[i]] < place[names[i-tickets]] {
				t.Fatalf("the delivery %d of its ticket overtook the one before", i/tickets)
			}
		}
	}
	t.Logf("%d deliveries of %d tickets, 20 %% of attempts failing: %.0f/s unordered, %.0f/s ordered (%.0f %%)",
		all, tickets, rates[0], rates[1], 100*rates[1]/rates[0])
}

// Behind an exhausted delivery its ticket waits, or does not, as the endpoint
// says; other tickets go on in any case. Who redelivers it frees the ticket.
func TestOrderBehindAnExhaustedDelivery(t *testing.T) {
	const tickets, each = 3, 4
	for _, onFailure := range []triggers.OnFailure{triggers.OnFailureBlock, triggers.OnFailureSkip} {
		t.Run(string(onFailure), func(t *testing.T) {
			t.Parallel()
			ledger, ids := memory.New(), newIDs()
			r := newReceiver(t)
			e := r.endpoint(0, func(e *triggers.Endpoint) { e.Ordered, e.OnFailure = triggers.OrderedTicket, onFailure })
			names := add(t, ledger, ids, e.ID, tickets*each, tickets)
			bad := names[tickets] // the second of the first ticket
			var refuse sync.Map
			refuse.Store(bad, true)
			r.set(func(event string, _ int) int {
				if _, no := refuse.Load(event); no {
					return http.StatusBadRequest
				}
				return http.StatusOK
			}, nil)
			n := run(t, ledger, newConfiguration(e), nodeOptions{})
			held := 0
			if onFailure == triggers.OnFailureBlock {
				held = each - 2
			}
			outcome := func(name string) executionlog.Outcome {
				row, err := ledger.Delivery(t.Context(), workspace, name)
				if err != nil {
					t.Fatal(err)
				}
				return row.Outcome
			}
			eventually(t, "the bad one is exhausted and all but what it holds back is delivered", func() bool {
				pending, err := pendingOf(t.Context(), ledger)
				events, _ := r.count()
				return err == nil && pending == held && outcome(bad) == executionlog.Failed && events == len(names)-1-held
			})
			refuse.Delete(bad)
			if _, err := n.Redeliver(t.Context(), workspace, bad); err != nil {
				t.Fatal(err)
			}
			settle(t, ledger, 30*time.Second)
			place := map[string]int{}
			for at, name := range r.sequence() {
				place[name] = at
			}
			if len(place) != len(names) {
				t.Fatalf("%d arrived, want %d", len(place), len(names))
			}
			for i := 2 * tickets; held > 0 && i < len(names); i += tickets {
				if place[names[i]] < place[bad] {
					t.Errorf("%s came before the one that held it back", names[i])
				}
			}
		})
	}
}

// A cancelled delivery holds nothing back.
func TestCancellingFreesTheTicket(t *testing.T) {
	t.Parallel()
	ledger, ids := memory.New(), newIDs()
	r := newReceiver(t)
	e := r.endpoint(0, func(e *triggers.Endpoint) {
		e.Ordered, e.Retry = triggers.OrderedTicket, triggers.Retry{ScheduleSeconds: []float64{3600}}
	})
	names := add(t, ledger, ids, e.ID, 4, 2)
	r.set(func(event string, _ int) int {
		if event == names[0] {
			return http.StatusInternalServerError
		}
		return http.StatusOK
	}, nil)
	n := run(t, ledger, newConfiguration(e), nodeOptions{})
	eventually(t, "the other ticket is done", func() bool { return r.took(names[1])+r.took(names[3]) == 2 && r.total() >= 3 })
	if r.took(names[2]) != 0 {
		t.Error("the ticket's second overtook its first")
	}
	eventually(t, "the first is cancelled", func() bool { return n.Cancel(t.Context(), workspace, names[0]) == nil })
	settle(t, ledger, 30*time.Second)
	if r.took(names[2]) != 1 {
		t.Errorf("%s arrived %d times", names[2], r.took(names[2]))
	}
	row, err := ledger.Delivery(t.Context(), workspace, names[0])
	if err != nil || row.Outcome != executionlog.Cancelled {
		t.Error(fmt.Sprint(row, err))
	}
}
