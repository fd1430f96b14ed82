package console_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// A delivery that waits says for what, and not only when it was due.
func TestDeliveryOfPausedEndpoint(t *testing.T) {
	s, own := onOwnStage(t)
	endpoint, err := own.Endpoint("Resting", "faveo", "/ok")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := own.Trigger(`{"name": "all", "system": "faveo", "then": {"webhook": "%s"}}`, endpoint); err != nil {
		t.Fatal(err)
	}
	page := ""
	for _, c := range []struct{ state, want, not string }{
		{"paused", "It waits until the endpoint is enabled, which is paused.", ""},
		{"active", "The first attempt was due", "It waits"},
		{"disabled", "It waits until the endpoint is enabled, which is disabled.", ""},
	} {
		s.post(t, "/endpoints/"+endpoint.ID+"/state", "state", c.state)
		if page == "" {
			s.post(t, "/tickets", "number", "REST-1", "subject", "waits", "status", "Open")
			page = s.first(t, "/deliveries?ticket=REST-1", `/deliveries/dlv_[0-9a-z]+`)
		}
		if body := s.get(t, page).body; !strings.Contains(body, c.want) || (c.not != "" && strings.Contains(body, c.not)) {
			t.Errorf("%s:\n%s", c.state, section(body, "Attempts"))
		}
	}
}

// What differs between two attempts is shown with the later one.
func TestDeliveryShowsWhatDiffers(t *testing.T) {
	s, own := onOwnStage(t)
	endpoint, err := own.Endpoint("Changing", "faveo", "/ok")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := own.Trigger(`{"name": "all", "system": "faveo", "then": {"webhook": "%s"}}`, endpoint); err != nil {
		t.Fatal(err)
	}
	s.post(t, "/endpoints/"+endpoint.ID+"/state", "state", "paused")
	s.post(t, "/tickets", "number", "DIFF-1", "subject", "tried twice", "status", "Open")
	page := s.first(t, "/deliveries?ticket=DIFF-1", `/deliveries/dlv_[0-9a-z]+`)
	delivery, err := own.Ledger.Delivery(context.Background(), "default", strings.TrimPrefix(page, "/deliveries/"))
	if err != nil {
		t.Fatal(err)
	}
	for n, status := range []int{503, 429} {
		at := time.Now()
		result := &executionlog.Result{Outcome: executionlog.Pending, DueAt: at.Add(time.Hour), Attempt: executionlog.Attempt{
			ID: id.Format(id.Attempt, id.First(at)), Workspace: "default", Delivery: delivery.ID, Change: delivery.Change, Ticket: delivery.Ticket,
			System: delivery.System, Event: delivery.Event, Trigger: delivery.Trigger, Endpoint: delivery.Endpoint, Number: n + 1, At: at,
			Outcome: executionlog.Failed, HTTPStatus: status, ErrorCode: "http_5xx", Error: "refused",
			Detail: &executionlog.AttemptDetail{Method: "POST", URL: "https://example.com", RequestHeader: []executionlog.Header{{Name: "X-Retry", Value: strings.Repeat("again ", n)}}},
		}}
		if err := own.Ledger.Record(context.Background(), []*executionlog.Result{result})[0]; err != nil {
			t.Fatal(err)
		}
	}
	body := section(s.get(t, page).body, "Attempts")
	for _, want := range []string{"What differs from the attempt before: 2 things", ">503<", ">429<", "request header X-Retry"} {
		if strings.Count(body, want) != 1 {
			t.Errorf("the page has %q %d times:\n%s", want, strings.Count(body, want), body)
		}
	}
}

// Wherever a delivery is listed that waits, it stands there for what.
func TestListsSayWhatIsWaitedFor(t *testing.T) {
	s, own := onOwnStage(t)
	endpoint, err := own.Endpoint("Asleep", "faveo", "/ok")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := own.Trigger(`{"name": "all", "system": "faveo", "then": {"webhook": "%s"}}`, endpoint); err != nil {
		t.Fatal(err)
	}
	s.post(t, "/endpoints/"+endpoint.ID+"/state", "state", "paused")
	s.post(t, "/tickets", "number", "ASLEEP-1", "subject", "waits", "status", "Open")
	const held = "It waits until the endpoint is enabled, which is paused."
	for path, want := range map[string]string{
		"/tickets/ASLEEP-1":           held,
		"/deliveries?ticket=ASLEEP-1": held,
	} {
		if body := s.get(t, path).body; !strings.Contains(body, want) {
			t.Errorf("%s does not say %q:\n%s", path, want, body)
		}
	}
}
