package synthetic

import (
	"fmt"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// Result returns the n-th of some attempts of now, each with its detail, every
// eighth failed: what writing is measured with.
func Result(ids *id.Source, workspace string, n int) *executionlog.Result {
	a := executionlog.Attempt{
		ID: ids.New(id.Attempt), Workspace: workspace, Delivery: ids.New(id.Delivery), Change: ids.New(id.Change),
		Ticket: Ticket(n % 5000), System: "faveo", Event: "ticket_created", Trigger: id.Format(id.Trigger, 1), Endpoint: Endpoint(n % 50),
		Number: 1, At: time.Now(), Duration: 30 * time.Millisecond, Outcome: executionlog.Succeeded, HTTPStatus: 200,
		Detail: &executionlog.AttemptDetail{
			Method: "POST", URL: "https://receiver.example/hook", ResponseBody: []byte(`{"ok":true}`),
			RequestHeader: []executionlog.Header{{Name: "Content-Type", Value: "application/json"}, {Name: "Webhook-Id", Value: fmt.Sprint(n)}},
		},
	}
	if n%8 == 0 {
		a.Outcome, a.HTTPStatus, a.ErrorCode = executionlog.Failed, 0, "connection_refused"
		a.Error = fmt.Sprintf("dial tcp 192.0.2.%d:443: connect: connection refused", n%256)
	}
	return &executionlog.Result{Attempt: a, Outcome: a.Outcome}
}
