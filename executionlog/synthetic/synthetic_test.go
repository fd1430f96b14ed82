package synthetic_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/executionlog/synthetic"
)

func fill(t *testing.T, options synthetic.Options) []*executionlog.Attempt {
	t.Helper()
	ledger := memory.New()
	if err := synthetic.Fill(t.Context(), ledger, options); err != nil {
		t.Fatal(err)
	}
	page, err := ledger.Executions(t.Context(), executionlog.Filter{Workspace: "default", OldestFirst: true}, 10000, "")
	if err != nil {
		t.Fatal(err)
	}
	return page.Items
}

func TestFill(t *testing.T) {
	to := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	var progress []int
	options := synthetic.Options{
		Attempts: 2500, To: to, Seed: 3, Details: true,
		Progress: func(done, total int) { progress = append(progress, done, total) },
	}
	got := fill(t, options)
	if diff := cmp.Diff([]int{1000, 2500, 2000, 2500, 2500, 2500}, progress); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	if len(got) != 2500 {
		t.Fatalf("%d attempts, want 2500", len(got))
	}
	failed := 0
	tickets := map[string]bool{}
	for _, a := range got {
		tickets[a.Ticket] = true
		if a.Outcome == executionlog.Failed {
			failed++
		}
		if a.At.Before(to.Add(-30*24*time.Hour)) || !a.At.Before(to) {
			t.Errorf("attempt at %v is outside its time", a.At)
		}
	}
	if failed < 200 || failed > 400 {
		t.Errorf("%d of 2500 failed, want about 300", failed)
	}
	if len(tickets) < 150 || len(tickets) > 250 {
		t.Errorf("%d tickets, want about 250", len(tickets))
	}
	if diff := cmp.Diff(got, fill(t, options)); diff != "" {
		t.Errorf("the same options made something else:\n%s", diff)
	}
}

func TestFillStopsWhenTheLedgerDoes(t *testing.T) {
	ledger := memory.New()
	if err := ledger.Close(); err != nil {
		t.Fatal(err)
	}
	if err := synthetic.Fill(t.Context(), ledger, synthetic.Options{Attempts: 10}); err == nil {
		t.Error("filling a closed ledger succeeded")
	}
}
