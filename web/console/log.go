package console

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gorilla/mux"

	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/web/console/chart"
	"github.com/hookdesk/hookdesk/web/follow"
)

// logPageSize is how many attempts one page of the log shows.
const logPageSize = 50

func logRoutes(get, post registrar) {
	get("/log", showLog)
	get("/log/stream", streamLog)
	get("/log/export", exportLog)
	get("/log/{id}", showExecution)
	post("/log/searches", saveSearch)
	post("/log/searches/delete", deleteSearch)
}

// logPage is the execution log.
type logPage struct {
	Form      *logFilter
	Rows      []attemptRow
	Next      string // query of the next page, or empty
	First     bool   // whether this is the first page
	Estimate  int64
	Exact     bool
	Partial   bool   // whether the search goes on behind Next before the page is full
	Later     string // query of the page with the total and the chart, where there was no time for them
	Hasty     bool   // whether there are no figures, even for who waits
	Chart     chart.Bars
	Charted   string // which range the histogram shows, in words
	Roughly   bool   // its bars are estimates
	Endpoints []choice
	Triggers  []choice
	Systems   []choice
	Events    []choice
	Codes     []choice
	Searches  []savedSearch
	Spans     []span
	Tail      string // where the live tail goes on behind this page; empty for a page that nothing new comes to
}

// span is a link to a range that ends now.
type span struct {
	Name, Query string
	Current     bool
}

// choice is one option of a select.
type choice struct{ Value, Text string }

// attemptRow is one row of the log with the names behind its ids.
type attemptRow struct {
	*executionlog.Attempt
	EndpointName string
	Fresh        bool // came in while somebody watched
}

