package api

import (
	"context"
	"net/http"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/web/inspect"
)

// SinceQuery asks for figures since a time.
type SinceQuery struct {
	From string `query:"from" doc:"Since when: a time, a date, or a duration before now such as -24h"`
}

type failuresQuery struct {
	SinceQuery
	Limit int `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"Most groups, the most frequent first"`
}

// statisticsView says how deliveries went.
type statisticsView struct {
	From        time.Time   `json:"from"`
	To          time.Time   `json:"to"`
	Attempts    int64       `json:"attempts" doc:"How many attempts there were"`
	Succeeded   int64       `json:"succeeded"`
	Failed      int64       `json:"failed"`
	SuccessRate *float64    `json:"success_rate" doc:"From 0 to 1; null without attempts"`
	LatencyMS   latencyView `json:"latency_ms" doc:"How long attempts took, over the newest 10,000 at most"`
}

// latencyView is how long attempts took, in milliseconds; zeros without any.
type latencyView struct {
	P50 float64 `json:"p50" doc:"Half of them took no longer"`
	P95 float64 `json:"p95" doc:"Of a hundred, 95 took no longer"`
	P99 float64 `json:"p99" doc:"Of a hundred, 99 took no longer"`
}

// failureView is a group of like failures.
type failureView struct {
	Endpoint      string     `json:"endpoint"`
	ErrorCode     string     `json:"error_code"`
	Meaning       string     `json:"meaning" doc:"What the code means, for people"`
	Advice        string     `json:"advice" doc:"What usually mends it"`
	Count         int64      `json:"count" doc:"How many attempts failed like this"`
	LastAt        time.Time  `json:"last_at" doc:"When the newest of them was"`
	LastError     string     `json:"last_error" doc:"Its error, in words"`
	LastExecution string     `json:"last_execution" doc:"Its id in the execution log"`
	RecoveredAt   *time.Time `json:"recovered_at,omitempty" doc:"When the endpoint's newest attempt was, where that succeeded since"`
}

// endpointFigures counts an endpoint's deliveries.
type endpointFigures struct {
	Endpoint    string     `json:"endpoint"`
	Pending     int        `json:"pending" doc:"Deliveries that wait or are tried again"`
	Succeeded   int        `json:"succeeded" doc:"Deliveries that arrived"`
	Failed      int        `json:"failed" doc:"Deliveries that used up their attempts: dead letters"`
	Cancelled   int        `json:"cancelled" doc:"Deliveries that somebody cancelled"`
	LastAttempt *time.Time `json:"last_attempt,omitempty" doc:"When the newest attempt was"`
	LastStatus  int        `json:"last_status,omitempty" doc:"What it was answered; left out where nothing answered"`
	LastError   string     `json:"last_error,omitempty" doc:"Why it failed; left out where it did not"`
}

// triggerFigures counts a trigger's attempts.
type triggerFigures struct {
	Trigger   string    `json:"trigger"`
	Succeeded int64     `json:"succeeded" doc:"Attempts that succeeded"`
	Failed    int64     `json:"failed" doc:"Attempts that failed"`
	LastHour  time.Time `json:"last_hour" doc:"The beginning of the hour of the newest"`
}

// errorCodeView is a code of the execution log.
type errorCodeView struct {
	Code   string `json:"code" doc:"As error_code has it"`
	Title  string `json:"title" doc:"What it means, for people"`
	Advice string `json:"advice" doc:"What usually mends it"`
}

func (a *api) statisticsRoutes() {
	const tag = "statistics"
	register(a, operation{
		method: http.MethodGet, path: "/statistics", id: "get-statistics", tag: tag, scope: config.ScopeRead,
		summary: "See how many attempts succeeded and how long they took; over the last hour if no time is given",
	}, a.getStatistics)
	register(a, operation{
		method: http.MethodGet, path: "/statistics/failures", id: "list-failures", tag: tag, scope: config.ScopeRead,
		summary: "See what is failing and why, grouped by endpoint and error code; over the last hour if no time is given",
	}, a.listFailures)
	register(a, operation{
		method: http.MethodGet, path: "/statistics/endpoints", id: "list-endpoint-statistics", tag: tag, scope: config.ScopeRead,
		summary: "Count the deliveries of each endpoint that has any, by outcome; over the last seven days if no time is given",
	}, a.endpointStatistics)
	register(a, operation{
		method: http.MethodGet, path: "/statistics/triggers", id: "list-trigger-statistics", tag: tag, scope: config.ScopeRead,
		summary: "Count the attempts that each trigger led to; over the last seven days if no time is given",
	}, a.triggerStatistics)
	register(a, operation{
		method: http.MethodGet, path: "/error-codes", id: "list-error-codes", tag: "executions", scope: config.ScopeRead,
		summary: "List the error codes of attempts, with what they mean and what usually mends them",
	}, a.listErrorCodes)
}

