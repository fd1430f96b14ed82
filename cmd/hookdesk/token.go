package main

import (
	"context"
	"encoding/json"
	"fmt"
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
	input := client.TokenInput{Name: c.Name, Scopes: c.Scope}
	if c.Expires > 0 {
		input.ExpiresAt = time.Now().Add(c.Expires).UTC().Truncate(time.Second)
	}
	made, err := api.CreateToken(ctx, input)
	if err != nil {
		return c.explain(err)
	}
	if c.JSON {
		return json.NewEncoder(std.Out).Encode(made)
	}
	_, err = fmt.Fprintln(std.Out, made.Token)
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
		page, err := api.ListTokens(ctx, "cursor", cursor)
		if err != nil {
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
	if err := api.DeleteToken(ctx, c.ID); err != nil {
		return c.explain(err)
	}
	NewPrinter(std.Out).Printf("%s is revoked\n", c.ID)
	return nil
}
