package console_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

// endless is a ledger that finds attempts and never finishes counting them.
type endless struct{ executionlog.Ledger }

func (endless) Histogram(ctx context.Context, _ executionlog.Filter, _ time.Duration) ([]executionlog.Bucket, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// slow is a ledger that never finds anything.
type slow struct{ executionlog.Ledger }

func (slow) Executions(ctx context.Context, _ executionlog.Filter, _ int, _ string) (executionlog.Page[*executionlog.Attempt], error) {
	<-ctx.Done()
	return executionlog.Page[*executionlog.Attempt]{}, ctx.Err()
}

// A search that takes too long is ended, and the page says what helps.
func TestLogEndsSlowSearches(t *testing.T) {
	s := openOn(t, slow{stage.Ledger}, time.Millisecond)
	s.signIn(t)
	got := s.get(t, "/log?response=nowhere&last=30d")
	if got.status != http.StatusOK || !strings.Contains(got.body, "takes too long") || !strings.Contains(got.body, `href="/log?last=1h&amp;response=nowhere"`) {
		t.Errorf("status %d:\n%s", got.status, section(got.body, "log-empty"))
	}
}

// partly is a ledger that stops searching on the way.
type partly struct{ executionlog.Ledger }

func (partly) Executions(context.Context, executionlog.Filter, int, string) (executionlog.Page[*executionlog.Attempt], error) {
	return executionlog.Page[*executionlog.Attempt]{Next: "further", Partial: true}, nil
}

// A search that no index answers says that it is not over, and leads on.
func TestLogGoesOnSearching(t *testing.T) {
	s := openOn(t, partly{stage.Ledger}, time.Minute)
	s.signIn(t)
	got := s.get(t, "/log?response=nowhere")
	if got.status != http.StatusOK || !strings.Contains(got.body, "Go on searching") || !strings.Contains(got.body, `href="/log?cursor=further&amp;response=nowhere"`) {
		t.Errorf("status %d:\n%s", got.status, got.body)
	}
	if strings.Contains(got.body, "Nothing matches") {
		t.Error("says that nothing matches, before it has looked")
	}
}

// A search whose chart takes too long is shown without one.
func TestLogDoesNotWaitForItsChart(t *testing.T) {
	s := openOn(t, endless{stage.Ledger}, time.Millisecond)
	s.signIn(t)
	got := s.get(t, "/log?ticket=527331")
	if got.status != http.StatusOK || !strings.Contains(got.body, "/deliveries/dlv_") {
		t.Fatalf("status %d, or no attempts:\n%s", got.status, got.body)
	}
	if !strings.Contains(got.body, "would keep you waiting") || strings.Contains(got.body, "Attempts over time") {
		t.Error("does not say that the chart is missing")
	}
	if patient := enter(t).get(t, "/log?ticket=527331"); strings.Contains(patient.body, "would keep you waiting") || !strings.Contains(patient.body, "Attempts over time") {
		t.Error("with patience there is no chart")
	}
}
