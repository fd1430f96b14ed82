package config

import (
	"errors"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

func TestTokenUseIsCoarse(t *testing.T) {
	f := newFixture(t)
	token, secret, err := f.CreateToken(t.Context(), admin, TokenInput{Name: "Robot", Scopes: []Scope{ScopeRead}})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if who, err := f.Authenticate(secret, ""); err != nil || who.Name != "Robot" || who.Admin || who.Allows(ScopeWrite) || !who.Allows(ScopeRead) {
			t.Fatalf("%+v, %v", who, err)
		}
		f.recordTokenUse(t.Context())
		f.clock = f.clock.Add(10 * time.Second)
	}
	if used := f.Tokens(DefaultWorkspace)[0]; used.Version != 2 || used.LastUsedAt.IsZero() || used.ID != token.ID {
		t.Errorf("after three uses: %+v", used)
	}
	f.clock = f.clock.Add(time.Minute)
	if _, err := f.Authenticate(secret, ""); err != nil {
		t.Fatal(err)
	}
	f.recordTokenUse(t.Context())
	if used := f.Tokens(DefaultWorkspace)[0]; used.Version != 3 {
		t.Errorf("a minute later: %+v", used)
	}
	entries, err := f.ledger.Audit(t.Context(), executionlog.AuditQuery{Workspace: DefaultWorkspace, Limit: 10})
	if err != nil || len(entries.Items) != 1 {
		t.Errorf("%d audit entries, %v", len(entries.Items), err)
	}
}

func TestAuthenticate(t *testing.T) {
	f := newFixture(t)
	_, secret, err := f.CreateToken(t.Context(), admin, TokenInput{Name: "Robot", Scopes: []Scope{ScopeRead}, ExpiresAt: f.clock.Add(time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	if who, err := f.Authenticate("the admin's", "the admin's"); err != nil || !who.Admin || !who.Allows(ScopeIngest) {
		t.Errorf("admin: %+v, %v", who, err)
	}
	for name, c := range map[string]struct {
		secret, admin string
		want          error
	}{
		"nothing, and no admin": {"", "", ErrUnknownToken},
		"not the admin's":       {"x", "y", ErrUnknownToken},
		"almost a token":        {secret[:len(secret)-1], "", ErrUnknownToken},
		"a token":               {secret, "y", nil},
	} {
		if _, err := f.Authenticate(c.secret, c.admin); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	f.clock = f.clock.Add(time.Minute)
	if _, err := f.Authenticate(secret, ""); !errors.Is(err, ErrExpiredToken) {
		t.Errorf("expired: %v", err)
	}
}
