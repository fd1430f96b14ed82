package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// acceptance is an Acceptance with everything packed that can be packed before
// the writer has it.
type acceptance struct {
	*executionlog.Acceptance
	doc, meta []byte
	changes   [][]byte
	requests  [][]byte
}

func packAcceptance(a *executionlog.Acceptance) (*acceptance, error) {
	if err := criteria.CheckAcceptance(a); err != nil {
		return nil, err
	}
	p := &acceptance{Acceptance: a, changes: make([][]byte, len(a.Changes))}
	var err error
	if a.Ticket != nil {
		if p.doc, err = pack(a.Ticket.Doc); err != nil {
			return nil, err
		}
		if p.meta, err = pack(a.Ticket.Meta); err != nil {
			return nil, err
		}
	}
	for i, c := range a.Changes {
		p.changes[i], err = packParts(c.Doc, c.Verdicts, []byte(strings.Join(c.Fired, " ")), []byte(strings.Join(c.Deliveries, " ")))
		if err != nil {
			return nil, err
		}
	}
	p.requests, err = packRequests(a.Deliveries)
	return p, err
}

func packRequests(deliveries []*executionlog.NewDelivery) ([][]byte, error) {
	out := make([][]byte, len(deliveries))
	for i, d := range deliveries {
		if d.Request == nil {
			continue
		}
		packed, err := packRequest(d.Request)
		if err != nil {
			return nil, err
		}
		out[i] = packed
	}
	return out, nil
}

// Accept records acceptances.
func (s *Store) Accept(ctx context.Context, acceptances []*executionlog.Acceptance) []error {
	errs := make([]error, len(acceptances))
	items := make([]item, 0, len(acceptances))
	places := make([]int, 0, len(acceptances))
	for i, a := range acceptances {
		packed, err := packAcceptance(a)
		if err != nil {
			errs[i] = err
			continue
		}
		items = append(items, item{apply: func(b *batch) error { return b.accept(packed) }})
		places = append(places, i)
	}
	s.submitAll(ctx, items, places, errs)
	return errs
}

// submitAll has items written and puts their errors at their places.
func (s *Store) submitAll(ctx context.Context, items []item, places []int, errs []error) {
	err := s.writer.submit(ctx, items)
	for i, place := range places {
		if errs[place] = err; err == nil {
			errs[place] = items[i].err
		}
	}
}

// accept checks everything that can be refused before it writes, or leaves it
// to the unique indices.
func (b *batch) accept(a *acceptance) error {
	workspace, err := b.name(a.Workspace)
	if err != nil {
		return err
	}
	if b.how == carefully {
		if err := b.check(workspace, a); err != nil {
			return err
		}
	}
	sources, err := b.sources(a.Deliveries)
	if err != nil {
		return err
	}
	if a.Ticket != nil {
		if err := b.putTicket(workspace, a); err != nil {
			return err
		}
	}
	for i, c := range a.Changes {
		key := sql.NullString{}
		if i == 0 && a.Key != "" {
			key = sql.NullString{String: criteria.Clean(a.Key), Valid: true}
			b.keys[numberKey{workspace, key.String}] = criteria.Number(id.Change, c.ID)
		}
		if err := b.putChange(workspace, c, key, a.changes[i]); err != nil {
			return err
		}
	}
	return b.putDeliveries(a.Deliveries, a.requests, sources)
}

// check refuses what was accepted before, and a ticket that has changed since.
func (b *batch) check(workspace int64, a *acceptance) error {
	known, err := b.known(workspace, a)
	if err != nil {
		return err
	}
	if known.change != 0 {
		return refuse(&executionlog.DuplicateError{ChangeID: id.Format(id.Change, known.change)})
	}
	if a.Ticket != nil && known.version != a.Version {
		return refuse(executionlog.ErrConflict)
	}
	return nil
}

// known is what an acceptance is checked against.
type known struct {
	change  int64 // accepted with the same key, or 0
	version int64 // of the ticket, 0 for a new one
}

// known asks in one query for the key, the ticket's place in the dictionary,
// and its version.
func (b *batch) known(workspace int64, a *acceptance) (known, error) {
	var k known
	key := criteria.Clean(a.Key)
	if k.change = b.keys[numberKey{workspace, key}]; a.Key != "" && k.change != 0 {
		return k, nil
	}
	number := ""
	if a.Ticket != nil {
		number = criteria.Clean(a.Ticket.Number)
	}
	if a.Key == "" && a.Ticket == nil {
		return k, nil
	}
	var change, ticket, version sql.NullInt64
	if _, err := b.one(`SELECT (SELECT c.id FROM changes c WHERE c.workspace = $1 AND c.key = $2), n.id, t.version
		FROM (SELECT 1) one LEFT JOIN numbers n ON n.workspace = $1 AND n.number = $3 LEFT JOIN tickets t ON t.id = n.id`,
		[]any{workspace, key, number}, &change, &ticket, &version); err != nil {
		return k, fmt.Errorf("look up acceptance: %w", err)
	}
	if a.Key != "" {
		k.change = change.Int64
	}
	if ticket.Valid {
		b.numbers[numberKey{workspace, number}] = ticket.Int64
		k.version = version.Int64
	}
	if written, ok := b.tickets[b.numbers[numberKey{workspace, number}]]; ok {
		k.version = written
	}
	return k, nil
}

