package console_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/web/console/consoletest"
)

// Whoever looks after an outage sees at once that it is over.
func TestOverviewShowsWhatRecovered(t *testing.T) {
	s, own := onOwnStage(t)
	endpoint, err := own.Endpoint("Now and then", "faveo", "/ok")
	if err != nil {
		t.Fatal(err)
	}
	trigger, err := own.Trigger(`{"name": "all", "system": "faveo", "then": {"webhook": "%s"}}`, endpoint)
	if err != nil {
		t.Fatal(err)
	}
	example := &consoletest.Example{Endpoints: []*triggers.Endpoint{endpoint}, Triggers: []*triggers.Trigger{trigger}}

	past := func(n int, ago time.Duration) string {
		t.Helper()
		if err := own.History(example, n, time.Minute, time.Now().Add(-ago)); err != nil {
			t.Fatal(err)
		}
		return section(s.get(t, "/").body, "Failures")
	}
	const advice, recovered = "the receiver&#39;s log", "its newest attempt succeeded"
	if body := past(4, 30*time.Minute); !strings.Contains(body, "answered 503") || !strings.Contains(body, advice) || strings.Contains(body, recovered) {
		t.Errorf("while it fails:\n%s", body)
	}
	if body := past(1, 10*time.Minute); !strings.Contains(body, "answered 503") || !strings.Contains(body, recovered) || strings.Contains(body, advice) {
		t.Errorf("after it recovered:\n%s", body)
	}
}

// A replay that is through says why it repeated less than it counted.
func TestReplaySaysWhatItLeftOut(t *testing.T) {
	s := enter(t)
	endpoint, err := stage.Endpoint("Left out", "faveo", "/fail/left-out")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stage.Trigger(`{"name": "left out", "system": "faveo", "on": ["ticket_created"],
		"when": {"all": [{"field": "number", "op": "is", "value": "LEFT-1"}]}, "then": {"webhook": "%s"}}`, endpoint); err != nil {
		t.Fatal(err)
	}
	s.post(t, "/tickets", "number", "LEFT-1", "subject", "refused, and tried again later", "status", "Open")
	if err := stage.Settled("LEFT-1", endpoint.ID, 10*time.Second); err != nil {
		t.Fatal(err)
	}
	started := s.post(t, "/replays", "query", "ticket=LEFT-1&endpoint="+endpoint.ID, "rate", "1000")
	body, deadline := "", time.Now().Add(10*time.Second)
	for body = s.get(t, started.header.Get("Location")).body; !strings.Contains(body, "is-done"); body = s.get(t, started.header.Get("Location")).body {
		if time.Now().After(deadline) {
			t.Fatalf("the replay does not end:\n%s", section(body, "live"))
		}
	}
	if !strings.Contains(body, "1 delivery left out: still pending") || !strings.Contains(body, `<progress max="100" value="100"`) {
		t.Errorf("the page does not say that a delivery was left out:\n%s", section(body, "live"))
	}
}
