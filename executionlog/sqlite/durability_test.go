package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/sqlite"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// writerFile makes the test binary a process that writes to a ledger until it
// is killed, and says on its output what was acknowledged.
const writerFile = "HOOKDESK_TEST_WRITE_LEDGER"

func TestMain(m *testing.M) {
	if path := os.Getenv(writerFile); path != "" {
		if err := writeUntilKilled(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// writeUntilKilled accepts a delivery and records its attempt, again and
// again, from several goroutines.
func writeUntilKilled(path string) error {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return err
	}
	ids := id.NewSource(store.Node(), time.Now)
	var out sync.Mutex
	failed := make(chan error)
	for range 8 {
		go func() {
			for {
				d := newDelivery(ids)
				a := &executionlog.Acceptance{
					Workspace: "default", Ticket: &executionlog.Ticket{Number: d.Ticket, Version: 1, UpdatedAt: time.Now()},
					Deliveries: []*executionlog.NewDelivery{d},
				}
				if err := store.Accept(ctx, []*executionlog.Acceptance{a})[0]; err != nil {
					failed <- err
					return
				}
				attempt := newAttempt(ids, &d.Delivery)
				if err := store.Record(ctx, []*executionlog.Result{attempt})[0]; err != nil {
					failed <- err
					return
				}
				out.Lock()
				fmt.Println(d.ID, attempt.Attempt.ID)
				out.Unlock()
			}
		}()
	}
	return <-failed
}

func newDelivery(ids *id.Source) *executionlog.NewDelivery {
	number := ids.New(id.Delivery)
	return &executionlog.NewDelivery{
		Delivery: executionlog.Delivery{
			ID: number, Workspace: "default", Ticket: "T-" + number, System: "faveo", Event: "ticket_created",
			Endpoint: "ep_1", EventID: number, CreatedAt: time.Now(), DueAt: time.Now(),
		},
		Request: &executionlog.Request{ContentType: "text/plain", Body: []byte(number)},
	}
}

func newAttempt(ids *id.Source, d *executionlog.Delivery) *executionlog.Result {
	return &executionlog.Result{Outcome: executionlog.Succeeded, Attempt: executionlog.Attempt{
		ID: ids.New(id.Attempt), Workspace: d.Workspace, Delivery: d.ID, Ticket: d.Ticket, System: d.System, Event: d.Event,
		Endpoint: d.Endpoint, Number: 1, At: time.Now(), Outcome: executionlog.Succeeded, HTTPStatus: 200,
	}}
}

func TestKilledProcessLosesNothingAcknowledged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	for round := range 3 {
		acknowledged := killWriter(t, path, 200*(round+1))
		store, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err != nil {
			t.Fatalf("open after a kill: %v", err)
		}
		for delivery, attempt := range acknowledged {
			d, err := store.Delivery(t.Context(), "default", delivery)
			if err != nil || d.Outcome != executionlog.Succeeded {
				t.Errorf("delivery %s: %v, %+v", delivery, err, d)
			}
			if _, err := store.Execution(t.Context(), "default", attempt); err != nil {
				t.Errorf("attempt %s: %v", attempt, err)
			}
			if r, err := store.Request(t.Context(), "default", delivery); err != nil || string(r.Body) != delivery {
				t.Errorf("request of %s: %v", delivery, err)
			}
		}
		// What was under way is there wholly or not at all.
		waiting, err := store.Waiting(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range waiting {
			due, err := store.Due(t.Context(), executionlog.DueQuery{Endpoint: b.Endpoint, Now: time.Now(), Limit: 1000})
			if err != nil || len(due) != b.Pending {
				t.Errorf("%d of %d pending deliveries are due: %v", len(due), b.Pending, err)
			}
			for _, d := range due {
				if _, err := store.Ticket(t.Context(), "default", d.Ticket); err != nil {
					t.Errorf("ticket of a pending delivery: %v", err)
				}
			}
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// killWriter starts a writer, kills it once it has acknowledged so many
// writes, and returns what it acknowledged: attempts by delivery.
func killWriter(t *testing.T, path string, enough int) map[string]string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), writerFile+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	acknowledged := map[string]string{}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if delivery, attempt, whole := strings.Cut(lines.Text(), " "); whole && len(attempt) == len("att_")+13 {
			acknowledged[delivery] = attempt
		}
		if len(acknowledged) == enough {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || len(acknowledged) < enough {
		t.Fatalf("the writer ended after %d writes: %v", len(acknowledged), err)
	}
	return acknowledged
}
