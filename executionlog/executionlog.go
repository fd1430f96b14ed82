// Package executionlog is the ledger: what happened, durably. Tickets,
// changes with their verdicts, deliveries and every attempt are in it, beside
// the configuration documents; people search it by ticket number or error.
//
// The ledger is the truth. Queues only schedule: whatever they lose is found
// again here. The package knows plain values only; its engines are the folders
// sqlite, postgres and memory, which all pass the suite in logtest.
package executionlog

import (
	"context"
	"errors"
	"io"
	"time"
)

// Errors that callers act on. Every engine returns errors that wrap them.
var (
	// ErrNotFound: no such row in the workspace.
	ErrNotFound = errors.New("not found")
	// ErrConflict: the ticket or document has another version than the caller
	// expected; read it again and repeat.
	ErrConflict = errors.New("version conflict")
	// ErrUnavailable: the database is locked, full or out of reach. Nothing
	// was written; the caller may try again later.
	ErrUnavailable = errors.New("ledger unavailable")
	// ErrState: the delivery's outcome does not allow the operation.
	ErrState = errors.New("state does not allow this")
)

// DuplicateError says that a change with the same idempotency key was
// accepted before.
type DuplicateError struct{ ChangeID string }

func (e *DuplicateError) Error() string { return "accepted before as " + e.ChangeID }

// Ledger is the whole store. All methods are safe for concurrent use.
//
// Times keep microseconds. Every id carries its prefix (package id of
// triggers), and its time is the row's place: lists are in the order of ids,
// and From and To compare with the time in the id. So an id is made when what
// it names happens. Ids of another kind are refused with an *invalid.Error
// (package triggers/invalid) when written, and found nowhere when asked for.
//
// Texts are kept as valid UTF-8 without NUL; U+FFFD stands for what is not.
// Contents in bytes are kept as they are, empty ones as nil. Comparing without
// regard to case goes by Unicode's simple folding, in every engine alike.
//
// A page holds at most 10,000 rows, 50 if the limit is 0 or less.
type Ledger interface {
	Intake
	Deliveries
	Search
	Documents

	// Node returns this process's number, from 0 to 1023, for making ids;
	// processes that share a ledger have different ones.
	Node() int
	// Instance returns the ledger's name: random, given once, and the same in
	// every process that shares it.
	Instance() string
	// Newest returns the highest number of an id that the ledger held when it
	// was opened, 0 for none. Whoever makes ids begins above it, so that they
	// stay unique and in order when the clock was set back meanwhile.
	Newest() int64
	// Check returns nil when the ledger can be read and written.
	Check(ctx context.Context) error
	// Maintain carries out one round of upkeep: retention in small steps,
	// between which others write, and partitions. It says what it did, as far
	// as it came where there is an error. Where processes share a ledger one
	// of them does so at a time; for the others there is nothing to do.
	Maintain(ctx context.Context, policy Retention, now time.Time) (Upkeep, error)
	// Removals says what Maintain removed from a workspace on the days from
	// the one that since is in, newest first; days without are left out.
	Removals(ctx context.Context, workspace string, since time.Time) ([]Removal, error)
	// RetentionClock returns the time that the last round of Maintain went by.
	RetentionClock(ctx context.Context) (RetentionClock, error)
	// TrustClock says that now is right, for whoever knows: retention goes by
	// it from its next round on.
	TrustClock(ctx context.Context, now time.Time) error
	// Close waits for writes under way and closes the store.
	Close() error
}

