package console

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/web/console/chart"
	"github.com/hookdesk/hookdesk/web/inspect"
)

func overviewRoutes(get, _ registrar) { get("/", showOverview) }

// overviewPage says how things are going.
type overviewPage struct {
	Span      string // 1h or 24h
	Chart     chart.Bars
	Succeeded int64
	Failed    int64
	Latency   []percentile
	Failing   []failing
	Lanes     []lane // at most laneLimit, the longest first
	MoreLanes int
	Feeds     bool // else another process has the lanes
	Queue     dispatcher.QueueStatus
	QueueErr  string
	Waiting   int
	Endpoints int
	Triggers  int
	Stopped   []*triggers.Endpoint // endpoints that are not active
	Dead      int
}

// percentile is one latency figure.
type percentile struct {
	Name string
	Took time.Duration
}

// failing is a group of like failures with the names behind it.
type failing struct {
	inspect.Failure
	EndpointName string
}

// lane is the state of an endpoint's lane with its name, and with the state of
// the endpoint where that holds the lane up: paused or disabled, else empty.
type lane struct {
	dispatcher.LaneStatus
	Name, Held string
}

func (r *request) laneOf(status dispatcher.LaneStatus) lane {
	l := lane{LaneStatus: status, Name: r.endpointName(status.Endpoint)}
	if e := r.Config.Endpoint(status.Endpoint); e != nil && e.Workspace == r.session.Workspace && e.State != triggers.EndpointActive {
		l.Held = string(e.State)
	}
	return l
}

func showOverview(r *request) error {
	page := &overviewPage{Span: "1h"}
	span, step := time.Hour, time.Minute
	if r.URL.Query().Get("span") == "24h" {
		page.Span, span, step = "24h", 24*time.Hour, time.Hour
	}
	if err := r.fillTraffic(page, span, step); err != nil {
		return err
	}
	if err := r.fillFailing(page, span); err != nil {
		return err
	}
	if err := r.fillLanes(page); err != nil {
		return err
	}
	return r.show("overview", "overview", "Overview", page)
}

// fillTraffic counts the attempts of the span and measures how long they took.
func (r *request) fillTraffic(page *overviewPage, span, step time.Duration) error {
	to := r.Now().UTC()
	from := to.Add(-span).Truncate(step)
	counted, err := r.Ledger.Histogram(r.Context(), executionlog.Filter{Workspace: r.session.Workspace, From: from, To: to}, step)
	if err != nil {
		return fmt.Errorf("count attempts: %w", err)
	}
	buckets := make([]chart.Bucket, len(counted))
	const layout = "2006-01-02T15:04:05"
	for i, b := range counted {
		page.Succeeded, page.Failed = page.Succeeded+b.Succeeded, page.Failed+b.Failed
		buckets[i] = chart.Bucket{
			At: b.At, Ok: b.Succeeded, Ko: b.Failed,
			Link: "/log?from=" + b.At.UTC().Format(layout) + "&to=" + b.At.Add(step).UTC().Format(layout),
		}
	}
	if page.Succeeded+page.Failed == 0 {
		return nil
	}
	page.Chart = chart.OverTime(buckets, from, to, step)
	shares := []float64{0.5, 0.95, 0.99}
	took, err := r.Ledger.Latency(r.Context(), r.session.Workspace, from, shares)
	if err != nil {
		return fmt.Errorf("measure latency: %w", err)
	}
	for i, d := range took {
		page.Latency = append(page.Latency, percentile{"p" + strconv.Itoa(int(shares[i]*100)), d})
	}
	return nil
}

func (r *request) fillFailing(page *overviewPage, span time.Duration) error {
	const most = 8
	found, err := r.inspect.Failures(r.Context(), r.session.Workspace, r.since(span), most)
	if err != nil {
		return err
	}
	for _, f := range found {
		page.Failing = append(page.Failing, failing{f, r.endpointName(f.Endpoint)})
	}
	return nil
}

// laneLimit is how many lanes the overview shows; operations show them all.
const laneLimit = 6

// fillLanes shows the queue and the lanes in which something happens.
func (r *request) fillLanes(page *overviewPage) error {
	for _, status := range r.Desk.Lanes(r.session.Workspace) {
		page.Waiting += status.Waiting
		if status.Waiting > 0 || status.InFlight > 0 || status.Breaker != "closed" {
			page.Lanes = append(page.Lanes, r.laneOf(status))
		}
	}
	slices.SortStableFunc(page.Lanes, func(a, b lane) int { return b.Waiting - a.Waiting })
	page.MoreLanes = max(0, len(page.Lanes)-laneLimit)
	page.Lanes = page.Lanes[:len(page.Lanes)-page.MoreLanes]
	var err error
	if page.Queue, err = r.Desk.Queue(r.Context()); err != nil {
		page.QueueErr = "The task queue does not answer. Changes are accepted and wait in the ledger until it does."
	}
	for _, e := range r.Config.Endpoints(r.session.Workspace) {
		page.Endpoints++
		if e.State != triggers.EndpointActive {
			page.Stopped = append(page.Stopped, r.Config.Public(e))
		}
	}
	page.Triggers = len(r.Config.Triggers(r.session.Workspace))
	counts, err := r.Ledger.Counts(r.Context(), r.session.Workspace, r.since(30*24*time.Hour))
	if err != nil {
		return fmt.Errorf("count deliveries: %w", err)
	}
	page.Feeds = r.Desk.Feeds()
	for _, c := range counts {
		page.Dead += c.Failed
		if !page.Feeds {
			page.Waiting += c.Pending
		}
	}
	return nil
}
