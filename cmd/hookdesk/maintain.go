package main

import (
	"context"
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
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		done, err := a.ledger.Maintain(ctx, a.settings.Retention(), time.Now())
		if err != nil && ctx.Err() == nil {
			a.log.Warn("maintaining the ledger failed", "error", err)
		}
		a.counts.Maintained(done)
		for workspace, n := range done.Removed {
			a.log.Info("retention removed", "workspace", workspace, "bodies", n.Bodies, "attempts", n.Attempts,
				"deliveries", n.Deliveries, "changes", n.Changes, "longest_step", done.Longest)
		}
	}
}
