package api

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/invalid"
	"github.com/hookdesk/hookdesk/web/inspect"
)

// IDPath names something by its id.
type IDPath struct {
	ID string `path:"id"`
}

// endpointView is an endpoint as it is shown: its secret only once, when it
// was made. Members that a client reads are there even where they are empty.
type endpointView struct {
	triggers.Endpoint
	Headers       map[string]string `json:"headers" nullable:"false"`
	RatePerSecond float64           `json:"rate_per_second"`
	StateReason   string            `json:"state_reason"`
	Settings      map[string]string `json:"settings" nullable:"false"`

	Keys      []keyView `json:"signing_keys" nullable:"false" doc:"Which signing secrets are in force, the newest first, without themselves"`
	Secret    string    `json:"secret,omitempty" doc:"The signing secret; shown once, when it was made"`
	PublicKey string    `json:"public_key,omitempty" doc:"What receivers verify with, where the scheme is asymmetric (whpk_…)"`
}

// keyView is a signing secret without itself.
type keyView struct {
	ID        string     `json:"id"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at,omitempty" doc:"Until when it signs beside a newer one; left out of the newest"`
}

type endpointQuery struct {
	PageQuery
	Q      string `query:"q" maxLength:"500" doc:"The name or the URL contains this"`
	System string `query:"system"`
	State  string `query:"state" enum:"active,disabled,paused"`
}

// SaveQuery says how an endpoint is saved.
type SaveQuery struct {
	SkipHandshake bool `query:"skip_handshake" doc:"Save without trying the endpoint as its system does; for administrators, and in development mode"`
}

type createEndpoint struct {
	SaveQuery
	Payload Payload
}

type patchEndpoint struct {
	IDPath
	SaveQuery
	Precondition
	Payload Payload
}

type deleteByID struct {
	IDPath
	Precondition
}

type postByID struct {
	IDPath
	Payload Payload
}

type rotation struct {
	Secret         string   `json:"secret,omitempty" doc:"The new secret; a random one if left out"`
	OverlapSeconds *float64 `json:"overlap_seconds,omitempty" doc:"How long the old secret signs beside the new one, where the scheme lists several signatures; 86400 if left out, at most 30 days"`
}

type testRequest struct {
	Event string `json:"event,omitempty" doc:"One of the system's events; the first if left out"`
}

type reasonRequest struct {
	Reason string `json:"reason,omitempty" doc:"Shown as state_reason"`
}

