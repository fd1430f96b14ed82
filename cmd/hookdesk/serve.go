package main

import (
	"context"
	"os"
	"runtime/debug"
	"strings"
)

// ServeCmd runs a server.
type ServeCmd struct {
	Config
	Role string `env:"HOOKDESK_ROLE" default:"all" help:"What this process does: all, api or worker; the last two share PostgreSQL and Redis."`
}

// Run serves until ctx ends.
func (c *ServeCmd) Run(ctx context.Context, std Std) error {
	role, err := parseRole(c.Role)
	if err != nil {
		return err
	}
	if err := c.Check(); err != nil {
		return err
	}
	collectLess()
	logger := c.Logger(std.Err)
	strays{logger}.gather()
	app, err := NewApp(ctx, &c.Config, role, logger)
	if err != nil {
		return err
	}
	defer app.Close()
	logger.Info("serving", "url", app.Base(), "role", string(role), "dev", c.Dev, "version", build().Version)
	printer := NewPrinter(std.Out)
	printer.Printf("hookdesk serves %s\n", app.Base())
	if c.Dev && c.AdminToken == "" {
		printer.Printf("sign in with %s\n", app.Token())
	}
	if c.Dev {
		logger.Warn("development mode: plain http and loopback targets are allowed")
	}
	if err := app.Run(ctx); err != nil {
		return err
	}
	logger.Info("stopped")
	return nil
}

// collectPercent is how far the heap may grow before it is collected, in
// percent of what is live: a server's live heap is small, so that memory is
// cheaper than processor time.
const collectPercent = 300

// collectLess tunes the garbage collector unless GOGC says how.
func collectLess() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectPercent)
	}
}

// parseRole reads a role; "api,worker" is all, and so is an empty variable.
func parseRole(text string) (Role, error) {
	if text == "" {
		return RoleAll, nil
	}
	found := map[Role]bool{}
	for part := range strings.SplitSeq(text, ",") {
		switch role := Role(strings.TrimSpace(part)); role {
		case RoleAll, RoleAPI, RoleWorker:
			found[role] = true
		default:
			return "", usage("--role is %q; want all, api or worker", text)
		}
	}
	switch {
	case found[RoleAll] || (found[RoleAPI] && found[RoleWorker]):
		return RoleAll, nil
	case found[RoleAPI]:
		return RoleAPI, nil
	default:
		return RoleWorker, nil
	}
}
