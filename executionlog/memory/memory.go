// Package memory is the ledger as plain maps under one mutex. It is the
// reference that the other engines are compared with: every query is a linear
// scan, and nothing survives the process.
package memory

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// Store is a ledger in memory.
type Store struct {
	mu         sync.Mutex
	closed     bool
	instance   string
	clock      time.Time // the newest that Clock was told
	tickets    map[ticketKey]*executionlog.Ticket
	changes    map[int64]*executionlog.Change
	keys       map[[2]string]string // workspace and idempotency key to change
	deliveries map[int64]*delivery
	attempts   map[int64]*executionlog.Attempt
	documents  map[documentKey][]*executionlog.Document // oldest first
	audit      map[int64]*executionlog.AuditEntry
	sequence   int64
	removals   map[removalDay]executionlog.Removed
	retention  executionlog.RetentionClock
}

type ticketKey struct{ workspace, number string }

type documentKey struct{ workspace, kind, id string }

type delivery struct {
	executionlog.Delivery
	number  int64
	request *executionlog.Request // nil once retention removed it
	// source is the delivery whose request a redelivery uses.
	source      int64
	redelivered bool // a delivery repeats this one
}

var _ executionlog.Ledger = (*Store)(nil)

// New returns an empty ledger.
func New() *Store {
	return &Store{
		instance:   rand.Text(),
		tickets:    map[ticketKey]*executionlog.Ticket{},
		changes:    map[int64]*executionlog.Change{},
		keys:       map[[2]string]string{},
		deliveries: map[int64]*delivery{},
		attempts:   map[int64]*executionlog.Attempt{},
		documents:  map[documentKey][]*executionlog.Document{},
		audit:      map[int64]*executionlog.AuditEntry{},
		removals:   map[removalDay]executionlog.Removed{},
	}
}

// Node returns 0: nobody shares the ledger.
func (s *Store) Node() int { return 0 }

// Instance returns the ledger's name.
func (s *Store) Instance() string { return s.instance }

// Newest returns 0: a new ledger is empty.
func (s *Store) Newest() int64 { return 0 }

// Check returns nil until the ledger is closed.
func (s *Store) Check(context.Context) error {
	return s.lock(func() error { return nil })
}

// Close makes every later call fail with ErrUnavailable.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

func (s *Store) lock(work func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return executionlog.ErrUnavailable
	}
	return work()
}

// Accept records acceptances.
func (s *Store) Accept(_ context.Context, acceptances []*executionlog.Acceptance) []error {
	errs := make([]error, len(acceptances))
	for i, a := range acceptances {
		errs[i] = s.lock(func() error { return s.accept(a) })
	}
	return errs
}

func (s *Store) accept(a *executionlog.Acceptance) error {
	if err := criteria.CheckAcceptance(a); err != nil {
		return err
	}
	key := [2]string{a.Workspace, criteria.Clean(a.Key)}
	if a.Key != "" && s.keys[key] != "" {
		return &executionlog.DuplicateError{ChangeID: s.keys[key]}
	}
	if a.Ticket != nil {
		var version int64
		if stored := s.tickets[ticketKey{a.Workspace, criteria.Clean(a.Ticket.Number)}]; stored != nil {
			version = stored.Version
		}
		if version != a.Version {
			return executionlog.ErrConflict
		}
	}
	for _, c := range a.Changes {
		if s.changes[criteria.Number(id.Change, c.ID)] != nil {
			return executionlog.ErrConflict
		}
	}
	if err := s.add(a.Deliveries); err != nil {
		return err
	}
	if a.Ticket != nil {
		t := *a.Ticket
		t.Workspace, t.Number, t.UpdatedAt = a.Workspace, criteria.Clean(t.Number), criteria.Time(t.UpdatedAt)
		t.Doc, t.Meta = bytesOf(t.Doc), bytesOf(t.Meta)
		s.tickets[ticketKey{t.Workspace, t.Number}] = &t
	}
	for i, c := range a.Changes {
		kept := copyChange(c)
		kept.Workspace, kept.Key = a.Workspace, ""
		if i == 0 && a.Key != "" {
			kept.Key = key[1]
			s.keys[key] = c.ID
		}
		s.changes[criteria.Number(id.Change, c.ID)] = kept
	}
	return nil
}

func copyChange(c *executionlog.Change) *executionlog.Change {
	kept := *c
	kept.Ticket, kept.Chain = criteria.Clean(kept.Ticket), criteria.Clean(kept.Chain)
	kept.At, kept.AcceptedAt = criteria.Time(c.At), criteria.Time(c.AcceptedAt)
	kept.Doc, kept.Verdicts = bytesOf(c.Doc), bytesOf(c.Verdicts)
	kept.Fired, kept.Deliveries = textsOf(c.Fired), textsOf(c.Deliveries)
	return &kept
}

// bytesOf copies, and makes nothing of what is empty.
func bytesOf(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return slices.Clone(b)
}

func textsOf(t []string) []string {
	if len(t) == 0 {
		return nil
	}
	return slices.Clone(t)
}

// Ticket returns a ticket.
func (s *Store) Ticket(_ context.Context, workspace, number string) (*executionlog.Ticket, error) {
	var found *executionlog.Ticket
	err := s.lock(func() error {
		stored := s.tickets[ticketKey{workspace, criteria.Clean(number)}]
		if stored == nil {
			return executionlog.ErrNotFound
		}
		found = copyTicket(stored)
		return nil
	})
	return found, err
}

