package faults

import (
	"hash/fnv"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// receiver keeps its own account of what arrives. It takes requests for the
// real thing only if they are signed.
type receiver struct {
	*httptest.Server
	t testing.TB

	mu       sync.Mutex
	answer   func(event string, n int) int // status of the n-th arrival of an event; nil is 200
	wait     func(event string, n int)     // before the answer; nil does not wait
	arrivals map[string]int                // by event id
	taken    map[string]int                // answered with 2xx, by event id
	order    []string                      // event ids, as they were taken
	tickets  map[string]map[string]bool    // ticket number to event ids
	moments  []time.Time                   // of all arrivals
	inFlight int
	peak     int // the most in flight at a time
}

func newReceiver(t testing.TB) *receiver {
	t.Helper()
	r := &receiver{t: t, arrivals: map[string]int{}, taken: map[string]int{}, tickets: map[string]map[string]bool{}}
	r.Server = httptest.NewServer(http.HandlerFunc(r.receive))
	t.Cleanup(func() {
		r.CloseClientConnections()
		r.Close()
	})
	return r
}

// ticketNumber finds the number of a test's ticket in whatever body.
var ticketNumber = regexp.MustCompile(`F-\d{6}`)

func (r *receiver) receive(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return // the sender was killed while it sent
	}
	event := request.Header.Get("Webhook-Id")
	scheme, _ := signing.Lookup("standard")
	if err := scheme.Verify(request.Header, body, []string{secret}, signing.VerifyOptions{}); err != nil {
		r.t.Errorf("a request is not signed: %v", err)
	}
	r.mu.Lock()
	r.arrivals[event]++
	n := r.arrivals[event]
	r.moments = append(r.moments, time.Now())
	if number := ticketNumber.Find(body); number != nil {
		if r.tickets[string(number)] == nil {
			r.tickets[string(number)] = map[string]bool{}
		}
		r.tickets[string(number)][event] = true
	}
	r.inFlight++
	r.peak = max(r.peak, r.inFlight)
	answer, wait := r.answer, r.wait
	r.mu.Unlock()
	if wait != nil {
		wait(event, n)
	}
	status := http.StatusOK
	if answer != nil {
		status = answer(event, n)
	}
	r.mu.Lock()
	r.inFlight--
	if status < 300 {
		r.taken[event]++
		r.order = append(r.order, event)
	}
	r.mu.Unlock()
	w.WriteHeader(status)
}

// set changes how the receiver answers from now on.
func (r *receiver) set(answer func(string, int) int, wait func(string, int)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer, r.wait = answer, wait
}

// count returns how many events were taken, and how many of them more often
// than once, counting each surplus.
func (r *receiver) count() (events, surplus int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range r.taken {
		surplus += n - 1
	}
	return len(r.taken), surplus
}

// sequence returns the event ids as they were taken.
func (r *receiver) sequence() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.order)
}

// total returns how many requests arrived.
func (r *receiver) total() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.moments)
}

func (r *receiver) took(event string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.taken[event]
}

// endpoint is an endpoint at this receiver, the n-th of the test.
func (r *receiver) endpoint(n int, change func(*triggers.Endpoint)) *triggers.Endpoint {
	e := &triggers.Endpoint{
		ID: id.Format(id.Endpoint, int64(n+1)), Workspace: workspace, Name: "receiver", URL: r.URL,
		System: "faveo", Revision: "json", Signing: triggers.Signing{Scheme: "standard"},
		Auth: triggers.Auth{Type: triggers.AuthNone}, TimeoutSeconds: 5,
		Retry:       triggers.Retry{ScheduleSeconds: []float64{0.1, 0.1}},
		MaxInFlight: 32, Ordered: triggers.Unordered, OnFailure: triggers.OnFailureBlock, State: triggers.EndpointActive,
	}
	if change != nil {
		change(e)
	}
	return e
}

// share returns a number from 0 to 99 that belongs to an event.
func share(event string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(event))
	return int(h.Sum32() % 100)
}

// hopeless events are those that flaky never takes. There are few of them: as
// soon as most attempts fail the breaker slows everything down.
func hopeless(event string) bool { return share(event) < 1 }

// flaky refuses one event in five the first time and a few always.
func flaky(event string, n int) int {
	if hopeless(event) || n == 1 && share(event) < 20 {
		return http.StatusInternalServerError
	}
	return http.StatusOK
}