// Intake takes in changes.
type Intake interface {
	// Accept records acceptances, each wholly or not at all, durable when it
	// returns. Calls from many goroutines share transactions. The result has
	// one error for each acceptance, in order: nil, ErrConflict (the ticket
	// has another version, or an id is taken), *DuplicateError, ErrNotFound
	// (there is nothing to redeliver), ErrUnavailable or an *invalid.Error.
	Accept(ctx context.Context, acceptances []*Acceptance) []error

	// Ticket returns a ticket, deleted ones too, or ErrNotFound.
	Ticket(ctx context.Context, workspace, number string) (*Ticket, error)
	// TicketsNumbered returns those of the tickets with these numbers that
	// exist, deleted ones too, in any order.
	TicketsNumbered(ctx context.Context, workspace string, numbers []string) ([]*Ticket, error)
	// Tickets lists tickets that are not deleted, last updated first.
	Tickets(ctx context.Context, query TicketQuery) (Page[*Ticket], error)
	// Change returns a change, or ErrNotFound.
	Change(ctx context.Context, workspace, id string) (*Change, error)
	// Changes lists changes, newest first unless query says otherwise.
	Changes(ctx context.Context, query ChangeQuery) (Page[*Change], error)
	// CountChanges says how many changes a query finds, whatever its
	// Limit and Cursor.
	CountChanges(ctx context.Context, query ChangeQuery) (int, error)
	// ChangeByKey returns the id of the change accepted with an idempotency
	// key, or ErrNotFound.
	ChangeByKey(ctx context.Context, workspace, key string) (string, error)
}

// Acceptance is what one request leads to: recorded in one transaction.
type Acceptance struct {
	Workspace string
	// Key is the idempotency key, or empty.
	Key string
	// Ticket is the ticket's row after the changes; nil leaves it as it is.
	Ticket *Ticket
	// Version is the version of the ticket's row that the changes were made
	// on, 0 where there was none; Ticket.Version is the one after it.
	Version int64
	// Changes are the change itself and, behind it, those that triggers'
	// actions made. The first is the one that Key stands for.
	Changes    []*Change
	Deliveries []*NewDelivery
}

// Ticket is the row of a ticket.
type Ticket struct {
	Workspace string
	Number    string
	Version   int64  // counts the changes, from 1
	Doc       []byte // JSON of the ticket
	Meta      []byte // JSON of what the engine remembers about it
	Deleted   bool
	UpdatedAt time.Time
}

// Change is the row of a change.
type Change struct {
	ID         string
	Workspace  string
	Ticket     string // number
	Kind       string
	At         time.Time // when it happened
	AcceptedAt time.Time
	Key        string // idempotency key, or empty
	Chain      string // causal chain
	Depth      int
	Doc        []byte   // JSON of the change: before, after, what was touched
	Verdicts   []byte   // JSON array of the verdicts worth keeping
	Fired      []string // ids of the triggers that fired
	Deliveries []string // ids of its deliveries
}

// Outcome is what became of a delivery or an attempt.
type Outcome string

// The outcomes. An attempt is only ever succeeded or failed.
const (
	Pending   Outcome = "pending"
	Succeeded Outcome = "succeeded"
	Failed    Outcome = "failed" // a delivery: exhausted, a dead letter
	Cancelled Outcome = "cancelled"
)

// Delivery is one event for one endpoint.
type Delivery struct {
	ID             string
	Workspace      string
	Change         string
	Ticket         string
	System         string
	Event          string
	Revision       string
	Endpoint       string
	Trigger        string // empty for test deliveries
	TriggerVersion int
	EventID        string // on the wire; constant over attempts and redeliveries
	Chain          string
	Depth          int

	Outcome       Outcome
	Attempts      int // made so far
	LastStatus    int // HTTP status of the last attempt, 0 without an answer
	LastErrorCode string
	LastError     string
	CreatedAt     time.Time
	DueAt         time.Time // while pending: when the next attempt is due
	FinishedAt    time.Time // zero while pending

	// RedeliveryOf is the delivery that this one repeats, with the same body
	// and event id; empty for an original.
	RedeliveryOf string
	Replay       string // the bulk replay that made it, or empty
	// Recovered says of a failed delivery that a redelivery of it, or of what
	// it repeats, has succeeded since.
	Recovered bool
}

// OnRequest says that somebody asked for just this delivery, a test or a
// redelivery: it is sent even while its endpoint is disabled or paused.
func (d *Delivery) OnRequest() bool { return d.Trigger == "" || d.RedeliveryOf != "" }

