package dispatcher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// ticketsKept bounds the cache; tickets that were not changed lately are read
// from the ledger again.
const ticketsKept = 8192

// knownTicket is a ticket as it was when last read or written. It is never
// modified.
type knownTicket struct {
	version int64 // of its row, 0 where there is none
	ticket  *ticket.Ticket
	memory  triggers.Memory
	deleted bool
}

// ticketCache spares the ledger a read for tickets that change often. It may
// be stale where several processes accept changes: the ledger then answers
// with a conflict, and the change is merged anew.
type ticketCache struct {
	mu   sync.Mutex
	kept map[ticketKey]knownTicket
}

func newTicketCache() *ticketCache {
	return &ticketCache{kept: map[ticketKey]knownTicket{}}
}

func (c *ticketCache) get(workspace, number string) (knownTicket, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known, ok := c.kept[ticketKey{workspace, number}]
	return known, ok
}

// store remembers a ticket that was just written.
func (c *ticketCache) store(row *executionlog.Ticket, known knownTicket) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.kept) >= ticketsKept {
		for key := range c.kept { // any of them: the map's order is random
			delete(c.kept, key)
			if len(c.kept) < ticketsKept*3/4 {
				break
			}
		}
	}
	c.kept[ticketKey{row.Workspace, row.Number}] = known
}

func (c *ticketCache) forget(workspace, number string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.kept, ticketKey{workspace, number})
}

// batchTickets are the tickets of one Submit: an input sees what the inputs
// before it did.
type batchTickets struct {
	d         *Dispatcher
	workspace string
	current   map[string]knownTicket
	absent    map[string]bool // numbers that no ticket has
	parsed    map[*executionlog.Ticket]knownTicket
	fired     map[chainOf][]string // what chains from outside fired
	chain     string               // suffix of the ids of chains that begin here
	plans     []*plan              // if somebody traces: one for each acceptance
}

func newBatchTickets(ctx context.Context, d *Dispatcher, workspace string) *batchTickets {
	return &batchTickets{
		d: d, workspace: workspace, chain: chainSuffix(ctx),
		current: map[string]knownTicket{}, absent: map[string]bool{}, parsed: map[*executionlog.Ticket]knownTicket{},
		fired: map[chainOf][]string{},
	}
}

// fetch reads the tickets of several inputs in one query; one alone is read
// when it is asked for.
func (b *batchTickets) fetch(ctx context.Context, inputs []*ticket.Input, open []int) error {
	if len(open) < 2 {
		return nil
	}
	var unknown []string
	for _, i := range open {
		number := inputs[i].Ticket.Number
		if number == "" || b.absent[number] {
			continue
		}
		if _, ok := b.d.tickets.get(b.workspace, number); !ok {
			b.absent[number] = true
			unknown = append(unknown, number)
		}
	}
	rows, err := b.d.options.Ledger.TicketsNumbered(ctx, b.workspace, unknown)
	if err != nil {
		return fmt.Errorf("read the tickets: %w", err)
	}
	for _, row := range rows {
		delete(b.absent, row.Number)
		if known, err := parseTicket(row); err == nil {
			b.current[row.Number] = known
		} // else get reads it again, for an error of its own input
	}
	return nil
}

func (b *batchTickets) get(ctx context.Context, number string) (knownTicket, error) {
	if number == "" {
		return knownTicket{}, nil
	}
	if known, ok := b.current[number]; ok {
		return known.living(), nil
	}
	if known, ok := b.d.tickets.get(b.workspace, number); ok {
		return known.living(), nil
	}
	if b.absent[number] {
		return knownTicket{}, nil
	}
	row, err := b.d.options.Ledger.Ticket(ctx, b.workspace, number)
	if errors.Is(err, executionlog.ErrNotFound) {
		return knownTicket{}, nil
	}
	if err != nil {
		return knownTicket{}, fmt.Errorf("read the ticket: %w", err)
	}
	known, err := parseTicket(row)
	if err != nil {
		return knownTicket{}, err
	}
	b.current[number] = known
	return known.living(), nil
}

// living hides a deleted ticket: its number can be used anew.
func (k knownTicket) living() knownTicket {
	if k.deleted {
		return knownTicket{version: k.version}
	}
	return k
}

func (b *batchTickets) put(row *executionlog.Ticket, known knownTicket) {
	b.current[row.Number] = known
	b.parsed[row] = known
}

func (b *batchTickets) forget(row *executionlog.Ticket) {
	b.d.tickets.forget(b.workspace, row.Number)
}

func parseTicket(row *executionlog.Ticket) (knownTicket, error) {
	known := knownTicket{version: row.Version, deleted: row.Deleted, ticket: &ticket.Ticket{}}
	if err := json.Unmarshal(row.Doc, known.ticket); err != nil {
		return known, fmt.Errorf("read ticket %s: %w", row.Number, err)
	}
	if len(row.Meta) > 0 {
		if err := json.Unmarshal(row.Meta, &known.memory); err != nil {
			return known, fmt.Errorf("read the memory of ticket %s: %w", row.Number, err)
		}
	}
	return known, nil
}
