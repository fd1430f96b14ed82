// Package console is the website of hookdesk: people configure endpoints and
// triggers in it, watch deliveries, search the execution log and find out why
// something did or did not fire.
//
// Pages are rendered on the server from embedded templates. Each page is a
// struct with what it shows, a handler and a template of the same name;
// reading is always a GET link, changing always a POST form. Scripts only add
// comfort: everything works without them.
package console

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/gorilla/mux"
	"golang.org/x/time/rate"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/web/console/assets"
	"github.com/hookdesk/hookdesk/web/inspect"
)

// Options are what the console works with. Desk, Config, Ledger and Systems
// are needed.
type Options struct {
	Desk    dispatcher.Desk
	Config  *config.Service
	Ledger  executionlog.Ledger
	Systems *systems.Registry

	// AdminToken signs in as administrator, beside the tokens that Config
	// knows; empty never does.
	AdminToken string
	// SecretKey protects the session cookies. Empty: sessions end with the
	// process.
	SecretKey []byte

	// Dev says on every page that development mode is on.
	Dev bool
	// Version is shown at the foot of the navigation.
	Version string
	// Patience is how long what a page could do without may take, such as the
	// total and the chart of a search, 60 ms if it is 0: the page comes without
	// them rather than late, and asks for them then.
	Patience time.Duration
	// Now is time.Now if nil.
	Now func() time.Time
	// Logger is slog.Default() if nil.
	Logger *slog.Logger
}

// console is the handler behind New.
type console struct {
	Options
	cookies *cookies
	pages   *pages
	router  *mux.Router
	inspect *inspect.Inspector
	signIns *rate.Limiter // slows down whoever tries tokens
	log     *slog.Logger
}

// New returns the console, to be mounted at the root. It serves its assets
// below /assets/, too.
func New(options Options) http.Handler {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Patience == 0 {
		options.Patience = 60 * time.Millisecond
	}
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	c := &console{Options: options, log: options.Logger}
	c.cookies = newCookies(options.SecretKey, options.AdminToken, options.Now)
	c.inspect = &inspect.Inspector{Config: c.Config, Ledger: c.Ledger, Desk: c.Desk, Systems: c.Systems, Now: c.Now}
	c.pages = parsePages(options.Now)
	c.signIns = rate.NewLimiter(rate.Every(200*time.Millisecond), 20)
	return secured(c.routes())
}

// routes maps every address of the console to its page.
func (c *console) routes() http.Handler {
	r := mux.NewRouter().UseEncodedPath()
	c.router = r
	r.PathPrefix(assets.Prefix).Handler(assets.Handler()).Methods(http.MethodGet, http.MethodHead)
	r.HandleFunc("/signin", c.open(showSignIn)).Methods(http.MethodGet)
	r.HandleFunc("/signin", c.open(signIn)).Methods(http.MethodPost)
	r.HandleFunc("/signout", c.open(signOut)).Methods(http.MethodPost)
	r.HandleFunc("/theme", c.open(setTheme)).Methods(http.MethodPost)

	get := func(path string, h handler) { r.HandleFunc(path, c.page(h)).Methods(http.MethodGet, http.MethodHead) }
	post := func(path string, h handler) { r.HandleFunc(path, c.action(h)).Methods(http.MethodPost) }
	for _, part := range parts {
		part(get, post)
	}
	r.NotFoundHandler = c.page(func(*request) error { return executionlog.ErrNotFound })
	r.MethodNotAllowedHandler = c.page(func(r *request) error {
		return r.fail(http.StatusMethodNotAllowed, "This address does not do that", "Go back and use the page's own buttons.")
	})
	return r
}

// registrar notes the handler of one path.
type registrar func(path string, page handler)

// parts are the areas of the console, each with its own routes.
var parts = []func(get, post registrar){
	overviewRoutes, logRoutes, deliveryRoutes, triggerRoutes, endpointRoutes, ticketRoutes,
	systemRoutes, operationRoutes, workspaceRoutes, calendarRoutes, configurationRoutes, replayRoutes, simulationRoutes,
}

// handler answers one request of somebody who is signed in. An error becomes a
// page that says what happened.
type handler func(*request) error

// request is one request with what its handler needs.
type request struct {
	*http.Request
	*console
	w       http.ResponseWriter
	session session
}

// open wraps a handler that needs no session.
func (c *console) open(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		req := &request{Request: r, console: c, w: w}
		req.session = c.sessionOf(r)
		if err := h(req); err != nil {
			req.showError(err)
		}
	}
}

// page wraps a handler that needs a session; without one it leads to the
// sign-in and back.
func (c *console) page(h handler) http.HandlerFunc {
	return c.open(func(r *request) error {
		if r.session.Workspace == "" {
			return r.toSignIn()
		}
		return h(r)
	})
}

// action wraps a handler that changes something, which a token for reading
// may not.
func (c *console) action(h handler) http.HandlerFunc {
	return c.page(func(r *request) error {
		if !r.session.Allows(config.ScopeWrite) {
			return r.fail(http.StatusForbidden, "Not allowed", "You signed in with a token that may only read.")
		}
		return h(r)
	})
}

// sessionOf returns the session of a request, the zero session without one.
func (c *console) sessionOf(r *http.Request) session {
	value, ok := c.cookies.session(r)
	if !ok {
		return session{}
	}
	who, err := c.Config.Authenticate(value.Token, c.AdminToken)
	if err != nil || !who.Allows(config.ScopeRead) {
		return session{}
	}
	chosen := who.Workspace
	if who.Admin && c.Config.HasWorkspace(value.Workspace) {
		chosen = value.Workspace
	}
	return session{Principal: who, Workspace: chosen}
}

// by returns who changes the configuration.
func (r *request) by() config.Actor { return r.session.Actor(r.session.Workspace) }

// showError answers with the page for an error: what happened, and what to do
// about it. Errors that are nobody's input are logged, not shown.
func (r *request) showError(err error) {
	status, title, text := explainError(err)
	if status >= http.StatusInternalServerError && !errors.Is(err, context.Canceled) {
		r.log.ErrorContext(r.Context(), "a console page failed", "path", r.URL.Path, "error", err)
	}
	if failed := r.fail(status, title, text); failed != nil {
		r.log.ErrorContext(r.Context(), "an error page failed", "error", failed)
	}
}

// fail shows a page with a message and a status.
func (r *request) fail(status int, title, text string) error {
	return r.render(status, "error", frame{Title: title, Page: text})
}

// notFound is the error for something that is not there.
func notFound(what string) error { return fmt.Errorf("find %s: %w", what, executionlog.ErrNotFound) }
