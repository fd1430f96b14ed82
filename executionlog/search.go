package executionlog

import (
	"context"
	"time"
)

// Filter asks for attempts. Empty members do not filter; all must hold.
type Filter struct {
	Workspace   string
	Ticket      string    // exact, or with * anywhere; case-insensitive
	Error       string    // the error contains this, case-insensitive
	Words       string    // the error contains each of these words
	Response    string    // the response body contains this
	Q           string    // ticket, error, error code or event contains this; of a response what the error quotes
	From, To    time.Time // of At; From inclusive, To exclusive
	EndedFrom   time.Time // of At and Duration together; inclusive
	Outcome     Outcome
	StatusFrom  int // HTTP status range, both inclusive, 0 for an open end; 0 and 0: any
	StatusTo    int
	ErrorCode   string
	System      string
	Event       string
	Trigger     string
	Endpoint    string
	Delivery    string
	Change      string
	Number      int  // attempt number
	OldestFirst bool // else newest first
}

// Everything says that a filter leaves nothing of its workspace out.
func (f Filter) Everything() bool {
	return f == Filter{Workspace: f.Workspace, OldestFirst: f.OldestFirst}
}

// Bucket is a bar of a histogram.
type Bucket struct {
	At        time.Time
	Succeeded int64
	Failed    int64
	// Estimated says that so many probably match: there were too many to
	// compare each of them.
	Estimated bool
}

// Search is what people look things up with.
type Search interface {
	// Executions lists attempts. Pages are stable while rows arrive. What no
	// index answers, such as a text of two letters or a text in responses of
	// attempts that succeeded, may give Partial pages.
	Executions(ctx context.Context, filter Filter, limit int, cursor string) (Page[*Attempt], error)
	// Execution returns an attempt with its detail, or ErrNotFound.
	Execution(ctx context.Context, workspace, id string) (*Attempt, error)
	// Attempts returns the attempts of a delivery with details, oldest first.
	Attempts(ctx context.Context, workspace, delivery string) ([]*Attempt, error)
	// Histogram counts attempts per step (a minute, an hour or a day, in UTC)
	// between filter.From and filter.To, which must be set. There is a bucket
	// for every step, empty ones too, at most 50,000; *invalid.Error for what
	// would be more, and for another step. Bars are Estimated where very many
	// attempts may contain a text of an error.
	Histogram(ctx context.Context, filter Filter, step time.Duration) ([]Bucket, error)
	// Estimate says about how many attempts match, and whether that is exact,
	// as it is for few matches and for filters by workspace, time, outcome and
	// at most one of system, event, trigger, endpoint and error code.
	Estimate(ctx context.Context, filter Filter) (total int64, exact bool, err error)
	// Export calls yield for each match in order, in constant memory, until
	// it returns an error, which Export returns.
	Export(ctx context.Context, filter Filter, yield func(*Attempt) error) error
	// Failing groups the failed attempts since a time by endpoint and error
	// code, most frequent first, at most limit groups.
	Failing(ctx context.Context, workspace string, since time.Time, limit int) ([]FailureGroup, error)
	// TriggerCounts counts the attempts of each trigger since the beginning of
	// the hour of a time, by trigger; attempts without one are left out.
	TriggerCounts(ctx context.Context, workspace string, since time.Time) ([]TriggerCount, error)
	// Latency returns percentiles (0 to 1) of the durations of attempts since
	// a time, over at most the newest 10,000; zeros if there are none.
	Latency(ctx context.Context, workspace string, since time.Time, percentiles []float64) ([]time.Duration, error)
}

// TriggerCount is how often a trigger led to an attempt.
type TriggerCount struct {
	Trigger   string
	Succeeded int64
	Failed    int64
	Last      time.Time // the beginning of the hour of the newest
}

// FailureGroup is a group of like failures.
type FailureGroup struct {
	Endpoint  string
	ErrorCode string
	Count     int64
	Last      time.Time
	LastError string
	LastID    string // the newest attempt
}