// since reads the time of a query; without one it is a span before now.
func (a *api) since(in SinceQuery, span time.Duration) (time.Time, error) {
	from, err := parseTime("from", in.From, a.now())
	if err == nil && from.IsZero() {
		from = a.now().Add(-span)
	}
	if err == nil && from.After(a.now()) {
		err = badQuery("from", in.From, "must not be in the future")
	}
	return from.UTC().Truncate(time.Microsecond), err
}

// The spans of figures where no time is given.
const (
	trafficSpan  = time.Hour
	counterSpan  = 7 * 24 * time.Hour
	milliseconds = float64(time.Millisecond)
)

func (a *api) getStatistics(ctx context.Context, who caller, in *SinceQuery) (*out[statisticsView], error) {
	from, err := a.since(*in, trafficSpan)
	if err != nil {
		return nil, err
	}
	view := statisticsView{From: from, To: a.now().Truncate(time.Microsecond)}
	filter := executionlog.Filter{Workspace: who.workspace, From: from, To: view.To, Outcome: executionlog.Succeeded}
	if view.Succeeded, _, err = a.Ledger.Estimate(ctx, filter); err != nil {
		return nil, err
	}
	filter.Outcome = executionlog.Failed
	if view.Failed, _, err = a.Ledger.Estimate(ctx, filter); err != nil {
		return nil, err
	}
	view.Attempts = view.Succeeded + view.Failed
	if view.Attempts > 0 {
		rate := float64(view.Succeeded) / float64(view.Attempts)
		view.SuccessRate = &rate
	}
	took, err := a.Ledger.Latency(ctx, who.workspace, from, []float64{0.5, 0.95, 0.99})
	if err != nil {
		return nil, err
	}
	view.LatencyMS = latencyView{float64(took[0]) / milliseconds, float64(took[1]) / milliseconds, float64(took[2]) / milliseconds}
	return answer(view), nil
}

func (a *api) listFailures(ctx context.Context, who caller, in *failuresQuery) (*out[page[failureView]], error) {
	from, err := a.since(in.SinceQuery, trafficSpan)
	if err != nil {
		return nil, err
	}
	found, err := a.inspect.Failures(ctx, who.workspace, from, in.Limit)
	if err != nil {
		return nil, err
	}
	return answer(listOf(found, viewFailure)), nil
}

func viewFailure(f inspect.Failure) failureView {
	meaning, advice := sender.Describe(sender.Code(f.ErrorCode))
	return failureView{
		Endpoint: f.Endpoint, ErrorCode: f.ErrorCode, Meaning: meaning, Advice: advice, Count: f.Count, LastAt: f.Last.UTC(),
		LastError: f.LastError, LastExecution: f.LastID, RecoveredAt: timeOrNil(f.Recovered),
	}
}

func (a *api) endpointStatistics(ctx context.Context, who caller, in *SinceQuery) (*out[page[endpointFigures]], error) {
	from, err := a.since(*in, counterSpan)
	if err != nil {
		return nil, err
	}
	counted, err := a.Ledger.Counts(ctx, who.workspace, from)
	if err != nil {
		return nil, err
	}
	return answer(listOf(counted, func(c executionlog.EndpointCount) endpointFigures {
		return endpointFigures{
			Endpoint: c.Endpoint, Pending: c.Pending, Succeeded: c.Succeeded, Failed: c.Failed, Cancelled: c.Cancelled,
			LastAttempt: timeOrNil(c.LastAttempt), LastStatus: c.LastStatus, LastError: c.LastError,
		}
	})), nil
}

func (a *api) triggerStatistics(ctx context.Context, who caller, in *SinceQuery) (*out[page[triggerFigures]], error) {
	from, err := a.since(*in, counterSpan)
	if err != nil {
		return nil, err
	}
	counted, err := a.Ledger.TriggerCounts(ctx, who.workspace, from)
	if err != nil {
		return nil, err
	}
	return answer(listOf(counted, func(c executionlog.TriggerCount) triggerFigures {
		return triggerFigures{c.Trigger, c.Succeeded, c.Failed, c.Last.UTC()}
	})), nil
}

func (a *api) listErrorCodes(context.Context, caller, *none) (*out[page[errorCodeView]], error) {
	return answer(listOf(sender.Codes(), func(code sender.Code) errorCodeView {
		title, advice := sender.Describe(code)
		return errorCodeView{string(code), title, advice}
	})), nil
}

// listOf is a whole list as one page.
func listOf[T, U any](from []T, convert func(T) U) page[U] {
	return pageOf(executionlog.Page[T]{Items: from}, convert)
}