// NewDelivery is a delivery to record, pending, with its request.
type NewDelivery struct {
	Delivery
	// Request is nil for a redelivery, which uses that of RedeliveryOf.
	Request *Request
}

// Request is a rendered request, stored once for all its attempts.
type Request struct {
	ContentType string   `json:"content_type"`
	Header      []Header `json:"header,omitempty"`
	Body        []byte   `json:"body,omitempty"`
}

// Header is one header line as sent or received.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Outgoing is a delivery with its request: what a worker needs.
type Outgoing struct {
	Delivery
	Request Request
}

// Deliveries is what the dispatcher works with.
type Deliveries interface {
	// Load returns the deliveries with these ids that exist, in any order and
	// whatever their workspace and outcome. A request that retention removed
	// is empty; those that pending deliveries need are never removed.
	Load(ctx context.Context, ids []string) ([]*Outgoing, error)
	// Due lists pending deliveries of an endpoint in the order in which they
	// should be sent.
	Due(ctx context.Context, query DueQuery) ([]Due, error)
	// Waiting lists the endpoints that have pending deliveries, each with the
	// earliest time at which one is due and how many wait (counted up to
	// 10,000).
	Waiting(ctx context.Context) ([]Backlog, error)
	// Clock keeps the newest time that it was told, seen or now. Where now is
	// more than a second behind that, the clock was set back: what is pending
	// and due later than now becomes due earlier by as much, which is returned,
	// so that waiting takes as long as it was meant to.
	Clock(ctx context.Context, seen, now time.Time) (back time.Duration, err error)
	// Record writes attempts and what follows for their deliveries, each
	// wholly or not at all, durable when it returns; calls share
	// transactions. The result has one error for each, in order. An attempt
	// whose number is not the next one of a pending delivery is recorded,
	// but leaves the delivery as it is. Recording an attempt again, after an
	// error that left open whether it was written, changes nothing.
	Record(ctx context.Context, results []*Result) []error
	// Add records deliveries without a change: tests, redeliveries, replays.
	// All or none: ErrConflict for an id that is taken, ErrNotFound for a
	// redelivery of what is not there.
	Add(ctx context.Context, deliveries []*NewDelivery) error
	// Cancel makes a pending delivery cancelled; ErrState if it is not pending.
	Cancel(ctx context.Context, workspace, id string, at time.Time) error
	// CancelEndpoint cancels every pending delivery of an endpoint and
	// returns how many.
	CancelEndpoint(ctx context.Context, workspace, endpoint string, at time.Time) (int, error)
	// Delivery returns a delivery, or ErrNotFound.
	Delivery(ctx context.Context, workspace, id string) (*Delivery, error)
	// Request returns a delivery's rendered request, or ErrNotFound when
	// retention removed it.
	Request(ctx context.Context, workspace, delivery string) (*Request, error)
	// ListDeliveries lists deliveries, newest first.
	ListDeliveries(ctx context.Context, query DeliveryQuery) (Page[*Delivery], error)
	// Counts returns how many deliveries each endpoint has by outcome, and
	// when the last attempt was, among deliveries created since a time, by
	// endpoint.
	Counts(ctx context.Context, workspace string, since time.Time) ([]EndpointCount, error)
}

// DueQuery asks for deliveries to send.
type DueQuery struct {
	Endpoint string
	Now      time.Time
	Limit    int
	// Ordered asks only for the first pending delivery of each ticket, due or
	// not yet blocking those behind it. With Block an exhausted delivery
	// (failed, not redelivered since) holds back the ticket's later ones too.
	Ordered bool
	Block   bool
	// After skips deliveries up to and including this place in the order
	// (DueAt, ID); zero starts at the beginning. Not used with Ordered.
	After Due
}

// Due is a delivery to send.
type Due struct {
	ID       string
	Ticket   string
	Attempts int // made so far
	DueAt    time.Time
}

