package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

func (a *api) searchRoutes() {
	const tag = "searches"
	register(a, operation{
		method: http.MethodGet, path: "/searches", id: "list-searches", tag: tag, scope: config.ScopeRead, summary: "List saved searches of the log",
	}, a.listSearches)
	register(a, operation{
		method: http.MethodPost, path: "/searches", id: "create-search", tag: tag, scope: config.ScopeWrite, status: http.StatusCreated,
		summary: "Save a search of the log", body: config.SearchInput{},
		description: "Each name once in a workspace, whatever its case: 409 says which search has it. To replace one, delete it first.",
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
	if err := a.checkSearch(input.Query, who); err != nil {
		return nil, err
	}
	search, err := a.Config.CreateSearch(ctx, who.actor(), input)
	if err != nil {
		return nil, err
	}
	return &made[*config.Search]{Location: Base + "/searches/" + search.ID, Body: search}, nil
}

// checkSearch sees to it that a saved search can be asked. What is no query at
// all is left to those who save it.
func (a *api) checkSearch(query string, who caller) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil //nolint:nilerr // see above
	}
	var list invalid.List
	members := map[string]any{}
	for name, given := range values {
		switch number, err := strconv.Atoi(given[0]); {
		case len(given) > 1:
			list.Add(invalid.Join("query", name), given, "must be given once")
		case name == "order":
			if given[0] != "newest" && given[0] != "oldest" {
				list.Add("query.order", given[0], "must be one of newest, oldest")
			}
		case name == "attempt" && err == nil:
			members[name] = number
		default:
			members[name] = given[0]
		}
	}
	text, err := json.Marshal(members)
	if err == nil {
		_, err = a.decodeFilter(text, who)
	}
	list.Merge("query", err)
	return list.Err()
}

func (a *api) getSearch(_ context.Context, who caller, in *IDPath) (*out[*config.Search], error) {
	search, err := a.Config.SearchIn(who.workspace, in.ID)
	return answer(search), err
}

func (a *api) deleteSearch(ctx context.Context, who caller, in *IDPath) (*none, error) {
	return nil, a.Config.DeleteSearch(ctx, who.actor(), in.ID)
}
