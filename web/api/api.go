// Package api is the REST API: it decodes and checks requests, calls the
// dispatcher, the configuration and the ledger, and describes itself in
// OpenAPI 3.1 from the same code that serves it.
package api

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humamux"
	"github.com/gorilla/mux"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/web/inspect"
)

// Base is the path below which the API lives.
const Base = "/api/v1"

// Options are what the API works with. Desk, Config, Ledger and Systems are
// needed.
type Options struct {
	Desk    dispatcher.Desk
	Config  *config.Service
	Ledger  executionlog.Ledger
	Systems *systems.Registry

	// AdminToken is the administrator's token; empty accepts stored tokens
	// only.
	AdminToken string
	// Dev says that development mode is on.
	Dev bool
	// Metrics serves /metrics, without a token; nil leaves it out.
	Metrics http.Handler
	// Version is the program's version, for the OpenAPI document.
	Version string
	// StreamEvery is how often the log's stream looks for new rows; 500 ms
	// if 0.
	StreamEvery time.Duration
	// Now is time.Now if nil.
	Now func() time.Time
	// Logger is slog.Default() if nil.
	Logger *slog.Logger
}

// api is what the operations share.
type api struct {
	Options
	huma    huma.API
	log     *slog.Logger
	now     func() time.Time
	limits  *limits
	inspect *inspect.Inspector
	openAPI []byte
}

// New returns the API's handler. It serves Base, /healthz, /readyz, /metrics
// and /openapi.json, and answers every other path with 404.
func New(options Options) http.Handler {
	_, handler := build(options)
	return handler
}

func build(options Options) (*api, http.Handler) {
	router := mux.NewRouter().SkipClean(true).UseEncodedPath()
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	if options.StreamEvery <= 0 {
		options.StreamEvery = 500 * time.Millisecond
	}
	useProblems()
	a := &api{
		Options: options,
		huma:    humamux.New(router, describe(options)),
		log:     options.Logger,
		now:     func() time.Time { return options.Now().UTC().Truncate(time.Microsecond) },
	}
	a.inspect = &inspect.Inspector{Config: a.Config, Ledger: a.Ledger, Desk: a.Desk, Systems: a.Systems, Now: a.now}
	a.limits = newLimits(a.now)
	a.huma.UseMiddleware(a.admit)
	for _, register := range []func(){
		a.systemRoutes, a.endpointRoutes, a.triggerRoutes, a.ticketRoutes, a.conversationRoutes,
		a.changeRoutes, a.deliveryRoutes, a.signatureRoutes, a.executionRoutes, a.streamRoutes, a.replayRoutes, a.simulationRoutes,
		a.tokenRoutes, a.auditRoutes, a.calendarRoutes, a.searchRoutes, a.statisticsRoutes, a.meRoutes, a.workspaceRoutes, a.configurationRoutes, a.healthRoutes,
	} {
		register()
	}
	a.serveDescription(router)
	router.NotFoundHandler = http.HandlerFunc(a.notFound)
	router.MethodNotAllowedHandler = a.methodNotAllowed(router)
	return a, a.protect(router)
}

// describe returns huma's configuration: JSON only, nothing served by itself.
func describe(options Options) huma.Config {
	version := options.Version
	if version == "" {
		version = "0.0.0"
	}
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title:       "hookdesk",
				Version:     version,
				Description: "Ticket changes in, signed webhooks in the format of five ticketing systems out, and a log of every attempt.",
				Contact:     &huma.Contact{Name: "hookdesk", URL: "https://github.com/hookdesk/hookdesk"},
				License:     &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			},
			Servers: []*huma.Server{{URL: "/"}},
			Tags:    tags,
			Components: &huma.Components{
				Schemas: newSchemas(options.Systems),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					bearer: {Type: "http", Scheme: "bearer", Description: "An API token, or the administrator's token."},
				},
			},
		},
		Formats:                      map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	}
}
