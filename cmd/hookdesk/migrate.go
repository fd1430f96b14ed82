package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
	"github.com/hookdesk/hookdesk/executionlog"
)

// MigrateCmd brings the database up to date, for those who want that done
// before the servers start; a server does it by itself, too.
type MigrateCmd struct {
	DataDir     string `env:"HOOKDESK_DATA_DIR" default:"hookdesk-data" type:"path" help:"Folder of the SQLite file."`
	DatabaseURL string `env:"HOOKDESK_DATABASE_URL" placeholder:"URL" help:"sqlite:FILE or postgres://…; empty: hookdesk.db in the data folder."`
	SecretKey   string `env:"HOOKDESK_SECRET_KEY" placeholder:"KEY" help:"Seals what an earlier version stored in the clear; without it servers do so when they start."`
}

// Run opens the database, which migrates it, and closes it again.
func (c *MigrateCmd) Run(ctx context.Context, std Std) (err error) {
	settings := &Config{DataDir: c.DataDir, DatabaseURL: c.DatabaseURL, SecretKey: c.SecretKey, LogLevel: "info", LogFormat: "text"}
	if err := settings.checkStores(); err != nil {
		return err
	}
	if c.SecretKey != "" {
		if err := settings.checkKeys(); err != nil {
			return err
		}
	}
	logger := settings.Logger(std.Err)
	ledger, err := openLedger(ctx, settings, logger)
	if err != nil {
		return err
	}
	defer func() {
		if closing := ledger.Close(); err == nil {
			err = closing
		}
	}()
	if err := ledger.Check(ctx); err != nil {
		return err
	}
	if err := settings.sealStored(ctx, ledger, logger); err != nil {
		return err
	}
	NewPrinter(std.Out).Printf("%s is up to date\n", redactURL(settings.Database()))
	return nil
}

// sealStored seals what is stored in the clear, where there is a key to do so.
func (c *Config) sealStored(ctx context.Context, ledger executionlog.Ledger, logger *slog.Logger) error {
	if c.SecretKey == "" {
		return nil
	}
	keys, err := c.Keyring()
	if err != nil {
		return err
	}
	service, err := config.New(ctx, config.Options{Ledger: ledger, Systems: all.Registry(), Keys: keys, Node: ledger.Node(), Newest: ledger.Newest(), Logger: logger})
	if err != nil {
		return fmt.Errorf("load configuration: %w", err)
	}
	return sealPlain(ctx, service, logger)
}

// sealPlain seals what an earlier version has stored in the clear, once.
func sealPlain(ctx context.Context, service *config.Service, logger *slog.Logger) error {
	const every = 100
	saved, err := service.SealPlain(ctx, "system", func(done, total int) {
		if done%every == 0 && done < total {
			logger.Info("sealing what was stored in the clear", "endpoints", done, "of", total)
		}
	})
	if err != nil {
		return fmt.Errorf("seal what was stored in the clear: %w", err)
	}
	if saved > 0 {
		logger.Info("sealed what was stored in the clear", "endpoints", saved)
	}
	return nil
}
