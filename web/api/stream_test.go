package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hookdesk/hookdesk/executionlog"
)

// endlessLog is a ledger whose export goes on for as many rows as it has.
type endlessLog struct {
	executionlog.Ledger
	rows int
}

func (l endlessLog) Export(_ context.Context, _ executionlog.Filter, yield func(*executionlog.Attempt) error) error {
	row := &executionlog.Attempt{ID: "att_1", Error: strings.Repeat("text ", 40)}
	for n := range l.rows {
		row.Ticket = fmt.Sprint("T-", n)
		if err := yield(row); err != nil {
			return err
		}
	}
	return nil
}

// flow is a writer that remembers how much it got at most at a time.
type flow struct{ total, largest int }

func (f *flow) Write(p []byte) (int, error) {
	f.total += len(p)
	f.largest = max(f.largest, len(p))
	return len(p), nil
}

// TestExportIsAFlow shows that an export passes rows on as it gets them: what
// is held back, and what is allocated for a row, do not grow with the rows.
func TestExportIsAFlow(t *testing.T) {
	for name, write := range map[string]func(to *flow, rows int) error{
		"csv": func(to *flow, rows int) error {
			return writeCSV(to, func(yield func(*executionlog.Attempt) error) error {
				return endlessLog{rows: rows}.Export(t.Context(), executionlog.Filter{}, yield)
			})
		},
		"ndjson": func(to *flow, rows int) error {
			return writeLines(to, func(yield func(*executionlog.Attempt) error) error {
				return endlessLog{rows: rows}.Export(t.Context(), executionlog.Filter{}, yield)
			})
		},
	} {
		var few, many flow
		if err := write(&few, 1000); err != nil {
			t.Fatal(err)
		}
		if err := write(&many, 100_000); err != nil {
			t.Fatal(err)
		}
		if many.total < 90*few.total {
			t.Errorf("%s: %d bytes for 1,000 rows and %d for 100,000", name, few.total, many.total)
		}
		if many.largest > 64<<10 || many.largest > few.largest+1024 {
			t.Errorf("%s: holds back %d bytes of many rows, %d of few", name, many.largest, few.largest)
		}
	}
}

func TestExportedCellsAreNoFormulas(t *testing.T) {
	for text, want := range map[string]string{
		"=cmd()": "'=cmd()", "+1": "'+1", "-2": "'-2", "@sum": "'@sum", "\ttab": "'\ttab", "\rreturn": "'\rreturn",
		"plain": "plain", "a=b": "a=b", "": "",
	} {
		if got := harmless(text); got != want {
			t.Errorf("harmless(%q) = %q, want %q", text, got, want)
		}
	}
}

// TestExportWaitsForItsReader has a client that takes the beginning of an
// export without end: no more rows are read than fit into a buffer, and none
// once it has gone.
func TestExportWaitsForItsReader(t *testing.T) {
	for name, write := range map[string]func(io.Writer, eachAttempt) error{"csv": writeCSV, "ndjson": writeLines} {
		t.Run(name, func(t *testing.T) {
			reader, writer := io.Pipe()
			var rows atomic.Int64
			done := make(chan error)
			go func() {
				done <- write(writer, func(yield func(*executionlog.Attempt) error) error {
					return endlessLog{rows: math.MaxInt}.Export(t.Context(), executionlog.Filter{}, func(a *executionlog.Attempt) error {
						rows.Add(1)
						return yield(a)
					})
				})
			}()
			const taken = 10_000
			if _, err := io.CopyN(io.Discard, reader, taken); err != nil {
				t.Fatal(err)
			}
			// A row has more than 200 bytes.
			if n, most := rows.Load(), int64(taken+(64<<10))/200; n > most {
				t.Errorf("%d rows were read for %d bytes, want %d at most", n, taken, most)
			}
			if err := reader.Close(); err != nil {
				t.Fatal(err)
			}
			if err := <-done; !errors.Is(err, io.ErrClosedPipe) {
				t.Errorf("the export ended with %v", err)
			}
		})
	}
}
