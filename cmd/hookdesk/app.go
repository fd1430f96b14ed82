package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/metrics"
	"github.com/hookdesk/hookdesk/cmd/hookdesk/tracing"
	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/alerts"
	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/redisqueue"
	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/open"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/invalid"
	"github.com/hookdesk/hookdesk/web/api"
	"github.com/hookdesk/hookdesk/web/console"
	"github.com/hookdesk/hookdesk/web/docs"
	"github.com/hookdesk/hookdesk/web/vendorapi"
)

// Role is what a server process does.
type Role string

// The roles.
const (
	RoleAll    Role = "all"
	RoleAPI    Role = "api"    // accepts changes, answers questions
	RoleWorker Role = "worker" // delivers; of the web it serves health and metrics
)

// App is a whole server: every part, wired together.
type App struct {
	config   *Config
	log      *slog.Logger
	listener net.Listener
	server   *http.Server
	ledger   executionlog.Ledger
	settings *config.Service
	queue    *redisqueue.Queue
	sender   *sender.Client
	desk     *dispatcher.Dispatcher
	counts   *metrics.Metrics
	alerts   *alerts.Sender    // nil where nobody wants them
	traces   *tracing.Exporter // nil where nobody wants them
	token    string
}

// readHeaderTimeout and the like keep slow clients from holding connections.
// There is no limit on writing: exports and streams last.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 60 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeader         = 64 << 10
)

// NewApp opens the stores and wires the parts. What it has opened is closed
// by Close, or at once where it fails.
func NewApp(ctx context.Context, c *Config, role Role, logger *slog.Logger) (app *App, err error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if err := c.checkRole(role); err != nil {
		return nil, err
	}
	a := &App{config: c, log: logger}
	defer func() {
		if err != nil {
			_ = a.Close()
		}
	}()

	keys, err := c.Keyring()
	if err != nil {
		return nil, err
	}
	if a.token, err = c.Token(); err != nil {
		return nil, err
	}
	if a.ledger, err = openLedger(ctx, c, logger); err != nil {
		return nil, err
	}
	a.counts = metrics.New(build().Version, func(id string) *triggers.Endpoint { return a.settings.Endpoint(id) }, time.Now)
	a.ledger = a.counts.Ledger(a.ledger)
	registry := all.Registry()
	networks := c.networks()
	a.settings, err = config.New(ctx, config.Options{
		Ledger: a.ledger, Systems: registry, Keys: keys, Node: a.ledger.Node(), Keep: c.Keep(), Newest: a.ledger.Newest(),
		Dev: c.Dev, AllowPrivate: len(networks) > 0, Logger: logger,
	})
	if err != nil {
		return nil, fmt.Errorf("load configuration: %w", err)
	}
	if err := sealPlain(ctx, a.settings, logger); err != nil {
		logger.Error("sealing stored secrets failed", "error", err) // deliveries go on; the next start tries again
	}
	a.queue, err = redisqueue.Open(redisqueue.Options{
		URL: c.RedisURL, Instance: a.ledger.Instance(), Concurrency: c.Workers, DrainTimeout: c.DrainTimeout, Logger: logger, Observe: a.counts.Redis,
		Exclusive: !strings.HasPrefix(c.Database(), "postgres"), // SQLite belongs to one process
	})
	if err != nil {
		return nil, fmt.Errorf("open queue: %w", err)
	}
	a.sender = sender.New(sender.Options{
		AllowLoopback: c.Dev, AllowNetworks: networks, UserAgent: userAgent(),
	})
	tracer, err := a.trace(ctx)
	if err != nil {
		return nil, err
	}
	works := role != RoleAPI
	var told func(dispatcher.StateChange)
	if ways := c.alerts(a, registry); ways.Webhook != nil || ways.Mail != nil {
		a.alerts = alerts.New(ways)
		told = a.alerts.Tell
	}
	a.desk = dispatcher.New(dispatcher.Options{
		Alert: told, AuditID: a.settings.AuditID,
		Ledger: a.ledger, Config: a.settings, Systems: registry, Queue: a.queue, Sender: a.sender,
		Feed: works, Work: works, DrainTimeout: c.DrainTimeout, AllowHTTP: c.Dev, UserAgent: userAgent(), Logger: logger, Observer: a.counts, Tracer: tracer,
	})
	a.settings.SetProbe(a.desk.Probe)
	a.settings.SetChanged(a.desk.Refresh)
	a.settings.SetStateChanged(a.announce)
	a.counts.Watch(a.desk, a.ledger, a.workspaces)

	restAPI := api.New(api.Options{
		Desk: a.desk, Config: a.settings, Ledger: a.ledger, Systems: registry,
		AdminToken: a.token, Dev: c.Dev, Metrics: a.counts.Handler(), Version: build().Version, Logger: logger,
	})
	emulated := vendorapi.New(vendorapi.Options{
		Desk: a.desk, Config: a.settings, Ledger: a.ledger, AdminToken: a.token, Logger: logger,
	})
	session := sha256.Sum256([]byte("console session\x00" + c.SecretKey + "\x00" + a.token))
	pages := console.New(console.Options{
		Desk: a.desk, Config: a.settings, Ledger: a.ledger, Systems: registry,
		AdminToken: a.token, SecretKey: session[:], Dev: c.Dev, Version: build().Version, Logger: logger,
	})
	manual, err := docs.Handler(docs.Options{
		Systems: registry, OpenAPI: func() ([]byte, error) { return describe(restAPI) }, Dev: c.Dev, Version: build().Version,
	})
	if err != nil {
		return nil, fmt.Errorf("read documentation: %w", err)
	}
	if a.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", c.Addr); err != nil {
		return nil, withHint(fmt.Errorf("listen: %w", err), "choose another address with HOOKDESK_ADDR")
	}
	a.server = &http.Server{
		Handler: route(role, a.traced(restAPI), a.traced(emulated), manual, pages), ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
	return a, nil
}

