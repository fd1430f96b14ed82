package api

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/condition"
	"github.com/hookdesk/hookdesk/triggers/invalid"
	"github.com/hookdesk/hookdesk/web/inspect"
)

// triggerView is a trigger as it is shown after it was saved.
type triggerView struct {
	triggers.Trigger
	Warnings []string `json:"warnings,omitempty" doc:"What is allowed and yet looks like a mistake"`
}

// triggerBody is a trigger as people write it.
type triggerBody struct {
	Name             string            `json:"name"`
	System           string            `json:"system"`
	Enabled          bool              `json:"enabled,omitempty" default:"true"`
	On               []string          `json:"on,omitempty" doc:"Events of the system; every event if empty"`
	When             *condition.Group  `json:"when,omitempty"`
	Fire             triggers.Fire     `json:"fire,omitempty" enum:"every,edge,once_per_ticket" default:"every"`
	Then             []triggers.Action `json:"then"`
	AllowRuleChanges bool              `json:"allow_rule_changes,omitempty"`
}

type triggerQuery struct {
	PageQuery
	Q        string `query:"q" maxLength:"500" doc:"The name contains this"`
	System   string `query:"system"`
	Enabled  string `query:"enabled" enum:"true,false"`
	Endpoint string `query:"endpoint" doc:"Those that send to this endpoint"`
}

type putByID struct {
	IDPath
	Precondition
	Payload Payload
}

type onlyPayload struct {
	Payload Payload
}

type versionPath struct {
	IDPath
	Version int `path:"version" minimum:"1"`
}

type diffQuery struct {
	IDPath
	From int `query:"from" minimum:"1" doc:"A version; the one before to if left out"`
	To   int `query:"to" minimum:"1" doc:"A version; the newest if left out"`
}

type rollbackRequest struct {
	Version int `json:"version" doc:"The version to save again"`
}

func (a *api) triggerRoutes() {
	const tag = "triggers"
	register(a, operation{
		method: http.MethodGet, path: "/triggers", id: "list-triggers", tag: tag, scope: config.ScopeRead, summary: "List triggers, oldest first",
	}, a.listTriggers)
	register(a, operation{
		method: http.MethodPost, path: "/triggers", id: "create-trigger", tag: tag, scope: config.ScopeWrite, status: http.StatusCreated,
		summary: "Make a trigger", body: triggerInput,
	}, a.createTrigger)
	register(a, operation{
		method: http.MethodGet, path: "/triggers/{id}", id: "get-trigger", tag: tag, scope: config.ScopeRead, summary: "Read a trigger",
	}, a.getTrigger)
	register(a, operation{
		method: http.MethodPut, path: "/triggers/{id}", id: "replace-trigger", tag: tag, scope: config.ScopeWrite,
		summary: "Save a new version of a trigger", body: triggerInput,
	}, a.putTrigger)
	register(a, operation{
		method: http.MethodPatch, path: "/triggers/{id}", id: "patch-trigger", tag: tag, scope: config.ScopeWrite,
		summary: "Change a trigger by JSON merge patch", body: triggerPatch,
	}, a.patchTrigger)
	register(a, operation{
		method: http.MethodDelete, path: "/triggers/{id}", id: "delete-trigger", tag: tag, scope: config.ScopeWrite, status: http.StatusNoContent,
		summary: "Delete a trigger; its versions stay",
	}, a.deleteTrigger)
	register(a, operation{
		method: http.MethodGet, path: "/triggers/{id}/versions", id: "list-trigger-versions", tag: tag, scope: config.ScopeRead,
		summary: "List the versions of a trigger, newest first; of a deleted one, too",
	}, a.listVersions)
	register(a, operation{
		method: http.MethodGet, path: "/triggers/{id}/versions/{version}", id: "get-trigger-version", tag: tag, scope: config.ScopeRead,
		summary: "Read one version of a trigger",
	}, a.getVersion)
	register(a, operation{
		method: http.MethodGet, path: "/triggers/{id}/diff", id: "diff-trigger", tag: tag, scope: config.ScopeRead,
		summary: "Compare two versions of a trigger",
	}, a.diffVersions)
	register(a, operation{
		method: http.MethodPost, path: "/triggers/{id}/rollback", id: "rollback-trigger", tag: tag, scope: config.ScopeWrite,
		summary: "Save an earlier version as the newest", body: rollbackRequest{},
	}, a.rollback)
}

func showTrigger(trigger *triggers.Trigger) *out[triggerView] {
	return &out[triggerView]{ETag: etag(trigger.Version), Body: triggerView{*trigger, triggers.Warnings(trigger)}}
}

func (a *api) listTriggers(_ context.Context, who caller, in *triggerQuery) (*out[page[triggerView]], error) {
	filter := inspect.TriggerFilter{Q: in.Q, System: in.System}
	switch in.Enabled {
	case "true":
		filter.State = inspect.Enabled
	case "false":
		filter.State = inspect.Disabled
	}
	var all []triggerView
	for _, trigger := range a.Config.Triggers(who.workspace) {
		if filter.Takes(trigger) && (in.Endpoint == "" || sendsTo(trigger, in.Endpoint)) {
			all = append(all, triggerView{Trigger: *trigger})
		}
	}
	cut, err := slicePage(all, func(t triggerView) string { return t.ID }, in.PageQuery)
	return answer(cut), err
}

