package criteria

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

// Limits of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 10000
)

// Limit returns the number of rows for a page: DefaultLimit for none asked
// for, never more than MaxLimit.
func Limit(asked int) int {
	if asked <= 0 {
		return DefaultLimit
	}
	return min(asked, MaxLimit)
}

// Place is where a page ended: the row's number in the order and, where that
// alone is not unique, a text.
type Place struct {
	Number int64
	Text   string
	// Set is false at the beginning.
	Set bool
}

// Query identifies a query, so that its cursors work with no other.
type Query uint64

// AttemptsQuery identifies a query of its kind, whatever its limit and cursor;
// so do ChangesQuery, DeliveriesQuery, TicketsQuery and AuditQuery.
func AttemptsQuery(f executionlog.Filter) Query {
	f.From, f.To, f.EndedFrom = utc(f.From), utc(f.To), utc(f.EndedFrom)
	return identify("attempts", f)
}

// ChangesQuery identifies a query for changes.
func ChangesQuery(q executionlog.ChangeQuery) Query {
	q.From, q.To, q.Limit, q.Cursor = utc(q.From), utc(q.To), 0, ""
	return identify("changes", q)
}

// DeliveriesQuery identifies a query for deliveries.
func DeliveriesQuery(q executionlog.DeliveryQuery) Query {
	q.From, q.To, q.Limit, q.Cursor = utc(q.From), utc(q.To), 0, ""
	return identify("deliveries", q)
}

// TicketsQuery identifies a query for tickets.
func TicketsQuery(q executionlog.TicketQuery) Query {
	q.Limit, q.Cursor = 0, ""
	return identify("tickets", q)
}

// AuditQuery identifies a query for audit entries.
func AuditQuery(q executionlog.AuditQuery) Query {
	q.From, q.To, q.Limit, q.Cursor = utc(q.From), utc(q.To), 0, ""
	return identify("audit", q)
}

func utc(t time.Time) time.Time { return t.UTC() }

func identify(kind string, query any) Query {
	text, err := json.Marshal(query)
	if err != nil {
		// Times outside the years 0 to 9999 cannot be written as JSON.
		text = fmt.Appendf(nil, "%v", query)
	}
	sum := fnv.New64a()
	sum.Write([]byte(kind))
	sum.Write(text)
	return Query(sum.Sum64())
}

// Cursor writes a place in the query's results.
func (q Query) Cursor(place Place) string {
	raw := binary.BigEndian.AppendUint64(nil, uint64(q))
	raw = binary.BigEndian.AppendUint64(raw, uint64(place.Number))
	return base64.RawURLEncoding.EncodeToString(append(raw, place.Text...))
}

// Place reads a cursor; an empty one is the beginning. It returns an error
// that wraps executionlog.ErrCursor for a cursor of another query.
func (q Query) Place(cursor string) (Place, error) {
	if cursor == "" {
		return Place{}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) < 16 || Query(binary.BigEndian.Uint64(raw)) != q {
		return Place{}, executionlog.ErrCursor
	}
	place := Place{Number: int64(binary.BigEndian.Uint64(raw[8:])), Text: string(raw[16:]), Set: true}
	if place.Number < 0 || Clean(place.Text) != place.Text {
		return Place{}, executionlog.ErrCursor
	}
	return place, nil
}
