package follow

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// follower follows the default workspace, with each attempt as an event.
func follower(ledger executionlog.Ledger, now func() time.Time) *Follower {
	return New(Options{
		Ledger: ledger, Filter: executionlog.Filter{Workspace: "default"}, Now: now, Every: time.Second, Quiet: 5 * time.Second, Alive: ": alive\n",
		Events: func(rows []*executionlog.Attempt, behind func(*executionlog.Attempt) string) (string, error) {
			var text strings.Builder
			for _, row := range rows {
				fmt.Fprintf(&text, "event: execution\nid: %s\ndata: %s\n\n", behind(row), row.ID)
			}
			return text.String(), nil
		},
		Skipped: func(s Skipped) (string, error) {
			from := "nobody knows"
			if s.From != nil {
				from = s.From.Format(time.RFC3339)
			}
			return fmt.Sprintf("event: skipped\ndata: %s to %s\n\n", from, s.To.Format(time.RFC3339)), nil
		},
	})
}

// An attempt of a following's test, that began some time before it ended.
func ended(ids *id.Source, at time.Time, took time.Duration) *executionlog.Result {
	return &executionlog.Result{Outcome: executionlog.Succeeded, Attempt: executionlog.Attempt{
		ID: ids.New(id.Attempt), Workspace: "default", Delivery: ids.New(id.Delivery), System: "faveo", Event: "ticket_created",
		Endpoint: "ep_1", Number: 1, At: at, Duration: took, Outcome: executionlog.Succeeded, HTTPStatus: 200,
	}}
}

// TestFollowerSkipsNothing lets thousands of attempts end between two looks,
// among them some that began long before, and some that were recorded late.
func TestFollowerSkipsNothing(t *testing.T) {
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	ledger := memory.New()
	ids := id.NewSource(1, clock)
	record := func(results ...*executionlog.Result) {
		t.Helper()
		for _, err := range ledger.Record(t.Context(), results) {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	record(ended(ids, now, 0)) // before anybody follows
	f := follower(ledger, clock)
	if _, err := f.fresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	hanging := now // attempts that began now and end later
	var slow []*executionlog.Result
	for range 20 {
		slow = append(slow, ended(ids, hanging, time.Minute))
	}
	got := map[string]int{}
	want := map[string]bool{}
	for round := range 130 {
		now = now.Add(500 * time.Millisecond)
		var results []*executionlog.Result
		size := 5
		if round%60 == 7 {
			size = 3000
		}
		for range size {
			results = append(results, ended(ids, now.Add(-time.Millisecond), time.Millisecond))
		}
		switch round {
		case 120: // a minute after they began
			results = append(results, slow...)
		case 90: // recorded two and a half seconds after it ended
			results = append(results, ended(ids, now.Add(-2500*time.Millisecond), 0))
		}
		record(results...)
		for _, r := range results {
			want[r.Attempt.ID] = true
		}
		rows, err := f.fresh(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !slices.IsSortedFunc(rows, func(a, b *executionlog.Attempt) int { return strings.Compare(a.ID, b.ID) }) {
			t.Fatalf("round %d is not in the order of time", round)
		}
		for _, row := range rows {
			got[row.ID]++
		}
	}
	missed, repeated, strange := 0, 0, 0
	for id := range want {
		if got[id] == 0 {
			missed++
		}
	}
	for id, times := range got {
		if times > 1 {
			repeated++
		}
		if !want[id] {
			strange++
		}
	}
	if missed+repeated+strange > 0 {
		t.Errorf("of %d attempts %d were missed and %d sent twice; %d were there before", len(want), missed, repeated, strange)
	}
	if len(f.seen) > 20_000 {
		t.Errorf("it remembers %d attempts", len(f.seen))
	}
}
