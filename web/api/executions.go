package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/executionlog"
)

type executionQuery struct {
	PageQuery
	FilterQuery
	Order string `query:"order" enum:"newest,oldest" default:"newest"`
}

// executionPage is a part of the execution log.
type executionPage struct {
	Items            []ExecutionView `json:"items" nullable:"false"`
	NextCursor       string          `json:"next_cursor" doc:"For the next page; empty at the end"`
	SearchIncomplete bool            `json:"search_incomplete,omitempty" doc:"No index answers this search, and it stopped before the page was full, which may be empty: next_cursor goes on. A time, a ticket, an endpoint or, for response, outcome=failed makes it faster"`
}

// executionCount is how many rows a filter finds.
type executionCount struct {
	Count int64 `json:"count" doc:"How many attempts there are"`
	Exact bool  `json:"exact" doc:"False where it is an estimate, of a search that finds many and that no count of the ledger answers"`
}

type histogramQuery struct {
	FilterQuery
	Step string `query:"step" enum:"minute,hour,day" doc:"Chosen by the range if left out"`
}

// histogram counts attempts per step.
type histogram struct {
	Step  string         `json:"step" enum:"minute,hour,day"`
	From  time.Time      `json:"from"`
	To    time.Time      `json:"to"`
	Items []histogramBar `json:"items" nullable:"false"`

	Estimated bool `json:"estimated,omitempty" doc:"Very many attempts may contain the text of an error that was asked for: a sample of them was compared, all of which do, and all were counted"`
}

// histogramBar is one bar of a histogram.
type histogramBar struct {
	At        time.Time `json:"at" doc:"When the step begins, in UTC"`
	Succeeded int64     `json:"succeeded"`
	Failed    int64     `json:"failed"`
}

func (a *api) executionRoutes() {
	const tag = "executions"
	register(a, operation{
		method: http.MethodGet, path: "/executions", id: "list-executions", tag: tag, scope: config.ScopeRead,
		summary: "Search the execution log, one row per attempt, newest first",
	}, a.listExecutions)
	register(a, operation{
		method: http.MethodGet, path: "/executions/count", id: "count-executions", tag: tag, scope: config.ScopeRead,
		summary: "Count the attempts that a filter finds, or estimate how many they are",
	}, a.countExecutions)
	register(a, operation{
		method: http.MethodGet, path: "/executions/histogram", id: "get-histogram", tag: tag, scope: config.ScopeRead,
		summary: "Count attempts per minute, hour or day; over the last day if no range is given",
	}, a.getHistogram)
}

func (a *api) countExecutions(ctx context.Context, who caller, in *FilterQuery) (*out[executionCount], error) {
	filter, err := a.filterOf(*in, who)
	if err != nil {
		return nil, err
	}
	count, exact, err := a.Ledger.Estimate(ctx, filter)
	if err != nil {
		return nil, err
	}
	return answer(executionCount{count, exact}), nil
}

func (a *api) listExecutions(ctx context.Context, who caller, in *executionQuery) (*out[executionPage], error) {
	filter, err := a.filterOf(in.FilterQuery, who)
	if err != nil {
		return nil, err
	}
	filter.OldestFirst = in.Order == "oldest"
	found, err := a.Ledger.Executions(ctx, filter, in.Limit, in.Cursor)
	if err != nil {
		return nil, err
	}
	rows := pageOf(found, viewExecution)
	return answer(executionPage{Items: rows.Items, NextCursor: rows.NextCursor, SearchIncomplete: found.Partial}), nil
}

func (a *api) getExecution(ctx context.Context, who caller, in *IDPath) (*out[executionDetail], error) {
	attempt, err := a.Ledger.Execution(ctx, who.workspace, in.ID)
	if err != nil {
		return nil, err
	}
	request, err := a.requestOf(ctx, who.workspace, attempt.Delivery)
	if err != nil {
		return nil, err
	}
	return answer(viewExecutionDetail(attempt, request)), nil
}

// steps are the steps of a histogram, each with the longest range for which it
// is chosen by itself, and the longest that it allows.
var steps = []struct {
	name          string
	step          time.Duration
	chosen, allow time.Duration
}{
	{"minute", time.Minute, 3 * time.Hour, 2 * 24 * time.Hour},
	{"hour", time.Hour, 7 * 24 * time.Hour, 92 * 24 * time.Hour},
	{"day", 24 * time.Hour, 1 << 62, 10 * 366 * 24 * time.Hour},
}

func (a *api) getHistogram(ctx context.Context, who caller, in *histogramQuery) (*out[histogram], error) {
	filter, err := a.filterOf(in.FilterQuery, who)
	if err != nil {
		return nil, err
	}
	if filter.To.IsZero() {
		filter.To = a.now()
	}
	if filter.From.IsZero() {
		filter.From = filter.To.Add(-24 * time.Hour)
	}
	length := filter.To.Sub(filter.From)
	if length < 0 {
		return nil, badQuery("from", in.From, "must not be after to")
	}
	for _, s := range steps {
		if in.Step != s.name && (in.Step != "" || length > s.chosen) {
			continue
		}
		if length > s.allow {
			return nil, badQuery("from", in.From, "must be at most %.0f days before to, for steps of a %s", s.allow.Hours()/24, s.name)
		}
		buckets, err := a.Ledger.Histogram(ctx, filter, s.step)
		if err != nil {
			return nil, err
		}
		estimated := slices.ContainsFunc(buckets, func(b executionlog.Bucket) bool { return b.Estimated })
		return answer(histogram{Step: s.name, From: filter.From, To: filter.To, Items: barsOf(buckets), Estimated: estimated}), nil
	}
	return nil, badQuery("step", in.Step, "must be one of minute, hour, day")
}

func barsOf(buckets []executionlog.Bucket) []histogramBar {
	bars := make([]histogramBar, 0, len(buckets))
	for _, bucket := range buckets {
		bars = append(bars, histogramBar{At: bucket.At.UTC(), Succeeded: bucket.Succeeded, Failed: bucket.Failed})
	}
	return bars
}
