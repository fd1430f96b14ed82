package vendorapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/gorilla/mux"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/config/strictjson"
	"github.com/hookdesk/hookdesk/dispatcher/systems/superoffice"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/invalid"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// superOfficeSystem is the name of the emulated system.
const superOfficeSystem = "superoffice"

// superOfficeError is an error as clients of SuperOffice's web API get it.
// Its form is an assumption: the public reference names status codes only.
type superOfficeError struct {
	Error     bool
	ErrorType string
	Message   string
}

// call is one request to the Webhook resource.
type call struct {
	*vendors
	ctx  context.Context
	by   config.Actor
	vars map[string]string
	body []byte
}

func (v *vendors) superOfficeRoutes(router *mux.Router, base string) {
	for _, route := range []struct {
		method, path string
		scope        config.Scope
		handle       func(*call) (int, any, error)
	}{
		{http.MethodGet, "/Webhook/default", config.ScopeRead, (*call).newWebhook},
		{http.MethodGet, "/Webhook", config.ScopeRead, (*call).listWebhooks},
		{http.MethodPost, "/Webhook", config.ScopeWrite, (*call).createWebhook},
		{http.MethodPost, "/Webhook/Test", config.ScopeWrite, (*call).testWebhook},
		{http.MethodGet, "/Webhook/{id:[0-9]+}", config.ScopeRead, (*call).getWebhook},
		{http.MethodPut, "/Webhook/{id:[0-9]+}", config.ScopeWrite, (*call).putWebhook},
		{http.MethodPatch, "/Webhook/{id:[0-9]+}", config.ScopeWrite, (*call).patchWebhook},
		{http.MethodDelete, "/Webhook/{id:[0-9]+}", config.ScopeWrite, (*call).deleteWebhook},
		{http.MethodGet, "/Webhook/{id:[0-9]+}/LastError", config.ScopeRead, (*call).lastError},
		{http.MethodPost, "/Webhook/{event}/{key:[0-9]+}", config.ScopeWrite, (*call).signal},
	} {
		router.HandleFunc(base+route.path, v.superOffice(route.scope, route.handle)).Methods(route.method)
	}
}

func (v *vendors) superOffice(scope config.Scope, handle func(*call) (int, any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		by, status := v.identify(r, scope)
		if status != http.StatusOK {
			if status == http.StatusUnauthorized {
				w.Header().Set("WWW-Authenticate", `Bearer realm="hookdesk"`)
			}
			writeJSON(w, status, superOfficeError{Error: true, ErrorType: "Security", Message: "The token is missing, not valid, or does not allow this."})
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			writeJSON(w, http.StatusRequestEntityTooLarge, superOfficeError{Error: true, ErrorType: "Argument", Message: fmt.Sprintf("The body must be at most %d bytes.", maxBody)})
			return
		}
		status, answer, err := handle(&call{vendors: v, ctx: r.Context(), by: by, vars: mux.Vars(r), body: body})
		switch {
		case err != nil:
			v.superOfficeFault(w, r, err)
		case answer == nil:
			w.WriteHeader(status)
		default:
			writeJSON(w, status, answer)
		}
	}
}

// superOfficeFault answers with an error. What is no fault of the client's is
// logged, and not told.
func (v *vendors) superOfficeFault(w http.ResponseWriter, r *http.Request, err error) {
	var (
		input  *invalid.Error
		syntax *strictjson.SyntaxError
		inUse  *config.InUseError
	)
	status, kind, message := http.StatusInternalServerError, "InternalServerError", "Something went wrong on the server."
	switch {
	case errors.As(err, &syntax):
		status, kind, message = http.StatusBadRequest, "Argument", syntax.Error()
	case errors.As(err, &input):
		status, kind, message = http.StatusBadRequest, "Argument", input.Error()
	case errors.As(err, &inUse):
		status, kind, message = http.StatusConflict, "Conflict", inUse.Error()
	case errors.Is(err, executionlog.ErrNotFound):
		status, kind, message = http.StatusNotFound, "NotFound", "There is no such webhook."
	case errors.Is(err, executionlog.ErrConflict):
		status, kind, message = http.StatusConflict, "Conflict", "It was changed at the same time; read it again."
	case errors.Is(err, executionlog.ErrUnavailable):
		w.Header().Set("Retry-After", "2")
		status, kind, message = http.StatusServiceUnavailable, "Unavailable", "The database cannot be reached; try again."
	default:
		v.log.ErrorContext(r.Context(), "a request failed", "path", r.URL.Path, "error", err)
	}
	writeJSON(w, status, superOfficeError{Error: true, ErrorType: kind, Message: message})
}

func (c *call) newWebhook() (int, any, error) {
	return http.StatusOK, webhook{
		State: "Active", Type: typeWebhook, Events: []string{}, Headers: map[string]string{}, Properties: json.RawMessage("{}"),
		Registered: unsetTime, Updated: unsetTime,
	}, nil
}

func (c *call) listWebhooks() (int, any, error) {
	list := []webhook{}
	for _, endpoint := range c.Config.Endpoints(c.by.Workspace) {
		if endpoint.System == superOfficeSystem {
			list = append(list, c.show(endpoint, ""))
		}
	}
	return http.StatusOK, list, nil
}

// endpoint finds the endpoint behind the WebhookId of the path.
func (c *call) endpoint() (*triggers.Endpoint, error) {
	wanted, err := strconv.ParseInt(c.vars["id"], 10, 64)
	if err == nil {
		for _, endpoint := range c.Config.Endpoints(c.by.Workspace) {
			if endpoint.System == superOfficeSystem && superoffice.WebhookID(endpoint.ID) == wanted {
				return endpoint, nil
			}
		}
	}
	return nil, fmt.Errorf("find webhook %s: %w", c.vars["id"], executionlog.ErrNotFound)
}

