package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/client"
	"github.com/hookdesk/hookdesk/executionlog/logtest/pgtest"
	"github.com/hookdesk/hookdesk/signing"
)

// fleet is two API processes and three workers, on one PostgreSQL and one
// Redis.
type fleet struct {
	t        *testing.T
	settings []string
	apis     []*process
	workers  []*process
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{t: t, settings: []string{
		"HOOKDESK_DATABASE_URL=" + pgtest.Database(t), "HOOKDESK_REDIS_URL=redis://" + startRedis(t) + "/0",
		"HOOKDESK_SECRET_KEY=" + signing.GenerateKey(), "HOOKDESK_DATA_DIR=" + t.TempDir(), "HOOKDESK_DRAIN_TIMEOUT=5s",
	}}
	f.apis = []*process{f.start("api"), f.start("api")}
	f.workers = []*process{f.start("worker"), f.start("worker"), f.start("worker")}
	return f
}

func (f *fleet) start(role string) *process {
	f.t.Helper()
	addr, err := freeAddr()
	if err != nil {
		f.t.Fatal(err)
	}
	return startProcess(f.t, addr, role, f.settings...)
}

// feeder returns the worker that feeds: the only one with lanes.
func (f *fleet) feeder() *process {
	f.t.Helper()
	var found *process
	eventually(f.t, 20*time.Second, func() error {
		for _, w := range f.workers {
			if w.command.ProcessState != nil {
				continue
			}
			_, text, err := get(w.api.Base+"/metrics", "")
			if err == nil && hasLanes.MatchString(text) {
				found = w
				return nil
			}
		}
		return errors.New("no worker feeds")
	})
	return found
}

var hasLanes = regexp.MustCompile(`(?m)^hookdesk_breakers\{state="\w+"\} [1-9]`)

// endpoint makes an endpoint, and a trigger that sends it every new ticket.
func (f *fleet) endpoint(api *process, name, url string, more map[string]any) (endpoint, trigger string) {
	f.t.Helper()
	input := map[string]any{"name": name, "system": "faveo", "url": url, "signing": map[string]any{"scheme": "standard"}}
	maps.Copy(input, more)
	var made struct {
		ID string `json:"id"`
	}
	do(f.t, api.api, "/endpoints", input, &made)
	endpoint = made.ID
	do(f.t, api.api, "/triggers", map[string]any{
		"name": "everything to " + name, "system": "faveo", "on": []string{"ticket_created"},
		"then": []any{map[string]any{"webhook": map[string]any{"endpoint": endpoint}}},
	}, &made)
	return endpoint, made.ID
}

// arrivals is a receiver that remembers when each event was answered with
// success. It refuses every seventh request at first.
type arrivals struct {
	delay    time.Duration
	requests atomic.Int64
	refuses  bool

	mu    sync.Mutex
	taken map[string][]time.Time // by event id
}

func (a *arrivals) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	if a.refuses && a.requests.Add(1)%7 == 0 {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	time.Sleep(a.delay)
	a.mu.Lock()
	defer a.mu.Unlock()
	id := r.Header.Get("webhook-id")
	a.taken[id] = append(a.taken[id], time.Now())
}

func (a *arrivals) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.taken)
}

func receive(t *testing.T, delay time.Duration, refuses bool) (*arrivals, string) {
	t.Helper()
	a := &arrivals{delay: delay, refuses: refuses, taken: map[string][]time.Time{}}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	return a, server.URL
}

// accepted is what the processes have promised.
type accepted struct {
	mu         sync.Mutex
	deliveries map[string]time.Time // when they were accepted, by id
}

