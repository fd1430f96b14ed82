package inspect

import (
	"context"
	"fmt"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
)

// The states of a breaker. LaneStatus.Breaker has the first three.
const (
	BreakerClosed   = "closed"
	BreakerOpen     = "open"
	BreakerHalfOpen = "half_open" // the next attempt decides
	BreakerUnknown  = "unknown"   // another process knows; it may be open
)

const (
	breakerLooks = 20 // attempts that a breaker goes by
	breakerFails = 12 // failures among them without which it never opens
)

// Lane returns the state of an endpoint's lane, nil where this process has
// none.
func (i *Inspector) Lane(workspace, endpoint string) *dispatcher.LaneStatus {
	for _, lane := range i.Desk.Lanes(workspace) {
		if lane.Endpoint == endpoint {
			return &lane
		}
	}
	return nil
}

// Breaker returns the state of an endpoint's breaker. A process that does not
// feed the queue has no lanes: it says BreakerUnknown where so many of the
// newest attempts failed that the breaker may be open, else BreakerClosed.
func (i *Inspector) Breaker(ctx context.Context, endpoint *triggers.Endpoint) (string, error) {
	if lane := i.Lane(endpoint.Workspace, endpoint.ID); lane != nil {
		return lane.Breaker, nil
	}
	if i.Desk.Feeds() {
		return BreakerClosed, nil
	}
	// Only what came after somebody closed it counts.
	filter := executionlog.Filter{Workspace: endpoint.Workspace, Endpoint: endpoint.ID, From: endpoint.BreakerClosedAt}
	found, err := i.Ledger.Executions(ctx, filter, breakerLooks, "")
	if err != nil {
		return "", fmt.Errorf("read newest attempts: %w", err)
	}
	failed := 0
	for _, attempt := range found.Items {
		if attempt.Outcome == executionlog.Failed {
			failed++
		}
	}
	if failed >= breakerFails {
		return BreakerUnknown, nil
	}
	return BreakerClosed, nil
}
