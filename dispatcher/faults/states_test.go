package faults

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// model is what a delivery must be after what happened to it.
type model struct {
	outcome  executionlog.Outcome
	attempts int
}

// record is what an attempt with a number does to a delivery: nothing, unless
// it is the next one of a pending delivery.
func (m *model) record(number int, outcome executionlog.Outcome) {
	if m.outcome == executionlog.Pending && number == m.attempts+1 {
		m.attempts, m.outcome = number, outcome
	}
}

// Random attempts (repeated, stale, out of turn), cancellations and
// redeliveries in any order: each delivery goes through the states that the
// model allows, and a final outcome never changes.
func TestAFinalOutcomeNeverChanges(t *testing.T) {
	for seed := range uint64(300) {
		interleave(t, rand.New(rand.NewPCG(seed, 7)))
		if t.Failed() {
			t.Fatalf("with seed %d", seed)
		}
	}
}

func interleave(t *testing.T, dice *rand.Rand) {
	t.Helper()
	ledger, ids := memory.New(), newIDs()
	names := add(t, ledger, ids, id.Format(id.Endpoint, 1), 3, 2)
	models := map[string]*model{}
	for _, name := range names {
		models[name] = &model{outcome: executionlog.Pending}
	}
	results := []executionlog.Outcome{executionlog.Pending, executionlog.Pending, executionlog.Succeeded, executionlog.Failed}
	now := time.Now().UTC().Truncate(time.Microsecond)
	for range 40 {
		now = now.Add(time.Second)
		name := names[dice.IntN(len(names))]
		m := models[name]
		switch dice.IntN(8) {
		case 0:
			err := ledger.Cancel(t.Context(), workspace, name, now)
			if pending := m.outcome == executionlog.Pending; pending != (err == nil) || (!pending && !errors.Is(err, executionlog.ErrState)) {
				t.Errorf("cancelling a delivery that is %s: %v", m.outcome, err)
			}
			if err == nil {
				m.outcome = executionlog.Cancelled
			}
		case 1:
			if m.outcome == executionlog.Pending {
				continue // only what has ended is redelivered
			}
			again := redelivery(t, ledger, ids, name, now)
			names, models[again] = append(names, again), &model{outcome: executionlog.Pending}
		default:
			number := max(1, m.attempts+dice.IntN(4)-1) // two that were, the next, one too many
			outcome := results[dice.IntN(len(results))]
			if errs := ledger.Record(t.Context(), []*executionlog.Result{attempted(ids, name, number, outcome, now)}); errs[0] != nil {
				t.Fatal(errs[0])
			}
			m.record(number, outcome)
		}
		for name, m := range models {
			row, err := ledger.Delivery(t.Context(), workspace, name)
			if err != nil {
				t.Fatal(err)
			}
			if row.Outcome != m.outcome || row.Attempts != m.attempts || row.FinishedAt.IsZero() != (m.outcome == executionlog.Pending) {
				t.Errorf("%s is %s after %d attempts, finished %s; want %s after %d", name, row.Outcome, row.Attempts, row.FinishedAt, m.outcome, m.attempts)
				return
			}
		}
	}
	checkDue(t, ledger, models, now)
}

func redelivery(t *testing.T, ledger executionlog.Ledger, ids *id.Source, of string, now time.Time) string {
	t.Helper()
	row, err := ledger.Delivery(t.Context(), workspace, of)
	if err != nil {
		t.Fatal(err)
	}
	again := executionlog.NewDelivery{Delivery: *row}
	again.ID, again.RedeliveryOf = ids.New(id.Delivery), of
	again.Outcome, again.Attempts, again.CreatedAt, again.DueAt, again.FinishedAt = executionlog.Pending, 0, now, now, time.Time{}
	if err := ledger.Add(t.Context(), []*executionlog.NewDelivery{&again}); err != nil {
		t.Fatal(err)
	}
	return again.ID
}

func attempted(ids *id.Source, delivery string, number int, outcome executionlog.Outcome, at time.Time) *executionlog.Result {
	result := &executionlog.Result{
		Outcome: outcome,
		Attempt: executionlog.Attempt{
			ID: ids.New(id.Attempt), Workspace: workspace, Delivery: delivery, System: "faveo", Event: "ticket_created",
			Endpoint: id.Format(id.Endpoint, 1), Number: number, At: at, Outcome: executionlog.Failed, ErrorCode: "http_5xx", Error: "500",
		},
	}
	switch outcome {
	case executionlog.Succeeded:
		result.Attempt.Outcome, result.Attempt.ErrorCode, result.Attempt.Error = outcome, "", ""
	case executionlog.Pending:
		result.DueAt = at
	case executionlog.Failed, executionlog.Cancelled:
	}
	return result
}

// checkDue holds that exactly what is pending is offered.
func checkDue(t *testing.T, ledger executionlog.Ledger, models map[string]*model, now time.Time) {
	t.Helper()
	due, err := ledger.Due(t.Context(), executionlog.DueQuery{Endpoint: id.Format(id.Endpoint, 1), Now: now.Add(time.Hour), Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	offered := map[string]int{}
	for _, d := range due {
		offered[d.ID] = d.Attempts + 1
	}
	for name, m := range models {
		if next, ok := offered[name]; ok != (m.outcome == executionlog.Pending) || (ok && next != m.attempts+1) {
			t.Errorf("%s, %s after %d attempts, is offered %t for attempt %d", name, m.outcome, m.attempts, ok, next)
		}
	}
}
