package api

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humamux"

	"github.com/hookdesk/hookdesk/dispatcher/config"
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
	// keepAlive is how often a silent stream says that it is alive.
	keepAlive = 15 * time.Second
	// writeLimit is how long a client may take to read what it was sent.
	writeLimit = 30 * time.Second
)

type exportQuery struct {
	FilterQuery
	Format string `query:"format" enum:"csv,ndjson" default:"csv"`
	Order  string `query:"order" enum:"newest,oldest" default:"newest"`
}

func (a *api) streamRoutes() {
	const tag = "executions"
	register(a, operation{
		method: http.MethodGet, path: "/executions/stream", id: "stream-executions", tag: tag, scope: config.ScopeRead,
		summary:     "Follow the execution log as server-sent events",
		description: "Each event is named execution, has the attempt's id as its id, and a row of the log as JSON in its data.",
	}, a.stream)
	register(a, operation{
		method: http.MethodGet, path: "/executions/export", id: "export-executions", tag: tag, scope: config.ScopeRead,
		summary: "Export the execution log as CSV or as one JSON row per line",
	}, a.export)
	register(a, operation{
		method: http.MethodGet, path: "/executions/{id}", id: "get-execution", tag: tag, scope: config.ScopeRead,
		summary: "Read an attempt: the request as sent, the response, the timings",
	}, a.getExecution)
	a.documentStream("/executions/stream", "text/event-stream")
	a.documentStream("/executions/export", "text/csv", "application/x-ndjson")
}

func (a *api) documentStream(path string, mediaTypes ...string) {
	response := a.described(http.MethodGet, Base+path).Responses["200"]
	response.Content = map[string]*huma.MediaType{}
	for _, mediaType := range mediaTypes {
		response.Content[mediaType] = &huma.MediaType{Schema: &huma.Schema{Type: "string"}}
	}
}

func (a *api) stream(_ context.Context, who caller, in *FilterQuery) (*huma.StreamResponse, error) {
	filter, err := a.filterOf(*in, who)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		_, w := humamux.Unwrap(ctx)
		f := newFollower(a.Ledger, filter, a.now)
		if err := f.follow(ctx.Context(), w, a.StreamEvery); err != nil && ctx.Context().Err() == nil {
			a.log.WarnContext(ctx.Context(), "following the log failed", "error", err)
		}
	}}, nil
}

// follower sends the rows of the log that come after it has begun: attempts
// are in the log by when they began, and come when they have ended.
type follower struct {
	ledger executionlog.Ledger
	filter executionlog.Filter
	now    func() time.Time
	looked time.Time            // when it looked last
	late   time.Duration        // how far before that it looks again
	from   time.Time            // what ended before is not looked at
	seen   map[string]time.Time // when the other rows ended, by id
}

func newFollower(ledger executionlog.Ledger, filter executionlog.Filter, now func() time.Time) *follower {
	begun := now()
	return &follower{
		ledger: ledger, filter: filter, now: now, seen: map[string]time.Time{},
		looked: begun, late: streamLate, from: begun.Add(-streamLate),
	}
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
	if _, err := f.fresh(ctx); err != nil { // what is there already is not new
		writeProblem(w, problem(http.StatusServiceUnavailable, "the log cannot be read; try again").with("Retry-After", retryAfter))
		return err
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	if err := send(": following\n\n"); err != nil {
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
		var text strings.Builder
		for _, row := range rows {
			data, err := json.Marshal(viewExecution(row))
			if err != nil {
				return err
			}
			fmt.Fprintf(&text, "event: execution\nid: %s\ndata: %s\n\n", row.ID, data)
		}
		if text.Len() == 0 && silent >= keepAlive {
			text.WriteString(": alive\n\n")
		}
		if text.Len() == 0 {
			continue
		}
		if err := send(text.String()); err != nil {
			return err
		}
		silent = 0
	}
}

// fresh returns the rows not seen before, oldest first: all of them, however
// many came.
func (f *follower) fresh(ctx context.Context) ([]*executionlog.Attempt, error) {
	now, filter := f.now(), f.filter
	if begin := now.Add(-streamWindow); filter.From.Before(begin) {
		filter.From = begin
	}
	if from := f.looked.Add(-f.late); from.After(f.from) {
		f.from = from // never back: what has been forgotten would be new again
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
			if _, seen := f.seen[row.ID]; seen {
				again++
				continue
			}
			f.seen[row.ID] = row.At.Add(row.Duration)
			rows = append(rows, row)
		}
		if cursor = found.Next; cursor == "" {
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

func (a *api) export(_ context.Context, who caller, in *exportQuery) (*huma.StreamResponse, error) {
	filter, err := a.filterOf(in.FilterQuery, who)
	if err != nil {
		return nil, err
	}
	filter.OldestFirst = in.Order == "oldest"
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		_, w := humamux.Unwrap(ctx)
		kind, write := "text/csv; charset=utf-8", writeCSV
		if in.Format == "ndjson" {
			kind, write = "application/x-ndjson", writeLines
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Content-Disposition", `attachment; filename="executions.`+in.Format+`"`)
		each := func(yield func(*executionlog.Attempt) error) error {
			return a.Ledger.Export(ctx.Context(), filter, yield)
		}
		if err := write(w, each); err != nil {
			if ctx.Context().Err() == nil {
				a.log.WarnContext(ctx.Context(), "exporting the log failed", "error", err)
			}
			panic(http.ErrAbortHandler) // the client must see that the file is not whole
		}
	}}, nil
}

// exportColumns are the header line of a CSV export.
var exportColumns = []string{
	"id", "at", "outcome", "http_status", "error_code", "error", "ticket", "system", "event", "number",
	"duration_ms", "endpoint", "trigger", "delivery", "change",
}

type eachAttempt func(yield func(*executionlog.Attempt) error) error

func writeCSV(w io.Writer, each eachAttempt) error {
	lines := csv.NewWriter(w)
	if err := lines.Write(exportColumns); err != nil {
		return err
	}
	err := each(func(attempt *executionlog.Attempt) error {
		row := viewExecution(attempt)
		status := ""
		if row.HTTPStatus > 0 {
			status = strconv.Itoa(row.HTTPStatus)
		}
		return lines.Write([]string{
			row.ID, row.At.Format(time.RFC3339Nano), string(row.Outcome), status, row.ErrorCode, harmless(row.Error),
			harmless(row.Ticket), row.System, harmless(row.Event), strconv.Itoa(row.Number),
			strconv.FormatFloat(row.DurationMS, 'f', -1, 64), row.Endpoint, row.Trigger, row.Delivery, row.Change,
		})
	})
	if err != nil {
		return err
	}
	lines.Flush()
	return lines.Error()
}

// harmless keeps a spreadsheet from taking a stranger's text for a formula.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

func writeLines(w io.Writer, each eachAttempt) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return each(func(attempt *executionlog.Attempt) error { return encoder.Encode(viewExecution(attempt)) })
}
