package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/client"
)

// TokenCmd manages the API tokens of a server.
type TokenCmd struct {
	Create TokenCreateCmd `cmd:"" help:"Make a token and print it; it is shown this once."`
	List   TokenListCmd   `cmd:"" help:"List the tokens."`
	Revoke TokenRevokeCmd `cmd:"" help:"End a token at once."`
}

// apiToken is a token as the API shows it.
type apiToken struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Scopes     []string  `json:"scopes"`
	Hint       string    `json:"hint,omitempty"`
	Secret     string    `json:"token,omitempty"`
	ExpiresAt  time.Time `json:"expires_at,omitzero"`
	LastUsedAt time.Time `json:"last_used_at,omitzero"`
	CreatedAt  time.Time `json:"created_at,omitzero"`
}

// TokenCreateCmd makes a token.
type TokenCreateCmd struct {
	Remote
	Name    string        `arg:"" help:"What the token is for."`
	Scope   []string      `default:"read" help:"What it may do: read, write, ingest, admin."`
	Expires time.Duration `placeholder:"DURATION" help:"How long it lives, such as 720h; 0: until it is revoked."`
	JSON    bool          `name:"json" help:"Print JSON."`
}

// Run makes the token.
func (c *TokenCreateCmd) Run(ctx context.Context, std Std) error {
	api, err := c.Client()
	if err != nil {
		return err
	}
	input := map[string]any{"name": c.Name, "scopes": c.Scope}
	if c.Expires > 0 {
		input["expires_at"] = time.Now().Add(c.Expires).UTC().Format(time.RFC3339)
	}
	var made apiToken
	if err := api.Do(ctx, http.MethodPost, "/tokens", input, &made); err != nil {
		return c.explain(err)
	}
	if c.JSON {
		return json.NewEncoder(std.Out).Encode(made)
	}
	_, err = fmt.Fprintln(std.Out, made.Secret)
	return err
}

// TokenListCmd lists tokens.
type TokenListCmd struct {
	Remote
	JSON bool `name:"json" help:"Print each token as a line of JSON."`
}

// Run lists the tokens, oldest first.
func (c *TokenListCmd) Run(ctx context.Context, std Std) error {
	api, err := c.Client()
	if err != nil {
		return err
	}
	printer := NewPrinter(std.Out)
	if !c.JSON {
		printer.Printf("%s\n", printer.paint(faint, column("ID", 18)+" "+column("NAME", 24)+" "+column("SCOPES", 24)+" "+column("EXPIRES", 16)+" LAST USED"))
	}
	for cursor := ""; ; {
		var page client.Page[apiToken]
		if err := api.Do(ctx, http.MethodGet, "/tokens"+client.Query("cursor", cursor), nil, &page); err != nil {
			return c.explain(err)
		}
		for _, t := range page.Items {
			if c.JSON {
				if err := json.NewEncoder(std.Out).Encode(t); err != nil {
					return fmt.Errorf("encode token: %w", err)
				}
				continue
			}
			printer.Printf("%s %s %s %s %s\n", column(t.ID, 18), column(t.Name, 24), column(strings.Join(t.Scopes, ","), 24),
				column(day(t.ExpiresAt), 16), day(t.LastUsedAt))
		}
		if cursor = page.NextCursor; cursor == "" {
			return nil
		}
	}
}

func day(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Local().Format("2006-01-02 15:04")
}

// TokenRevokeCmd ends a token.
type TokenRevokeCmd struct {
	Remote
	ID string `arg:"" help:"The token's id, as list shows it."`
}

// Run ends the token.
func (c *TokenRevokeCmd) Run(ctx context.Context, std Std) error {
	api, err := c.Client()
	if err != nil {
		return err
	}
	if err := api.Do(ctx, http.MethodDelete, "/tokens/"+url.PathEscape(c.ID), nil, nil); err != nil {
		return c.explain(err)
	}
	NewPrinter(std.Out).Printf("%s is revoked\n", c.ID)
	return nil
}
