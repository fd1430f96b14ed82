package consoletest

import (
	"context"
	"fmt"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// failures are the errors that History spreads over its attempts.
var failures = []struct {
	status int
	code   string
	text   string
}{
	{503, "http_5xx", "the receiver answered 503 Service Unavailable"},
	{0, "timeout_headers", "no answer within 15s"},
	{0, "connection_refused", "dial tcp 203.0.113.9:443: connection refused"},
	{401, "http_4xx", "the receiver answered 401 Unauthorized"},
	{0, "tls_expired", "certificate expired on 2026-03-01"},
}

// historyBatch is how many deliveries History records at once.
const historyBatch = 1000

// History records deliveries that ended in the past, n of them spread evenly
// over a span before now, one in seven failed.
func (s *Stage) History(example *Example, n int, span time.Duration, now time.Time) error {
	ctx := context.Background()
	step := span / time.Duration(n)
	for done := 0; done < n; {
		deliveries := make([]*executionlog.NewDelivery, min(historyBatch, n-done))
		results := make([]*executionlog.Result, len(deliveries))
		for j := range deliveries {
			at := now.Add(-span + time.Duration(done+j)*step).UTC().Truncate(time.Microsecond)
			deliveries[j] = s.pastDelivery(example, done+j, at)
			results[j] = pastAttempt(&deliveries[j].Delivery, done+j, at)
		}
		if err := s.Ledger.Add(ctx, deliveries); err != nil {
			return fmt.Errorf("add deliveries: %w", err)
		}
		for _, err := range s.Ledger.Record(ctx, results) {
			if err != nil {
				return fmt.Errorf("record attempts: %w", err)
			}
		}
		done += len(deliveries)
	}
	return nil
}

// pastDelivery is the i-th delivery of a history.
func (s *Stage) pastDelivery(example *Example, i int, at time.Time) *executionlog.NewDelivery {
	trigger := example.Triggers[i%len(example.Triggers)]
	endpoint := example.Endpoints[i%len(example.Endpoints)]
	sheet := s.Systems.Lookup(endpoint.System).Sheet()
	return &executionlog.NewDelivery{
		Delivery: executionlog.Delivery{
			ID: id.Format(id.Delivery, id.First(at)+1), Workspace: config.DefaultWorkspace, Ticket: fmt.Sprintf("HDSK-AAAA-%04d", i%400),
			System: endpoint.System, Event: sheet.Events[i%len(sheet.Events)].Name, Endpoint: endpoint.ID,
			Trigger: trigger.ID, TriggerVersion: 1, EventID: fmt.Sprintf("evt-%d", i), Outcome: executionlog.Pending,
			CreatedAt: at, DueAt: at,
		},
		Request: &executionlog.Request{ContentType: "application/json", Body: []byte(`{"n":1}`)},
	}
}

// pastAttempt is the only attempt of the i-th delivery of a history.
func pastAttempt(d *executionlog.Delivery, i int, at time.Time) *executionlog.Result {
	result := &executionlog.Result{Outcome: executionlog.Succeeded, Attempt: executionlog.Attempt{
		ID: id.Format(id.Attempt, id.First(at)+2), Workspace: d.Workspace, Delivery: d.ID, Ticket: d.Ticket, System: d.System,
		Event: d.Event, Trigger: d.Trigger, Endpoint: d.Endpoint, Number: 1, At: at,
		Duration: time.Duration(20+i*37%400) * time.Millisecond, Outcome: executionlog.Succeeded, HTTPStatus: 200,
		Detail: &executionlog.AttemptDetail{Method: "POST", URL: "https://receiver.example/hook", Timings: executionlog.Timings{
			DNS: 1200, Connect: 8000, TLS: 21000, FirstByte: int64(30000 + i%200*1000), Total: int64(31000 + i%200*1000),
		}},
	}}
	if i%7 == 3 {
		f := failures[i/7%len(failures)]
		result.Outcome, result.Attempt.Outcome = executionlog.Failed, executionlog.Failed
		result.Attempt.HTTPStatus, result.Attempt.ErrorCode, result.Attempt.Error = f.status, f.code, f.text
	}
	return result
}
