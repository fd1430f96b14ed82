package dispatcher_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/executionlog/sqlite"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/invalid"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// trigger reads a trigger of the workspace that sends to an endpoint.
func trigger(t testing.TB, id, text string, targets ...*triggers.Endpoint) *triggers.Trigger {
	t.Helper()
	made, err := triggers.DecodeTrigger([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	made.ID, made.Workspace, made.Version = id, workspace, 1
	made.CreatedAt = time.Now().Add(-time.Hour)
	for _, target := range targets {
		made.Then = append(made.Then, triggers.Action{Webhook: &triggers.WebhookAction{Endpoint: target.ID}})
	}
	return made
}

func input(t *testing.T, text string) *ticket.Input {
	t.Helper()
	in, err := ticket.DecodeInput([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func submit(t *testing.T, d *desk, texts ...string) []dispatcher.Submitted {
	t.Helper()
	var inputs []*ticket.Input
	for _, text := range texts {
		inputs = append(inputs, input(t, text))
	}
	return d.Submit(t.Context(), workspace, inputs)
}

func accepted(t *testing.T, d *desk, text string) dispatcher.Receipt {
	t.Helper()
	result := submit(t, d, text)[0]
	if result.Err != nil {
		t.Fatal(result.Err)
	}
	return result.Receipt
}

const (
	trgA = "trg_000000000000a"
	trgB = "trg_000000000000b"
	trgC = "trg_000000000000c"

	created = `{"ticket": {"number": "T-1", "subject": "Printer", "status": "Open", "requester": {"id": "7", "email": "ann@example.com"}}}`
	closed  = `{"ticket": {"number": "T-1", "status": "Closed"}, "actor": {"role": "agent"}}`
)

func TestAChangeBecomesAWebhook(t *testing.T) {
	r := newReceiver(t, nil)
	e := r.endpoint("a", nil)
	config := newConfiguration(e)
	config.setTriggers(trigger(t, trgA, `{"name": "all", "system": "faveo", "on": ["ticket_created"], "then": []}`, e))
	d := run(t, memory.New(), config, "")

	receipt := accepted(t, d, created)
	if receipt.Ticket != "T-1" || !slices.Equal(receipt.Fired, []string{trgA}) || len(receipt.Deliveries) != 1 {
		t.Fatalf("receipt %+v", receipt)
	}
	row := settled(t, d.ledger, receipt.Deliveries, 10*time.Second)[receipt.Deliveries[0]]
	if row.Outcome != executionlog.Succeeded || row.Event != "ticket_created" || row.Change != receipt.ID || row.TriggerVersion != 1 {
		t.Errorf("delivery %+v", row)
	}
	if body := r.arrived()[0]; !strings.Contains(body, `"ticket_number":"T-1"`) {
		t.Errorf("sent %s", body)
	}
	if receipt := accepted(t, d, closed); len(receipt.Deliveries) != 0 {
		t.Errorf("an event that is not subscribed made %v", receipt.Deliveries)
	}
	stored, err := d.ledger.Ticket(t.Context(), workspace, "T-1")
	if err != nil || stored.Version != 2 || !strings.Contains(string(stored.Doc), `"closed"`) || !strings.Contains(string(stored.Doc), "Printer") {
		t.Errorf("stored %+v (%v)", stored, err)
	}
}

func TestAnIdempotencyKeyIsAcceptedOnce(t *testing.T) {
	r := newReceiver(t, nil)
	e := r.endpoint("a", nil)
	config := newConfiguration(e)
	config.setTriggers(trigger(t, trgA, `{"name": "all", "system": "faveo", "then": []}`, e))
	d := run(t, memory.New(), config, "")
	keyed := strings.Replace(created, `{"ticket"`, `{"id": "import-1", "ticket"`, 1)
	first, again := accepted(t, d, keyed), accepted(t, d, keyed)
	if again.ID != first.ID || !again.Duplicate || !slices.Equal(again.Deliveries, first.Deliveries) {
		t.Errorf("first %+v, again %+v", first, again)
	}
	both := submit(t, d, strings.Replace(keyed, "import-1", "import-2", 1), strings.Replace(keyed, "import-1", "import-2", 1))
	if both[0].Err != nil || both[1].Err != nil || both[0].Receipt.ID != both[1].Receipt.ID {
		t.Errorf("twice in one request: %+v", both)
	}
}

func TestChangesOfOneTicketFromManySidesAllCount(t *testing.T) {
	ledger, config := memory.New(), newConfiguration()
	desks := []*desk{run(t, ledger, config, ""), run(t, ledger, config, "")} // two processes, one ledger
	accepted(t, desks[0], created)
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			text := fmt.Sprintf(`{"ticket": {"number": "T-1", "custom_fields": {"f%d": %d}}}`, i, i)
			for _, result := range submit(t, desks[i%2], text, text) {
				if result.Err != nil {
					t.Error(result.Err)
				}
			}
		})
	}
	all.Wait()
	row, err := ledger.Ticket(t.Context(), workspace, "T-1")
	if err != nil {
		t.Fatal(err)
	}
	var stored ticket.Ticket
	if err := json.Unmarshal(row.Doc, &stored); err != nil {
		t.Fatal(err)
	}
	if row.Version != 81 || len(stored.CustomFields) != 40 {
		t.Errorf("version %d with %d custom fields, want 81 with 40", row.Version, len(stored.CustomFields))
	}
}

func TestOneBadInputDoesNotHarmItsNeighbours(t *testing.T) {
	d := run(t, memory.New(), newConfiguration(), "")
	results := submit(t, d, created, `{"kind": "reply_updated", "ticket": {"number": "T-1"}, "reply": {"id": "none", "body": "x"}}`, closed)
	var list *invalid.Error
	if results[0].Err != nil || results[2].Err != nil || !errors.As(results[1].Err, &list) {
		t.Fatalf("%+v", results)
	}
}

func TestActionsChangeTheTicketInTheSameTransaction(t *testing.T) {
	r := newReceiver(t, nil)
	e := r.endpoint("a", func(e *triggers.Endpoint) { e.System, e.Revision = "supportservice", "seed" })
	config := newConfiguration(e)
	config.setTriggers(trigger(t, trgA, `{"name": "to the warehouse", "system": "supportservice",
		"when": {"all": [{"field": "status", "op": "changed_to", "value": "Closed"}]},
		"then": [{"note": {"body": "Sent on: {{delivery.id}}"}}, {"tag": {"add": ["sent"]}}]}`, e))
	d := run(t, memory.New(), config, "")
	accepted(t, d, created)
	receipt := accepted(t, d, closed)
	if len(receipt.Deliveries) != 1 {
		t.Fatalf("receipt %+v", receipt)
	}
	row, err := d.ledger.Ticket(t.Context(), workspace, "T-1")
	if err != nil || !strings.Contains(string(row.Doc), "Sent on: "+receipt.Deliveries[0]) || !strings.Contains(string(row.Doc), `"sent"`) {
		t.Fatalf("stored %s (%v)", row.Doc, err)
	}
	explained, err := d.Explain(t.Context(), workspace, "T-1", "")
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, change := range explained.Changes {
		for _, v := range change.Verdicts {
			codes = append(codes, v.Code)
		}
	}
	want := []string{triggers.CodeLeafFalse, triggers.CodeFired, triggers.CodeLeafFalse}
	if !slices.Equal(codes, want) {
		t.Errorf("verdicts %v, want %v", codes, want)
	}
}

// Two triggers that write what the other reads stop, and say why.
func TestTriggersThatFeedEachOtherStop(t *testing.T) {
	config := newConfiguration()
	config.setTriggers(
		trigger(t, trgA, `{"name": "a", "system": "supportservice", "allow_rule_changes": true, "then": [{"tag": {"add": ["a"], "remove": ["b"]}}]}`),
		trigger(t, trgB, `{"name": "b", "system": "supportservice", "allow_rule_changes": true, "then": [{"tag": {"add": ["b"], "remove": ["a"]}}]}`))
	d := run(t, memory.New(), config, "")
	receipt := accepted(t, d, created)
	if len(receipt.Fired) < 2 || len(receipt.Fired) > 20 {
		t.Errorf("fired %v", receipt.Fired)
	}
	explained, err := d.Explain(t.Context(), workspace, "T-1", "")
	if err != nil {
		t.Fatal(err)
	}
	suppressed := 0
	for _, change := range explained.Changes {
		for _, v := range change.Verdicts {
			if v.Verdict == triggers.Suppressed && v.Code == triggers.CodeLoopRepeat && v.Reason != "" {
				suppressed++
			}
		}
	}
	if suppressed == 0 || len(explained.Changes) > 12 {
		t.Errorf("%d changes, %d suppressed as a loop", len(explained.Changes), suppressed)
	}
}

func TestSimulateFindsTheDifference(t *testing.T) {
	config := newConfiguration()
	live := trigger(t, trgA, `{"name": "a", "system": "supportservice", "when": {"all": [{"field": "status", "op": "changed_to", "value": "Closed"}]}, "then": [{"tag": {"add": ["x"]}}]}`)
	config.setTriggers(live)
	d := run(t, memory.New(), config, "")
	for i := range 30 {
		number := fmt.Sprintf("T-%d", i)
		accepted(t, d, strings.Replace(created, "T-1", number, 1))
		if i%3 == 0 {
			accepted(t, d, strings.Replace(closed, "T-1", number, 1))
		}
	}
	same, err := d.Simulate(t.Context(), workspace, dispatcher.Simulation{Trigger: trgA}, nil)
	if err != nil || same.Fired != 10 || same.Live != 10 || same.GainedCount != 0 || same.LostCount != 0 {
		t.Fatalf("%+v (%v)", same, err)
	}
	draft := trigger(t, trgA, `{"name": "a", "system": "supportservice", "when": {"all": [{"field": "status", "op": "is", "value": "Open"}]}, "then": [{"tag": {"add": ["x"]}}]}`)
	other, err := d.Simulate(t.Context(), workspace, dispatcher.Simulation{Trigger: trgA, Draft: draft}, nil)
	if err != nil || other.Fired != 30 || other.GainedCount != 30 || other.LostCount != 10 {
		t.Errorf("%+v (%v)", other, err)
	}
}

func TestARedeliveryRepeatsTheRequest(t *testing.T) {
	r := newReceiver(t, func(string, int) int { return http.StatusInternalServerError })
	e := r.endpoint("a", func(e *triggers.Endpoint) { e.Retry = triggers.Retry{MaxAttempts: 1} })
	config := newConfiguration(e)
	config.setTriggers(trigger(t, trgA, `{"name": "all", "system": "faveo", "then": []}`, e))
	d := run(t, memory.New(), config, "")
	receipt := accepted(t, d, created)
	settled(t, d.ledger, receipt.Deliveries, 10*time.Second)
	r.mu.Lock()
	r.answer = nil
	r.mu.Unlock()
	_ = config.SetEndpointState(t.Context(), workspace, e.ID, triggers.EndpointDisabled, "by hand")

	again, err := d.Redeliver(t.Context(), workspace, receipt.Deliveries[0])
	if err != nil {
		t.Fatal(err)
	}
	rows := settled(t, d.ledger, []string{again.ID, receipt.Deliveries[0]}, 10*time.Second)
	original := rows[receipt.Deliveries[0]]
	if rows[again.ID].Outcome != executionlog.Succeeded || again.EventID != original.EventID || original.Outcome != executionlog.Failed || !original.Recovered || rows[again.ID].Recovered {
		t.Errorf("again %+v, original %+v", rows[again.ID], original)
	}
	if len(r.times) != 1 {
		t.Errorf("%d different bodies arrived", len(r.times))
	}
	curl, err := d.Curl(t.Context(), workspace, again.ID)
	if err != nil || !strings.Contains(curl, "--data-binary '"+r.arrived()[0]) {
		t.Errorf("curl is %s (%v)", curl, err)
	}
}

func TestAReplayRepeatsWhatFailedAndNothingElse(t *testing.T) {
	ledger, ids := memory.New(), newIDs()
	fail := true
	var mu sync.Mutex
	r := newReceiver(t, func(string, int) int {
		mu.Lock()
		defer mu.Unlock()
		if fail {
			return http.StatusNotFound
		}
		return http.StatusOK
	})
	e := r.endpoint("a", func(e *triggers.Endpoint) { e.Retry = triggers.Retry{ScheduleSeconds: []float64{0.01}} })
	names := add(t, ledger, ids, e, 8, 8) // fewer than open the breaker
	d := run(t, ledger, newConfiguration(e), "")
	settled(t, ledger, names, 10*time.Second)
	mu.Lock()
	fail = false
	mu.Unlock()
	filter := executionlog.Filter{Workspace: workspace, Outcome: executionlog.Failed}
	counted, err := d.CountReplay(t.Context(), filter)
	count := counted.Deliveries
	if err != nil || count != 8 || counted.AtLeast {
		t.Fatalf("would replay %+v (%v)", counted, err)
	}
	replay, err := d.StartReplay(t.Context(), filter, 1000, "ann")
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool {
		replay, err = d.Replay(t.Context(), workspace, replay.ID)
		return err == nil && replay.State == dispatcher.JobDone
	})
	if replay.Done != count || replay.Total != count {
		t.Errorf("replayed %d of %d, counted %d", replay.Done, replay.Total, count)
	}
	made, err := ledger.ListDeliveries(t.Context(), executionlog.DeliveryQuery{Workspace: workspace, Replay: replay.ID, Limit: 100})
	if err != nil || len(made.Items) != count {
		t.Errorf("%d redeliveries (%v)", len(made.Items), err)
	}
	if _, err := d.CancelReplay(t.Context(), workspace, replay.ID, "ann"); !errors.Is(err, executionlog.ErrState) {
		t.Errorf("cancelling what is done: %v", err)
	}
}

func TestATestDeliveryGoesToADisabledEndpoint(t *testing.T) {
	r := newReceiver(t, nil)
	for _, system := range []string{"faveo", "agency", "superoffice", "supportservice", "socialboards"} {
		e := r.endpoint("a", func(e *triggers.Endpoint) {
			e.System, e.Revision, e.State = system, "", triggers.EndpointDisabled
		})
		d := run(t, memory.New(), newConfiguration(e), "")
		delivery, err := d.Test(t.Context(), workspace, e.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		row := settled(t, d.ledger, []string{delivery.ID}, 10*time.Second)[delivery.ID]
		if row.Outcome != executionlog.Succeeded {
			t.Errorf("%s: %+v", system, row)
		}
		d.stop()
	}
}

// A process that starts while the clock is behind what the ledger holds goes
// on in order: what it accepts stands behind what was accepted before.
func TestIDsGoOnWhenTheClockWasSetBackAcrossARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	var last receiptIDs
	for _, ahead := range []time.Duration{2 * time.Hour, 0, -2 * time.Hour} {
		ledger, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		r := newReceiver(t, nil)
		e := r.endpoint("a", nil)
		config := newConfiguration(e)
		config.setTriggers(trigger(t, trgA, `{"name": "all", "system": "faveo", "then": []}`, e))
		d := runWith(t, ledger, config, "", func(o *dispatcher.Options) {
			o.Now = func() time.Time { return time.Now().Add(ahead) }
		})
		receipt := accepted(t, d, fmt.Sprintf(`{"ticket": {"number": "T%d", "subject": "s"}}`, ahead/time.Hour))
		settled(t, ledger, receipt.Deliveries, 20*time.Second)
		attempts, err := ledger.Attempts(t.Context(), workspace, receipt.Deliveries[0])
		if err != nil || len(attempts) != 1 {
			t.Fatalf("%d attempts (%v)", len(attempts), err)
		}
		now := receiptIDs{receipt.ID, receipt.Deliveries[0], attempts[0].ID}
		for i := range now {
			if now[i] <= last[i] {
				t.Errorf("%s came after %s", now[i], last[i])
			}
		}
		last = now
		d.stop()
		if err := ledger.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// receiptIDs are the ids of a change, its delivery and the attempt.
type receiptIDs [3]string
