package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

// TestLeapIsTold tells of a clock that leapt once an hour, and when it is
// trusted.
func TestLeapIsTold(t *testing.T) {
	var log bytes.Buffer
	teller := leapTeller{log: slog.New(slog.NewTextHandler(&log, nil))}
	policy := executionlog.Retention{Leap: time.Hour, Settle: 2 * time.Hour}
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	clock := executionlog.RetentionClock{}
	for _, step := range []struct {
		pass  time.Duration
		lines int
		last  string
	}{
		{0, 0, ""},
		{time.Minute, 0, ""},
		{1000 * time.Hour, 1, "trusted_at=2026-04-25T06:01:00.000Z"},
		{time.Minute, 1, "leapt ahead"},
		{time.Hour, 2, "leapt ahead"},
		{59 * time.Minute, 3, "is trusted"},
		{time.Minute, 3, "is trusted"},
	} {
		now = now.Add(step.pass)
		clock = clock.Told(now, policy)
		teller.tell(clock, policy)
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		if n := strings.Count(log.String(), "\n"); n != step.lines || !strings.Contains(lines[len(lines)-1], step.last) {
			t.Errorf("at %v: %d lines, want %d that end with %q:\n%s", now, n, step.lines, step.last, log.String())
		}
	}
}
