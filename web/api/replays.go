package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/config/strictjson"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// replayBody describes a replay to start: a log filter, as member filter or
// as its members beside the others.
type replayBody struct {
	FilterQuery
	Filter        *FilterQuery `json:"filter,omitempty" doc:"The filter; its members may stand beside dry_run, too"`
	All           bool         `json:"all,omitempty" doc:"Needed instead of a filter to replay everything in the log"`
	DryRun        bool         `json:"dry_run,omitempty" doc:"Only count"`
	RatePerSecond float64      `json:"rate_per_second,omitempty" minimum:"0" maximum:"10000" doc:"Deliveries per second at most; 0, or left out, is 100"`
}

// replayView is a replay with its progress, or the count of a dry run.
type replayView struct {
	ID            string     `json:"id,omitempty"`
	DryRun        bool       `json:"dry_run"`
	Count         int        `json:"count" doc:"How many deliveries there are to send again"`
	AtLeast       bool       `json:"at_least,omitempty" doc:"There may be more than count: a dry run stopped counting there, a replay in state counting goes on"`
	State         string     `json:"state,omitempty" enum:"counting,running,done,cancelled,failed"`
	Total         int        `json:"total"`
	Done          int        `json:"done"`
	RatePerSecond float64    `json:"rate_per_second"`
	Filter        filterView `json:"filter"`
	Actor         string     `json:"actor,omitempty"`
	Error         string     `json:"error,omitempty"`
	CreatedAt     *time.Time `json:"created_at,omitempty"`
	UpdatedAt     *time.Time `json:"updated_at,omitempty"`
	FinishedAt    *time.Time `json:"finished_at,omitempty"`
}

// replayAnswer is 202 for a replay that runs, 200 for a dry run.
type replayAnswer struct {
	Status   int
	Location string `header:"Location"`
	Body     replayView
}

func (a *api) replayRoutes() {
	const tag = "replays"
	register(a, operation{
		method: http.MethodPost, path: "/replays", id: "start-replay", tag: tag, scope: config.ScopeWrite, status: http.StatusAccepted,
		summary: "Deliver again what a log filter finds", body: replayBody{},
		description: "Answers at once. Where the filter finds much, the replay is in state counting first: its total grows, and nothing is delivered yet. " +
			"A dry run counts for about a second; where that is not enough, at_least is true in its answer. The to of its filter is when it counted: sent along, what fails from then on is not delivered again.",
		also: map[int]string{http.StatusOK: "The count of a dry run"},
	}, a.startReplay)
	register(a, operation{
		method: http.MethodGet, path: "/replays", id: "list-replays", tag: tag, scope: config.ScopeRead, summary: "List replays, newest first",
		description: fmt.Sprintf("The newest %d that ended are kept, for %d days; what they delivered stays in the log as long as anything else.",
			dispatcher.ReplaysKept, int(dispatcher.ReplayLife.Hours()/24)),
	}, a.listReplays)
	register(a, operation{
		method: http.MethodGet, path: "/replays/{id}", id: "get-replay", tag: tag, scope: config.ScopeRead, summary: "Read a replay's progress",
	}, a.getReplay)
	register(a, operation{
		method: http.MethodPost, path: "/replays/{id}/cancel", id: "cancel-replay", tag: tag, scope: config.ScopeWrite,
		summary: "Stop a replay; what it has made stays",
	}, a.cancelReplay)
	register(a, operation{
		method: http.MethodPost, path: "/replays/{id}/resume", id: "resume-replay", tag: tag, scope: config.ScopeWrite,
		summary: "Go on with a replay that was cancelled or failed",
		description: "It goes on where it was, at its rate, with the deliveries that it was started for: what happened since then is not among them, and what it has made is not made again. " +
			"One that counts or runs answers 409, and so does one that is done. One that a restart interrupted goes on by itself.",
	}, a.resumeReplay)
}

func viewReplay(r *dispatcher.Replay) replayView {
	return replayView{
		ID: r.ID, Count: r.Total, AtLeast: r.State == dispatcher.JobCounting, State: r.State, Total: r.Total, Done: r.Done, RatePerSecond: r.RatePerSecond,
		Filter: viewFilter(r.Filter), Actor: r.Actor, Error: r.Error,
		CreatedAt: timeOrNil(r.CreatedAt), UpdatedAt: timeOrNil(r.UpdatedAt), FinishedAt: timeOrNil(r.FinishedAt),
	}
}

// replayRequest is the part of a replayBody that is no filter.
type replayRequest struct {
	Filter        json.RawMessage `json:"filter"`
	All           bool            `json:"all"`
	DryRun        bool            `json:"dry_run"`
	RatePerSecond float64         `json:"rate_per_second"`
}

