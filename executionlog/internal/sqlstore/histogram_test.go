package sqlstore_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/sqlite"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// TestHistogramEstimates counts candidates that are too many to compare: those
// that all match are counted and said to be estimates, others are compared
// nevertheless.
func TestHistogramEstimates(t *testing.T) {
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	begin := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	var rows []*executionlog.Result
	for n := range 200 {
		at := begin.Add(time.Duration(n) * time.Minute)
		a := executionlog.Attempt{
			ID: id.Format(id.Attempt, at.UnixMicro()*id.Nodes), Workspace: "default", Delivery: id.Format(id.Delivery, 1),
			System: "faveo", Event: "ticket_created", Endpoint: "ep_1", Number: 1, At: at,
			Outcome: executionlog.Failed, ErrorCode: "connection_refused", Error: fmt.Sprintf("Connection refused by host %d", n),
			// In the index beside the error, and no part of it.
			Detail: &executionlog.AttemptDetail{Method: "POST", URL: "https://receiver.example", ResponseBody: []byte("upstream says no")},
		}
		if n%50 == 0 {
			a.Error += " upstream"
		}
		rows = append(rows, &executionlog.Result{Attempt: a, Outcome: a.Outcome})
	}
	for _, err := range store.Record(t.Context(), rows) {
		if err != nil {
			t.Fatal(err)
		}
	}
	hours := func(estimated bool, failed ...int64) (buckets []executionlog.Bucket) {
		for i, n := range failed {
			buckets = append(buckets, executionlog.Bucket{At: begin.Add(time.Duration(i) * time.Hour), Failed: n, Estimated: estimated && n > 0})
		}
		return buckets
	}
	for _, test := range []struct {
		error  string
		counts int64
		want   []executionlog.Bucket
	}{
		{"refused", 4000, hours(false, 60, 60, 60, 20, 0)},
		{"refused", 100, hours(true, 60, 60, 60, 20, 0)},
		{"upstream", 100, hours(false, 2, 1, 1, 0, 0)},
		{"absent", 100, hours(false, 0, 0, 0, 0, 0)},
	} {
		t.Run(fmt.Sprint(test.error, test.counts), func(t *testing.T) {
			store.CountFew(test.counts)
			filter := executionlog.Filter{Workspace: "default", Error: test.error, From: begin, To: begin.Add(5 * time.Hour)}
			got, err := store.Histogram(t.Context(), filter, time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("histogram (-want +got):\n%s", diff)
			}
		})
	}
}
