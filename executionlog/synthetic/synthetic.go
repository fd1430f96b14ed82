// Package synthetic fills a ledger with a month of attempts that look like
// real ones: tickets with their lives, receivers with their bad days, retries.
// Searches are measured on it, and the console looked at.
package synthetic

import (
	"context"
	"fmt"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// Options say what to make. Members that are zero get the value named.
type Options struct {
	Workspace string // "default"
	Attempts  int    // 100,000
	Tickets   int    // a tenth of Attempts
	// Lanes are the endpoints that attempts go to; the first get more of
	// them. 50 made-up ones.
	Lanes    []Lane
	From, To time.Time // To: now; From: 30 days before
	// Failures is about the share of attempts that fail, 0.12.
	Failures float64
	// Details adds requests' headers and responses to every attempt.
	Details bool
	// Batch is how many attempts one call of Record gets, 1,000.
	Batch int
	Seed  uint64
	// Progress is told after every batch how many attempts are made.
	Progress func(done, total int)

	// Tell turns what happens to tickets into what a ledger accepts, for the
	// newest Told attempts: those belong to deliveries that it returned, to
	// endpoints of Lanes. Attempts before them, and all without it, name
	// deliveries that are not in the ledger.
	Tell func(ctx context.Context, happening Happening) ([]*executionlog.Acceptance, error)
	Told int
}

// Lane is an endpoint that attempts go to.
type Lane struct {
	Endpoint string
	Trigger  string
	System   string
	Host     string
	Events   []string
}

// Happening is something that happens to a ticket.
type Happening struct {
	At     time.Time
	Ticket string
	Place  int // of the ticket, from 0
	Step   int // how many things happened to it before
}

func (o *Options) complete() {
	set := func(value *int, otherwise int) {
		if *value <= 0 {
			*value = otherwise
		}
	}
	if o.Workspace == "" {
		o.Workspace = "default"
	}
	set(&o.Attempts, 100_000)
	set(&o.Tickets, max(1, o.Attempts/10))
	set(&o.Batch, 1000)
	if len(o.Lanes) == 0 {
		o.Lanes = madeUp(50)
	}
	if o.To.IsZero() {
		o.To = time.Now()
	}
	if o.From.IsZero() {
		o.From = o.To.Add(-30 * 24 * time.Hour)
	}
	if o.Failures == 0 {
		o.Failures = 0.12
	}
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
	if o.Tell == nil {
		o.Told = 0
	}
}

// Ticket returns the number of the n-th ticket.
func Ticket(n int) string { return fmt.Sprintf("TCK-%07d", n) }

// Endpoint returns the id of the n-th made-up endpoint.
func Endpoint(n int) string { return id.Format(id.Endpoint, int64(n+1)) }

// madeUp returns lanes for who brings none, with real events.
func madeUp(count int) []Lane {
	kinds := []Lane{
		{System: "faveo", Events: []string{"ticket_created", "ticket_reply", "ticket_status_updated", "ticket_assigned"}},
		{System: "superoffice", Events: []string{"ticket.created", "ticket.changed"}},
		{System: "agency", Events: []string{"whitelabel-ticket-created", "whitelabel-ticket-updated", "whitelabel-ticket-assigned", "whitelabel-ticket-resolved"}},
		{System: "supportservice", Events: []string{"ticket"}},
		{System: "socialboards", Events: []string{"new_ticket", "ticket_status_change"}},
	}
	lanes := make([]Lane, count)
	for i := range lanes {
		lanes[i] = kinds[i%len(kinds)]
		lanes[i].Endpoint, lanes[i].Trigger = Endpoint(i), id.Format(id.Trigger, int64(i+1))
		lanes[i].Host = fmt.Sprintf("hooks-%d.customer%d.example", i%5, i*4)
	}
	return lanes
}

// batch is what is written at a time: what was accepted, then its attempts.
type batch struct {
	acceptances []*executionlog.Acceptance
	results     []*executionlog.Result
}

// Fill records the attempts, oldest first. The same options make the same
// attempts, as far as Tell does.
func Fill(ctx context.Context, ledger executionlog.Ledger, options Options) error {
	options.complete()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	m := newMaker(options)
	// While one batch is written the next is made.
	made := make(chan batch, 2)
	go func() {
		defer close(made)
		for m.done < options.Attempts {
			b, err := m.batch(ctx)
			if err != nil {
				cancel(err)
				return
			}
			select {
			case made <- b:
			case <-ctx.Done():
				return
			}
		}
	}()
	done := 0
	for b := range made {
		if err := write(ctx, ledger, b); err != nil {
			cancel(err)
			continue // until the maker has noticed
		}
		done += len(b.results)
		options.Progress(done, options.Attempts)
	}
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("make synthetic attempts: %w", err)
	}
	return m.cancelRest(ctx, ledger)
}

func write(ctx context.Context, ledger executionlog.Ledger, b batch) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	for _, err := range ledger.Accept(ctx, b.acceptances) {
		if err != nil {
			return fmt.Errorf("accept synthetic changes: %w", err)
		}
	}
	for _, err := range ledger.Record(ctx, b.results) {
		if err != nil {
			return fmt.Errorf("record synthetic attempts: %w", err)
		}
	}
	return nil
}
