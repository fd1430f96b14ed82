package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/executionlog"
)

// workspaceBody is a workspace as people write it; what is left out is no
// limit.
type workspaceBody struct {
	Name   string `json:"name"`
	Title  string `json:"title,omitempty"`
	Limits *struct {
		ChangesPerSecond float64 `json:"changes_per_second,omitempty"`
		Endpoints        int     `json:"endpoints,omitempty"`
		Triggers         int     `json:"triggers,omitempty"`
	} `json:"limits,omitempty"`
	Retention *struct {
		BodiesDays    int `json:"bodies_days,omitempty"`
		SucceededDays int `json:"succeeded_days,omitempty"`
		FailedDays    int `json:"failed_days,omitempty"`
		ChangesDays   int `json:"changes_days,omitempty"`
	} `json:"retention,omitempty"`
}

// WorkspacePath names a workspace.
type WorkspacePath struct {
	Name string `path:"name"`
}

type patchWorkspace struct {
	WorkspacePath
	Payload Payload
}

func (a *api) workspaceRoutes() {
	const tag = "workspaces"
	register(a, operation{
		method: http.MethodGet, path: "/workspaces", id: "list-workspaces", tag: tag, scope: config.ScopeAdmin, summary: "List workspaces",
	}, a.listWorkspaces)
	register(a, operation{
		method: http.MethodPost, path: "/workspaces", id: "create-workspace", tag: tag, scope: config.ScopeAdmin, status: http.StatusCreated,
		summary: "Make a workspace", body: workspaceBody{},
	}, a.createWorkspace)
	register(a, operation{
		method: http.MethodGet, path: "/workspaces/{name}", id: "get-workspace", tag: tag, scope: config.ScopeAdmin, summary: "Read a workspace",
	}, a.getWorkspace)
	register(a, operation{
		method: http.MethodGet, path: "/workspaces/{name}/retention", id: "get-retention", tag: tag, scope: config.ScopeAdmin,
		summary: "Read how long a workspace keeps things, and what was removed in the last 30 days",
	}, a.getRetention)
	register(a, operation{
		method: http.MethodGet, path: "/retention/clock", id: "get-retention-clock", tag: "operations", scope: config.ScopeRead,
		summary:     "Read the time that retention goes by",
		description: "Where the clock of a server leaps ahead by more than a day, retention goes on as if it had not, so that a wrong date removes nothing. After a day, or when an administrator says that it is right, the clock is trusted.",
	}, a.getRetentionClock)
	register(a, operation{
		method: http.MethodPost, path: "/retention/clock/trust", id: "trust-retention-clock", tag: "operations", scope: config.ScopeAdmin,
		summary:     "Say that the clock of the server is right",
		description: "Retention goes by it from its next round on, within a minute. It changes nothing while the clock is trusted.",
	}, a.trustRetentionClock)
	register(a, operation{
		method: http.MethodPatch, path: "/workspaces/{name}", id: "patch-workspace", tag: tag, scope: config.ScopeAdmin,
		summary: "Change a workspace by JSON merge patch", body: workspacePatch,
	}, a.patchWorkspace)
	register(a, operation{
		method: http.MethodDelete, path: "/workspaces/{name}", id: "delete-workspace", tag: tag, scope: config.ScopeAdmin, status: http.StatusNoContent,
		summary: "Delete a workspace without endpoints, triggers and tokens",
	}, a.deleteWorkspace)
}

func (a *api) listWorkspaces(_ context.Context, _ caller, in *PageQuery) (*out[page[*config.Workspace]], error) {
	cut, err := slicePage(a.Config.Workspaces(), func(w *config.Workspace) string { return w.Name }, *in)
	return answer(cut), err
}

func (a *api) createWorkspace(ctx context.Context, who caller, in *onlyPayload) (*made[*config.Workspace], error) {
	var input config.WorkspaceInput
	if err := in.Payload.decode(&input); err != nil {
		return nil, err
	}
	workspace, err := a.Config.CreateWorkspace(ctx, who.actor(), input)
	if errors.Is(err, executionlog.ErrConflict) && a.Config.HasWorkspace(input.Name) {
		p := problem(http.StatusConflict, "there is a workspace %s already", input.Name)
		p.Errors = []ProblemField{{Location: "body.name", Path: "name", Message: "must be a name that is new", Value: input.Name}}
		return nil, p
	}
	if err != nil {
		return nil, err
	}
	return &made[*config.Workspace]{Location: Base + "/workspaces/" + workspace.Name, Body: workspace}, nil
}

func (a *api) getWorkspace(_ context.Context, _ caller, in *WorkspacePath) (*out[*config.Workspace], error) {
	workspace, err := a.Config.Workspace(in.Name)
	return answer(workspace), err
}

// keepsView is how many days things are kept.
type keepsView struct {
	BodiesDays    float64 `json:"bodies_days" doc:"Requests and answers; 0 is for ever"`
	SucceededDays float64 `json:"succeeded_days" doc:"Attempts and deliveries that succeeded; 0 is for ever"`
	FailedDays    float64 `json:"failed_days" doc:"Those that failed or were cancelled; 0 is for ever"`
	ChangesDays   float64 `json:"changes_days" doc:"Changes of tickets; 0 is for ever"`
}

// removalView is what was removed on a day.
type removalView struct {
	Day        string `json:"day" doc:"In UTC"`
	Bodies     int64  `json:"bodies" doc:"Requests and answers"`
	Attempts   int64  `json:"attempts" doc:"Rows of the log"`
	Deliveries int64  `json:"deliveries" doc:"Deliveries"`
	Changes    int64  `json:"changes" doc:"Changes of tickets"`
}

// retentionView is a workspace's retention.
type retentionView struct {
	Keeps   keepsView     `json:"keeps" doc:"The workspace's own settings over the server's"`
	Removed []removalView `json:"removed" nullable:"false" doc:"What was removed, the newest day first; days without are left out"`
}

// removedDays is how far back the account of what was removed is shown.
const removedDays = 30

func (a *api) getRetention(ctx context.Context, _ caller, in *WorkspacePath) (*out[retentionView], error) {
	if _, err := a.Config.Workspace(in.Name); err != nil {
		return nil, err
	}
	removals, err := a.Ledger.Removals(ctx, in.Name, a.now().AddDate(0, 0, -removedDays))
	if err != nil {
		return nil, err
	}
	keep := a.Config.Retention().Of(in.Name)
	days := func(kept time.Duration) float64 { return kept.Hours() / 24 }
	view := retentionView{
		Keeps:   keepsView{days(keep.Bodies), days(keep.Succeeded), days(keep.Failed), days(keep.Changes)},
		Removed: make([]removalView, len(removals)),
	}
	for i, r := range removals {
		view.Removed[i] = removalView{r.Day.Format(time.DateOnly), r.Bodies, r.Attempts, r.Deliveries, r.Changes}
	}
	return answer(view), nil
}

func (a *api) patchWorkspace(ctx context.Context, who caller, in *patchWorkspace) (*out[*config.Workspace], error) {
	workspace, err := a.Config.PatchWorkspace(ctx, who.actor(), in.Name, in.Payload.raw)
	return answer(workspace), err
}

func (a *api) deleteWorkspace(ctx context.Context, who caller, in *WorkspacePath) (*none, error) {
	return nil, a.Config.DeleteWorkspace(ctx, who.actor(), in.Name)
}
