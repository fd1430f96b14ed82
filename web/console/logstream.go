package console

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

	"github.com/hookdesk/hookdesk/executionlog"
)

const (
	// tailInterval is how often the live tail looks for new attempts.
	tailInterval = time.Second
	// tailBatch is the most attempts that it shows at once.
	tailBatch = 100
	// tailPages bounds how many are counted that are not shown, each time.
	tailPages = 20
	// tailOverlap is how far back it looks again, for attempts that were
	// recorded later than they began. It covers the longest timeout.
	tailOverlap = 70 * time.Second
)

// streamLog sends rows of the log as they come, as server-sent events. Rows
// that a page shows already are left out by the page.
func streamLog(r *request) error {
	form := readLogFilter(r.URL.Query(), r.session.Workspace, r.Now())
	filter := form.Filter
	filter.To, filter.OldestFirst = time.Time{}, false
	control := http.NewResponseController(r.w)
	_ = control.SetWriteDeadline(time.Time{}) // a recorder in a test has none
	header := r.w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no")
	if _, err := io.WriteString(r.w, "retry: 2000\n\n"); err != nil {
		return nil //nolint:nilerr // the reader went away
	}
	_ = control.Flush()
	return r.follow(control, filter)
}

func (r *request) follow(control *http.ResponseController, filter executionlog.Filter) error {
	ctx := r.Context()
	ticker := time.NewTicker(tailInterval)
	defer ticker.Stop()
	seen := tail{after: r.Now().Add(-tailInterval), ids: map[string]time.Time{}}
	for {
		if r.sessionOf(r.Request).Workspace != r.session.Workspace {
			return nil // signed out, or revoked
		}
		filter.From = r.since(tailOverlap)
		seen.forget(filter.From)
		if err := r.sendNew(ctx, filter, &seen); err != nil {
			return nil //nolint:nilerr // the reader went away
		}
		if err := control.Flush(); err != nil {
			return nil // the reader went away
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// sendNew sends the newest attempts that were not sent yet, and says how many
// it left out because more came in than anybody could read. An error means
// that the reader went away.
func (r *request) sendNew(ctx context.Context, filter executionlog.Filter, seen *tail) error {
	found, err := r.Ledger.Executions(ctx, filter, tailBatch, "")
	if err != nil {
		return nil //nolint:nilerr // tried again in a second
	}
	fresh := seen.unseen(found.Items)
	skipped, news := 0, len(fresh)
	for pages := 1; news == tailBatch && found.Next != "" && pages < tailPages; pages++ {
		if found, err = r.Ledger.Executions(ctx, filter, tailBatch, found.Next); err != nil {
			break
		}
		news = len(seen.unseen(found.Items))
		skipped += news
	}
	if err := r.sendRows(ctx, fresh); err != nil || skipped == 0 {
		return err
	}
	_, err = fmt.Fprintf(r.w, "event: skipped\ndata: %d\n\n", skipped)
	return err
}

// tail is what a reader of the live tail was told of already.
type tail struct {
	after time.Time            // attempts that ended earlier are none of it
	ids   map[string]time.Time // when they began
}

// unseen returns the attempts that are new, and notes them.
func (t *tail) unseen(attempts []*executionlog.Attempt) []*executionlog.Attempt {
	var fresh []*executionlog.Attempt
	for _, a := range attempts {
		if _, known := t.ids[a.ID]; !known && a.At.Add(a.Duration).After(t.after) {
			fresh = append(fresh, a)
		}
		t.ids[a.ID] = a.At
	}
	return fresh
}

// forget drops attempts that have left the time that is looked at.
func (t *tail) forget(before time.Time) {
	maps.DeleteFunc(t.ids, func(_ string, at time.Time) bool { return at.Before(before) })
}

// sendRows sends attempts as rows of the table, or a comment that keeps the
// connection alive.
func (r *request) sendRows(_ context.Context, attempts []*executionlog.Attempt) error {
	if len(attempts) == 0 {
		_, err := io.WriteString(r.w, ": nothing new\n\n")
		return err
	}
	var event strings.Builder
	event.WriteString("event: rows\n")
	for _, row := range r.attemptRows(attempts) {
		row.Fresh = true
		text, err := r.pages.execute("log", "attempt-row", row)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(text)) {
			event.WriteString("data: " + strings.TrimRight(line, "\r\n") + "\n")
		}
	}
	event.WriteString("\n")
	_, err := io.WriteString(r.w, event.String())
	return err
}

// exportLog sends every attempt behind the filter as CSV or as one JSON
// document to a line.
func exportLog(r *request) error {
	form := readLogFilter(r.URL.Query(), r.session.Workspace, r.Now())
	if len(form.faults) > 0 {
		return r.redirect("/log?" + form.Query())
	}
	write, kind := exportCSV, "csv"
	if r.URL.Query().Get("format") == "ndjson" {
		write, kind = exportLines, "ndjson"
	}
	contentType := map[string]string{"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}[kind]
	header := r.w.Header()
	header.Set("Content-Type", contentType)
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="executions-%s.%s"`, r.Now().UTC().Format("20060102-150405"), kind))
	_ = http.NewResponseController(r.w).SetWriteDeadline(time.Time{})
	if err := write(r.Context(), r.Ledger, form.Filter, r.w); err != nil {
		// The status is sent: all that is left is to end the answer so that
		// it cannot be mistaken for a whole one.
		r.log.ErrorContext(r.Context(), "an export ended early", "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

var exportColumns = []string{
	"id", "at", "ticket", "system", "event", "endpoint", "trigger", "delivery", "change",
	"number", "outcome", "http_status", "error_code", "error", "duration_ms",
}

func exportCSV(ctx context.Context, ledger executionlog.Search, filter executionlog.Filter, to io.Writer) error {
	out := csv.NewWriter(to)
	if err := out.Write(exportColumns); err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	err := ledger.Export(ctx, filter, func(a *executionlog.Attempt) error {
		status := ""
		if a.HTTPStatus > 0 {
			status = strconv.Itoa(a.HTTPStatus)
		}
		cells := []string{
			a.ID, a.At.UTC().Format(time.RFC3339Nano), a.Ticket, a.System, a.Event, a.Endpoint, a.Trigger, a.Delivery, a.Change,
			strconv.Itoa(a.Number), string(a.Outcome), status, a.ErrorCode, a.Error,
			strconv.FormatFloat(float64(a.Duration)/float64(time.Millisecond), 'f', 3, 64),
		}
		for i := range cells {
			cells[i] = harmless(cells[i])
		}
		return out.Write(cells)
	})
	out.Flush()
	if err == nil {
		err = out.Error()
	}
	if err != nil {
		return fmt.Errorf("export attempts: %w", err)
	}
	return nil
}

// harmless keeps spreadsheets from taking a text by a stranger for a formula.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// exportedAttempt is an attempt as one line of an export.
type exportedAttempt struct {
	ID         string    `json:"id"`
	At         time.Time `json:"at"`
	Ticket     string    `json:"ticket"`
	System     string    `json:"system"`
	Event      string    `json:"event"`
	Endpoint   string    `json:"endpoint"`
	Trigger    string    `json:"trigger,omitempty"`
	Delivery   string    `json:"delivery"`
	Change     string    `json:"change,omitempty"`
	Number     int       `json:"number"`
	Outcome    string    `json:"outcome"`
	HTTPStatus int       `json:"http_status,omitempty"`
	ErrorCode  string    `json:"error_code,omitempty"`
	Error      string    `json:"error,omitempty"`
	DurationMS float64   `json:"duration_ms"`
}

func exportLines(ctx context.Context, ledger executionlog.Search, filter executionlog.Filter, to io.Writer) error {
	out := json.NewEncoder(to)
	out.SetEscapeHTML(false)
	err := ledger.Export(ctx, filter, func(a *executionlog.Attempt) error {
		return out.Encode(exportedAttempt{
			ID: a.ID, At: a.At.UTC(), Ticket: a.Ticket, System: a.System, Event: a.Event, Endpoint: a.Endpoint,
			Trigger: a.Trigger, Delivery: a.Delivery, Change: a.Change, Number: a.Number, Outcome: string(a.Outcome),
			HTTPStatus: a.HTTPStatus, ErrorCode: a.ErrorCode, Error: a.Error,
			DurationMS: float64(a.Duration) / float64(time.Millisecond),
		})
	})
	if err != nil {
		return fmt.Errorf("export attempts: %w", err)
	}
	return nil
}

// savedSearches lists the workspace's saved searches, newest first.
func (r *request) savedSearches() []savedSearch {
	var list []savedSearch
	for _, s := range r.Config.Searches(r.session.Workspace) {
		list = append(list, savedSearch{ID: s.ID, Name: s.Name, Query: s.Query})
	}
	slices.Reverse(list)
	return list
}
