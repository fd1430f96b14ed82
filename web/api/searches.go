package api

import (
	"context"
	"net/http"

	"github.com/hookdesk/hookdesk/dispatcher/config"
)

func (a *api) searchRoutes() {
	const tag = "searches"
	register(a, operation{
		method: http.MethodGet, path: "/searches", id: "list-searches", tag: tag, scope: config.ScopeRead, summary: "List saved searches of the log",
	}, a.listSearches)
	register(a, operation{
		method: http.MethodPost, path: "/searches", id: "create-search", tag: tag, scope: config.ScopeWrite, status: http.StatusCreated,
		summary: "Save a search of the log", body: config.SearchInput{},
	}, a.createSearch)
	register(a, operation{
		method: http.MethodGet, path: "/searches/{id}", id: "get-search", tag: tag, scope: config.ScopeRead, summary: "Read a saved search",
	}, a.getSearch)
	register(a, operation{
		method: http.MethodDelete, path: "/searches/{id}", id: "delete-search", tag: tag, scope: config.ScopeWrite, status: http.StatusNoContent,
		summary: "Delete a saved search",
	}, a.deleteSearch)
}

func (a *api) listSearches(_ context.Context, who caller, in *PageQuery) (*out[page[*config.Search]], error) {
	cut, err := slicePage(a.Config.Searches(who.workspace), func(s *config.Search) string { return s.ID }, *in)
	return answer(cut), err
}

func (a *api) createSearch(ctx context.Context, who caller, in *onlyPayload) (*made[*config.Search], error) {
	var input config.SearchInput
	if err := in.Payload.decode(&input); err != nil {
		return nil, err
	}
	search, err := a.Config.CreateSearch(ctx, who.actor(), input)
	if err != nil {
		return nil, err
	}
	return &made[*config.Search]{Location: Base + "/searches/" + search.ID, Body: search}, nil
}

func (a *api) getSearch(_ context.Context, who caller, in *IDPath) (*out[*config.Search], error) {
	search, err := a.Config.SearchIn(who.workspace, in.ID)
	return answer(search), err
}

func (a *api) deleteSearch(ctx context.Context, who caller, in *IDPath) (*none, error) {
	return nil, a.Config.DeleteSearch(ctx, who.actor(), in.ID)
}
