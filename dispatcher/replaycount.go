package dispatcher

import (
	"context"
	"fmt"

	"github.com/hookdesk/hookdesk/executionlog"
)

const (
	// countPage is how many attempts one look of a count asks for.
	countPage = 5000
	// countAtOnce is how many looks StartReplay takes before it answers: as a
	// look is bounded, less than a tenth of a second.
	countAtOnce = 1
	// countTurn is how many looks CountReplay takes, and a replay that is
	// counting before others have their turn: about a second.
	countTurn = 30
)

// ReplayCount is how many deliveries stand behind a log filter.
type ReplayCount struct {
	Deliveries int
	// AtLeast says that there may be more: counting stopped there.
	AtLeast bool
}

// count is a count under way. It is kept in memory: another process that goes
// on with the replay counts from the beginning.
type count struct {
	seen   deliverySet
	cursor string
}

// some goes on counting for so many looks, and says whether that was all.
func (c *count) some(ctx context.Context, ledger executionlog.Search, filter executionlog.Filter, looks int) (over bool, err error) {
	for range looks {
		page, err := ledger.Executions(ctx, filter, countPage, c.cursor)
		if err != nil {
			return false, fmt.Errorf("count the deliveries: %w", err)
		}
		for _, attempt := range page.Items {
			c.seen.add(attempt.Delivery)
		}
		if c.cursor = page.Next; c.cursor == "" {
			return true, nil
		}
	}
	return false, nil
}

// CountReplay implements Desk.
func (d *Dispatcher) CountReplay(ctx context.Context, filter executionlog.Filter) (ReplayCount, error) {
	var c count
	over, err := c.some(ctx, d.options.Ledger, filter, countTurn)
	return ReplayCount{Deliveries: c.seen.len(), AtLeast: !over}, err
}

// countSome goes on counting what a replay will deliver, for about a second.
func (d *Dispatcher) countSome(ctx context.Context, r *Replay) error {
	at := d.replaying[r.ID]
	if at == nil {
		at = &replaying{}
		d.replaying[r.ID] = at
	}
	if at.count == nil {
		at.count = &count{}
	}
	over, err := at.count.some(ctx, d.options.Ledger, r.Filter, countTurn)
	if err != nil {
		return err
	}
	r.Total = max(r.Total, at.count.seen.len()) // who counts anew begins at none
	if over {
		r.Total, r.State = at.count.seen.len(), JobRunning
		at.count = nil
	}
	return nil
}
