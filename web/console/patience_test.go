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
