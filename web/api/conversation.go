package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/triggers/invalid"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// EntryPath names a reply or a note of a ticket.
type EntryPath struct {
	NumberPath
	Entry string `path:"id" doc:"The reply's or note's id"`
}

type entryChange struct {
	EntryPath
	ChainHeader
	Payload Payload
}

type entryDelete struct {
	EntryPath
	ChainHeader
}

// conversationKind is replies or notes: two resources that differ in their
// decoders only.
type conversationKind struct {
	path, one string
	body      component
	add       func(number string, data []byte) (*ticket.Input, error)
	patch     func(number, id string, data []byte) (*ticket.Input, error)
	remove    func(number, id string) *ticket.Input
}

var conversations = []conversationKind{
	{
		path: "replies", one: "reply", body: replyBody,
		add: ticket.AddReplyInput, patch: ticket.PatchReplyInput, remove: ticket.DeleteReplyInput,
	},
	{
		path: "notes", one: "note", body: noteBody,
		add: ticket.AddNoteInput, patch: ticket.PatchNoteInput, remove: ticket.DeleteNoteInput,
	},
}

func (a *api) conversationRoutes() {
	for _, kind := range conversations {
		path := "/tickets/{number}/" + kind.path
		register(a, operation{
			method: http.MethodPost, path: path, id: "add-" + kind.one, tag: "tickets", scope: config.ScopeIngest, status: http.StatusAccepted,
			summary: "Add a " + kind.one, body: kind.body, maxBody: maxChangeBody,
		}, a.addEntry(kind))
		register(a, operation{
			method: http.MethodPatch, path: path + "/{id}", id: "patch-" + kind.one, tag: "tickets", scope: config.ScopeIngest, status: http.StatusAccepted,
			summary: "Change a " + kind.one, body: kind.body, maxBody: maxChangeBody,
		}, a.patchEntry(kind))
		register(a, operation{
			method: http.MethodDelete, path: path + "/{id}", id: "delete-" + kind.one, tag: "tickets", scope: config.ScopeIngest, status: http.StatusAccepted,
			summary: "Delete a " + kind.one,
		}, a.deleteEntry(kind))
	}
}

func (a *api) addEntry(kind conversationKind) func(context.Context, caller, *ticketChange) (*out[*receipt], error) {
	return func(ctx context.Context, who caller, in *ticketChange) (*out[*receipt], error) {
		accepted, err := a.changeTicket(ctx, who, in.Number, in.ChainHeader, func(number string) (*ticket.Input, error) {
			input, err := kind.add(number, in.Payload.raw)
			return input, orMalformed(in.Payload.raw, err)
		})
		if err != nil {
			return nil, err
		}
		return accepted, a.nameEntry(ctx, who, accepted.Body)
	}
}

// nameEntry puts the id of the reply or note that a change is about into its
// receipt.
func (a *api) nameEntry(ctx context.Context, who caller, accepted *receipt) error {
	stored, err := a.Ledger.Change(ctx, who.workspace, accepted.ID)
	if err != nil {
		return err
	}
	var change ticket.Change
	if err := json.Unmarshal(stored.Doc, &change); err != nil {
		return fmt.Errorf("decode change %s: %w", accepted.ID, err)
	}
	if change.Reply != nil {
		accepted.Reply = change.Reply.ID
	}
	if change.Note != nil {
		accepted.Note = change.Note.ID
	}
	return nil
}

func (a *api) patchEntry(kind conversationKind) func(context.Context, caller, *entryChange) (*out[*receipt], error) {
	return func(ctx context.Context, who caller, in *entryChange) (*out[*receipt], error) {
		accepted, err := a.changeTicket(ctx, who, in.Number, in.ChainHeader, func(number string) (*ticket.Input, error) {
			input, err := kind.patch(number, pathValue(in.Entry), in.Payload.raw)
			return input, orMalformed(in.Payload.raw, err)
		})
		return accepted, noSuchEntry(err, kind.one)
	}
}

func (a *api) deleteEntry(kind conversationKind) func(context.Context, caller, *entryDelete) (*out[*receipt], error) {
	return func(ctx context.Context, who caller, in *entryDelete) (*out[*receipt], error) {
		accepted, err := a.changeTicket(ctx, who, in.Number, in.ChainHeader, func(number string) (*ticket.Input, error) {
			return kind.remove(number, pathValue(in.Entry)), nil
		})
		return accepted, noSuchEntry(err, kind.one)
	}
}

// noSuchEntry makes an error about the id, which stands in the path, a 404.
func noSuchEntry(err error, one string) error {
	var input *invalid.Error
	if errors.As(err, &input) && len(input.Fields) == 1 && input.Fields[0].Path == "id" {
		return problem(http.StatusNotFound, "the ticket has no %s of this id", one)
	}
	return err
}
