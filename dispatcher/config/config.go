// Package config keeps the configuration of all workspaces: endpoints,
// triggers, calendars, tokens, saved searches and the workspaces themselves.
//
// It stores them as versioned documents in the ledger, with an audit entry
// for each change and secrets sealed, and holds the newest state in memory as
// an immutable snapshot, so that the dispatcher reads it without I/O.
package config

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// DefaultWorkspace exists without being made, and cannot be deleted.
const DefaultWorkspace = "default"

// The kinds of document that this package stores.
const (
	kindEndpoint  = "endpoint"
	kindTrigger   = "trigger"
	kindCalendar  = "calendar"
	kindToken     = "token"
	kindWorkspace = "workspace"
	kindSearch    = "search"
)

// pollInterval is how often Run asks the store whether another process has
// changed the configuration.
const pollInterval = 500 * time.Millisecond

// Sealer encrypts secrets; *signing.Keyring implements it. The second argument
// binds a secret to the endpoint that owns it.
type Sealer interface {
	Seal(plain, aad string) (string, error)
	Open(sealed, aad string) (string, error)
	// NeedsReseal reports whether an earlier key sealed a secret.
	NeedsReseal(sealed string) bool
}

// Options are what a Service works with. Ledger, Systems and Keys are needed.
type Options struct {
	Ledger  executionlog.Documents
	Systems *systems.Registry
	Keys    Sealer
	// Node is the ledger's node number, for making ids.
	Node int
	// Newest is the highest number of an id in the ledger; new ids are above it.
	Newest int64
	// Keep is how long things are kept of workspaces that do not say
	// otherwise.
	Keep executionlog.Keep
	// Now is time.Now if nil.
	Now func() time.Time
	// Dev allows http, and private and loopback addresses as targets.
	Dev bool
	// AllowPrivate accepts literal private addresses in URLs, since the
	// administrator's list of networks is checked when dialling.
	AllowPrivate bool
	// Probe tries an endpoint before it is saved; nil tries nothing. SetProbe
	// sets it later, for a dispatcher that needs the Service first.
	Probe func(ctx context.Context, endpoint *triggers.Endpoint, keys []string) error
	// Logger is slog.Default() if nil.
	Logger *slog.Logger
}

// Service is the configuration. It is safe for concurrent use.
type Service struct {
	options Options
	ids     *id.Source
	now     func() time.Time
	log     *slog.Logger

	writing sync.Mutex // one change at a time in this process
	loading sync.Mutex
	current atomic.Pointer[snapshot]
	probe   atomic.Pointer[func(ctx context.Context, endpoint *triggers.Endpoint, keys []string) error]
	changed atomic.Pointer[func()]
	states  atomic.Pointer[func(after, before *triggers.Endpoint)]
	used    tokenUse
	opened  opened
	past    atomic.Pointer[pastEngine]
}

var _ dispatcher.Configuration = (*Service)(nil)

// New returns a Service that has read the whole configuration.
func New(ctx context.Context, options Options) (*Service, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	s := &Service{
		options: options,
		now:     func() time.Time { return options.Now().UTC().Truncate(time.Microsecond) },
		log:     options.Logger,
	}
	s.ids = id.NewSource(options.Node, options.Now).Above(options.Newest)
	if options.Probe != nil {
		s.SetProbe(options.Probe)
	}
	if err := s.Reload(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// AuditID makes an id for an entry of the audit log, for others who write
// there.
func (s *Service) AuditID() string { return s.ids.New(id.Audit) }

// SetProbe sets what tries an endpoint before it is saved.
func (s *Service) SetProbe(probe func(ctx context.Context, endpoint *triggers.Endpoint, keys []string) error) {
	s.probe.Store(&probe)
}

// SetChanged sets what is called after each change of the configuration that
// this process learns of; it returns at once.
func (s *Service) SetChanged(changed func()) { s.changed.Store(&changed) }

// Run follows changes that other processes make, and records when tokens were
// used, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := s.follow(ctx); err != nil && !errors.Is(err, context.Canceled) {
			s.log.WarnContext(ctx, "reading the configuration failed", "error", err)
		}
		s.recordTokenUse(ctx)
	}
}

