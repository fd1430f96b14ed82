package main

import (
	"context"
)

// MigrateCmd brings the database up to date, for those who want that done
// before the servers start; a server does it by itself, too.
type MigrateCmd struct {
	DataDir     string `env:"HOOKDESK_DATA_DIR" default:"hookdesk-data" type:"path" help:"Folder of the SQLite file."`
	DatabaseURL string `env:"HOOKDESK_DATABASE_URL" placeholder:"URL" help:"sqlite:FILE or postgres://…; empty: hookdesk.db in the data folder."`
}

// Run opens the database, which migrates it, and closes it again.
func (c *MigrateCmd) Run(ctx context.Context, std Std) error {
	config := &Config{DataDir: c.DataDir, DatabaseURL: c.DatabaseURL, LogLevel: "info", LogFormat: "text"}
	if err := config.checkStores(); err != nil {
		return err
	}
	ledger, err := openLedger(ctx, config, config.Logger(std.Err))
	if err != nil {
		return err
	}
	if err := ledger.Check(ctx); err != nil {
		_ = ledger.Close()
		return err
	}
	if err := ledger.Close(); err != nil {
		return err
	}
	NewPrinter(std.Out).Printf("%s is up to date\n", redactURL(config.Database()))
	return nil
}
