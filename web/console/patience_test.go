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

// endless is a ledger that finds attempts and never finishes counting them.
type endless struct{ executionlog.Ledger }

func (endless) Histogram(ctx context.Context, _ executionlog.Filter, _ time.Duration) ([]executionlog.Bucket, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// A search whose chart takes too long is shown without one.
func TestLogDoesNotWaitForItsChart(t *testing.T) {
	s := openOn(t, endless{stage.Ledger}, time.Millisecond)
	s.signIn(t)
	got := s.get(t, "/log?ticket=527331")
	if got.status != http.StatusOK || !strings.Contains(got.body, "/deliveries/dlv_") {
		t.Fatalf("status %d, or no attempts:\n%s", got.status, got.body)
	}
	if !strings.Contains(got.body, "would keep you waiting") || strings.Contains(got.body, "data-from") {
		t.Error("does not say that the chart is missing")
	}
	if !strings.Contains(got.body, `hx-get="/log?figures=1&amp;ticket=527331" hx-trigger="load"`) || !strings.Contains(got.body, `<a href="/log?figures=1&amp;ticket=527331">`) {
		t.Error("the chart does not follow, or cannot be waited for")
	}
	if waited := s.get(t, "/log?figures=1&ticket=527331"); waited.status != http.StatusOK || !strings.Contains(waited.body, "takes too long") {
		t.Errorf("who waits is not told that it takes too long: status %d", waited.status)
	}
	if patient := enter(t).get(t, "/log?ticket=527331"); strings.Contains(patient.body, "would keep you waiting") || !strings.Contains(patient.body, "data-from") {
		t.Error("with patience there is no chart")
	}
}

// crowded is a ledger in which searches find many attempts, as far as it says.
type crowded struct {
	executionlog.Ledger
	exact bool
}

func (c crowded) Estimate(context.Context, executionlog.Filter) (int64, bool, error) {
	return 1_234_567, c.exact, nil
}

// A replay of much is offered at once, and counted afterwards.
func TestReplayIsCountedAfterwards(t *testing.T) {
	for name, c := range map[string]struct {
		ledger executionlog.Ledger
		want   string
	}{
		"an exact number":        {crowded{stage.Ledger, true}, "<strong>1,234,567</strong> attempts fit; behind them stand at most as many deliveries"},
		"an estimate":            {crowded{stage.Ledger, false}, "About <strong>1,234,567</strong> attempts fit"},
		"no time even for those": {sluggish{stage.Ledger}, "Many attempts fit."},
	} {
		t.Run(name, func(t *testing.T) {
			s := openOn(t, c.ledger, time.Millisecond)
			s.signIn(t)
			got := s.get(t, "/replays/new?outcome=failed")
			if got.status != http.StatusOK || !strings.Contains(got.body, c.want) || !strings.Contains(got.body, "Replay them all") {
				t.Fatalf("status %d:\n%s", got.status, section(got.body, "count"))
			}
			const counting = "/replays/new?count=exact&amp;outcome=failed"
			if !strings.Contains(got.body, `hx-get="`+counting+`" hx-trigger="load"`) || !strings.Contains(got.body, `<a href="`+counting+`">`) {
				t.Errorf("the count does not follow:\n%s", section(got.body, "count"))
			}
			if counted := s.get(t, "/replays/new?outcome=failed&count=exact"); strings.Contains(counted.body, "Replay them all") || !strings.Contains(counted.body, "Behind the attempts that fit stand") {
				t.Errorf("it is not counted:\n%s", section(counted.body, "count"))
			}
		})
	}
}

// sluggish is a ledger that never ends estimating.
type sluggish struct{ executionlog.Ledger }

func (sluggish) Estimate(ctx context.Context, _ executionlog.Filter) (int64, bool, error) {
	<-ctx.Done()
	return 0, false, ctx.Err()
}

// counting is a desk that has not counted a replay to its end.
type counting struct{ dispatcher.Desk }

const countingReplay = "rpl_0000000000007"

func (counting) CountReplay(context.Context, executionlog.Filter) (dispatcher.ReplayCount, error) {
	return dispatcher.ReplayCount{Deliveries: 4321, AtLeast: true}, nil
}

func (counting) Replay(context.Context, string, string) (*dispatcher.Replay, error) {
	return &dispatcher.Replay{Job: dispatcher.Job{ID: countingReplay, State: dispatcher.JobCounting}, Total: 4321}, nil
}

func (c counting) Replays(ctx context.Context, workspace string) ([]*dispatcher.Replay, error) {
	replay, err := c.Replay(ctx, workspace, countingReplay)
	return []*dispatcher.Replay{replay}, err
}

// A replay that is not counted to its end says so before it begins and while
// it counts, and can be stopped then.
func TestReplayThatCounts(t *testing.T) {
	s := openDesk(t, stage, counting{stage.Desk}, stage.Ledger, time.Minute)
	s.signIn(t)
	for path, wants := range map[string][]string{
		"/replays/new?outcome=failed&count=exact": {"at least <strong>4,321 deliveries</strong>", "Replay them all", `name="at_least"`},
		"/replays":                   {"0 of at least 4,321", "is-counting"},
		"/replays/" + countingReplay: {"4,321 so far", `hx-trigger="every 1s"`, "/cancel"},
	} {
		body := s.get(t, path).body
		for _, want := range wants {
			if !strings.Contains(body, want) {
				t.Errorf("%s does not say %q:\n%s", path, want, section(body, "count"))
			}
		}
	}
}
