package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"

	"github.com/hookdesk/hookdesk/executionlog/internal/sqlstore"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the database to the newest schema, while other processes
// that want to do the same wait.
func migrate(ctx context.Context, db *sql.DB, options Options) (err error) {
	lock, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if err := waitForTurn(ctx, lock, options); err != nil {
		return fmt.Errorf("lock for migration: %w", err)
	}
	defer func() {
		_, unlockErr := lock.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, int64(lockMigrate))
		err = errors.Join(err, unlockErr)
	}()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if err := sqlstore.Migrate(ctx, provider, options.Logger); err != nil {
		return err
	}
	if err := indexTexts(ctx, db, options); err != nil {
		return err
	}
	return makePartitions(ctx, db, options.Now(), options.Logger)
}

// waitForTurn takes the lock for migrations.
func waitForTurn(ctx context.Context, conn *sql.Conn, options Options) error {
	var free bool
	if err := conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1)`, int64(lockMigrate)).Scan(&free); err != nil || free {
		return err
	}
	options.Logger.Info("waiting for another process, which migrates the ledger")
	_, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, int64(lockMigrate))
	return err
}

// indexTexts makes the trigram indices. They need an extension that comes
// with PostgreSQL but that a server may not have installed, or not let this
// user create: then searching in texts is slow, and everything else works.
func indexTexts(ctx context.Context, db *sql.DB, options Options) error {
	if _, err := db.ExecContext(ctx, `CREATE EXTENSION IF NOT EXISTS pg_trgm`); err != nil {
		options.Logger.Warn("text search without index: the extension pg_trgm cannot be created; ask the database's owner for it", "error", err)
		return nil
	}
	// What is not yet sorted into such an index, every search goes through: a
	// short list costs writing a little and spares searching a lot.
	for _, table := range []string{"attempt_errors", "number_grams"} {
		_, err := db.ExecContext(ctx, `CREATE INDEX IF NOT EXISTS `+table+`_folded ON `+table+` USING gin (folded gin_trgm_ops) WITH (gin_pending_list_limit = 512)`)
		if err != nil {
			return fmt.Errorf("make text index: %w", err)
		}
	}
	return nil
}
