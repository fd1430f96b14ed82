package console_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/executionlog"
)

// lanes is a desk whose lanes are given.
type lanes struct {
	dispatcher.Desk
	feeds bool
	list  []dispatcher.LaneStatus
}

func (l lanes) Feeds() bool                          { return l.feeds }
func (l lanes) Lanes(string) []dispatcher.LaneStatus { return l.list }

// attempted is a ledger with the newest attempts of an endpoint.
type attempted struct {
	executionlog.Ledger
	failed, succeeded int
	at                time.Time
}

func (a attempted) Executions(_ context.Context, filter executionlog.Filter, limit int, _ string) (found executionlog.Page[*executionlog.Attempt], err error) {
	if a.at.Before(filter.From) {
		return found, nil
	}
	for i := range min(a.failed+a.succeeded, limit) {
		outcome := executionlog.Failed
		if i >= a.failed {
			outcome = executionlog.Succeeded
		}
		found.Items = append(found.Items, &executionlog.Attempt{At: a.at, Endpoint: filter.Endpoint, Outcome: outcome})
	}
	return found, nil
}

// The page of an endpoint says how its breaker is, and offers to close it only
// where it is not closed.
func TestBreakerState(t *testing.T) {
	endpoint, err := stage.Endpoint("Spared", "faveo", "/ok/spared")
	if err != nil {
		t.Fatal(err)
	}
	page := "/endpoints/" + endpoint.ID
	lane := func(state string, until time.Duration) []dispatcher.LaneStatus {
		return []dispatcher.LaneStatus{{Endpoint: endpoint.ID, Breaker: state, Failures: 12, Window: 8, Until: time.Now().Add(until)}}
	}
	ill, well := attempted{stage.Ledger, 12, 8, time.Now()}, attempted{stage.Ledger, 11, 9, time.Now()}
	for name, c := range map[string]struct {
		desk   lanes
		ledger executionlog.Ledger
		says   string
		button bool
	}{
		"feeds, no lane":                  {lanes{feeds: true}, ill, "is-closed", false},
		"feeds, closed":                   {lanes{feeds: true, list: lane("closed", 0)}, ill, "It holds nothing back", false},
		"feeds, open":                     {lanes{feeds: true, list: lane("open", 30*time.Second)}, well, "one delivery tries again", true},
		"feeds, half open":                {lanes{feeds: true, list: lane("half_open", 0)}, well, "The next attempt decides", true},
		"another process feeds, few fail": {lanes{}, well, "is-closed", false},
		"another process feeds, most do":  {lanes{}, ill, "perhaps open", true},
	} {
		c.desk.Desk = stage.Desk
		s := openDesk(t, stage, c.desk, c.ledger, time.Minute)
		s.signIn(t)
		body := section(s.get(t, page).body, `id="health"`)
		if !strings.Contains(body, c.says) || strings.Contains(body, "/close-breaker") != c.button {
			t.Errorf("%s: want %q, button %v:\n%s", name, c.says, c.button, body)
		}
	}
	s := openDesk(t, stage, lanes{Desk: stage.Desk}, ill, time.Minute)
	s.signIn(t)
	for _, path := range []string{"/operations", "/"} {
		if body := s.get(t, path).body; !strings.Contains(body, "Another process sends") {
			t.Errorf("%s takes lanes that are not known for lanes in which nothing happens", path)
		}
	}
	for range 2 {
		if got := s.post(t, page+"/close-breaker"); got.status != http.StatusSeeOther || got.header.Get("Location") != page {
			t.Errorf("status %d to %s", got.status, got.header.Get("Location"))
		}
	}
	if strings.Contains(s.get(t, page).body, "/close-breaker") {
		t.Error("failures before somebody closed the breaker count")
	}
	if got := s.post(t, "/endpoints/ep_0000000000000/close-breaker"); got.status != http.StatusNotFound {
		t.Errorf("an endpoint that is none: status %d", got.status)
	}
}
