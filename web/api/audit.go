package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/executionlog"
)

type auditQuery struct {
	PageQuery
	Target string `query:"target" doc:"The id of what was changed"`
	Action string `query:"action" doc:"Such as endpoint.updated"`
	From   string `query:"from"`
	To     string `query:"to"`
}

// auditView is one configuration change.
type auditView struct {
	executionlog.AuditEntry
	Before json.RawMessage `json:"before" doc:"Without secrets; null for something made"`
	After  json.RawMessage `json:"after" doc:"Without secrets; null for something deleted"`
}

// queuesView is the state of the queue and of the endpoints' lanes.
type queuesView struct {
	Queue dispatcher.QueueStatus  `json:"queue"`
	Lanes []dispatcher.LaneStatus `json:"lanes" nullable:"false" doc:"Of this process"`
}

func (a *api) auditRoutes() {
	register(a, operation{
		method: http.MethodGet, path: "/audit", id: "list-audit", tag: "operations", scope: config.ScopeAdmin,
		summary:     "List configuration changes, newest first",
		description: "Who started, cancelled or resumed a replay is among them.",
	}, a.listAudit)
	register(a, operation{
		method: http.MethodGet, path: "/queues", id: "get-queues", tag: "operations", scope: config.ScopeRead,
		summary: "Read the state of the queue and of each endpoint's lane",
	}, a.getQueues)
}

func (a *api) listAudit(ctx context.Context, who caller, in *auditQuery) (*out[page[auditView]], error) {
	from, to, err := parseRange(in.From, in.To, a.now())
	if err != nil {
		return nil, err
	}
	found, err := a.Ledger.Audit(ctx, executionlog.AuditQuery{
		Workspace: who.workspace, Target: in.Target, Action: in.Action, From: from, To: to, Limit: in.Limit, Cursor: in.Cursor,
	})
	if err != nil {
		return nil, err
	}
	return answer(pageOf(found, func(entry *executionlog.AuditEntry) auditView {
		return auditView{AuditEntry: *entry, Before: jsonOrNil(entry.Before), After: jsonOrNil(entry.After)}
	})), nil
}

func (a *api) getQueues(ctx context.Context, who caller, _ *none) (*out[queuesView], error) {
	queue, err := a.Desk.Queue(ctx)
	if err != nil {
		return nil, err
	}
	lanes := a.Desk.Lanes(who.workspace)
	if lanes == nil {
		lanes = []dispatcher.LaneStatus{}
	}
	for i := range lanes {
		lanes[i].Until, lanes[i].NextDue = lanes[i].Until.Truncate(time.Microsecond), lanes[i].NextDue.Truncate(time.Microsecond)
	}
	return answer(queuesView{Queue: queue, Lanes: lanes}), nil
}
