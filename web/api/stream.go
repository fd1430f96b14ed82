package api

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humamux"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/web/follow"
)

// keepAlive is how often a silent stream says that it is alive.
const keepAlive = 15 * time.Second

type streamQuery struct {
	FilterQuery
	LastEventID string `header:"Last-Event-ID" maxLength:"1000" doc:"The id of the last event that arrived, to go on behind it; event sources send it by themselves when they connect again"`
}

type exportQuery struct {
	FilterQuery
	Format string `query:"format" enum:"csv,ndjson" default:"csv"`
	Order  string `query:"order" enum:"newest,oldest" default:"newest"`
}

func (a *api) streamRoutes() {
	const tag = "executions"
	register(a, operation{
		method: http.MethodGet, path: "/executions/stream", id: "stream-executions", tag: tag, scope: config.ScopeRead,
		summary: "Follow the execution log as server-sent events",
		description: "Each event named execution has a row of the log as JSON in its data. Its id begins with the attempt's, up to a dot, and says where to go on: " +
			"a client that connects again with `Last-Event-ID`, to this or another process, misses nothing and gets nothing twice. " +
			fmt.Sprintf("That reaches back %d minutes, and %d attempts at most. ", int(follow.Back.Minutes()), follow.Most) +
			"What a client cannot have is told by an event named skipped: attempts that began from `from`, which is left out where nobody knows, to `to` may be missing; the log has them.",
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

func (a *api) stream(ctx context.Context, who caller, in *streamQuery) (*huma.StreamResponse, error) {
	filter, err := a.filterOf(in.FilterQuery, who)
	if err != nil {
		return nil, err
	}
	f := follow.New(follow.Options{
		Ledger: a.Ledger, Filter: filter, Now: a.now, Every: a.StreamEvery, Quiet: keepAlive,
		Alive: ": alive\n", Events: executionEvents, Skipped: skippedEvent,
	})
	if in.LastEventID != "" {
		if err := f.Resume(ctx, in.LastEventID); err != nil {
			return nil, err
		}
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		_, w := humamux.Unwrap(ctx)
		text, err := f.Begin(ctx.Context())
		if err != nil {
			writeProblem(w, problem(http.StatusServiceUnavailable, "the log cannot be read; try again").with("Retry-After", retryAfter))
		} else {
			err = f.Follow(ctx.Context(), w, text)
		}
		if err != nil && ctx.Context().Err() == nil {
			a.log.WarnContext(ctx.Context(), "following the log failed", "error", err)
		}
	}}, nil
}

// executionEvents writes each attempt as an event, with the place behind it.
func executionEvents(rows []*executionlog.Attempt, behind func(*executionlog.Attempt) string) (string, error) {
	var text strings.Builder
	for _, row := range rows {
		data, err := json.Marshal(viewExecution(row))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&text, "event: execution\nid: %s\ndata: %s\n\n", behind(row), data)
	}
	return text.String(), nil
}

func skippedEvent(skipped follow.Skipped) (string, error) {
	data, err := json.Marshal(skipped)
	if err != nil {
		return "", err
	}
	return "event: skipped\ndata: " + string(data) + "\n\n", nil
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
