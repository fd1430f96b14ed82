package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/invalid"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// NumberPath names a ticket.
type NumberPath struct {
	Number string `path:"number" doc:"The ticket's number"`
}

type ticketQuery struct {
	PageQuery
	Number string `query:"number" doc:"Exactly, or with * anywhere"`
}

type explainQuery struct {
	NumberPath
	Trigger string `query:"trigger" doc:"Verdicts of this trigger only"`
}

type createTicket struct {
	ChainHeader
	Payload Payload
}

type ticketChange struct {
	NumberPath
	ChainHeader
	Payload Payload
}

type ticketDelete struct {
	NumberPath
	ChainHeader
}

// ticketView is a ticket as hookdesk knows it.
type ticketView struct {
	ticket.Ticket
	Version int64 `json:"version" doc:"Counts the changes"`
}

func (a *api) ticketRoutes() {
	const tag = "tickets"
	register(a, operation{
		method: http.MethodGet, path: "/tickets", id: "list-tickets", tag: tag, scope: config.ScopeRead, summary: "List tickets, last updated first",
	}, a.listTickets)
	register(a, operation{
		method: http.MethodPost, path: "/tickets", id: "create-ticket", tag: tag, scope: config.ScopeIngest, status: http.StatusAccepted,
		summary: "Create a ticket", body: ticketInput, maxBody: maxChangeBody,
	}, a.createTicket)
	register(a, operation{
		method: http.MethodGet, path: "/tickets/{number}", id: "get-ticket", tag: tag, scope: config.ScopeRead, summary: "Read a ticket",
	}, a.getTicket)
	register(a, operation{
		method: http.MethodPatch, path: "/tickets/{number}", id: "patch-ticket", tag: tag, scope: config.ScopeIngest, status: http.StatusAccepted,
		summary: "Change members of a ticket", body: ticketInput, maxBody: maxChangeBody,
	}, a.patchTicket)
	register(a, operation{
		method: http.MethodDelete, path: "/tickets/{number}", id: "delete-ticket", tag: tag, scope: config.ScopeIngest, status: http.StatusAccepted,
		summary: "Delete a ticket",
	}, a.deleteTicket)
	register(a, operation{
		method: http.MethodGet, path: "/tickets/{number}/explain", id: "explain-ticket", tag: tag, scope: config.ScopeRead,
		summary: "See why each change of a ticket fired each trigger, or did not",
	}, a.explain)
}

