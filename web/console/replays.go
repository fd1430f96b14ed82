package console

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
)

func replayRoutes(get, post registrar) {
	get("/replays", listReplays)
	get("/replays/new", countReplay)
	post("/replays", startReplay)
	get("/replays/{id}", showReplay)
	post("/replays/{id}/cancel", cancelReplay)
	post("/replays/{id}/resume", resumeReplay)
}

// defaultReplayRate is how many deliveries a second a replay makes unless
// somebody says otherwise.
const defaultReplayRate = 20

// newReplayPage says what a bulk replay would do, before it does it.
type newReplayPage struct {
	Form  *logFilter
	Count int // of deliveries; -1 while they are not counted
	// AtLeast says that there may be more than Count.
	AtLeast bool

	// Attempts are those behind which the deliveries stand, where these are not
	// counted: exactly, or about as many. -1 where there was no time even for
	// that.
	Attempts int64
	Exact    bool

	Rate  float64
	Fault string
	// FaultAll is what is wrong where nobody confirmed to replay everything.
	FaultAll string
}

func countReplay(r *request) error {
	form := readLogFilter(r.URL.Query(), r.session.Workspace, r.Now())
	if len(form.faults) > 0 {
		return r.redirect("/log?" + form.Query())
	}
	page := &newReplayPage{Form: form, Count: -1, Rate: defaultReplayRate}
	if r.URL.Query().Get("count") == "" {
		if err := r.estimateReplay(page); err != nil {
			return err
		}
	}
	if page.Exact && page.Attempts <= countedAtOnce || r.URL.Query().Get("count") != "" {
		counted, err := r.Desk.CountReplay(r.Context(), form.Filter)
		if err != nil {
			return err
		}
		page.Count, page.AtLeast = counted.Deliveries, counted.AtLeast
	}
	return r.show("replaynew", "log", "Bulk replay", page)
}

// countedAtOnce is behind how many attempts the deliveries are counted before
// the page is shown.
const countedAtOnce = 2000

// estimateReplay says how many attempts a filter finds, as far as there is time.
func (r *request) estimateReplay(page *newReplayPage) (err error) {
	ctx, cancel := context.WithTimeout(r.Context(), r.Patience)
	defer cancel()
	page.Attempts, page.Exact, err = r.Ledger.Estimate(ctx, page.Form.Filter)
	if err != nil && ctx.Err() != nil && r.Context().Err() == nil {
		page.Attempts, page.Exact, err = -1, false, nil
	}
	return err
}

// Counting is the query of the page that counts the deliveries.
func (p *newReplayPage) Counting() string { return p.Form.With("count", "exact") }

func startReplay(r *request) error {
	query, err := url.ParseQuery(r.PostFormValue("query"))
	if err != nil {
		query = url.Values{}
	}
	form := readLogFilter(query, r.session.Workspace, r.Now())
	rate, err := strconv.ParseFloat(strings.TrimSpace(r.PostFormValue("rate")), 64)
	page := &newReplayPage{Form: form, Rate: defaultReplayRate}
	if err != nil || rate <= 0 || rate > 1000 || len(form.faults) > 0 {
		page.Fault = "A number above 0, at most 1000."
	}
	if form.Filter.Everything() && r.PostFormValue("all") == "" {
		page.FaultAll = "Say that you mean everything, or go back and set a filter."
	}
	if page.Fault != "" || page.FaultAll != "" {
		if page.Count, err = strconv.Atoi(r.PostFormValue("count")); err != nil {
			page.Count, page.Attempts = -1, -1
		}
		page.AtLeast = r.PostFormValue("at_least") != ""
		return r.render(http.StatusUnprocessableEntity, "replaynew", frame{Title: "Bulk replay", Section: "log", Page: page})
	}
	replay, err := r.Desk.StartReplay(r.Context(), form.Filter, rate, r.session.Name)
	if err != nil {
		return err
	}
	return r.redirect("/replays/" + replay.ID)
}

// replayPage is one replay with its progress.
type replayPage struct {
	*dispatcher.Replay
	Form *logFilter // the search behind which its deliveries stand
}

// replayPage leaves out of a replay's search what every replay has: an order,
// and an end at which it was started.
func (r *request) replayPage(replay *dispatcher.Replay) replayPage {
	filter := replay.Filter
	filter.OldestFirst = false
	if !filter.To.Before(replay.CreatedAt) {
		filter.To = time.Time{}
	}
	return replayPage{replay, formOfFilter(filter, r.Now())}
}

// Share returns how much of the replay is done, in percent.
func (p replayPage) Share() int {
	if p.Total == 0 || p.State == dispatcher.JobDone {
		return 100
	}
	return p.Done * 100 / p.Total
}

// Resumable reports whether it can go on where it was.
func (p replayPage) Resumable() bool {
	return p.State == dispatcher.JobCancelled || p.State == dispatcher.JobFailed
}

// LeftOut returns how many deliveries a replay that is through did not repeat.
func (p replayPage) LeftOut() int {
	if p.State != dispatcher.JobDone {
		return 0
	}
	return max(0, p.Total-p.Done)
}

func showReplay(r *request) error {
	replay, err := r.Desk.Replay(r.Context(), r.session.Workspace, r.segment("id"))
	if err != nil {
		return err
	}
	return r.show("replay", "operations", "Replay", r.replayPage(replay))
}

func cancelReplay(r *request) error {
	replay, err := r.Desk.CancelReplay(r.Context(), r.session.Workspace, r.segment("id"), r.session.Name)
	if err != nil {
		return err
	}
	r.done("Stopped the replay. What it made already is delivered.")
	return r.redirect("/replays/" + replay.ID)
}

func resumeReplay(r *request) error {
	replay, err := r.Desk.ResumeReplay(r.Context(), r.session.Workspace, r.segment("id"), r.session.Name)
	if err != nil {
		return err
	}
	r.done("The replay goes on where it was.")
	return r.redirect("/replays/" + replay.ID)
}

// replaysPage lists the replays.
type replaysPage struct {
	Replays []replayPage
}

func listReplays(r *request) error {
	list, err := r.Desk.Replays(r.Context(), r.session.Workspace)
	if err != nil {
		return err
	}
	page := &replaysPage{}
	for _, replay := range list {
		page.Replays = append(page.Replays, r.replayPage(replay))
	}
	return r.show("replays", "operations", "Replays", page)
}