func showLog(r *request) error {
	query := r.URL.Query()
	form := readLogFilter(query, r.session.Workspace, r.Now())
	page := &logPage{Form: form, First: query.Get("cursor") == "", Exact: true}
	r.fillLogChoices(page)
	if len(form.faults) > 0 {
		return r.render(http.StatusUnprocessableEntity, "log", frame{Title: "Execution log", Section: "log", Page: page})
	}
	found, err := r.Ledger.Executions(r.Context(), form.Filter, logPageSize, query.Get("cursor"))
	if err != nil {
		return err
	}
	page.Rows, page.Partial = r.attemptRows(found.Items), found.Partial
	if page.First && !form.Filter.OldestFirst && form.Filter.To.IsZero() {
		page.Tail = follow.PlaceBehind(found.Items, r.Now())
	}
	if found.Next != "" {
		page.Next = form.With("cursor", found.Next)
	}
	if found.Partial {
		page.Hasty = true // counting goes through the same rows
		return r.show("log", "log", "Execution log", page)
	}
	waits := query.Get("figures") != ""
	patience := r.Patience
	if waits {
		patience *= waitingFactor
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	if err := r.fillFigures(ctx, page); err != nil {
		if ctx.Err() == nil || r.Context().Err() != nil {
			return err
		}
		if page.Hasty = waits; !waits {
			page.Later = form.With("cursor", query.Get("cursor"), "figures", "1")
		}
	}
	return r.show("log", "log", "Execution log", page)
}

// waitingFactor is how many times longer than others a page may take that
// somebody asks for who waits for its figures.
const waitingFactor = 100

// fillFigures counts how much a search finds, and when it was.
func (r *request) fillFigures(ctx context.Context, page *logPage) (err error) {
	if page.Estimate, page.Exact, err = r.Ledger.Estimate(ctx, page.Form.Filter); err != nil {
		return err
	}
	return r.fillHistogram(ctx, page)
}

// fillHistogram counts attempts over time; each bar leads to its own range.
func (r *request) fillHistogram(ctx context.Context, page *logPage) error {
	from, to, step := page.Form.window()
	filter := page.Form.Filter
	filter.From, filter.To = from, to
	counted, err := r.Ledger.Histogram(ctx, filter, step)
	if err != nil {
		return err
	}
	buckets := make([]chart.Bucket, len(counted))
	for i, b := range counted {
		buckets[i] = chart.Bucket{At: b.At, Ok: b.Succeeded, Ko: b.Failed, Link: "/log?" + page.Form.With(
			"last", "", "from", b.At.UTC().Format("2006-01-02T15:04:05"), "to", b.At.Add(step).UTC().Format("2006-01-02T15:04:05"))}
	}
	page.Chart = chart.OverTime(buckets, from, to, step)
	page.Chart.Draggable = true
	page.Roughly = slices.ContainsFunc(counted, func(b executionlog.Bucket) bool { return b.Estimated })
	page.Charted = fmt.Sprintf("%s to %s UTC", from.UTC().Format("2006-01-02 15:04"), to.UTC().Format("2006-01-02 15:04"))
	return nil
}

// fillLogChoices fills the selects of the form from the configuration.
func (r *request) fillLogChoices(page *logPage) {
	page.Endpoints, page.Triggers = r.endpointChoices(), r.triggerChoices()
	chosen := page.Form.Value("system")
	seen := map[string]bool{}
	for _, system := range r.Systems.All() {
		sheet := system.Sheet()
		page.Systems = append(page.Systems, choice{sheet.Name, sheet.Title})
		if chosen != "" && chosen != sheet.Name {
			continue
		}
		for _, event := range sheet.Events {
			if !seen[event.Name] {
				seen[event.Name] = true
				page.Events = append(page.Events, choice{event.Name, event.Name})
			}
		}
	}
	for _, code := range sender.Codes() {
		title, _ := sender.Describe(code)
		page.Codes = append(page.Codes, choice{string(code), title})
	}
	for _, name := range []string{"15m", "1h", "24h", "7d", "30d"} {
		page.Spans = append(page.Spans, span{
			Name: name, Current: page.Form.Value("last") == name,
			Query: page.Form.With("last", name, "from", "", "to", ""),
		})
	}
	page.Searches = r.savedSearches()
}

func (r *request) endpointChoices() []choice {
	var list []choice
	for _, e := range r.Config.Endpoints(r.session.Workspace) {
		list = append(list, choice{e.ID, e.Name})
	}
	return list
}

func (r *request) triggerChoices() []choice {
	var list []choice
	for _, t := range r.Config.Triggers(r.session.Workspace) {
		list = append(list, choice{t.ID, t.Name})
	}
	return list
}

// attemptRows puts names beside the ids of attempts.
func (r *request) attemptRows(attempts []*executionlog.Attempt) []attemptRow {
	rows := make([]attemptRow, len(attempts))
	for i, a := range attempts {
		rows[i] = attemptRow{Attempt: a, EndpointName: r.endpointName(a.Endpoint)}
	}
	return rows
}

// endpointName returns the name of an endpoint, its id once it is deleted.
func (r *request) endpointName(id string) string {
	if e := r.Config.Endpoint(id); e != nil && e.Workspace == r.session.Workspace {
		return e.Name
	}
	return id
}

// triggerName returns the name of a trigger, its id once it is deleted.
func (r *request) triggerName(id string) string {
	if t := r.Config.Trigger(id); t != nil && t.Workspace == r.session.Workspace {
		return t.Name
	}
	return id
}

// showExecution leads from an attempt's id to its place on the delivery's page.
func showExecution(r *request) error {
	attempt, err := r.Ledger.Execution(r.Context(), r.session.Workspace, r.segment("id"))
	if err != nil {
		return err
	}
	return r.redirect("/deliveries/" + attempt.Delivery + "#" + attempt.ID)
}

// savedSearch is a filter somebody gave a name.
type savedSearch struct{ ID, Name, Query string }

// since returns the start of a span that ends now.
func (r *request) since(span time.Duration) time.Time { return r.Now().UTC().Add(-span) }

// segment returns a part of the path, such as the id in /log/{id}.
func (r *request) segment(name string) string {
	text := mux.Vars(r.Request)[name]
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}
