package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
)

// RotateKeyCmd seals every stored secret under the newest key.
type RotateKeyCmd struct {
	DataDir     string `env:"HOOKDESK_DATA_DIR" default:"hookdesk-data" type:"path" help:"Folder of the SQLite file."`
	DatabaseURL string `env:"HOOKDESK_DATABASE_URL" placeholder:"URL" help:"sqlite:FILE or postgres://…; empty: hookdesk.db in the data folder."`
	SecretKey   string `env:"HOOKDESK_SECRET_KEY" placeholder:"KEY,OLD" help:"The new key, and behind a comma the one that secrets are sealed under now."`
}

// Help says how to go about it.
func (c *RotateKeyCmd) Help() string {
	return strings.Join([]string{
		"1. Make a key: openssl rand -base64 32.",
		"2. Restart all servers with HOOKDESK_SECRET_KEY=NEW,OLD: they seal under NEW and still open what OLD sealed.",
		"3. Run hookdesk rotate-key with the same value. SQLite belongs to one process: stop the server for it.",
		"4. Restart all servers with HOOKDESK_SECRET_KEY=NEW.",
	}, "\n\n")
}

// Run seals the secrets again. Repeating it after an error is safe.
func (c *RotateKeyCmd) Run(ctx context.Context, std Std) error {
	settings := &Config{
		DataDir: c.DataDir, DatabaseURL: c.DatabaseURL, SecretKey: c.SecretKey, LogLevel: "warn", LogFormat: "text",
	}
	if err := settings.checkStores(); err != nil {
		return err
	}
	if err := settings.checkKeys(); err != nil {
		return err
	}
	if !strings.Contains(c.SecretKey, ",") {
		return withHint(usage("HOOKDESK_SECRET_KEY holds one key; want the new one, a comma and the old one"), "hookdesk rotate-key --help says how")
	}
	keys, err := settings.Keyring()
	if err != nil {
		return err
	}
	logger := settings.Logger(std.Err)
	ledger, err := openLedger(ctx, settings, logger)
	if err != nil {
		return err
	}
	defer func() { _ = ledger.Close() }()
	service, err := config.New(ctx, config.Options{
		Ledger: ledger, Systems: all.Registry(), Keys: keys, Node: ledger.Node(), Newest: ledger.Newest(), Now: time.Now, Logger: logger,
	})
	if err != nil {
		return err
	}
	printer := NewPrinter(std.Out)
	const every = 100
	saved, err := service.Reseal(ctx, "rotate-key", func(done, total int) {
		if done%every == 0 && done < total {
			printer.Printf("%d of %d endpoints\n", done, total)
		}
	})
	if err != nil {
		return withHint(fmt.Errorf("seal secrets again: %w", err), "%d endpoints are done; the rest needs the key that they were sealed under", saved)
	}
	printer.Printf("the secrets of %d endpoints are sealed under the new key, %s; nothing is left under another\n", saved, keys.KeyID())
	return nil
}