// follow reloads the configuration if the store has a newer one.
func (s *Service) follow(ctx context.Context) error {
	sequence, err := s.options.Ledger.Sequence(ctx)
	if err != nil {
		return fmt.Errorf("read configuration sequence: %w", err)
	}
	if sequence == s.current.Load().sequence {
		return nil
	}
	return s.Reload(ctx)
}

// Reload reads the whole configuration from the store.
func (s *Service) Reload(ctx context.Context) error {
	s.loading.Lock()
	defer s.loading.Unlock()
	next, err := s.load(ctx)
	if err != nil {
		return fmt.Errorf("load configuration: %w", err)
	}
	s.adopt(next)
	return nil
}

// learn makes documents that this process has just stored known in it. Where
// another process wrote meanwhile, everything is read again.
func (s *Service) learn(ctx context.Context, writes []executionlog.DocumentWrite) error {
	s.loading.Lock()
	now := s.current.Load()
	expected := now.sequence
	if slices.ContainsFunc(writes, func(w executionlog.DocumentWrite) bool { return !w.Quiet }) {
		expected++
	}
	sequence, err := s.options.Ledger.Sequence(ctx)
	if err == nil && sequence == expected {
		var next *snapshot
		if next, err = s.with(now, sequence, writes); err == nil {
			s.adopt(next)
			s.loading.Unlock()
			return nil
		}
	}
	s.loading.Unlock()
	return s.Reload(ctx)
}

// adopt makes a snapshot the current one. The caller holds s.loading.
func (s *Service) adopt(next *snapshot) {
	s.current.Store(next)
	s.warmUp()
	if changed := s.changed.Load(); changed != nil {
		(*changed)()
	}
}

// Endpoint returns an endpoint of any workspace, nil where there is none.
func (s *Service) Endpoint(id string) *triggers.Endpoint { return s.current.Load().endpoints[id] }

// Trigger returns a trigger of any workspace, nil where there is none.
func (s *Service) Trigger(id string) *triggers.Trigger { return s.current.Load().triggers[id] }

// Engine returns the compiled triggers of a workspace, never nil.
func (s *Service) Engine(workspace string) *triggers.Engine {
	now := s.current.Load()
	if engine := now.engines[workspace]; engine != nil {
		return engine.get()
	}
	return now.empty
}

// EndpointIn returns an endpoint of a workspace, or an error that wraps
// executionlog.ErrNotFound.
func (s *Service) EndpointIn(workspace, id string) (*triggers.Endpoint, error) {
	return in(s.current.Load().endpoints, workspace, id, func(e *triggers.Endpoint) string { return e.Workspace })
}

// TriggerIn returns a trigger of a workspace, or an error that wraps
// executionlog.ErrNotFound.
func (s *Service) TriggerIn(workspace, id string) (*triggers.Trigger, error) {
	return in(s.current.Load().triggers, workspace, id, func(t *triggers.Trigger) string { return t.Workspace })
}

// Endpoints lists the endpoints of a workspace, oldest first.
func (s *Service) Endpoints(workspace string) []*triggers.Endpoint {
	return list(s.current.Load().endpoints, func(e *triggers.Endpoint) bool { return e.Workspace == workspace })
}

// Triggers lists the triggers of a workspace, oldest first.
func (s *Service) Triggers(workspace string) []*triggers.Trigger {
	return list(s.current.Load().triggers, func(t *triggers.Trigger) bool { return t.Workspace == workspace })
}

func in[T any](all map[string]*T, workspace, id string, of func(*T) string) (*T, error) {
	found := all[id]
	if found == nil || of(found) != workspace {
		return nil, fmt.Errorf("find %s: %w", id, executionlog.ErrNotFound)
	}
	return found, nil
}

func list[T any](all map[string]*T, keep func(*T) bool) []*T {
	kept := []*T{}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		if keep(all[id]) {
			kept = append(kept, all[id])
		}
	}
	return kept
}
