package dispatcher

import (
	"context"
	"fmt"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// chainPages and chainPage bound how many of a ticket's changes are looked
// through for those of a chain: far more than happen between a delivery and
// what its receiver makes of it.
const (
	chainPages = 4
	chainPage  = 250
)

// chainOf is a chain, as far as it is about one ticket.
type chainOf struct{ chain, ticket string }

// continued returns an input that continues a chain from outside with the
// triggers that the chain fired for its ticket, so that they do not fire
// again. Receivers send back the chain and its depth alone. The ticket is
// locked; where another process changes it meanwhile, the ledger refuses what
// was planned, and it is planned anew.
func (b *batchTickets) continued(ctx context.Context, in *ticket.Input) (*ticket.Input, error) {
	if in.Chain == nil || in.Chain.Rule != "" || in.Ticket.Number == "" { // a ticket without a number is a new one
		return in, nil
	}
	of := chainOf{in.Chain.ID, in.Ticket.Number}
	fired, ok := b.fired[of]
	if !ok {
		var err error
		if fired, err = b.d.firedIn(ctx, b.workspace, of); err != nil {
			return nil, fmt.Errorf("read what fired in the chain: %w", err)
		}
		b.fired[of] = fired
	}
	chain, linked := *in.Chain, *in
	chain.Fired, linked.Chain = fired, &chain
	return &linked, nil
}

// remember notes what a planned change fired, for those behind it.
func (b *batchTickets) remember(in *ticket.Input, fired []string) {
	if in.Chain != nil {
		of := chainOf{in.Chain.ID, in.Ticket.Number}
		b.fired[of] = append(b.fired[of], fired...)
	}
}

// firedIn asks the ledger which triggers a chain fired for a ticket.
func (d *Dispatcher) firedIn(ctx context.Context, workspace string, of chainOf) ([]string, error) {
	query := executionlog.ChangeQuery{Workspace: workspace, Ticket: of.ticket, From: chainBegan(of.chain), Limit: chainPage}
	var fired []string
	for range chainPages {
		found, err := d.options.Ledger.Changes(ctx, query)
		if err != nil {
			return nil, err
		}
		for _, change := range found.Items {
			if change.Chain == of.chain {
				fired = append(fired, change.Fired...)
			}
		}
		if found.Next == "" {
			break
		}
		query.Cursor = found.Next
	}
	return fired, nil
}

// chainBegan returns a time before which nothing belongs to a chain, zero where
// its id does not tell. Clocks of processes may differ, by less than a minute.
func chainBegan(chain string) time.Time {
	number, err := id.Parse(id.Chain, chain[:min(len(chain), len(id.Format(id.Chain, 0)))])
	if err != nil {
		return time.Time{}
	}
	return id.Time(number).Add(-time.Minute)
}
