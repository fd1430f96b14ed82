package config

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// Scope is something that a token allows.
type Scope string

// The scopes. Admin includes the others and all workspaces; write includes
// read and ingest.
const (
	ScopeRead   Scope = "read"
	ScopeWrite  Scope = "write"
	ScopeIngest Scope = "ingest" // submit changes and ticket operations, nothing else
	ScopeAdmin  Scope = "admin"
)

// Scopes lists every Scope.
var Scopes = []Scope{ScopeRead, ScopeWrite, ScopeIngest, ScopeAdmin}

// TokenPrefix begins every token, so that secret scanners find them.
const TokenPrefix = "hd_"

// lastUseEvery is how exactly the last use of a token is known.
const lastUseEvery = time.Minute

// Token is an API token. The secret itself is not kept.
type Token struct {
	ID         string    `json:"id"`
	Workspace  string    `json:"workspace"`
	Name       string    `json:"name"`
	Scopes     []Scope   `json:"scopes"`
	Hint       string    `json:"hint"` // its first characters
	ExpiresAt  time.Time `json:"expires_at,omitzero"`
	LastUsedAt time.Time `json:"last_used_at,omitzero"` // to the minute
	CreatedAt  time.Time `json:"created_at"`
	Author     string    `json:"author"`
	Version    int       `json:"version"`

	hash string
}