func (a *api) startReplay(ctx context.Context, who caller, in *onlyPayload) (*replayAnswer, error) {
	rest, err := strictjson.Without(in.Payload.raw, "filter", "all", "dry_run", "rate_per_second")
	if err != nil {
		return nil, err
	}
	own, err := strictjson.Only(in.Payload.raw, "filter", "all", "dry_run", "rate_per_second")
	if err != nil {
		return nil, err
	}
	var request replayRequest
	if err := strictjson.Unmarshal(own, &request); err != nil {
		return nil, err
	}
	at, text := "", rest
	if len(request.Filter) > 0 && string(request.Filter) != "null" {
		if string(rest) != "{}" {
			return nil, invalid.New("filter", nil, "must hold the whole filter, or be left out with its members beside dry_run")
		}
		at, text = "filter", request.Filter
	}
	filter, err := a.decodeFilter(text, who)
	var list invalid.List
	list.Merge(at, err)
	if request.RatePerSecond < 0 || request.RatePerSecond > dispatcher.ReplayMaxRate {
		list.Add("rate_per_second", request.RatePerSecond, "must be above 0 and at most %d, or left out for %d", dispatcher.ReplayMaxRate, dispatcher.ReplayRate)
	}
	switch everything := err == nil && filter.Everything(); {
	case everything && !request.All && !request.DryRun:
		list.Add("all", nil, "must be true where no filter is given, such as outcome or from: everything in the log would be delivered again")
	case request.All && !everything && err == nil:
		list.Add("all", true, "must be left out beside a filter")
	}
	if err := list.Err(); err != nil {
		return nil, err
	}
	if now := a.now().UTC().Truncate(time.Microsecond); filter.To.IsZero() || filter.To.After(now) {
		filter.To = now // as a replay does: whoever counts first can have just that repeated
	}
	if request.DryRun {
		counted, err := a.Desk.CountReplay(ctx, filter)
		if err != nil {
			return nil, err
		}
		return &replayAnswer{Status: http.StatusOK, Body: replayView{
			DryRun: true, Count: counted.Deliveries, AtLeast: counted.AtLeast, Total: counted.Deliveries, RatePerSecond: request.RatePerSecond, Filter: viewFilter(filter),
		}}, nil
	}
	started, err := a.Desk.StartReplay(ctx, filter, request.RatePerSecond, who.Name)
	if err != nil {
		return nil, err
	}
	return &replayAnswer{Status: http.StatusAccepted, Location: Base + "/replays/" + started.ID, Body: viewReplay(started)}, nil
}

func (a *api) listReplays(ctx context.Context, who caller, in *PageQuery) (*out[page[replayView]], error) {
	replays, err := a.Desk.Replays(ctx, who.workspace)
	if err != nil {
		return nil, err
	}
	cut, err := newestPage(replays, func(r *dispatcher.Replay) string { return r.ID }, *in)
	if err != nil {
		return nil, err
	}
	list := page[replayView]{Items: make([]replayView, len(cut.Items)), NextCursor: cut.NextCursor}
	for i, replay := range cut.Items {
		list.Items[i] = viewReplay(replay)
	}
	return answer(list), nil
}

func (a *api) getReplay(ctx context.Context, who caller, in *IDPath) (*out[replayView], error) {
	replay, err := a.Desk.Replay(ctx, who.workspace, in.ID)
	if err != nil {
		return nil, err
	}
	return answer(viewReplay(replay)), nil
}

func (a *api) cancelReplay(ctx context.Context, who caller, in *IDPath) (*out[replayView], error) {
	replay, err := a.Desk.CancelReplay(ctx, who.workspace, in.ID, who.Name)
	return changedReplay(replay, err, "only one that counts or runs can be cancelled")
}

func (a *api) resumeReplay(ctx context.Context, who caller, in *IDPath) (*out[replayView], error) {
	replay, err := a.Desk.ResumeReplay(ctx, who.workspace, in.ID, who.Name)
	return changedReplay(replay, err, "only one that was cancelled or failed can be resumed")
}

// changedReplay answers a change of a replay; rule says which may be changed
// so.
func changedReplay(replay *dispatcher.Replay, err error, rule string) (*out[replayView], error) {
	if errors.Is(err, executionlog.ErrState) {
		return nil, problem(http.StatusConflict, "the replay is %s; %s", replay.State, rule)
	}
	if err != nil {
		return nil, err
	}
	return answer(viewReplay(replay)), nil
}
