package api

import (
	"context"
	"net/http"

	"github.com/hookdesk/hookdesk/dispatcher/config"
)

// callerView says who a request comes from, and where it goes to.
type callerView struct {
	Name        string         `json:"name" doc:"Whom the audit log and the token's list call the caller"`
	Workspace   string         `json:"workspace" doc:"Whose things the request is about"`
	Admin       bool           `json:"admin" doc:"Whether the caller administers every workspace"`
	Scopes      []config.Scope `json:"scopes" nullable:"false" doc:"What the token may do"`
	Development bool           `json:"development" doc:"Whether plain http and private addresses are allowed as targets"`
	Version     string         `json:"version,omitempty" doc:"The server's"`
}

func (a *api) meRoutes() {
	register(a, operation{
		method: http.MethodGet, path: "/me", id: "get-me", tag: "tokens", scope: config.ScopeRead,
		summary: "See who a token belongs to and what it may do",
	}, a.getMe)
}

func (a *api) getMe(_ context.Context, who caller, _ *none) (*out[callerView], error) {
	view := callerView{
		Name: who.Name, Workspace: who.workspace, Admin: who.Admin, Scopes: []config.Scope{},
		Development: a.Dev, Version: a.Version,
	}
	for _, scope := range config.Scopes {
		if who.Allows(scope) {
			view.Scopes = append(view.Scopes, scope)
		}
	}
	return answer(view), nil
}
