// Package follow sends what comes into the execution log as server-sent
// events. A reader whose connection broke goes on where it was, in any
// process, without a gap and with nothing twice.
package follow

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

const (
	// Back is how long a reader may have been away to miss nothing.
	Back = 10 * time.Minute
	// Most is how many attempts it may have missed.
	Most = 10_000
	// writeLimit is how long a client may take to read what it was sent.
	writeLimit = 30 * time.Second
)

// Options are what is followed, and how it is written. Ledger, Filter, Now,
// Every, Quiet, Events and Skipped are needed.
type Options struct {
	Ledger executionlog.Ledger
	Filter executionlog.Filter
	Now    func() time.Time
	Every  time.Duration // between two looks
	Quiet  time.Duration // how often a silent stream says that it is alive

	// Alive are the lines that say so, each with its end; the reader's place
	// is added.
	Alive string
	// Events writes attempts, oldest first and at least one, as events. An
	// event's id is what behind returns for its last attempt; behind has to be
	// called for each attempt, in order.
	Events func(rows []*executionlog.Attempt, behind func(*executionlog.Attempt) string) (string, error)
	// Skipped writes what a reader cannot have.
	Skipped func(Skipped) (string, error)
	// Ends is asked before each look; what it returns is sent last. Nil: the
	// stream ends with its reader.
	Ends func() string
}

// Skipped is what a reader may have missed: attempts that began in this time.
type Skipped struct {
	From *time.Time `json:"from,omitempty"` // nil where nobody knows
	To   time.Time  `json:"to"`
}

// Follower sends the rows of the log that come after it has begun, or behind
// the place at which its reader was before: attempts are in the log by when
// they began, and come when they have ended.
type Follower struct {
	Options
	looked time.Time            // when it looked last
	late   time.Duration        // how far before that it looks again
	from   time.Time            // what ended before is not looked at
	seen   map[string]time.Time // when the other rows ended, by id

	place   place    // what its reader has
	resumes bool     // the first look finds what the reader has missed
	skipped *Skipped // what it cannot have, to be told
}

// New returns a follower that begins now.
func New(options Options) *Follower {
	begun := options.Now()
	f := &Follower{Options: options, seen: map[string]time.Time{}, looked: begun, late: late, from: begun.Add(-late)}
	f.place.floor = f.from
	return f
}

// Resume goes on behind the event that a reader got last, whose id is given.
// One that is none of a stream's, and not that of an attempt, is told as
// skipped.
func (f *Follower) Resume(ctx context.Context, last string) error {
	p, ok := parsePlace(last)
	if !ok {
		row, err := f.Ledger.Execution(ctx, f.Filter.Workspace, last)
		if errors.Is(err, executionlog.ErrNotFound) {
			f.skipped = &Skipped{To: f.looked}
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
	if oldest := f.looked.Add(-Back); p.floor.Before(oldest) {
		from := p.floor.Add(-window)
		f.skipped = &Skipped{From: &from, To: oldest}
		p = place{floor: oldest}
	}
	f.place, f.from, f.resumes = p, p.floor, true
	return nil
}

// Begin returns what a stream begins with: what its reader has missed, if it
// was there before. For others what is there already is not new.
func (f *Follower) Begin(ctx context.Context) (string, error) {
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
			f.behind(row)
		}
	}
	text := ": following\n\n"
	if f.skipped != nil {
		told, err := f.Skipped(*f.skipped)
		if err != nil {
			return "", err
		}
		text += told
	}
	return text + missed + f.mark(""), nil
}

// Follow sends what a stream begins with, and then what comes, until ctx ends
// (nil), its reader is gone or the log cannot be read.
func (f *Follower) Follow(ctx context.Context, w http.ResponseWriter, begin string) error {
	control := http.NewResponseController(w)
	send := func(text string) error {
		_ = control.SetWriteDeadline(time.Now().Add(writeLimit)) // where the server supports it
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
		return control.Flush()
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	if err := send(begin); err != nil {
		return err
	}
	ticker := time.NewTicker(f.Every)
	defer ticker.Stop()
	for silent := time.Duration(0); ; silent += f.Every {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if f.Ends != nil {
			if last := f.Ends(); last != "" {
				return send(last)
			}
		}
		rows, err := f.fresh(ctx)
		if err != nil {
			return err
		}
		text, err := f.events(rows)
		if err != nil {
			return err
		}
		if text == "" && silent >= f.Quiet {
			f.place.raise(f.from)
			text = f.mark(f.Alive)
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

// mark tells the reader its place.
func (f *Follower) mark(alive string) string {
	return alive + "id: " + f.place.idBehind("place") + "\n\n"
}

func (f *Follower) events(rows []*executionlog.Attempt) (string, error) {
	if len(rows) == 0 {
		return "", nil
	}
	return f.Events(rows, f.behind)
}

// behind notes that a row is sent, and returns the id of an event that ends
// with it.
func (f *Follower) behind(row *executionlog.Attempt) string {
	f.place.add(row.ID, row.At.Add(row.Duration))
	return f.place.idBehind(row.ID)
}
