package console

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

	"github.com/hookdesk/hookdesk/executionlog"
)

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
