package follow

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

const (
	// window is how far back a look goes for attempts that began earlier and
	// ended now: longer than any attempt may take.
	window = 2 * time.Minute
	// late is how much later than it ended an attempt may be recorded and
	// still be sent, at least; where few attempts end it is window.
	late = 3 * time.Second
	// many is how many attempts one look may find again.
	many = 2000
	// pageSize is how many attempts are read at once.
	pageSize = 500
)

// fresh returns the rows not seen before, oldest first: all of them, however
// many came; only of those that a reader has missed, the newest.
func (f *Follower) fresh(ctx context.Context) ([]*executionlog.Attempt, error) {
	now, filter := f.Now(), f.Filter
	begin := now.Add(-window)
	if f.resumes {
		begin = f.from.Add(-window)
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
		found, err := f.Ledger.Executions(ctx, filter, pageSize, cursor)
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
		if f.resumes && len(f.seen) >= Most {
			f.leaveOut(filter.From, found.Items)
			break
		}
	}
	if again > many {
		f.late = max(late, f.late/2)
	} else {
		f.late = min(window, f.late*2)
	}
	f.looked = now
	slices.Reverse(rows)
	return rows, nil
}

// leaveOut notes that what began before the last rows found is skipped.
func (f *Follower) leaveOut(from time.Time, found []*executionlog.Attempt) {
	if f.skipped != nil && f.skipped.From != nil {
		from = *f.skipped.From
	}
	f.skipped = &Skipped{From: &from, To: f.looked}
	if n := len(found); n > 0 {
		f.skipped.To = found[n-1].At
	}
}
