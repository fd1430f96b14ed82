// Package open opens a ledger by its URL.
package open

import (
	"context"
	"log/slog"
	"strings"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/executionlog/postgres"
	"github.com/hookdesk/hookdesk/executionlog/sqlite"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// Options are settings for whichever engine the URL names.
type Options struct {
	// Logger is told about migrations; nil is silent.
	Logger *slog.Logger
}

// URL opens the ledger that a URL names: "sqlite:path/to/file", "memory:", or
// a "postgres://" URL. It returns an *invalid.Error for any other.
func URL(ctx context.Context, url string, options Options) (executionlog.Ledger, error) {
	scheme, rest, _ := strings.Cut(url, ":")
	switch {
	case scheme == "memory":
		return memory.New(), nil
	case scheme == "sqlite" && rest != "":
		return openSQLite(ctx, strings.TrimPrefix(rest, "//"), options)
	case scheme == "postgres" || scheme == "postgresql":
		return openPostgres(ctx, url, options)
	}
	return nil, invalid.New("database_url", scheme+":", "sqlite: and a path, a postgres:// URL, or memory:")
}

// The two below keep a failed Open from becoming a Ledger that is not nil.

func openSQLite(ctx context.Context, path string, options Options) (executionlog.Ledger, error) {
	store, err := sqlite.Open(ctx, path, sqlite.Options{Logger: options.Logger})
	if err != nil {
		return nil, err
	}
	return store, nil
}

func openPostgres(ctx context.Context, url string, options Options) (executionlog.Ledger, error) {
	store, err := postgres.Open(ctx, url, postgres.Options{Logger: options.Logger})
	if err != nil {
		return nil, err
	}
	return store, nil
}