func (a *api) endpointRoutes() {
	const tag = "endpoints"
	register(a, operation{
		method: http.MethodGet, path: "/endpoints", id: "list-endpoints", tag: tag, scope: config.ScopeRead,
		summary: "List endpoints, oldest first",
	}, a.listEndpoints)
	register(a, operation{
		method: http.MethodPost, path: "/endpoints", id: "create-endpoint", tag: tag, scope: config.ScopeWrite, status: http.StatusCreated,
		summary: "Make an endpoint", body: endpointInput,
		description: "Members left out get the defaults of the system's data sheet. Where the scheme needs a secret and none is given, one is made; it is in this answer and never again. Some systems try the URL first, and do not save it if it does not answer as they want.",
	}, a.createEndpoint)
	register(a, operation{
		method: http.MethodGet, path: "/endpoints/{id}", id: "get-endpoint", tag: tag, scope: config.ScopeRead, summary: "Read an endpoint",
	}, a.getEndpoint)
	register(a, operation{
		method: http.MethodPatch, path: "/endpoints/{id}", id: "patch-endpoint", tag: tag, scope: config.ScopeWrite,
		summary: "Change an endpoint by JSON merge patch", body: endpointPatch,
		description: "Secrets that are left out stay; null removes the signing secret. Where the URL leads to another host or port, or to http, what is sent has to be given again or taken out: credentials, secret headers, parameters and settings. A new secret signs at once, the old one beside it for a day.",
	}, a.patchEndpoint)
	register(a, operation{
		method: http.MethodDelete, path: "/endpoints/{id}", id: "delete-endpoint", tag: tag, scope: config.ScopeWrite, status: http.StatusNoContent,
		summary: "Delete an endpoint that no trigger uses",
	}, a.deleteEndpoint)
	register(a, operation{
		method: http.MethodPost, path: "/endpoints/{id}/test", id: "test-endpoint", tag: tag, scope: config.ScopeWrite, status: http.StatusAccepted,
		summary: "Send a sample to an endpoint", body: testRequest{}, optional: true,
	}, a.testEndpoint)
	register(a, operation{
		method: http.MethodPost, path: "/endpoints/{id}/rotate-secret", id: "rotate-secret", tag: tag, scope: config.ScopeWrite,
		summary: "Replace the signing secret", body: rotation{}, optional: true,
	}, a.rotateSecret)
	register(a, operation{
		method: http.MethodPost, path: "/endpoints/{id}/enable", id: "enable-endpoint", tag: tag, scope: config.ScopeWrite,
		summary: "Make an endpoint active", body: reasonRequest{}, optional: true,
	}, a.setState(triggers.EndpointActive))
	register(a, operation{
		method: http.MethodPost, path: "/endpoints/{id}/disable", id: "disable-endpoint", tag: tag, scope: config.ScopeWrite,
		summary: "Disable an endpoint", body: reasonRequest{}, optional: true,
	}, a.setState(triggers.EndpointDisabled))
	register(a, operation{
		method: http.MethodPost, path: "/endpoints/{id}/pause", id: "pause-endpoint", tag: tag, scope: config.ScopeWrite,
		summary: "Let an endpoint's deliveries wait", body: reasonRequest{}, optional: true,
	}, a.setState(triggers.EndpointPaused))
	register(a, operation{
		method: http.MethodPost, path: "/endpoints/{id}/close-breaker", id: "close-breaker", tag: tag, scope: config.ScopeWrite, status: http.StatusAccepted,
		summary:     "Close an endpoint's circuit breaker by hand",
		description: "For a receiver that is well again: what waits behind the breaker, or behind a pause that the receiver asked for, is sent at once instead of after the next probe. It is noted in the endpoint (breaker_closed_at, a new version) and in the audit log, so that whichever process feeds the queue does so, even if it cannot be reached just now. Nothing else changes where neither is so, and the breaker opens again where attempts fail.",
	}, a.closeBreaker)
}

func (a *api) showEndpoint(endpoint *triggers.Endpoint, secret string) endpointView {
	public := a.Config.Public(endpoint)
	view := endpointView{
		Endpoint: *public, Headers: public.Headers, RatePerSecond: public.RatePerSecond,
		StateReason: public.StateReason, Settings: public.Settings, Secret: secret,
		PublicKey: a.Config.PublicKey(endpoint),
	}
	view.Keys = []keyView{}
	for _, s := range endpoint.Sealed.Secrets {
		view.Keys = append(view.Keys, keyView{s.ID, s.CreatedAt.UTC(), timeOrNil(s.ExpiresAt)})
	}
	if view.Headers == nil {
		view.Headers = map[string]string{}
	}
	if view.Settings == nil {
		view.Settings = map[string]string{}
	}
	return view
}

func (a *api) listEndpoints(_ context.Context, who caller, in *endpointQuery) (*out[page[endpointView]], error) {
	filter := inspect.EndpointFilter{Q: in.Q, System: in.System, State: in.State}
	var all []endpointView
	for _, endpoint := range a.Config.Endpoints(who.workspace) {
		if filter.Takes(a.Config.Public(endpoint)) {
			all = append(all, a.showEndpoint(endpoint, ""))
		}
	}
	cut, err := slicePage(all, func(e endpointView) string { return e.ID }, in.PageQuery)
	return answer(cut), err
}

func (a *api) options(who caller, in SaveQuery, expect int) (config.EndpointOptions, error) {
	if in.SkipHandshake && !who.Admin && !a.Dev {
		return config.EndpointOptions{}, problem(http.StatusForbidden, "skip_handshake needs an administrator's token, or development mode")
	}
	return config.EndpointOptions{Expect: expect, SkipHandshake: in.SkipHandshake}, nil
}

func (a *api) createEndpoint(ctx context.Context, who caller, in *createEndpoint) (*made[endpointView], error) {
	options, err := a.options(who, in.SaveQuery, config.AnyVersion)
	if err != nil {
		return nil, err
	}
	input, err := config.DecodeEndpoint(in.Payload.raw)
	if err != nil {
		return nil, err
	}
	endpoint, secret, err := a.Config.CreateEndpoint(ctx, who.actor(), input, options)
	if err != nil {
		return nil, err
	}
	return &made[endpointView]{
		Location: Base + "/endpoints/" + endpoint.ID, ETag: etag(endpoint.Version), Body: a.showEndpoint(endpoint, secret),
	}, nil
}