// TicketsNumbered returns the tickets with these numbers.
func (s *Store) TicketsNumbered(_ context.Context, workspace string, numbers []string) ([]*executionlog.Ticket, error) {
	var found []*executionlog.Ticket
	err := s.lock(func() error {
		seen := map[string]bool{}
		for _, number := range numbers {
			number = criteria.Clean(number)
			if stored := s.tickets[ticketKey{workspace, number}]; stored != nil && !seen[number] {
				seen[number] = true
				found = append(found, copyTicket(stored))
			}
		}
		return nil
	})
	return found, err
}

func copyTicket(t *executionlog.Ticket) *executionlog.Ticket {
	out := *t
	out.Doc, out.Meta = bytesOf(t.Doc), bytesOf(t.Meta)
	return &out
}

// Tickets lists tickets.
func (s *Store) Tickets(_ context.Context, q executionlog.TicketQuery) (executionlog.Page[*executionlog.Ticket], error) {
	var page executionlog.Page[*executionlog.Ticket]
	query := criteria.TicketsQuery(q)
	after, err := query.Place(q.Cursor)
	if err != nil {
		return page, err
	}
	pattern := criteria.ParsePattern(q.Number)
	place := func(t *executionlog.Ticket) criteria.Place {
		return criteria.Place{Number: criteria.Micros(t.UpdatedAt), Text: t.Number, Set: true}
	}
	// Last updated first, then by number.
	order := func(a, b criteria.Place) int {
		if a.Number != b.Number {
			return compare(b.Number, a.Number)
		}
		return strings.Compare(a.Text, b.Text)
	}
	err = s.lock(func() error {
		for _, t := range s.tickets {
			if t.Deleted || t.Workspace != q.Workspace || (after.Set && order(place(t), after) <= 0) ||
				(q.Number != "" && !pattern.Match(criteria.Fold(t.Number))) {
				continue
			}
			page.Items = append(page.Items, copyTicket(t))
		}
		return nil
	})
	slices.SortFunc(page.Items, func(a, b *executionlog.Ticket) int { return order(place(a), place(b)) })
	if limit := criteria.Limit(q.Limit); len(page.Items) > limit {
		page.Items = page.Items[:limit]
		page.Next = query.Cursor(place(page.Items[limit-1]))
	}
	return page, err
}

func compare(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Change returns a change.
func (s *Store) Change(_ context.Context, workspace, changeID string) (*executionlog.Change, error) {
	var found *executionlog.Change
	err := s.lock(func() error {
		stored := s.changes[criteria.Number(id.Change, changeID)]
		if stored == nil || stored.Workspace != workspace {
			return executionlog.ErrNotFound
		}
		found = copyChange(stored)
		return nil
	})
	return found, err
}

// Changes lists changes.
func (s *Store) Changes(_ context.Context, q executionlog.ChangeQuery) (executionlog.Page[*executionlog.Change], error) {
	asked := askedFor(q)
	return list(s, s.changes, criteria.ChangesQuery(q), q.Cursor, q.Limit, q.Oldest, func(key int64, c *executionlog.Change) *executionlog.Change {
		if !asked(key, c) {
			return nil
		}
		return copyChange(c)
	})
}

// askedFor returns the test of a query for changes.
func askedFor(q executionlog.ChangeQuery) func(key int64, c *executionlog.Change) bool {
	low, high := criteria.Span(q.From, q.To)
	number := criteria.Clean(q.Ticket)
	return func(key int64, c *executionlog.Change) bool {
		return key >= low && key < high && c.Workspace == q.Workspace && (q.Ticket == "" || c.Ticket == number)
	}
}

// CountChanges counts the changes of a query.
func (s *Store) CountChanges(_ context.Context, q executionlog.ChangeQuery) (int, error) {
	asked, count := askedFor(q), 0
	err := s.lock(func() error {
		for key, c := range s.changes {
			if asked(key, c) {
				count++
			}
		}
		return nil
	})
	return count, err
}

// ChangeByKey returns the change accepted with a key.
func (s *Store) ChangeByKey(_ context.Context, workspace, key string) (string, error) {
	var found string
	err := s.lock(func() error {
		if found = s.keys[[2]string{workspace, criteria.Clean(key)}]; found == "" {
			return executionlog.ErrNotFound
		}
		return nil
	})
	return found, err
}

// list pages through rows by their numbers; keep returns nil for rows that do
// not match.
func list[Row, Item any](s *Store, rows map[int64]Row, query criteria.Query, cursor string, limit int, oldest bool,
	keep func(int64, Row) *Item,
) (executionlog.Page[*Item], error) {
	var page executionlog.Page[*Item]
	after, err := query.Place(cursor)
	if err != nil {
		return page, err
	}
	err = s.lock(func() error {
		limit = criteria.Limit(limit)
		var last int64
		for _, number := range ordered(rows, oldest) {
			if after.Set && (oldest && number <= after.Number || !oldest && number >= after.Number) {
				continue
			}
			item := keep(number, rows[number])
			if item == nil {
				continue
			}
			if len(page.Items) == limit {
				page.Next = query.Cursor(criteria.Place{Number: last})
				return nil
			}
			page.Items, last = append(page.Items, item), number
		}
		return nil
	})
	return page, err
}

// ordered returns the numbers of rows, newest first unless oldest is true.
func ordered[Row any](rows map[int64]Row, oldest bool) []int64 {
	numbers := make([]int64, 0, len(rows))
	for number := range rows {
		numbers = append(numbers, number)
	}
	slices.Sort(numbers)
	if !oldest {
		slices.Reverse(numbers)
	}
	return numbers
}

// since is the number from which rows made at or after a time begin.
func since(t time.Time) int64 {
	low, _ := criteria.Span(t, time.Time{})
	return low
}
