package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/web/inspect"
)

type deliveryQuery struct {
	PageQuery
	Ticket    string `query:"ticket" doc:"The ticket's number, exactly or with * anywhere"`
	Change    string `query:"change"`
	Trigger   string `query:"trigger"`
	Endpoint  string `query:"endpoint"`
	System    string `query:"system"`
	Event     string `query:"event"`
	Outcome   string `query:"outcome" enum:"pending,succeeded,failed,cancelled"`
	Replay    string `query:"replay"`
	Recovered string `query:"recovered" enum:"true,false" doc:"Of failed deliveries, those whose redelivery has succeeded since, or the others: dead letters that are still open"`
	From      string `query:"from" doc:"Of the creation; inclusive"`
	To        string `query:"to" doc:"Exclusive"`
}

// curlView is a command for a shell.
type curlView struct {
	Command string `json:"command" doc:"Sends the delivery's bytes again; secrets stand as placeholders"`
}

func (a *api) deliveryRoutes() {
	const tag = "deliveries"
	register(a, operation{
		method: http.MethodGet, path: "/deliveries", id: "list-deliveries", tag: tag, scope: config.ScopeRead, summary: "List deliveries, newest first",
	}, a.listDeliveries)
	register(a, operation{
		method: http.MethodGet, path: "/deliveries/{id}", id: "get-delivery", tag: tag, scope: config.ScopeRead, summary: "Read a delivery with its attempts",
	}, a.getDelivery)
	register(a, operation{
		method: http.MethodPost, path: "/deliveries/{id}/redeliver", id: "redeliver", tag: tag, scope: config.ScopeWrite, status: http.StatusAccepted,
		summary:     "Send the same request again, as a new delivery",
		description: "The body and the event id are the same, the signature and the secret are today's. It goes out even while the endpoint is disabled or paused, since somebody asked for just this one; the endpoint stays as it is. A failed delivery is recovered once it succeeds.",
	}, a.redeliver)
	register(a, operation{
		method: http.MethodPost, path: "/deliveries/{id}/cancel", id: "cancel-delivery", tag: tag, scope: config.ScopeWrite,
		summary: "Cancel a pending delivery",
	}, a.cancelDelivery)
	register(a, operation{
		method: http.MethodGet, path: "/deliveries/{id}/curl", id: "get-curl", tag: tag, scope: config.ScopeRead,
		summary: "Get a command that sends the delivery by hand",
	}, a.getCurl)
}

func (a *api) listDeliveries(ctx context.Context, who caller, in *deliveryQuery) (*out[page[DeliveryView]], error) {
	from, to, err := parseRange(in.From, in.To, a.now())
	if err != nil {
		return nil, err
	}
	if err := cmp.Or(
		a.knownSystem(in.System), ofKind("change", id.Change, in.Change), ofKind("trigger", id.Trigger, in.Trigger),
		ofKind("endpoint", id.Endpoint, in.Endpoint), ofKind("replay", id.Replay, in.Replay),
	); err != nil {
		return nil, err
	}
	var recovered *bool
	if in.Recovered != "" {
		recovered = new(in.Recovered == "true")
	}
	found, err := a.Ledger.ListDeliveries(ctx, executionlog.DeliveryQuery{
		Workspace: who.workspace, Ticket: in.Ticket, Change: in.Change, Trigger: in.Trigger, Endpoint: in.Endpoint,
		System: in.System, Event: in.Event, Outcome: executionlog.Outcome(in.Outcome), Replay: in.Replay, Recovered: recovered,
		From: from, To: to, Limit: in.Limit, Cursor: in.Cursor,
	})
	if err != nil {
		return nil, err
	}
	return answer(pageOf(found, viewDelivery)), nil
}

func (a *api) getDelivery(ctx context.Context, who caller, in *IDPath) (*out[deliveryDetail], error) {
	detail, err := a.deliveryDetail(ctx, who.workspace, in.ID)
	if err != nil {
		return nil, err
	}
	return answer(*detail), nil
}

func (a *api) deliveryDetail(ctx context.Context, workspace, id string) (*deliveryDetail, error) {
	delivery, err := a.Ledger.Delivery(ctx, workspace, id)
	if err != nil {
		return nil, err
	}
	request, err := a.requestOf(ctx, workspace, id)
	if err != nil {
		return nil, err
	}
	attempts, err := a.Ledger.Attempts(ctx, workspace, id)
	if err != nil && !errors.Is(err, executionlog.ErrNotFound) {
		return nil, err
	}
	detail := &deliveryDetail{DeliveryView: viewDelivery(delivery), Request: viewPayload(request), Attempts: []executionDetail{}, Held: a.inspect.Held(delivery)}
	detail.Differences = inspect.Differences(attempts)
	if detail.Verdict, err = a.inspect.Verdict(ctx, delivery); err != nil {
		return nil, err
	}
	for _, attempt := range attempts {
		detail.Attempts = append(detail.Attempts, viewExecutionDetail(attempt, request))
	}
	return detail, nil
}

// requestOf returns a delivery's request, nil once retention has removed it.
func (a *api) requestOf(ctx context.Context, workspace, delivery string) (*executionlog.Request, error) {
	request, err := a.Ledger.Request(ctx, workspace, delivery)
	if errors.Is(err, executionlog.ErrNotFound) {
		return nil, nil //nolint:nilnil // what retention removed is no error
	}
	return request, err
}

func madeDelivery(delivery *executionlog.Delivery) *made[DeliveryView] {
	return &made[DeliveryView]{Location: Base + "/deliveries/" + delivery.ID, Body: viewDelivery(delivery)}
}

func (a *api) redeliver(ctx context.Context, who caller, in *IDPath) (*made[DeliveryView], error) {
	delivery, err := a.Desk.Redeliver(ctx, who.workspace, in.ID)
	if errors.Is(err, executionlog.ErrState) {
		return nil, a.whyNotAgain(ctx, who, in.ID)
	}
	if err != nil {
		return nil, err
	}
	return madeDelivery(delivery), nil
}

// whyNotAgain is the problem of a delivery whose state allows no redelivery.
func (a *api) whyNotAgain(ctx context.Context, who caller, id string) error {
	delivery, err := a.Ledger.Delivery(ctx, who.workspace, id)
	switch {
	case err != nil:
		return err
	case delivery.Outcome == executionlog.Pending:
		return problem(http.StatusConflict, "the delivery is pending and is tried again by itself; only one that has ended can be redelivered")
	default:
		return problem(http.StatusConflict, "its endpoint %s does not exist any more", delivery.Endpoint)
	}
}

func (a *api) cancelDelivery(ctx context.Context, who caller, in *IDPath) (*out[DeliveryView], error) {
	refused := a.Desk.Cancel(ctx, who.workspace, in.ID)
	if refused != nil && !errors.Is(refused, executionlog.ErrState) {
		return nil, refused
	}
	delivery, err := a.Ledger.Delivery(ctx, who.workspace, in.ID)
	if err != nil {
		return nil, err
	}
	if refused != nil {
		return nil, problem(http.StatusConflict, "the delivery is %s; only one that is pending can be cancelled", delivery.Outcome)
	}
	return answer(viewDelivery(delivery)), nil
}

func (a *api) getCurl(ctx context.Context, who caller, in *IDPath) (*out[curlView], error) {
	command, err := a.Desk.Curl(ctx, who.workspace, in.ID)
	return answer(curlView{Command: command}), err
}
