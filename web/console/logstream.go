package console

import (
	"cmp"
	"context"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/web/follow"
)

const (
	// tailInterval is how often the live tail looks for new attempts.
	tailInterval = time.Second
	// tailQuiet is how often it says that it is alive. The page connects again
	// when it has heard nothing for three times as long.
	tailQuiet = 5 * time.Second
	// tailBatch is the most attempts that it shows at once.
	tailBatch = 100
	// tailMissed is the most that it shows of what a reader has missed: as many
	// as the page holds.
	tailMissed = 500
)

// streamLog sends rows of the log as they come, as server-sent events. It goes
// on behind the event that the page got last, or behind the page itself.
func streamLog(r *request) error {
	form := readLogFilter(r.URL.Query(), r.session.Workspace, r.Now())
	filter := form.Filter
	filter.To, filter.OldestFirst = time.Time{}, false
	f := follow.New(follow.Options{
		Ledger: r.Ledger, Filter: filter, Now: r.Now, Every: tailInterval, Quiet: tailQuiet, Alive: "event: alive\ndata: 1\n",
		Events: r.tailEvents(), Skipped: tailGap(form), Ends: r.tailEnds,
	})
	if last := cmp.Or(r.Header.Get("Last-Event-ID"), r.URL.Query().Get("after")); last != "" {
		if err := f.Resume(r.Context(), last); err != nil {
			return err
		}
	}
	text, err := f.Begin(r.Context())
	if err != nil {
		return err
	}
	r.w.Header().Set("Cache-Control", "no-store")
	if err := f.Follow(r.Context(), r.w, "retry: 2000\n\n"+text); err != nil && r.Context().Err() == nil {
		r.log.WarnContext(context.WithoutCancel(r.Context()), "the live tail ended", "error", err)
	}
	return nil
}

// tailEnds ends the tail of who is signed out, or whose token is revoked.
func (r *request) tailEnds() string {
	if r.sessionOf(r.Request).Workspace == r.session.Workspace {
		return ""
	}
	return signedOutEvent
}

// signedOutEvent tells a live tail why it has ended.
const signedOutEvent = "event: ended\ndata: You are signed out. Load the page again to sign in.\n\n"

// tailEvents writes the newest attempts as rows of the table, and says how many
// it left out because more came in than anybody could read.
func (r *request) tailEvents() func([]*executionlog.Attempt, func(*executionlog.Attempt) string) (string, error) {
	most := tailMissed
	return func(attempts []*executionlog.Attempt, behind func(*executionlog.Attempt) string) (string, error) {
		var text strings.Builder
		if skipped := len(attempts) - most; skipped > 0 {
			fmt.Fprintf(&text, "event: skipped\ndata: %d\n\n", skipped)
		}
		last := ""
		for _, attempt := range attempts {
			last = behind(attempt)
		}
		shown := slices.Clone(attempts[max(0, len(attempts)-most):])
		slices.Reverse(shown)
		most = tailBatch
		text.WriteString("event: rows\nid: " + last + "\n")
		for _, row := range r.attemptRows(shown) {
			row.Fresh = true
			html, err := r.pages.execute("log", "attempt-row", row)
			if err != nil {
				return "", err
			}
			for line := range strings.Lines(string(html)) {
				text.WriteString("data: " + strings.TrimRight(line, "\r\n") + "\n")
			}
		}
		text.WriteString("\n")
		return text.String(), nil
	}
}

// tailGap writes a row that says what the tail cannot show, since its reader
// was away for too long, and leads to it.
func tailGap(form *logFilter) func(follow.Skipped) (string, error) {
	return func(skipped follow.Skipped) (string, error) {
		const layout = "2006-01-02T15:04:05"
		to := skipped.To.UTC().Add(time.Second)
		text, query := "What came before "+to.Format(time.TimeOnly)+" UTC may be missing here.", form.With("last", "", "to", to.Format(layout))
		if skipped.From != nil {
			from := skipped.From.UTC()
			text = "What came from " + from.Format(time.TimeOnly) + " to " + to.Format(time.TimeOnly) + " UTC may be missing here."
			query = form.With("last", "", "from", from.Format(layout), "to", to.Format(layout))
		}
		return `event: rows` + "\n" + `data: <tr class="gap"><td colspan="8">` + text +
			` <a href="/log?` + template.HTMLEscapeString(query) + `">Show it</a></td></tr>` + "\n\n", nil
	}
}

// streams reports whether a request is that of an event source.
func streams(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/event-stream")
}