func sendsTo(trigger *triggers.Trigger, endpoint string) bool {
	for _, action := range trigger.Then {
		if action.Webhook == nil {
			continue
		}
		if slices.Contains(action.Webhook.Targets(), endpoint) {
			return true
		}
	}
	return false
}

func (a *api) createTrigger(ctx context.Context, who caller, in *onlyPayload) (*made[triggerView], error) {
	input, err := config.DecodeTrigger(in.Payload.raw)
	if err != nil {
		return nil, err
	}
	trigger, err := a.Config.CreateTrigger(ctx, who.actor(), input)
	if err != nil {
		return nil, err
	}
	shown := showTrigger(trigger)
	return &made[triggerView]{Location: Base + "/triggers/" + trigger.ID, ETag: shown.ETag, Body: shown.Body}, nil
}

func (a *api) getTrigger(_ context.Context, who caller, in *IDPath) (*out[triggerView], error) {
	trigger, err := a.Config.TriggerIn(who.workspace, in.ID)
	if err != nil {
		return nil, err
	}
	return showTrigger(trigger), nil
}

func (a *api) putTrigger(ctx context.Context, who caller, in *putByID) (*out[triggerView], error) {
	expect, err := in.expect()
	if err != nil {
		return nil, err
	}
	input, err := config.DecodeTriggerUpdate(in.Payload.raw)
	if err != nil {
		return nil, err
	}
	trigger, err := a.Config.ReplaceTrigger(ctx, who.actor(), in.ID, input, expect)
	if err != nil {
		return nil, err
	}
	return showTrigger(trigger), nil
}

func (a *api) patchTrigger(ctx context.Context, who caller, in *putByID) (*out[triggerView], error) {
	expect, err := in.expect()
	if err != nil {
		return nil, err
	}
	trigger, err := a.Config.PatchTrigger(ctx, who.actor(), in.ID, in.Payload.raw, expect)
	if err != nil {
		return nil, err
	}
	return showTrigger(trigger), nil
}

func (a *api) deleteTrigger(ctx context.Context, who caller, in *deleteByID) (*none, error) {
	expect, err := in.expect()
	if err != nil {
		return nil, err
	}
	return nil, a.Config.DeleteTrigger(ctx, who.actor(), in.ID, expect)
}

func (a *api) listVersions(ctx context.Context, who caller, in *IDPath) (*out[page[triggers.Trigger]], error) {
	versions, err := a.Config.TriggerVersions(ctx, who.workspace, in.ID)
	if err != nil {
		return nil, err
	}
	list := page[triggers.Trigger]{Items: make([]triggers.Trigger, 0, len(versions))}
	for _, version := range versions {
		list.Items = append(list.Items, *version)
	}
	return answer(list), nil
}

func (a *api) getVersion(ctx context.Context, who caller, in *versionPath) (*out[triggerView], error) {
	trigger, err := a.Config.TriggerVersion(ctx, who.workspace, in.ID, in.Version)
	if err != nil {
		return nil, err
	}
	return showTrigger(trigger), nil
}

func (a *api) diffVersions(ctx context.Context, who caller, in *diffQuery) (*out[page[triggers.FieldDiff]], error) {
	versions, err := a.Config.TriggerVersions(ctx, who.workspace, in.ID)
	if err != nil {
		return nil, err
	}
	if in.To == 0 {
		in.To = versions[0].Version
	}
	if in.From == 0 {
		in.From = max(1, in.To-1)
	}
	from, err := a.Config.TriggerVersion(ctx, who.workspace, in.ID, in.From)
	if err != nil {
		return nil, err
	}
	to, err := a.Config.TriggerVersion(ctx, who.workspace, in.ID, in.To)
	if err != nil {
		return nil, err
	}
	list := page[triggers.FieldDiff]{Items: triggers.Diff(from, to)}
	if list.Items == nil {
		list.Items = []triggers.FieldDiff{}
	}
	return answer(list), nil
}

func (a *api) rollback(ctx context.Context, who caller, in *postByID) (*out[triggerView], error) {
	var request rollbackRequest
	if err := in.Payload.decode(&request); err != nil {
		return nil, err
	}
	if request.Version < 1 {
		return nil, invalid.New("version", request.Version, "must be a version of the trigger, from 1")
	}
	trigger, err := a.Config.RollbackTrigger(ctx, who.actor(), in.ID, request.Version)
	if errors.Is(err, executionlog.ErrNotFound) {
		if versions, known := a.Config.TriggerVersions(ctx, who.workspace, in.ID); known == nil {
			return nil, invalid.New("version", request.Version, "must be a version of the trigger, from 1 to %d", len(versions))
		}
	}
	if err != nil {
		return nil, err
	}
	return showTrigger(trigger), nil
}
