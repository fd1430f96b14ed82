package config

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/config/strictjson"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// DefaultOverlap is how long a secret keeps signing after it was replaced.
const DefaultOverlap = 24 * time.Hour

// MaxOverlap is the longest time that a replaced secret may keep signing.
const MaxOverlap = 30 * 24 * time.Hour

// EndpointOptions refine a change of an endpoint.
type EndpointOptions struct {
	// Expect is the version the caller read, or AnyVersion.
	Expect int
	// SkipHandshake saves without trying the endpoint.
	SkipHandshake bool
	// NoSecret leaves a new endpoint without a secret where none is given, so
	// that it does not sign until it gets one.
	NoSecret bool
}

// CreateEndpoint makes an endpoint and returns it with its signing secret, ""
// where its scheme has none. Errors: *invalid.Error, an error of the handshake
// as *invalid.Error at url, and those of the ledger.
func (s *Service) CreateEndpoint(ctx context.Context, by Actor, in EndpointInput, options EndpointOptions) (*triggers.Endpoint, string, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	now := s.now()
	endpoint := &triggers.Endpoint{
		ID: s.ids.New(id.Endpoint), Workspace: by.Workspace, Version: 1,
		Author: by.Name, CreatedAt: now, UpdatedAt: now, State: triggers.EndpointActive, StateSince: now,
	}
	if err := s.checkEndpointCount(by.Workspace, in.System); err != nil {
		return nil, "", err
	}
	if err := s.apply(endpoint, in, nil, by); err != nil {
		return nil, "", err
	}
	secret := ""
	if in.Secret != "" || !options.NoSecret {
		var err error
		if secret, err = s.firstSecret(endpoint, in.Secret); err != nil {
			return nil, "", err
		}
	}
	if err := s.handshake(ctx, endpoint, options); err != nil {
		return nil, "", err
	}
	if err := s.storeEndpoint(ctx, by, endpoint, nil, "endpoint.created"); err != nil {
		return nil, "", err
	}
	return endpoint, secret, nil
}

// PatchEndpoint applies a JSON merge patch. Secrets that it leaves out stay,
// a null removes them; a new secret replaces the old one, which goes on
// signing beside it for DefaultOverlap. The secret it returns is one that was
// made because a new scheme needs it, else "".
func (s *Service) PatchEndpoint(ctx context.Context, by Actor, id string, patch []byte, options EndpointOptions) (*triggers.Endpoint, string, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	before, err := s.newestEndpoint(by.Workspace, id, options.Expect)
	if err != nil {
		return nil, "", err
	}
	in, removed, err := patched(s.Public(before), patch)
	if err != nil {
		return nil, "", err
	}
	return s.replaceEndpoint(ctx, by, before, in, removed, options)
}

// UpdateEndpoint replaces everything about an endpoint but its secrets, which
// stay where in leaves them out. The secret it returns is as with
// PatchEndpoint.
func (s *Service) UpdateEndpoint(ctx context.Context, by Actor, id string, in EndpointInput, options EndpointOptions) (*triggers.Endpoint, string, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	before, err := s.newestEndpoint(by.Workspace, id, options.Expect)
	if err != nil {
		return nil, "", err
	}
	return s.replaceEndpoint(ctx, by, before, in, false, options)
}

func (s *Service) replaceEndpoint(ctx context.Context, by Actor, before *triggers.Endpoint, in EndpointInput, removeSecret bool, options EndpointOptions) (*triggers.Endpoint, string, error) {
	after := s.successor(before, by)
	if err := s.apply(after, in, before, by); err != nil {
		return nil, "", err
	}
	made, err := s.replaceSecret(after, before, in.Secret, removeSecret)
	if err != nil {
		return nil, "", err
	}
	if after.URL != before.URL {
		if err := s.handshake(ctx, after, options); err != nil {
			return nil, "", err
		}
	}
	return after, made, s.storeEndpoint(ctx, by, after, before, "endpoint.updated")
}

// DeleteEndpoint deletes an endpoint that no trigger names; else it returns an
// *InUseError.
func (s *Service) DeleteEndpoint(ctx context.Context, by Actor, id string, expect int) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	before, err := s.newestEndpoint(by.Workspace, id, expect)
	if err != nil {
		return err
	}
	if users := s.usersOf(by.Workspace, id); len(users) > 0 {
		return &InUseError{ID: id, By: users}
	}
	return s.put(ctx, by, write{
		kind: kindEndpoint, id: id, version: before.Version + 1, deleted: true,
		body: struct{}{}, before: s.Public(before), action: "endpoint.deleted",
	})
}

func (s *Service) usersOf(workspace, endpoint string) []string {
	var users []string
	for _, trigger := range s.Triggers(workspace) {
		for _, action := range trigger.Then {
			if action.Webhook != nil && slices.Contains(action.Webhook.Targets(), endpoint) {
				users = append(users, trigger.ID)
				break
			}
		}
	}
	return users
}

