package console

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/web/follow"
)

// The live tail shows a hundred attempts at once, of those that its reader has
// missed five hundred, and counts the others.
func TestTailCountsWhatItLeavesOut(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	ledger := memory.New()
	settings, err := config.New(t.Context(), config.Options{Ledger: ledger, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	c := &console{Options: Options{Ledger: ledger, Config: settings, Now: func() time.Time { return now }}, log: slog.New(slog.DiscardHandler)}
	c.pages = parsePages(c.Now)
	r := &request{Request: httptest.NewRequestWithContext(t.Context(), "GET", "/log/stream", nil), console: c, session: session{Workspace: "default"}}
	events := r.tailEvents()
	for _, step := range []struct {
		name        string
		come, shown int
		skipped     string
	}{
		{"missed while away", 700, 500, "data: 200\n"},
		{"a few", 3, 3, ""},
		{"as many as fit", 100, 100, ""},
		{"some more", 150, 100, "data: 50\n"},
	} {
		rows := make([]*executionlog.Attempt, step.come)
		for i := range rows {
			rows[i] = &executionlog.Attempt{ID: fmt.Sprintf("att_%013d", i), At: now, Outcome: executionlog.Succeeded}
		}
		behind := 0
		text, err := events(rows, func(row *executionlog.Attempt) string {
			behind++
			return row.ID
		})
		if err != nil {
			t.Fatal(err)
		}
		if shown := strings.Count(text, "<tr "); shown != step.shown || behind != step.come {
			t.Errorf("%s: %d rows, want %d; the place is behind %d of %d", step.name, shown, step.shown, behind, step.come)
		}
		if skipped := strings.Contains(text, "event: skipped"); skipped != (step.skipped != "") || !strings.Contains(text, step.skipped) {
			t.Errorf("%s: want %q in %.60s…", step.name, step.skipped, text)
		}
		newest := fmt.Sprintf("id: att_%013d\n", step.come-1)
		if strings.Count(text, "\nid: ") != 1 || !strings.Contains(text, newest) {
			t.Errorf("%s: the id is not that behind the newest attempt", step.name)
		}
	}
}

// What is too long ago to be sent is a row that leads to it, with the filter.
func TestTailTellsOfAGap(t *testing.T) {
	from, to := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	form := readLogFilter(map[string][]string{"ticket": {`A"<b>`}, "last": {"1h"}}, "default", to)
	tell := tailGap(form)
	for name, c := range map[string]struct {
		skipped follow.Skipped
		wants   []string
	}{
		"known":            {follow.Skipped{From: &from, To: to}, []string{"from 09:00:00 to 09:30:01 UTC", `href="/log?from=2026-03-02T09%3A00%3A00&amp;ticket=A%22%3Cb%3E&amp;to=2026-03-02T09%3A30%3A01"`}},
		"nobody knows how": {follow.Skipped{To: to}, []string{"before 09:30:01 UTC", `href="/log?ticket=A%22%3Cb%3E&amp;to=2026-03-02T09%3A30%3A01"`}},
	} {
		text, err := tell(c.skipped)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range c.wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %s in %s", name, want, text)
			}
		}
		if bytes.ContainsAny([]byte(strings.TrimSuffix(text, "\n\n")), "\r") || strings.Count(text, "\n\n") != 1 {
			t.Errorf("%s: not one event: %q", name, text)
		}
	}
}