func (a *api) listTickets(ctx context.Context, who caller, in *ticketQuery) (*out[page[ticketView]], error) {
	found, err := a.Ledger.Tickets(ctx, executionlog.TicketQuery{Workspace: who.workspace, Number: in.Number, Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return nil, err
	}
	list := page[ticketView]{Items: []ticketView{}, NextCursor: found.Next}
	for _, row := range found.Items {
		view, err := viewTicket(row)
		if err != nil {
			return nil, err
		}
		list.Items = append(list.Items, view)
	}
	return answer(list), nil
}

func viewTicket(row *executionlog.Ticket) (ticketView, error) {
	view := ticketView{Version: row.Version}
	if err := json.Unmarshal(row.Doc, &view.Ticket); err != nil {
		return view, fmt.Errorf("decode ticket %s: %w", row.Number, err)
	}
	return view, nil
}

func (a *api) getTicket(ctx context.Context, who caller, in *NumberPath) (*out[ticketView], error) {
	number := pathValue(in.Number)
	row, err := a.Ledger.Ticket(ctx, who.workspace, number)
	if err != nil {
		return nil, err
	}
	if row.Deleted {
		return nil, fmt.Errorf("find ticket %s, which was deleted: %w", number, executionlog.ErrNotFound)
	}
	view, err := viewTicket(row)
	if err != nil {
		return nil, err
	}
	return answer(view), nil
}

func (a *api) createTicket(ctx context.Context, who caller, in *createTicket) (*made[*receipt], error) {
	ctx = in.join(ctx)
	chain, err := in.chain()
	if err != nil {
		return nil, err
	}
	accepted, err := a.submitOne(ctx, who, chain, func() (*ticket.Input, error) {
		input, err := ticket.NewTicketInput(in.Payload.raw)
		return input, orMalformed(in.Payload.raw, err)
	})
	if err != nil {
		return nil, alreadyThere(asMembers(err))
	}
	return &made[*receipt]{Location: Base + "/tickets/" + url.PathEscape(accepted.Ticket), Body: accepted}, nil
}

func (a *api) patchTicket(ctx context.Context, who caller, in *ticketChange) (*out[*receipt], error) {
	return a.changeTicket(ctx, who, in.Number, in.ChainHeader, func(number string) (*ticket.Input, error) {
		input, err := ticket.PatchTicketInput(number, in.Payload.raw)
		return input, orMalformed(in.Payload.raw, err)
	})
}

func (a *api) deleteTicket(ctx context.Context, who caller, in *ticketDelete) (*out[*receipt], error) {
	return a.changeTicket(ctx, who, in.Number, in.ChainHeader, func(number string) (*ticket.Input, error) {
		return ticket.DeleteTicketInput(number), nil
	})
}

// changeTicket submits a change of a ticket that must exist.
func (a *api) changeTicket(ctx context.Context, who caller, rawNumber string, header ChainHeader, decode func(number string) (*ticket.Input, error)) (*out[*receipt], error) {
	ctx = header.join(ctx)
	chain, err := header.chain()
	if err != nil {
		return nil, err
	}
	number := pathValue(rawNumber)
	row, err := a.Ledger.Ticket(ctx, who.workspace, number)
	if err != nil {
		return nil, err
	}
	if row.Deleted {
		return nil, fmt.Errorf("find ticket %s, which was deleted: %w", number, executionlog.ErrNotFound)
	}
	accepted, err := a.submitOne(ctx, who, chain, func() (*ticket.Input, error) { return decode(number) })
	return answer(accepted), asMembers(err)
}

// alreadyThere makes the complaint that a new ticket exists a 409.
func alreadyThere(err error) error {
	var input *invalid.Error
	if !errors.As(err, &input) || len(input.Fields) != 1 || input.Fields[0].Path != "kind" {
		return err
	}
	p := problem(http.StatusConflict, "a ticket of this number exists; PATCH changes it")
	p.Errors = []ProblemField{{Location: "body.number", Path: "number", Message: "must be the number of no ticket"}}
	return p
}

// asMembers makes the paths of an error about a change those of the body that
// the operation takes, which is the ticket, the reply or the note alone.
func asMembers(err error) error {
	var input *invalid.Error
	if !errors.As(err, &input) {
		return err
	}
	members := &invalid.Error{}
	for _, field := range input.Fields {
		for _, part := range []string{"ticket", "reply", "note"} {
			if rest, ok := strings.CutPrefix(field.Path, part+"."); ok {
				field.Path = rest
				break
			}
		}
		members.Fields = append(members.Fields, field)
	}
	return members
}

func (a *api) explain(ctx context.Context, who caller, in *explainQuery) (*out[*dispatcher.Explanation], error) {
	explanation, err := a.Desk.Explain(ctx, who.workspace, pathValue(in.Number), in.Trigger)
	if err != nil {
		return nil, err
	}
	if in.Trigger != "" {
		// A deleted trigger has versions, and verdicts of then.
		if _, err := a.Config.TriggerVersions(ctx, who.workspace, in.Trigger); errors.Is(err, executionlog.ErrNotFound) {
			return nil, badQuery("trigger", in.Trigger, "must be the id of a trigger of this workspace")
		}
	}
	if explanation.Changes == nil {
		explanation.Changes = []dispatcher.ExplainedChange{}
	}
	for i := range explanation.Changes {
		if explanation.Changes[i].Verdicts == nil {
			explanation.Changes[i].Verdicts = []triggers.Verdict{}
		}
	}
	return answer(explanation), nil
}
