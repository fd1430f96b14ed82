// Package vendorapi offers the vendors' own public configuration APIs, so
// that a client written for a vendor works against hookdesk with another base
// URL: SuperOffice's Webhook resource and Tamio's verify-signature. They act
// on the same endpoints and triggers as hookdesk's own API.
package vendorapi

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/executionlog"
)

// Base is the path below which the vendors' APIs live.
const Base = "/emulate"

// maxBody is the largest request body, in bytes.
const maxBody = 1 << 20

// workspaceHeader lets an administrator's token name a workspace, as in
// hookdesk's own API.
const workspaceHeader = "Hookdesk-Workspace"

// Options are what the vendors' APIs work with. Desk, Config and Ledger are
// needed.
type Options struct {
	Desk   dispatcher.Desk
	Config *config.Service
	Ledger executionlog.Ledger
	// AdminToken is the administrator's token; empty accepts stored tokens
	// only.
	AdminToken string
	// Now is time.Now if nil.
	Now func() time.Time
	// Logger is slog.Default() if nil.
	Logger *slog.Logger
}

// vendors is the handler behind New.
type vendors struct {
	Options
	now func() time.Time
	log *slog.Logger
}

// New returns the handler of every path below Base.
func New(options Options) http.Handler {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	v := &vendors{Options: options, log: options.Logger, now: func() time.Time { return options.Now().UTC() }}
	router := mux.NewRouter()
	v.superOfficeRoutes(router, Base+"/superoffice/api/v1")
	v.agencyRoutes(router, Base+"/agency/v2")
	router.NotFoundHandler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusNotFound, superOfficeError{Error: true, ErrorType: "NotFound", Message: "There is nothing at this path."})
	})
	router.MethodNotAllowedHandler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusMethodNotAllowed, superOfficeError{Error: true, ErrorType: "MethodNotAllowed", Message: "This path does not know the method."})
	})
	return v.protect(router)
}

// protect sets the security headers, caps bodies and survives panics.
func (v *vendors) protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		defer func() {
			recovered := recover()
			if recovered == nil {
				return
			}
			if recovered == http.ErrAbortHandler { //nolint:errorlint // net/http compares it this way, too
				panic(recovered)
			}
			v.log.ErrorContext(r.Context(), "a request panicked", "path", r.URL.Path, "panic", recovered, "stack", string(debug.Stack()))
			writeJSON(w, http.StatusInternalServerError, superOfficeError{Error: true, ErrorType: "InternalServerError", Message: "Something went wrong on the server."})
		}()
		next.ServeHTTP(w, r)
	})
}

// identify returns who a request comes from. Beside bearer tokens it takes
// the password of HTTP basic authentication, which the vendors' older clients
// send.
func (v *vendors) identify(r *http.Request, scope config.Scope) (config.Actor, int) {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(kind, "bearer") {
		_, token, _ = r.BasicAuth()
	}
	if token == "" {
		return config.Actor{}, http.StatusUnauthorized
	}
	principal, err := v.Config.Authenticate(token, v.AdminToken)
	if err != nil {
		return config.Actor{}, http.StatusUnauthorized
	}
	workspace := principal.Workspace
	if named := r.Header.Get(workspaceHeader); named != "" && named != workspace {
		if !principal.Admin || !v.Config.HasWorkspace(named) {
			return config.Actor{}, http.StatusForbidden
		}
		workspace = named
	}
	if !principal.Allows(scope) {
		return config.Actor{}, http.StatusForbidden
	}
	return principal.Actor(workspace), http.StatusOK
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(body)
}
