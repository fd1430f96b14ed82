package metrics

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/triggers"
)

type source struct {
	status dispatcher.QueueStatus
	lanes  []dispatcher.LaneStatus
	err    error
}

func (s source) Queue(context.Context) (dispatcher.QueueStatus, error) { return s.status, s.err }
func (s source) Lanes(string) []dispatcher.LaneStatus                  { return s.lanes }

type backlog struct {
	list []executionlog.Backlog
	err  error
}

func (b backlog) Waiting(context.Context) ([]executionlog.Backlog, error) { return b.list, b.err }

func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("scrape answered %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func expect(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("the metrics lack %s", line)
		}
	}
}

func TestMetrics(t *testing.T) {
	now := time.Date(2024, 5, 7, 11, 15, 58, 0, time.UTC)
	endpoints := map[string]*triggers.Endpoint{
		"ep_a": {Ordered: triggers.OrderedTicket, RatePerSecond: 5}, "ep_b": {RatePerSecond: 5}, "ep_c": {},
	}
	m := New("1.2.3", func(id string) *triggers.Endpoint { return endpoints[id] }, func() time.Time { return now })
	for _, endpoint := range []string{"ep_a", "ep_b", "ep_c", "ep_d"} {
		m.Attempted(&executionlog.Attempt{System: "agency", Endpoint: endpoint, At: now.Add(-3 * time.Second), Duration: time.Second}, time.Millisecond)
	}
	m.Accepted("default", 3)
	m.Accepted("north", 0)
	m.Attempted(&executionlog.Attempt{System: "faveo", Outcome: executionlog.Failed, ErrorCode: "http_5xx", Duration: 20 * time.Millisecond}, 5*time.Millisecond)
	m.Attempted(&executionlog.Attempt{System: "faveo", Outcome: executionlog.Succeeded, Duration: time.Millisecond}, -1)
	m.Finished("faveo", executionlog.Succeeded)
	m.Redis("enqueue", 300*time.Microsecond)
	m.Maintained(executionlog.Upkeep{})
	m.Maintained(executionlog.Upkeep{
		Removed: map[string]executionlog.Removed{"default": {Bodies: 3, Attempts: 2}, "north": {Bodies: 4, Changes: 1}},
		Steps:   2, Longest: 20 * time.Millisecond,
		Clock: executionlog.RetentionClock{At: now, Seen: now.Add(time.Hour), Leapt: now},
	})
	m.Watch(source{
		status: dispatcher.QueueStatus{Connected: true, Pending: 4, Active: 2, Scheduled: 1},
		lanes:  []dispatcher.LaneStatus{{InFlight: 2, Breaker: "open"}, {InFlight: 1, Breaker: "closed"}},
	}, backlog{list: []executionlog.Backlog{
		{Pending: 7, DueAt: now.Add(-90 * time.Second)},
		{Pending: 5, DueAt: now.Add(time.Hour)},
	}}, func() []string { return []string{"default"} })

	expect(t, scrape(t, m),
		`hookdesk_build_info{version="1.2.3"} 1`,
		`hookdesk_changes_accepted_total 2`,
		`hookdesk_deliveries_created_total 3`,
		`hookdesk_attempts_total{error_code="http_5xx",outcome="failed",system="faveo"} 1`,
		`hookdesk_attempts_total{error_code="",outcome="succeeded",system="faveo"} 1`,
		`hookdesk_attempt_duration_seconds_count{system="faveo"} 2`,
		`hookdesk_first_attempt_wait_seconds_count{class="ordered"} 1`,
		`hookdesk_first_attempt_wait_seconds_count{class="limited"} 1`,
		`hookdesk_first_attempt_wait_seconds_count{class="plain"} 1`,
		`hookdesk_first_attempt_wait_seconds_count{class="gone"} 2`,
		`hookdesk_ledger_lag_seconds_count 6`,
		`hookdesk_ledger_lag_seconds_bucket{le="2.5"} 4`,
		`hookdesk_deliveries_finished_total{outcome="succeeded",system="faveo"} 1`,
		`hookdesk_redis_seconds_bucket{operation="enqueue",le="0.0005"} 1`,
		`hookdesk_retention_removed_total{kind="attempts"} 2`,
		`hookdesk_retention_removed_total{kind="bodies"} 7`,
		`hookdesk_retention_removed_total{kind="changes"} 1`,
		`hookdesk_retention_removed_total{kind="deliveries"} 0`,
		`hookdesk_retention_longest_step_seconds_count 1`,
		`hookdesk_retention_clock_behind_seconds 3600`,
		`hookdesk_queue_connected 1`,
		`hookdesk_queue_tasks{state="pending"} 4`,
		`hookdesk_ledger_up 1`,
		`hookdesk_deliveries_pending 12`,
		`hookdesk_oldest_due_seconds 90`,
		`hookdesk_attempts_in_flight 3`,
		`hookdesk_breakers{state="open"} 1`,
		`hookdesk_breakers{state="half_open"} 0`,
	)
}

// TestDown scrapes while neither queue nor ledger answers: the metrics say so.
func TestDown(t *testing.T) {
	m := New("", nil, time.Now)
	down := errors.New("down")
	m.Watch(source{err: down}, backlog{err: down}, func() []string { return nil })
	expect(t, scrape(t, m), `hookdesk_queue_connected 0`, `hookdesk_ledger_up 0`, `hookdesk_deliveries_pending 0`)
}

// TestLedgerIsMeasured holds that each measured operation reaches the ledger,
// and is counted once.
func TestLedgerIsMeasured(t *testing.T) {
	m := New("", nil, time.Now)
	ledger := m.Ledger(memory.New())
	ctx := t.Context()
	if errs := ledger.Accept(ctx, nil); len(errs) != 0 {
		t.Errorf("accept: %v", errs)
	}
	if errs := ledger.Record(ctx, nil); len(errs) != 0 {
		t.Errorf("record: %v", errs)
	}
	_, loading := ledger.Load(ctx, nil)
	_, due := ledger.Due(ctx, executionlog.DueQuery{Endpoint: "ep_a", Limit: 1})
	_, waiting := ledger.Waiting(ctx)
	_, searching := ledger.Executions(ctx, executionlog.Filter{Workspace: "default"}, 1, "")
	putting := ledger.Put(ctx, []executionlog.DocumentWrite{{Document: executionlog.Document{Workspace: "default", Kind: "k", ID: "1"}}}, nil)
	if err := errors.Join(loading, due, waiting, searching, putting); err != nil {
		t.Error(err)
	}
	if _, err := ledger.Document(ctx, "default", "k", "1"); err != nil {
		t.Errorf("what was put is not there: %v", err)
	}
	text := scrape(t, m)
	for _, operation := range []string{"accept", "record", "load", "due", "waiting", "search", "put"} {
		expect(t, text, `hookdesk_ledger_seconds_count{operation="`+operation+`"} 1`)
	}
}
