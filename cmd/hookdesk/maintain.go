package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

// maintainEvery is the time between two rounds of the ledger's upkeep.
const maintainEvery = time.Minute

// Keep is how long things are kept of workspaces that do not say otherwise.
func (c *Config) Keep() executionlog.Keep {
	return executionlog.Keep{Bodies: c.KeepBodies, Succeeded: c.KeepSucceeded, Failed: c.KeepFailed, Changes: c.KeepChanges}
}

// maintain carries out the ledger's upkeep until ctx ends.
func (a *App) maintain(ctx context.Context) {
	ticker := time.NewTicker(maintainEvery)
	defer ticker.Stop()
	leap := leapTeller{log: a.log}
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		policy := a.settings.Retention()
		done, err := a.ledger.Maintain(ctx, policy, time.Now())
		if err != nil && ctx.Err() == nil {
			a.log.Warn("maintaining the ledger failed", "error", err)
		}
		a.counts.Maintained(done)
		leap.tell(done.Clock, policy)
		for workspace, n := range done.Removed {
			a.log.Info("retention removed", "workspace", workspace, "bodies", n.Bodies, "attempts", n.Attempts,
				"deliveries", n.Deliveries, "changes", n.Changes, "longest_step", done.Longest)
		}
	}
}

// leapEvery is how often a clock that leapt is told of.
const leapEvery = time.Hour

// leapTeller tells of a clock that leapt ahead, by which retention does not
// go.
type leapTeller struct {
	log  *slog.Logger
	told time.Time // by that clock; zero while it is trusted
}

func (l *leapTeller) tell(clock executionlog.RetentionClock, policy executionlog.Retention) {
	behind := clock.Behind()
	switch {
	case behind == 0 && !l.told.IsZero():
		l.told = time.Time{}
		l.log.Info("the clock is trusted: retention goes by it again", "now", clock.Seen)
	case behind > 0 && (l.told.IsZero() || clock.Seen.Sub(l.told).Abs() >= leapEvery):
		l.told = clock.Seen
		l.log.Warn("the clock leapt ahead: retention goes on as if it had not, until it is trusted",
			"now", clock.Seen, "retention_time", clock.At, "trusted_at", clock.Settles(policy))
	}
}
