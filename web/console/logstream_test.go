package console

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
)

// flood is a ledger with a number of attempts, the newest first.
type flood struct {
	executionlog.Ledger
	rows []*executionlog.Attempt
}

func (f *flood) Executions(_ context.Context, filter executionlog.Filter, limit int, cursor string) (executionlog.Page[*executionlog.Attempt], error) {
	start := 0
	if _, err := fmt.Sscan(cursor, &start); err != nil {
		start = 0
	}
	found := executionlog.Page[*executionlog.Attempt]{}
	for start < len(f.rows) && len(found.Items) < limit && !f.rows[start].At.Before(filter.From) {
		found.Items = append(found.Items, f.rows[start])
		start++
	}
	if start < len(f.rows) {
		found.Next = fmt.Sprint(start)
	}
	return found, nil
}

// add puts n attempts of a time on top.
func (f *flood) add(n int, at time.Time) {
	for range n {
		f.rows = append([]*executionlog.Attempt{{ID: fmt.Sprintf("att_%013d", len(f.rows)), At: at, Outcome: executionlog.Succeeded}}, f.rows...)
	}
}

// The live tail shows a hundred attempts at once, and counts the others once.
func TestTailCountsWhatItLeavesOut(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	ledger := &flood{Ledger: memory.New()}
	settings, err := config.New(t.Context(), config.Options{Ledger: ledger.Ledger, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	c := &console{Options: Options{Ledger: ledger, Config: settings, Now: func() time.Time { return now }}, log: slog.New(slog.DiscardHandler)}
	c.pages = parsePages(c.Now)
	seen := &tail{after: now.Add(-tailInterval), ids: map[string]time.Time{}}
	for _, step := range []struct {
		name          string
		come, shown   int
		skipped       string
		pass          time.Duration
		leavesTheTime bool
	}{
		{name: "nothing"},
		{name: "a few", come: 3, shown: 3},
		{name: "as many as fit", come: 100, shown: 100},
		{name: "some more", come: 150, shown: 100, skipped: "data: 50\n"},
		{name: "nothing since"},
		{name: "a flood", come: 1200, shown: 100, skipped: "data: 1100\n", pass: time.Second},
		{name: "more than is counted", come: 5000, shown: 100, skipped: "data: 1900\n", pass: time.Second},
		{name: "a few after it", come: 2, shown: 2, pass: 2 * tailOverlap, leavesTheTime: true},
	} {
		now = now.Add(step.pass)
		ledger.add(step.come, now)
		w := httptest.NewRecorder()
		r := &request{Request: httptest.NewRequestWithContext(t.Context(), "GET", "/log/stream", nil), console: c, w: w, session: session{Workspace: "default"}}
		filter := executionlog.Filter{Workspace: "default", From: now.Add(-tailOverlap)}
		seen.forget(filter.From)
		if err := r.sendNew(t.Context(), filter, seen); err != nil {
			t.Fatal(err)
		}
		text := w.Body.String()
		if shown := strings.Count(text, "<tr "); shown != step.shown {
			t.Errorf("%s: %d rows, want %d", step.name, shown, step.shown)
		}
		if skipped := strings.Contains(text, "event: skipped"); skipped != (step.skipped != "") || !strings.Contains(text, step.skipped) {
			t.Errorf("%s: want %q in …%s", step.name, step.skipped, text[max(0, len(text)-60):])
		}
		if step.leavesTheTime && len(seen.ids) != step.shown {
			t.Errorf("%s: %d attempts are remembered", step.name, len(seen.ids))
		}
	}
}