func (a *api) getEndpoint(_ context.Context, who caller, in *IDPath) (*out[endpointView], error) {
	endpoint, err := a.Config.EndpointIn(who.workspace, in.ID)
	if err != nil {
		return nil, err
	}
	return &out[endpointView]{ETag: etag(endpoint.Version), Body: a.showEndpoint(endpoint, "")}, nil
}

func (a *api) patchEndpoint(ctx context.Context, who caller, in *patchEndpoint) (*out[endpointView], error) {
	expect, err := in.expect()
	if err != nil {
		return nil, err
	}
	options, err := a.options(who, in.SaveQuery, expect)
	if err != nil {
		return nil, err
	}
	endpoint, secret, err := a.Config.PatchEndpoint(ctx, who.actor(), in.ID, in.Payload.raw, options)
	if err != nil {
		return nil, err
	}
	return &out[endpointView]{ETag: etag(endpoint.Version), Body: a.showEndpoint(endpoint, secret)}, nil
}

func (a *api) deleteEndpoint(ctx context.Context, who caller, in *deleteByID) (*none, error) {
	expect, err := in.expect()
	if err != nil {
		return nil, err
	}
	if err := a.Config.DeleteEndpoint(ctx, who.actor(), in.ID, expect); err != nil {
		return nil, err
	}
	_, err = a.Ledger.CancelEndpoint(ctx, who.workspace, in.ID, a.now())
	return nil, err
}

func (a *api) testEndpoint(ctx context.Context, who caller, in *postByID) (*made[DeliveryView], error) {
	var request testRequest
	if err := in.Payload.decodeOptional(&request); err != nil {
		return nil, err
	}
	if _, err := a.Config.EndpointIn(who.workspace, in.ID); err != nil {
		return nil, err
	}
	delivery, err := a.Desk.Test(ctx, who.workspace, in.ID, request.Event)
	if err != nil {
		return nil, err
	}
	return madeDelivery(delivery), nil
}

func (a *api) closeBreaker(ctx context.Context, who caller, in *IDPath) (*out[endpointView], error) {
	endpoint, err := a.Config.CloseBreaker(ctx, who.actor(), in.ID)
	if err != nil {
		return nil, err
	}
	return &out[endpointView]{ETag: etag(endpoint.Version), Body: a.showEndpoint(endpoint, "")}, nil
}

func (a *api) rotateSecret(ctx context.Context, who caller, in *postByID) (*out[endpointView], error) {
	var request rotation
	if err := in.Payload.decodeOptional(&request); err != nil {
		return nil, err
	}
	overlap := config.DefaultOverlap
	if request.OverlapSeconds != nil {
		if most := config.MaxOverlap.Seconds(); *request.OverlapSeconds < 0 || *request.OverlapSeconds > most {
			return nil, invalid.New("overlap_seconds", *request.OverlapSeconds, "must be from 0 to %.0f", most)
		}
		overlap = time.Duration(*request.OverlapSeconds * float64(time.Second))
	}
	endpoint, secret, err := a.Config.RotateSecret(ctx, who.actor(), in.ID, request.Secret, overlap)
	if err != nil {
		return nil, err
	}
	return &out[endpointView]{ETag: etag(endpoint.Version), Body: a.showEndpoint(endpoint, secret)}, nil
}

func (a *api) setState(state triggers.EndpointState) func(context.Context, caller, *postByID) (*out[endpointView], error) {
	return func(ctx context.Context, who caller, in *postByID) (*out[endpointView], error) {
		var request reasonRequest
		if err := in.Payload.decodeOptional(&request); err != nil {
			return nil, err
		}
		if len(request.Reason) > 500 {
			return nil, invalid.New("reason", nil, "must be at most 500 bytes")
		}
		if strings.ContainsFunc(request.Reason, unicode.IsControl) {
			return nil, invalid.New("reason", nil, "must be on one line, without control characters")
		}
		if request.Reason == "" && state != triggers.EndpointActive {
			request.Reason = "set by " + who.Name
		}
		endpoint, err := a.Config.ChangeState(ctx, who.actor(), in.ID, state, request.Reason)
		if err != nil {
			return nil, err
		}
		return &out[endpointView]{ETag: etag(endpoint.Version), Body: a.showEndpoint(endpoint, "")}, nil
	}
}
