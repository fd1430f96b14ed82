package inspect

import (
	"context"
	"fmt"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

// Failure is a group of like failures of an endpoint, and whether it is over.
type Failure struct {
	executionlog.FailureGroup
	// Recovered is when the endpoint's newest attempt was made, where that
	// succeeded after the group's newest; else zero.
	Recovered time.Time
}

// Failures groups the failed attempts of a workspace since a time by endpoint
// and error code, the most frequent first, at most limit groups.
func (i *Inspector) Failures(ctx context.Context, workspace string, since time.Time, limit int) ([]Failure, error) {
	groups, err := i.Ledger.Failing(ctx, workspace, since, limit)
	if err != nil {
		return nil, fmt.Errorf("group failures: %w", err)
	}
	found := make([]Failure, len(groups))
	for n, g := range groups {
		recovered, err := i.recovered(ctx, workspace, g)
		if err != nil {
			return nil, err
		}
		found[n] = Failure{g, recovered}
	}
	return found, nil
}

// recovered reads the endpoint's newest attempt; the ledger has an index of
// each endpoint's attempts.
func (i *Inspector) recovered(ctx context.Context, workspace string, g executionlog.FailureGroup) (time.Time, error) {
	newest, err := i.Ledger.Executions(ctx, executionlog.Filter{Workspace: workspace, Endpoint: g.Endpoint}, 1, "")
	if err != nil {
		return time.Time{}, fmt.Errorf("read the newest attempt: %w", err)
	}
	if len(newest.Items) == 0 || newest.Items[0].Outcome != executionlog.Succeeded || newest.Items[0].At.Before(g.Last) {
		return time.Time{}, nil
	}
	return newest.Items[0].At, nil
}