// Backlog is what waits for one endpoint.
type Backlog struct {
	Workspace string
	Endpoint  string
	Pending   int
	DueAt     time.Time
}

// EndpointCount is how an endpoint fares.
type EndpointCount struct {
	Endpoint    string
	Pending     int
	Succeeded   int
	Failed      int
	Cancelled   int
	LastAttempt time.Time
	LastStatus  int
	LastError   string
}

// Result is an attempt and what it means for its delivery.
type Result struct {
	Attempt Attempt
	// Outcome of the delivery from now on. Pending: the next attempt is due
	// at DueAt.
	Outcome Outcome
	DueAt   time.Time
	// Recovers is the delivery that this one repeats, or empty. When the
	// outcome is Succeeded it is Recovered, and so is what repeated it before.
	Recovers string
}

// Attempt is one POST: a row of the execution log. It carries what searching
// needs, so that lists need no joins.
type Attempt struct {
	ID        string
	Workspace string
	Delivery  string
	Change    string
	Ticket    string
	System    string
	Event     string
	Trigger   string
	Endpoint  string

	Number     int // from 1
	At         time.Time
	Duration   time.Duration
	Outcome    Outcome
	HTTPStatus int    // 0 without an answer
	ErrorCode  string // of the published taxonomy; not kept on success
	Error      string // what happened, in words; not kept on success

	// Detail is nil in lists.
	Detail *AttemptDetail
}

// AttemptDetail is what one attempt sent and got. Secrets and credentials are
// masked before it is made.
type AttemptDetail struct {
	Method         string   `json:"method"`
	URL            string   `json:"url"`
	RequestHeader  []Header `json:"request_header"`
	ResponseHeader []Header `json:"response_header,omitempty"`
	ResponseBody   []byte   `json:"response_body,omitempty"`
	Truncated      bool     `json:"truncated,omitempty"` // the response body was longer
	Address        string   `json:"address,omitempty"`   // resolved, with port
	TLSVersion     string   `json:"tls_version,omitempty"`
	CertExpiry     string   `json:"cert_expiry,omitempty"` // RFC 3339
	Timings        Timings  `json:"timings"`
	Node           int      `json:"node"`
}

// Timings of one attempt, in microseconds; 0 where a step did not happen.
type Timings struct {
	DNS       int64 `json:"dns_us"`
	Connect   int64 `json:"connect_us"`
	TLS       int64 `json:"tls_us"`
	FirstByte int64 `json:"first_byte_us"` // from the start
	Total     int64 `json:"total_us"`
}

// Page is a part of a list. Next is empty at its end.
type Page[T any] struct {
	Items []T
	Next  string
	// Partial says that a search which no index answers stopped before the
	// page was full, since it had looked through much already. Next goes on;
	// Items may be empty.
	Partial bool
}

// ErrCursor is about a cursor that is none, or belongs to another query.
var ErrCursor = errors.New("cursor does not belong to this query")

// TicketQuery asks for tickets.
type TicketQuery struct {
	Workspace string
	Number    string // exact, or with * anywhere
	Limit     int
	Cursor    string
}

// ChangeQuery asks for changes.
type ChangeQuery struct {
	Workspace string
	Ticket    string    // exact
	From, To  time.Time // of AcceptedAt; From inclusive, To exclusive; zero is open
	Oldest    bool      // oldest first
	Limit     int
	Cursor    string
}

// DeliveryQuery asks for deliveries. Empty members do not filter.
type DeliveryQuery struct {
	Workspace string
	Ticket    string // exact, or with * anywhere
	Change    string
	Trigger   string
	Endpoint  string
	System    string
	Event     string
	Outcome   Outcome
	Replay    string
	Recovered *bool     // of failed deliveries; nil for both
	From, To  time.Time // of CreatedAt
	Limit     int
	Cursor    string
}

// Backuper is a Ledger that can copy itself while it is in use.
type Backuper interface {
	// Backup writes a consistent copy of the store.
	Backup(ctx context.Context, to io.Writer) error
}