func (c *call) getWebhook() (int, any, error) {
	endpoint, err := c.endpoint()
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, c.show(endpoint, ""), nil
}

func (c *call) createWebhook() (int, any, error) {
	in, err := decodeWebhook(c.body, true)
	if err != nil {
		return 0, nil, err
	}
	return c.create(in)
}

func (c *call) create(in *webhookInput) (int, any, error) {
	input, err := in.endpoint(nil)
	if err != nil {
		return 0, nil, err
	}
	endpoint, secret, err := c.Config.CreateEndpoint(c.ctx, c.by, input, config.EndpointOptions{NoSecret: true})
	if err != nil {
		return 0, nil, inVendorsWords(err)
	}
	if err := c.subscribe(endpoint, in.Name, in.Events); err != nil {
		// A webhook without its events is none: nothing of it stays.
		return 0, nil, errors.Join(err, c.Config.DeleteEndpoint(c.ctx, c.by, endpoint.ID, config.AnyVersion))
	}
	return http.StatusOK, c.show(endpoint, secret), nil
}

func (c *call) putWebhook() (int, any, error) {
	endpoint, err := c.endpoint()
	if err != nil {
		return 0, nil, err
	}
	in, err := decodeWebhook(c.body, true)
	if err != nil {
		return 0, nil, err
	}
	return c.replace(endpoint, in)
}

func (c *call) patchWebhook() (int, any, error) {
	endpoint, err := c.endpoint()
	if err != nil {
		return 0, nil, err
	}
	text, err := patchWebhook(c.show(endpoint, ""), c.body)
	if err != nil {
		return 0, nil, err
	}
	in, err := decodeWebhook(text, true)
	if err != nil {
		return 0, nil, err
	}
	return c.replace(endpoint, in)
}

func (c *call) replace(before *triggers.Endpoint, in *webhookInput) (int, any, error) {
	input, err := in.endpoint(before)
	if err != nil {
		return 0, nil, err
	}
	after, _, err := c.Config.UpdateEndpoint(c.ctx, c.by, before.ID, input, config.EndpointOptions{Expect: before.Version})
	if err != nil {
		return 0, nil, inVendorsWords(err)
	}
	if err := c.subscribe(after, in.Name, in.Events); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, c.show(after, in.Secret), nil
}

func (c *call) deleteWebhook() (int, any, error) {
	endpoint, err := c.endpoint()
	if err != nil {
		return 0, nil, err
	}
	for _, trigger := range c.triggersOf(endpoint.ID) {
		if err := c.withdraw(trigger, endpoint.ID); err != nil {
			return 0, nil, err
		}
	}
	if err := c.Config.DeleteEndpoint(c.ctx, c.by, endpoint.ID, config.AnyVersion); err != nil {
		return 0, nil, err
	}
	_, err = c.Ledger.CancelEndpoint(c.ctx, c.by.Workspace, endpoint.ID, c.now())
	return http.StatusNoContent, nil, err
}

// testResult is the answer to a test of a webhook that is not saved.
type testResult struct {
	Success         bool
	Message         string
	TableRight      any
	FieldProperties map[string]any
}

func (c *call) testWebhook() (int, any, error) {
	in, err := decodeWebhook(c.body, false)
	if err != nil {
		return 0, nil, err
	}
	input, err := in.endpoint(nil)
	if err != nil {
		return 0, nil, err
	}
	result := testResult{Success: true, FieldProperties: map[string]any{}}
	err = c.Config.TryEndpoint(c.ctx, c.by, input)
	var refused *invalid.Error
	switch {
	case errors.As(err, &refused):
		result.Success, result.Message = false, inVendorsWords(refused).Error()
	case err != nil:
		return 0, nil, err
	}
	return http.StatusOK, result, nil
}

func (c *call) lastError() (int, any, error) {
	endpoint, err := c.endpoint()
	if err != nil {
		return 0, nil, err
	}
	found, err := c.Ledger.Executions(c.ctx, executionlog.Filter{Workspace: c.by.Workspace, Endpoint: endpoint.ID, Outcome: executionlog.Failed}, 1, "")
	if err != nil || len(found.Items) == 0 {
		return http.StatusOK, "", err
	}
	return http.StatusOK, found.Items[0].Error, nil
}

// signal raises an event for a ticket by its number, as a change of it: the
// vendor tells whoever listens and asks nothing back, so that a creation may be
// signalled of a ticket that is there. Whatever the event is called, the vendor
// answers 204; those of other entities lead to nothing, since there are tickets
// only.
func (c *call) signal() (int, any, error) {
	in := ticket.Input{Via: "api", Signalled: true, Ticket: ticket.Patch{Number: c.vars["key"]}}
	now := c.now()
	in.At = &now
	switch c.vars["event"] {
	case "ticket.created":
		in.Kind = ticket.TicketCreated
	case "ticket.changed":
		in.Kind = ticket.TicketUpdated
		in.Ticket.Values.UpdatedAt = now
		in.Ticket.Touched = []string{"updated_at"}
	default:
		return http.StatusNoContent, nil, nil
	}
	for _, submitted := range c.Desk.Submit(c.ctx, c.by.Workspace, []*ticket.Input{&in}) {
		if submitted.Err != nil {
			return 0, nil, submitted.Err
		}
	}
	return http.StatusNoContent, nil, nil
}