// TokenInput is a token to make.
type TokenInput struct {
	Name      string    `json:"name"`
	Scopes    []Scope   `json:"scopes"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}

// Principal is who a request comes from.
type Principal struct {
	Name      string // for the audit log
	Workspace string
	Scopes    []Scope
	Admin     bool
}

// Allows reports whether the principal has a scope, itself or within another.
func (p Principal) Allows(scope Scope) bool {
	if p.Admin || slices.Contains(p.Scopes, scope) {
		return true
	}
	return (scope == ScopeRead || scope == ScopeIngest) && slices.Contains(p.Scopes, ScopeWrite)
}

// Actor returns the principal as one who changes the configuration of a
// workspace.
func (p Principal) Actor(workspace string) Actor {
	return Actor{Name: p.Name, Workspace: workspace, Admin: p.Admin}
}

// Errors of Authenticate.
var (
	ErrUnknownToken = errors.New("unknown token")
	ErrExpiredToken = errors.New("expired token")
)

// Authenticate returns who a token belongs to. admin is the administrator's
// token from the process's settings, which is never stored; empty is none.
func (s *Service) Authenticate(secret, admin string) (Principal, error) {
	sum := sha256.Sum256([]byte(secret))
	if admin != "" {
		want := sha256.Sum256([]byte(admin))
		if subtle.ConstantTimeCompare(sum[:], want[:]) == 1 {
			return Principal{Name: "admin", Workspace: DefaultWorkspace, Scopes: []Scope{ScopeAdmin}, Admin: true}, nil
		}
	}
	hash := hex.EncodeToString(sum[:])
	token := s.current.Load().byHash[hash]
	if token == nil || subtle.ConstantTimeCompare([]byte(token.hash), []byte(hash)) != 1 {
		return Principal{}, ErrUnknownToken
	}
	now := s.now()
	if !token.ExpiresAt.IsZero() && !now.Before(token.ExpiresAt) {
		return Principal{}, ErrExpiredToken
	}
	if now.Sub(token.LastUsedAt) >= lastUseEvery {
		s.used.note(token.ID, now)
	}
	return Principal{
		Name: token.Name, Workspace: token.Workspace, Scopes: token.Scopes,
		Admin: slices.Contains(token.Scopes, ScopeAdmin),
	}, nil
}

// CreateToken makes a token and returns it with its secret, which nobody can
// read again.
func (s *Service) CreateToken(ctx context.Context, by Actor, in TokenInput) (*Token, string, error) {
	var list invalid.List
	checkName("name", in.Name, &list)
	if len(in.Scopes) == 0 {
		list.Add("scopes", nil, "must name at least one of read, write, ingest, admin")
	}
	for i, scope := range in.Scopes {
		choose(scope, "", fmt.Sprintf("scopes.%d", i), &list, Scopes...)
		if scope == "" {
			list.Add(fmt.Sprintf("scopes.%d", i), "", "must be one of read, write, ingest, admin")
		}
		if scope == ScopeAdmin && !by.Admin {
			list.Add(fmt.Sprintf("scopes.%d", i), string(scope), "needs an admin token")
		}
	}
	now := s.now()
	if !in.ExpiresAt.IsZero() && !in.ExpiresAt.After(now) {
		list.Add("expires_at", in.ExpiresAt, "must be in the future")
	}
	if err := list.Err(); err != nil {
		return nil, "", err
	}
	secret := newSecret()
	sum := sha256.Sum256([]byte(secret))
	token := &Token{
		ID: s.ids.New(id.Token), Workspace: by.Workspace, Name: in.Name, Scopes: in.Scopes,
		Hint: secret[:len(TokenPrefix)+4], ExpiresAt: in.ExpiresAt.UTC().Truncate(time.Microsecond), CreatedAt: now,
		Author: by.Name, Version: 1, hash: hex.EncodeToString(sum[:]),
	}
	if in.ExpiresAt.IsZero() {
		token.ExpiresAt = time.Time{}
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	return token, secret, s.put(ctx, by, write{
		kind: kindToken, id: token.ID, key: "token:" + token.hash, version: 1,
		body: storedToken{*token, token.hash}, after: token, action: "token.created",
	})
}

func newSecret() string {
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails, by its documentation
	return TokenPrefix + base64.RawURLEncoding.EncodeToString(random[:])
}

// DeleteToken ends a token at once.
func (s *Service) DeleteToken(ctx context.Context, by Actor, id string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	token, err := s.TokenIn(by.Workspace, id)
	if err != nil {
		return err
	}
	return s.put(ctx, by, write{
		kind: kindToken, id: id, version: token.Version + 1, deleted: true, forget: true,
		body: struct{}{}, before: token, action: "token.deleted",
	})
}

// TokenIn returns a token of a workspace.
func (s *Service) TokenIn(workspace, id string) (*Token, error) {
	return in(s.current.Load().tokens, workspace, id, func(t *Token) string { return t.Workspace })
}

// Tokens lists the tokens of a workspace, oldest first.
func (s *Service) Tokens(workspace string) []*Token {
	return list(s.current.Load().tokens, func(t *Token) bool { return t.Workspace == workspace })
}

type storedToken struct {
	Token
	Hash string `json:"hash"`
}

func decodeToken(document *executionlog.Document) (*Token, error) {
	stored := storedToken{}
	if err := json.Unmarshal(document.Body, &stored); err != nil {
		return nil, fmt.Errorf("decode token: %w", err)
	}
	token := stored.Token
	token.ID, token.Workspace, token.Version, token.hash = document.ID, document.Workspace, document.Version, stored.Hash
	return &token, nil
}

// tokenUse gathers when tokens were used, until Run records it.
type tokenUse struct {
	mu   sync.Mutex
	last map[string]time.Time
}

func (u *tokenUse) note(id string, at time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.last == nil {
		u.last = map[string]time.Time{}
	}
	if _, noted := u.last[id]; !noted {
		u.last[id] = at
	}
}

func (u *tokenUse) take() map[string]time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	taken := u.last
	u.last = nil
	return taken
}

// recordTokenUse stores when tokens were used. It is no loss if that fails, so
// it only says so.
func (s *Service) recordTokenUse(ctx context.Context) {
	for tokenID, at := range s.used.take() {
		if err := s.storeTokenUse(ctx, tokenID, at); err != nil && !errors.Is(err, executionlog.ErrConflict) {
			s.log.WarnContext(ctx, "recording a token's use failed", "token_id", tokenID, "error", err)
		}
	}
}

func (s *Service) storeTokenUse(ctx context.Context, tokenID string, at time.Time) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	token := s.current.Load().tokens[tokenID]
	if token == nil || at.Sub(token.LastUsedAt) < lastUseEvery {
		return nil
	}
	used := *token
	used.LastUsedAt = at.Truncate(time.Minute)
	return s.put(ctx, Actor{Name: token.Author, Workspace: token.Workspace}, write{
		kind: kindToken, id: tokenID, key: "token:" + token.hash, version: token.Version + 1, forget: true, quiet: true,
		body: storedToken{used, token.hash},
	})
}
