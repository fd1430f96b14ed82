package api

import (
	"context"
	"net/http"

	"github.com/hookdesk/hookdesk/dispatcher/config"
)

// tokenView is a token; its secret stands in it once, when it was made.
type tokenView struct {
	config.Token
	Secret string `json:"token,omitempty" doc:"The token itself; shown once, when it was made"`
}

func (a *api) tokenRoutes() {
	const tag = "tokens"
	register(a, operation{
		method: http.MethodGet, path: "/tokens", id: "list-tokens", tag: tag, scope: config.ScopeAdmin, summary: "List tokens, oldest first",
	}, a.listTokens)
	register(a, operation{
		method: http.MethodPost, path: "/tokens", id: "create-token", tag: tag, scope: config.ScopeAdmin, status: http.StatusCreated,
		summary: "Make a token", body: config.TokenInput{},
	}, a.createToken)
	register(a, operation{
		method: http.MethodGet, path: "/tokens/{id}", id: "get-token", tag: tag, scope: config.ScopeAdmin, summary: "Read a token's properties",
	}, a.getToken)
	register(a, operation{
		method: http.MethodDelete, path: "/tokens/{id}", id: "delete-token", tag: tag, scope: config.ScopeAdmin, status: http.StatusNoContent,
		summary: "End a token at once",
	}, a.deleteToken)
}

func (a *api) listTokens(_ context.Context, who caller, in *PageQuery) (*out[page[tokenView]], error) {
	var all []tokenView
	for _, token := range a.Config.Tokens(who.workspace) {
		all = append(all, tokenView{Token: *token})
	}
	cut, err := slicePage(all, func(t tokenView) string { return t.ID }, *in)
	return answer(cut), err
}

func (a *api) createToken(ctx context.Context, who caller, in *onlyPayload) (*made[tokenView], error) {
	var input config.TokenInput
	if err := in.Payload.decode(&input); err != nil {
		return nil, err
	}
	token, secret, err := a.Config.CreateToken(ctx, who.actor(), input)
	if err != nil {
		return nil, err
	}
	return &made[tokenView]{Location: Base + "/tokens/" + token.ID, Body: tokenView{Token: *token, Secret: secret}}, nil
}

func (a *api) getToken(_ context.Context, who caller, in *IDPath) (*out[tokenView], error) {
	token, err := a.Config.TokenIn(who.workspace, in.ID)
	if err != nil {
		return nil, err
	}
	return answer(tokenView{Token: *token}), nil
}

func (a *api) deleteToken(ctx context.Context, who caller, in *IDPath) (*none, error) {
	return nil, a.Config.DeleteToken(ctx, who.actor(), in.ID)
}