func (a *App) workspaces() []string {
	names := []string{config.DefaultWorkspace}
	for _, w := range a.settings.Workspaces() {
		if !slices.Contains(names, w.Name) {
			names = append(names, w.Name)
		}
	}
	return names
}

// announce tells of an endpoint whose state somebody changed.
func (a *App) announce(after, before *triggers.Endpoint) {
	go a.desk.Announce(dispatcher.StateChange{
		Workspace: after.Workspace, Endpoint: after.ID, State: dispatcher.StateOf(after.State, before.State), Reason: after.StateReason,
	})
}

// Addr is the address that the server listens on.
func (a *App) Addr() string { return a.listener.Addr().String() }

// Base is the URL under which people reach the server.
func (a *App) Base() string { return a.config.Base(a.Addr()) }

// Token is the administrator's token.
func (a *App) Token() string { return a.token }

// Run serves until ctx ends. Then it drains: it takes in nothing more, lets
// requests and attempts under way finish within the drain timeout, and leaves
// the rest pending in the ledger, where the next start finds it.
func (a *App) Run(ctx context.Context) error {
	inner, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var parts sync.WaitGroup
	failed := make(chan error, 2)
	parts.Go(func() { a.settings.Run(inner) })
	parts.Go(func() { a.maintain(inner) })
	if a.alerts != nil {
		parts.Go(func() { a.alerts.Run(inner) })
	}
	parts.Go(func() {
		if err := a.desk.Run(inner); err != nil {
			failed <- fmt.Errorf("run dispatcher: %w", err)
		}
	})
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := a.server.Serve(a.listener); !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("serve: %w", err)
		}
	}()

	var err error
	select {
	case <-ctx.Done():
		a.log.Info("draining", "timeout", a.config.DrainTimeout)
	case err = <-failed:
	}
	limited, cancel := context.WithTimeout(inner, a.config.DrainTimeout)
	defer cancel()
	a.shutDown(limited)
	<-served
	stop()
	parts.Wait()
	return err
}

// streamGrace is how long open streams, which never end by themselves, may
// hold up the shutdown of the web.
const streamGrace = 2 * time.Second

func (a *App) shutDown(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, streamGrace)
	defer cancel()
	if err := a.server.Shutdown(limited); err != nil {
		_ = a.server.Close()
	}
}

// Close closes what is open. Run must have returned.
func (a *App) Close() error {
	var errs []error
	if a.listener != nil {
		if err := a.listener.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if a.queue != nil {
		errs = append(errs, a.queue.Close())
	}
	if a.sender != nil {
		a.sender.Close()
	}
	if a.ledger != nil {
		errs = append(errs, a.ledger.Close())
	}
	a.endTraces()
	return errors.Join(errs...)
}

// openLedger opens the database, which it brings up to date.
func openLedger(ctx context.Context, c *Config, logger *slog.Logger) (executionlog.Ledger, error) {
	ledger, err := open.URL(ctx, c.Database(), open.Options{Logger: logger})
	var bad *invalid.Error
	switch {
	case errors.As(err, &bad):
		return nil, setting("DATABASE_URL", redactURL(c.DatabaseURL), "sqlite:FILE or postgres://user@host/name")
	case err != nil:
		return nil, withHint(fmt.Errorf("open ledger %s: %w", redactURL(c.Database()), err),
			"is another process using it, or the server out of reach?")
	}
	return ledger, nil
}

// networks are the private networks that may be posted to. Check has seen
// that they are networks.
func (c *Config) networks() []netip.Prefix {
	var networks []netip.Prefix
	for _, text := range c.AllowedNetworks {
		if network, err := netip.ParsePrefix(text); err == nil {
			networks = append(networks, network)
		}
	}
	return networks
}

// checkRole refuses combinations that cannot work.
func (c *Config) checkRole(role Role) error {
	if role == RoleAll {
		return nil
	}
	if c.RedisURL == "" {
		return withHint(usage("--role %s with the embedded Redis; want HOOKDESK_REDIS_URL, which all processes share", role),
			"one process with everything in it is --role all")
	}
	kinds := map[string]string{"sqlite": "SQLite", "memory": "a ledger in memory"}
	scheme, _, _ := strings.Cut(c.Database(), ":")
	if kind := kinds[scheme]; kind != "" {
		return withHint(usage("--role %s with %s; want HOOKDESK_DATABASE_URL=postgres://…, which all processes share", role, kind),
			"%s belongs to one process: --role all", kind)
	}
	return nil
}
