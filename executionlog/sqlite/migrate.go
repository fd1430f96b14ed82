package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"

	"github.com/hookdesk/hookdesk/executionlog/internal/sqlstore"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the file to the newest schema. The lock on the file keeps
// other processes away meanwhile.
func migrate(ctx context.Context, db *sql.DB, logger *slog.Logger) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	return sqlstore.Migrate(ctx, provider, logger)
}