func (b *batch) putTicket(workspace int64, a *acceptance) error {
	t := a.Ticket
	find := b.number
	if a.Version == 0 {
		find = b.newNumber
	}
	number, err := find(workspace, t.Number)
	if err != nil {
		return err
	}
	b.tickets[number] = t.Version
	if a.Version == 0 {
		b.laterInsert(`INSERT INTO tickets (id, workspace, number, version, deleted, updated_at, doc, meta)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
			number, workspace, criteria.Clean(t.Number), t.Version, flag(t.Deleted), criteria.Micros(t.UpdatedAt), a.doc, a.meta)
		return nil
	}
	b.laterInsert(`UPDATE tickets SET version = $3, deleted = $4, updated_at = $5, doc = $6, meta = $7 WHERE id = $1 AND version = $2`,
		number, a.Version, t.Version, flag(t.Deleted), criteria.Micros(t.UpdatedAt), a.doc, a.meta)
	return nil
}

func flag(set bool) int64 {
	if set {
		return 1
	}
	return 0
}

func (b *batch) putChange(workspace int64, c *executionlog.Change, key sql.NullString, content []byte) error {
	ticket, err := b.number(workspace, c.Ticket)
	if err != nil {
		return err
	}
	kind, err := b.name(c.Kind)
	if err != nil {
		return err
	}
	b.laterInsert(`INSERT INTO changes (id, workspace, ticket, kind, at, accepted_at, key, chain, depth, content)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
		criteria.Number(id.Change, c.ID), workspace, ticket, kind, criteria.Micros(c.At), criteria.Micros(c.AcceptedAt),
		key, criteria.Clean(c.Chain), c.Depth, content)
	return nil
}

// sources finds the deliveries whose requests redeliveries use, by the
// redelivery's place in the list; 0 for those that bring their own.
func (b *batch) sources(deliveries []*executionlog.NewDelivery) ([]int64, error) {
	sources := make([]int64, len(deliveries))
	for i, d := range deliveries {
		if d.Request != nil {
			continue
		}
		if err := b.drain(); err != nil { // the original may be among what is queued
			return nil, err
		}
		found, err := b.one(`SELECT request_of FROM deliveries WHERE id = $1`,
			[]any{criteria.Number(id.Delivery, d.RedeliveryOf)}, &sources[i])
		if err != nil {
			return nil, err
		}
		for j := 0; !found && j < i; j++ {
			if deliveries[j].ID == d.RedeliveryOf {
				found, sources[i] = true, sources[j]
				if deliveries[j].Request != nil {
					sources[i] = criteria.Number(id.Delivery, d.RedeliveryOf)
				}
			}
		}
		if !found {
			return nil, refuse(executionlog.ErrNotFound)
		}
	}
	return sources, nil
}

const insertDelivery = `INSERT INTO deliveries (id, workspace, change, ticket, system, event, revision, endpoint, trigger_id,
	trigger_version, event_id, chain, depth, outcome, attempts, last_status, last_code, last_error, created_at, due_at,
	finished_at, redelivery_of, request_of, redelivered, replay)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, 0, 0, 0, '', $14, $15, 0, $16, $17, 0, $18)
	ON CONFLICT DO NOTHING`

func (b *batch) putDeliveries(deliveries []*executionlog.NewDelivery, requests [][]byte, sources []int64) error {
	for i, d := range deliveries {
		if err := b.putDelivery(&d.Delivery, requests[i], sources[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) putDelivery(d *executionlog.Delivery, request []byte, source int64) error {
	n, err := b.nameAll(d.Workspace, d.System, d.Event, d.Revision, d.Endpoint, d.Trigger)
	if err != nil {
		return err
	}
	ticket, err := b.number(n[0], d.Ticket)
	if err != nil {
		return err
	}
	number := criteria.Number(id.Delivery, d.ID)
	if request != nil {
		source = number
	}
	var change, original int64
	if d.Change != "" {
		change = criteria.Number(id.Change, d.Change)
	}
	if d.RedeliveryOf != "" {
		original = criteria.Number(id.Delivery, d.RedeliveryOf)
	}
	b.laterInsert(insertDelivery, number, n[0], change, ticket, n[1], n[2], n[3], n[4], n[5],
		d.TriggerVersion, criteria.Clean(d.EventID), criteria.Clean(d.Chain), d.Depth,
		criteria.Micros(d.CreatedAt), criteria.Micros(d.DueAt), original, source, criteria.Clean(d.Replay))
	b.counts.delivery(number, n[0], n[4], pending, 1)
	if request != nil {
		b.laterInsert(`INSERT INTO requests (delivery, content) VALUES ($1, $2) ON CONFLICT DO NOTHING`, number, request)
	}
	if original != 0 {
		b.later(`UPDATE deliveries SET redelivered = 1 WHERE id = $1`, original)
	}
	return nil
}
