package consoletest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// Hostile is a text that would run as a script if a page did not escape it.
const Hostile = `<script>alert("ticket")</script><img src=x onerror=alert(2)>"'&`

// Example is what Fill makes.
type Example struct {
	Endpoints []*triggers.Endpoint
	Triggers  []*triggers.Trigger
}

// Fill makes endpoints and triggers for several systems, and plays changes of
// tickets against them.
func (s *Stage) Fill() (*Example, error) {
	example := &Example{}
	for _, e := range []struct{ name, system, path string }{
		{"Warehouse", "supportservice", "/fail/warehouse"},
		{"Data lake", "faveo", "/ok/lake"},
		{"CRM of the northern region with a name that is rather long", "superoffice", "/ok/crm"},
		{"Chat room", "socialboards", "/ok/chat"},
		{"Old portal " + Hostile, "agency", "/xss/portal"},
	} {
		endpoint, err := s.Endpoint(e.name, e.system, e.path)
		if err != nil {
			return nil, err
		}
		example.Endpoints = append(example.Endpoints, endpoint)
	}
	for i, text := range []string{
		`{"name": "Urgent tickets to the warehouse", "system": "supportservice", "enabled": true, "when": {"all": [
			{"field": "status", "op": "changed"},
			{"any": [{"field": "urgency", "op": "is_any_of", "value": ["High", "Critical"]},
			         {"field": "tags", "op": "contains_any", "value": ["vip"]}]}]},
			"then": [{"webhook": {"endpoint": "%s"}}]}`,
		`{"name": "Everything to the data lake", "system": "faveo", "enabled": true, "then": [{"webhook": {"endpoint": "%s"}}]}`,
		`{"name": "New tickets to the CRM", "system": "superoffice", "enabled": true, "then": [{"webhook": {"endpoint": "%s"}}]}`,
		`{"name": "شكاوى العملاء إلى غرفة الدردشة", "system": "socialboards", "enabled": true, "then": [{"webhook": {"endpoint": "%s"}}]}`,
		`{"name": "To the old portal", "system": "agency", "enabled": true, "then": [{"webhook": {"endpoint": "%s"}}]}`,
	} {
		trigger, err := s.Trigger(text, example.Endpoints[i])
		if err != nil {
			return nil, err
		}
		example.Triggers = append(example.Triggers, trigger)
	}
	return example, s.Play()
}

// Play submits the changes of a few tickets.
func (s *Stage) Play() error {
	for _, text := range []string{
		`{"ticket": {"number": "HDSK-AAAA-0122", "subject": "Printer on the second floor", "description": "It prints half pages.", "status": "Open", "urgency": "High", "priority": "High", "requester": {"name": "Ada Quill", "email": "ada@example.com"}}}`,
		`{"ticket": {"number": "HDSK-AAAA-0122"}, "reply": {"body": "<p>Which printer is it?</p>", "author": {"name": "Sam Desk", "email": "sam@example.com", "role": "agent"}}}`,
		`{"ticket": {"number": "HDSK-AAAA-0122", "status": "In Progress", "assignee": {"name": "Sam Desk", "email": "sam@example.com"}}}`,
		`{"ticket": {"number": "527331", "subject": "Invoice 2024-118 is wrong", "status": "Open", "requester": {"name": "Bo Berg", "email": "bo@example.com"}}}`,
		`{"ticket": {"number": "4478963", "subject": "Cat is ill", "status": "Open", "community": "Pets", "tags": ["vip"], "requester": {"name": "Kim", "email": "kim@example.com"}}}`,
		`{"ticket": {"number": "4478963", "status": "Pending"}, "note": {"body": "Called the vet.", "private": true, "author": {"name": "Sam Desk", "role": "agent"}}}`,
		`{"ticket": {"number": "RTL-1", "subject": "الطابعة في الطابق الثاني لا تعمل", "status": "New", "requester": {"name": "ليلى", "email": "layla@example.com"}}}`,
		`{"ticket": {"number": "XSS-1", "subject": ` + quoted(Hostile) + `, "description": ` + quoted(Hostile) + `, "status": "Open", "requester": {"name": ` + quoted(Hostile) + `}}}`,
	} {
		input, err := ticket.DecodeInput([]byte(text))
		if err != nil {
			return fmt.Errorf("decode change: %w", err)
		}
		for _, result := range s.Desk.Submit(context.Background(), config.DefaultWorkspace, []*ticket.Input{input}) {
			if result.Err != nil {
				return fmt.Errorf("submit change: %w", result.Err)
			}
		}
	}
	return nil
}

func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

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

// History records deliveries that ended in the past, n of them spread evenly
// over a span before now, one in seven failed.
func (s *Stage) History(example *Example, n int, span time.Duration, now time.Time) error {
	ctx := context.Background()
	ids := id.NewSource(1, now.Add(-span).UTC)
	step := span / time.Duration(n)
	for i := range n {
		endpoint, trigger := example.Endpoints[i%len(example.Endpoints)], example.Triggers[i%len(example.Triggers)]
		at := now.Add(-span + time.Duration(i)*step).UTC().Truncate(time.Microsecond)
		sheet := s.Systems.Lookup(endpoint.System).Sheet()
		delivery := &executionlog.NewDelivery{
			Delivery: executionlog.Delivery{
				ID: ids.New(id.Delivery), Workspace: config.DefaultWorkspace, Ticket: fmt.Sprintf("HDSK-AAAA-%04d", i%400),
				System: endpoint.System, Event: sheet.Events[i%len(sheet.Events)].Name, Endpoint: endpoint.ID,
				Trigger: trigger.ID, TriggerVersion: 1, EventID: fmt.Sprintf("evt-%d", i), Outcome: executionlog.Pending,
				CreatedAt: at, DueAt: at,
			},
			Request: &executionlog.Request{ContentType: "application/json", Body: []byte(`{"n":1}`)},
		}
		if err := s.Ledger.Add(ctx, []*executionlog.NewDelivery{delivery}); err != nil {
			return fmt.Errorf("add delivery: %w", err)
		}
		if err := s.Ledger.Record(ctx, []*executionlog.Result{past(&delivery.Delivery, i, at)})[0]; err != nil {
			return fmt.Errorf("record attempt: %w", err)
		}
	}
	return nil
}

func past(d *executionlog.Delivery, i int, at time.Time) *executionlog.Result {
	result := &executionlog.Result{Outcome: executionlog.Succeeded, Attempt: executionlog.Attempt{
		ID: id.Format(id.Attempt, id.First(at)+1), Workspace: d.Workspace, Delivery: d.ID, Ticket: d.Ticket, System: d.System,
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