// RotateSecret gives an endpoint a new signing secret, a random one where
// secret is empty. The old one keeps signing beside it for overlap, not at all
// if that is zero.
func (s *Service) RotateSecret(ctx context.Context, by Actor, id, secret string, overlap time.Duration) (*triggers.Endpoint, string, error) {
	if overlap < 0 || overlap > MaxOverlap {
		return nil, "", invalid.New("overlap_seconds", overlap.Seconds(), "must be from 0 to %d", int(MaxOverlap.Seconds()))
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	before, err := s.newestEndpoint(by.Workspace, id, AnyVersion)
	if err != nil {
		return nil, "", err
	}
	scheme := lookupScheme(before.Signing.Scheme)
	if scheme == nil || scheme.Describe().Secret == "" {
		return nil, "", invalid.New("signing.scheme", before.Signing.Scheme, "the endpoint's signing scheme has no secret; choose another scheme first")
	}
	after := s.successor(before, by)
	if secret == "" {
		secret = scheme.NewSecret()
	}
	if err := s.addSecret(after, secret, overlap); err != nil {
		return nil, "", err
	}
	if err := s.storeEndpoint(ctx, by, after, before, "endpoint.secret_rotated"); err != nil {
		return nil, "", err
	}
	return after, secret, nil
}

func (s *Service) newestEndpoint(workspace, id string, expect int) (*triggers.Endpoint, error) {
	endpoint, err := s.EndpointIn(workspace, id)
	if err != nil {
		return nil, err
	}
	return endpoint, expectVersion(id, endpoint.Version, expect)
}

// successor returns a copy of an endpoint that can be changed into its next
// version.
func (s *Service) successor(before *triggers.Endpoint, by Actor) *triggers.Endpoint {
	after := *before
	after.Version++
	after.Author, after.UpdatedAt = by.Name, s.now()
	after.Sealed.Secrets = slices.Clone(before.Sealed.Secrets)
	return &after
}

func (s *Service) storeEndpoint(ctx context.Context, by Actor, after, before *triggers.Endpoint, action string) error {
	w, err := s.endpointWrite(after, before, action)
	if err != nil {
		return err
	}
	if err := s.put(ctx, by, w); err != nil {
		return err
	}
	s.tellState(by, after, before)
	return nil
}

func (s *Service) endpointWrite(after, before *triggers.Endpoint, action string) (write, error) {
	stored, err := s.encodeEndpoint(after)
	if err != nil {
		return write{}, err
	}
	w := write{kind: kindEndpoint, id: after.ID, version: after.Version, body: stored, after: s.Public(after), action: action}
	if before != nil {
		w.before = s.Public(before)
	}
	return w, nil
}

// handshake tries an endpoint the way its vendor does before saving.
func (s *Service) handshake(ctx context.Context, endpoint *triggers.Endpoint, options EndpointOptions) error {
	probe := s.probe.Load()
	if probe == nil || options.SkipHandshake {
		return nil
	}
	keys, err := s.SigningKeys(endpoint, s.now())
	if err != nil {
		return err
	}
	err = (*probe)(ctx, endpoint, keys)
	var input *invalid.Error
	if err != nil && !errors.As(err, &input) {
		return dispatcher.HandshakeFailed(endpoint.System, err.Error())
	}
	return err
}

// TryEndpoint checks an endpoint and tries it as its system does before
// saving, without saving it.
func (s *Service) TryEndpoint(ctx context.Context, by Actor, in EndpointInput) error {
	now := s.now()
	endpoint := &triggers.Endpoint{
		ID: s.ids.New(id.Endpoint), Workspace: by.Workspace, Author: by.Name, CreatedAt: now, UpdatedAt: now, State: triggers.EndpointActive,
	}
	if err := s.apply(endpoint, in, nil, by); err != nil {
		return err
	}
	if in.Secret != "" {
		if err := s.addSecret(endpoint, in.Secret, 0); err != nil {
			return err
		}
	}
	return s.handshake(ctx, endpoint, EndpointOptions{})
}

// checkEndpointCount keeps to the limits of the system and the workspace.
func (s *Service) checkEndpointCount(workspace, system string) error {
	all, same := 0, 0
	for _, endpoint := range s.Endpoints(workspace) {
		all++
		if endpoint.System == system {
			same++
		}
	}
	if known := s.options.Systems.Lookup(system); known != nil {
		if most := known.Sheet().Policy.MaxEndpoints; most > 0 && same >= most {
			return invalid.New("system", system, "%s allows %d endpoints, and there are as many", system, most)
		}
	}
	if w := s.current.Load().workspaces[workspace]; w != nil && w.Limits.Endpoints > 0 && all >= w.Limits.Endpoints {
		return invalid.New("", nil, "the workspace may have %d endpoints, and there are as many", w.Limits.Endpoints)
	}
	return nil
}

// patched returns an endpoint's input after a merge patch, and whether the
// patch removes the secret.
func patched(before *triggers.Endpoint, patch []byte) (EndpointInput, bool, error) {
	var update endpointUpdate
	patch, err := usualForm(patch)
	if err != nil {
		return EndpointInput{}, false, err
	}
	if patch, err = replacing(patch); err != nil {
		return EndpointInput{}, false, err
	}
	text, err := strictjson.MergePatch(InputOf(before), patch)
	if err != nil {
		return EndpointInput{}, false, err
	}
	if err := strictjson.Unmarshal(text, &update); err != nil {
		return EndpointInput{}, false, fmt.Errorf("read patched endpoint: %w", err)
	}
	removed, err := strictjson.IsNull(patch, "secret")
	return update.EndpointInput, removed, err
}
