package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

const (
	// streamWindow is how far back the stream looks for attempts that began
	// earlier and ended now: longer than any attempt may take.
	streamWindow = 2 * time.Minute
	// streamLate is how much later than it ended an attempt may be recorded
	// and still be sent, at least; where few attempts end it is streamWindow.
	streamLate = 3 * time.Second
	// streamMany is how many attempts one look may find again.
	streamMany  = 2000
	streamLimit = 500
	// streamBack is how long a reader may have been away to miss nothing, and
	// streamMost how many attempts it may have missed.
	streamBack = 10 * time.Minute
	streamMost = 10_000
	// keepAlive is how often a silent stream says that it is alive.
	keepAlive = 15 * time.Second
	// writeLimit is how long a client may take to read what it was sent.
	writeLimit = 30 * time.Second
)

// follower sends the rows of the log that come after it has begun, or behind
// the place at which its reader was before: attempts are in the log by when
// they began, and come when they have ended.
type follower struct {
	ledger executionlog.Ledger
	filter executionlog.Filter
	now    func() time.Time
	looked time.Time            // when it looked last
	late   time.Duration        // how far before that it looks again
	from   time.Time            // what ended before is not looked at
	seen   map[string]time.Time // when the other rows ended, by id

	place   place    // what its reader has
	resumes bool     // the first look finds what the reader has missed
	skipped *skipped // what it cannot have, to be told
}

// skipped is what a reader may have missed: attempts that began in this time.
type skipped struct {
	From *time.Time `json:"from,omitempty"` // nil where nobody knows
	To   time.Time  `json:"to"`
}

func newFollower(ledger executionlog.Ledger, filter executionlog.Filter, now func() time.Time) *follower {
	begun := now()
	f := &follower{
		ledger: ledger, filter: filter, now: now, seen: map[string]time.Time{},
		looked: begun, late: streamLate, from: begun.Add(-streamLate),
	}
	f.place.floor = f.from
	return f
}

// resume goes on behind the event that a reader got last. An id that is none
// of the stream's, and not that of an attempt, is told as skipped.
func (f *follower) resume(ctx context.Context, last string) error {
	p, ok := parsePlace(last)
	if !ok {
		row, err := f.ledger.Execution(ctx, f.filter.Workspace, last)
		if errors.Is(err, executionlog.ErrNotFound) {
			f.skipped = &skipped{To: f.looked}
			return nil
		}
		if err != nil {
			return err
		}
		p = place{floor: row.At.Add(row.Duration)}
	}
	if p.floor.After(f.looked) {
		p.floor = f.looked
	}
	if oldest := f.looked.Add(-streamBack); p.floor.Before(oldest) {
		from := p.floor.Add(-streamWindow)
		f.skipped = &skipped{From: &from, To: oldest}
		p = place{floor: oldest}
	}
	f.place, f.from, f.resumes = p, p.floor, true
	return nil
}

func (f *follower) follow(ctx context.Context, w http.ResponseWriter, every time.Duration) error {
	control := http.NewResponseController(w)
	send := func(text string) error {
		_ = control.SetWriteDeadline(time.Now().Add(writeLimit)) // where the server supports it
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
		return control.Flush()
	}
	text, err := f.begin(ctx)
	if err != nil {
		writeProblem(w, problem(http.StatusServiceUnavailable, "the log cannot be read; try again").with("Retry-After", retryAfter))
		return err
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	if err := send(text); err != nil {
		return err
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for silent := time.Duration(0); ; silent += every {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		rows, err := f.fresh(ctx)
		if err != nil {
			return err
		}
		text, err := f.events(rows)
		if err != nil {
			return err
		}
		if text == "" && silent >= keepAlive {
			f.place.raise(f.from)
			text = ": alive\n" + f.mark()
		}
		if text == "" {
			continue
		}
		if err := send(text); err != nil {
			return err
		}
		silent = 0
	}
}

// begin returns what a stream begins with: what its reader has missed, if it
// was there before. For others what is there already is not new.
func (f *follower) begin(ctx context.Context) (string, error) {
	rows, err := f.fresh(ctx)
	if err != nil {
		return "", err
	}
	missed := ""
	if f.resumes {
		f.place.settle()
		if missed, err = f.events(rows); err != nil {
			return "", err
		}
		f.resumes = false
	} else {
		for _, row := range rows {
			f.place.add(row.ID, row.At.Add(row.Duration))
		}
	}
	text := ": following\n\n"
	if f.skipped != nil {
		data, err := json.Marshal(f.skipped)
		if err != nil {
			return "", err
		}
		text += "event: skipped\ndata: " + string(data) + "\n\n"
	}
	return text + missed + f.mark(), nil
}

// mark tells the reader its place, without an event.
func (f *follower) mark() string { return "id: " + f.place.idBehind("place") + "\n\n" }

// events writes rows as events, each with the place behind it.
func (f *follower) events(rows []*executionlog.Attempt) (string, error) {
	var text strings.Builder
	for _, row := range rows {
		data, err := json.Marshal(viewExecution(row))
		if err != nil {
			return "", err
		}
		f.place.add(row.ID, row.At.Add(row.Duration))
		fmt.Fprintf(&text, "event: execution\nid: %s\ndata: %s\n\n", f.place.idBehind(row.ID), data)
	}
	return text.String(), nil
}

// fresh returns the rows not seen before, oldest first: all of them, however
// many came; only of those that a reader has missed, the newest.
func (f *follower) fresh(ctx context.Context) ([]*executionlog.Attempt, error) {
	now, filter := f.now(), f.filter
	begin := now.Add(-streamWindow)
	if f.resumes {
		begin = f.from.Add(-streamWindow)
	} else if from := f.looked.Add(-f.late); from.After(f.from) {
		f.from = from // never back: what has been forgotten would be new again
	}
	if filter.From.Before(begin) {
		filter.From = begin
	}
	filter.EndedFrom = f.from
	maps.DeleteFunc(f.seen, func(_ string, ended time.Time) bool { return ended.Before(f.from) })
	var rows []*executionlog.Attempt
	again := 0
	for cursor := ""; ; {
		found, err := f.ledger.Executions(ctx, filter, streamLimit, cursor)
		if err != nil {
			return nil, err
		}
		for _, row := range found.Items {
			ended := row.At.Add(row.Duration)
			_, seen := f.seen[row.ID]
			if seen || f.resumes && f.place.meet(row.ID, ended) {
				again++
			} else {
				rows = append(rows, row)
			}
			f.seen[row.ID] = ended
		}
		if cursor = found.Next; cursor == "" {
			break
		}
		if f.resumes && len(f.seen) >= streamMost {
			f.leaveOut(filter.From, found.Items)
			break
		}
	}
	if again > streamMany {
		f.late = max(streamLate, f.late/2)
	} else {
		f.late = min(streamWindow, f.late*2)
	}
	f.looked = now
	slices.Reverse(rows)
	return rows, nil
}

// leaveOut notes that what began before the last rows found is skipped.
func (f *follower) leaveOut(from time.Time, found []*executionlog.Attempt) {
	if f.skipped != nil && f.skipped.From != nil {
		from = *f.skipped.From
	}
	f.skipped = &skipped{From: &from, To: f.looked}
	if n := len(found); n > 0 {
		f.skipped.To = found[n-1].At
	}
}