// post submits a change through one process after the other until one accepts
// it, as a client does whose request met a restart: the change has an id of
// its own, so that it is recorded once.
func (a *accepted) post(f *fleet, number string, first int) error {
	change := map[string]any{"id": "change-" + number, "ticket": map[string]any{"number": number, "subject": "Fleet"}}
	var err error
	for try := range 300 {
		var receipt struct {
			Deliveries []string `json:"deliveries"`
		}
		api := f.apis[(first+try)%len(f.apis)].api
		if err = api.Do(f.t.Context(), http.MethodPost, "/changes", change, &receipt); err == nil {
			now := time.Now()
			a.mu.Lock()
			defer a.mu.Unlock()
			for _, id := range receipt.Deliveries {
				a.deliveries[id] = now
			}
			return nil
		}
		var problem *client.Problem
		if errors.As(err, &problem) && problem.Status < http.StatusInternalServerError {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
	return err
}

// TestFleet submits changes through two API processes while a worker and the
// one that feeds are killed, and an API process is restarted. What was
// accepted is delivered, and only what was in flight comes twice.
func TestFleet(t *testing.T) {
	f := newFleet(t)
	quick, quickURL := receive(t, 0, true)
	slow, slowURL := receive(t, 30*time.Millisecond, false)
	retry := map[string]any{"retry": map[string]any{"max_attempts": 50, "initial_seconds": 1, "max_seconds": 1}}
	f.endpoint(f.apis[0], "quick", quickURL, retry)
	f.endpoint(f.apis[1], "slow", slowURL, retry)
	f.known("/triggers", "everything to quick", "everything to slow")

	const tickets = 1200
	promised := &accepted{deliveries: map[string]time.Time{}}
	numbers := make(chan int)
	var posting sync.WaitGroup
	for lane := range 4 {
		posting.Go(func() {
			for n := range numbers {
				if err := promised.post(f, fmt.Sprintf("F-%d", n), n+lane); err != nil {
					t.Errorf("ticket %d: %v", n, err)
				}
			}
		})
	}
	var kills []time.Time
	for n := range tickets {
		switch n {
		case tickets / 4: // a worker that does not feed
			feeder := f.feeder()
			victim := f.workers[slices.IndexFunc(f.workers, func(w *process) bool { return w != feeder })]
			kills = append(kills, time.Now())
			victim.kill()
		case tickets / 2:
			f.restart(f.apis[1])
		case tickets * 3 / 4:
			victim := f.feeder()
			kills = append(kills, time.Now())
			victim.kill()
		}
		numbers <- n
	}
	close(numbers)
	posting.Wait()
	if got := len(promised.deliveries); got != 2*tickets {
		t.Fatalf("%d deliveries were accepted, want %d", got, 2*tickets)
	}
	eventually(t, 2*time.Minute, func() error {
		if quick.count() != tickets || slow.count() != tickets {
			return fmt.Errorf("%d and %d of %d webhooks arrived", quick.count(), slow.count(), tickets)
		}
		return nil
	})
	byEvent := f.settled(promised)
	for _, receiver := range []*arrivals{quick, slow} {
		checkArrivals(t, receiver, byEvent, kills)
	}
	latencies(t, "quick", quick, byEvent, promised)
	latencies(t, "slow", slow, byEvent, promised)
}

// restart asks a process to stop, and starts it again at its address.
func (f *fleet) restart(old *process) {
	f.t.Helper()
	old.stop(f.t)
	again := startProcess(f.t, strings.TrimPrefix(old.api.Base, "http://"), "api", f.settings...)
	// The posters hold the old client, which has the same address.
	old.command = again.command
}

// known waits until every API process shows the texts at a path.
func (f *fleet) known(path string, texts ...string) {
	f.t.Helper()
	for _, p := range f.apis {
		eventually(f.t, 10*time.Second, func() error {
			_, body, err := get(p.api.Base+"/api/v1"+path, testToken)
			for _, text := range texts {
				if err == nil && !strings.Contains(body, text) {
					err = fmt.Errorf("%s does not know %s: %s", p.api.Base, text, body)
				}
			}
			return err
		})
	}
}

// settled waits until the ledger says that everything promised succeeded, and
// returns the deliveries by the event id, which each has for itself.
func (f *fleet) settled(promised *accepted) map[string]string {
	f.t.Helper()
	byEvent := map[string]string{}
	eventually(f.t, 30*time.Second, func() error {
		clear(byEvent)
		for cursor := ""; ; {
			var page client.Page[struct {
				ID      string `json:"id"`
				EventID string `json:"event_id"`
				Outcome string `json:"outcome"`
			}]
			path := "/deliveries" + client.Query("limit", "100", "cursor", cursor)
			if err := f.apis[0].api.Do(f.t.Context(), http.MethodGet, path, nil, &page); err != nil {
				return err
			}
			for _, d := range page.Items {
				if _, known := promised.deliveries[d.ID]; !known {
					f.t.Errorf("delivery %s is in the ledger, but in no receipt", d.ID)
				}
				if d.Outcome != "succeeded" {
					return fmt.Errorf("delivery %s is %s", d.ID, d.Outcome)
				}
				byEvent[d.EventID] = d.ID
			}
			if cursor = page.NextCursor; cursor == "" {
				break
			}
		}
		if len(byEvent) != len(promised.deliveries) {
			return fmt.Errorf("%d event ids for %d deliveries", len(byEvent), len(promised.deliveries))
		}
		return nil
	})
	return byEvent
}

// inFlight is for how long before a process was killed its attempts may have
// been answered without having been recorded.
const inFlight = 2 * time.Second

// checkArrivals holds what arrived against the ledger. Twice may come what a
// killed process was sending.
func checkArrivals(t *testing.T, receiver *arrivals, byEvent map[string]string, kills []time.Time) {
	t.Helper()
	receiver.mu.Lock()
	defer receiver.mu.Unlock()
	twice := 0
	for event, times := range receiver.taken {
		if byEvent[event] == "" {
			t.Errorf("event %s arrived, and is of no delivery", event)
		}
		if len(times) == 1 {
			continue
		}
		twice++
		excused := slices.ContainsFunc(kills, func(at time.Time) bool {
			return times[0].After(at.Add(-inFlight)) && times[0].Before(at.Add(inFlight))
		})
		if !excused || len(times) > 1+len(kills) {
			t.Errorf("event %s arrived at %v, though nothing was killed about then: %v", event, times, kills)
		}
	}
	t.Logf("%d of %d events arrived more than once", twice, len(receiver.taken))
}

// latencies prints how long the first arrivals took after their receipts.
func latencies(t *testing.T, name string, receiver *arrivals, byEvent map[string]string, promised *accepted) {
	t.Helper()
	var took []time.Duration
	for event, times := range receiver.taken {
		took = append(took, max(0, times[0].Sub(promised.deliveries[byEvent[event]])))
	}
	slices.Sort(took)
	t.Logf("%s: from the receipt to the arrival p50 %s, p90 %s, p99 %s, at most %s",
		name, took[len(took)/2], took[len(took)*9/10], took[len(took)*99/100], took[len(took)-1])
}

// TestFleetConfiguration changes the configuration through one process; all
// others follow.
func TestFleetConfiguration(t *testing.T) {
	f := newFleet(t)
	first, second := f.apis[0], f.apis[1]
	old, oldURL := receive(t, 0, false)
	fresh, freshURL := receive(t, 0, false)

	within := func(what string, check func() error) {
		t.Helper()
		began := time.Now()
		eventually(t, 10*time.Second, check)
		t.Logf("%s after %s", what, time.Since(began).Round(time.Millisecond))
	}
	var token struct {
		ID     string `json:"id"`
		Secret string `json:"token"`
	}
	do(t, first.api, "/tokens", map[string]any{"name": "reader", "scopes": []string{"read"}}, &token)
	answers := func(want int) func() error {
		return func() error {
			status, _, err := get(second.api.Base+"/api/v1/endpoints", token.Secret)
			if err == nil && status != want {
				err = fmt.Errorf("the token gets %d, want %d", status, want)
			}
			return err
		}
	}
	within("a token of one process works on the other", answers(http.StatusOK))
	if err := first.api.Do(t.Context(), http.MethodDelete, "/tokens/"+token.ID, nil, nil); err != nil {
		t.Fatal(err)
	}
	within("a revoked one does not", answers(http.StatusUnauthorized))

	endpoint, trigger := f.endpoint(first, "moving", oldURL, nil)
	sent := 0
	submit := func() error {
		sent++
		number := fmt.Sprintf("C-%d", sent)
		return second.api.Do(t.Context(), http.MethodPost, "/tickets", map[string]any{"number": number, "subject": "Moving"}, nil)
	}
	posts := func(to *arrivals) func() error {
		return func() error {
			before := to.count()
			if err := submit(); err != nil {
				return err
			}
			for deadline := time.Now().Add(200 * time.Millisecond); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
				if to.count() > before {
					return nil
				}
			}
			return errors.New("nothing arrives")
		}
	}
	within("a new trigger fires on the other process", posts(old))
	if err := first.api.Do(t.Context(), http.MethodPatch, "/endpoints/"+endpoint, map[string]any{"url": freshURL}, nil); err != nil {
		t.Fatal(err)
	}
	// Each worker follows by itself: 20 in a row have met all three.
	within("all workers post to the new address", func() error {
		for range 20 {
			if err := posts(fresh)(); err != nil {
				return err
			}
		}
		return nil
	})
	if err := first.api.Do(t.Context(), http.MethodDelete, "/triggers/"+trigger, nil, nil); err != nil {
		t.Fatal(err)
	}
	within("a deleted trigger no longer fires", func() error {
		var receipt struct {
			Deliveries []string `json:"deliveries"`
		}
		sent++
		err := second.api.Do(t.Context(), http.MethodPost, "/changes", map[string]any{
			"ticket": map[string]any{"number": fmt.Sprintf("C-%d", sent), "subject": "Moving"},
		}, &receipt)
		if err == nil && len(receipt.Deliveries) > 0 {
			err = errors.New("it still fires")
		}
		return err
	})
}

// TestRolesThatCannotWork starts processes that would not share what a fleet
// must share.
func TestRolesThatCannotWork(t *testing.T) {
	const shared = "HOOKDESK_REDIS_URL=redis://127.0.0.1:1/0"
	for _, c := range []struct {
		name, role, want string
		settings         []string
	}{
		{"embedded Redis", "api", "error: --role api with the embedded Redis; want HOOKDESK_REDIS_URL", nil},
		{"embedded Redis, PostgreSQL", "worker", "error: --role worker with the embedded Redis; want HOOKDESK_REDIS_URL", []string{"HOOKDESK_DATABASE_URL=postgres:///nowhere"}},
		{"SQLite", "worker", "error: --role worker with SQLite; want HOOKDESK_DATABASE_URL=postgres://", []string{shared}},
		{"a SQLite file", "api", "error: --role api with SQLite; want HOOKDESK_DATABASE_URL=postgres://", []string{shared, "HOOKDESK_DATABASE_URL=sqlite:file.db"}},
		{"memory", "worker", "error: --role worker with a ledger in memory; want HOOKDESK_DATABASE_URL=postgres://", []string{shared, "HOOKDESK_DATABASE_URL=memory:"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			var stderr bytes.Buffer
			command := exec.Command(path, "serve", "--role", c.role)
			command.Dir, command.Stderr = t.TempDir(), &stderr
			command.Env = append(os.Environ(), commandVariable+"=1", "HOOKDESK_DEV=1", "HOOKDESK_ADDR=127.0.0.1:0")
			command.Env = append(command.Env, c.settings...)
			err = command.Run()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != exitUsage {
				t.Errorf("ended with %v, want status %d", err, exitUsage)
			}
			line, hint, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
			if !strings.HasPrefix(line, c.want) || strings.Count(hint, "\n") > 0 {
				t.Errorf("said %q, want one line that begins %q and a hint", stderr.String(), c.want)
			}
		})
	}
}
