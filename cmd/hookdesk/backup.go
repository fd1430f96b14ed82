package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/hookdesk/hookdesk/executionlog/sqlite"
)

// BackupCmd copies the SQLite ledger while a server uses it.
type BackupCmd struct {
	Output      string `arg:"" help:"File to write, which must not exist."`
	DataDir     string `env:"HOOKDESK_DATA_DIR" default:"hookdesk-data" type:"path" help:"Folder of the SQLite file."`
	DatabaseURL string `env:"HOOKDESK_DATABASE_URL" placeholder:"URL" help:"sqlite:FILE; empty: hookdesk.db in the data folder."`
}

// Run writes the copy beside its final name first, so that a file with that
// name is always whole.
func (c *BackupCmd) Run(ctx context.Context, std Std) (err error) {
	config := &Config{DataDir: c.DataDir, DatabaseURL: c.DatabaseURL}
	source, ok := strings.CutPrefix(config.Database(), "sqlite:")
	if !ok {
		return withHint(usage("HOOKDESK_DATABASE_URL is %q; want sqlite:FILE", redactURL(config.Database())),
			"PostgreSQL is backed up with its own pg_dump")
	}
	if _, err := os.Stat(c.Output); err == nil {
		return usage("%s exists; want the name of a new file", c.Output)
	}
	file, err := os.CreateTemp(filepath.Dir(c.Output), ".hookdesk-backup-")
	if err != nil {
		return fmt.Errorf("write backup: %w", err)
	}
	defer func() { _ = os.Remove(file.Name()) }()
	err = sqlite.Snapshot(ctx, strings.TrimPrefix(source, "//"), file)
	if errors.Is(err, fs.ErrNotExist) {
		err = withHint(err, "--data-dir or --database-url names the ledger, as for serve")
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := os.Link(file.Name(), c.Output); err != nil {
		return fmt.Errorf("write backup: %w", err)
	}
	info, err := os.Stat(c.Output)
	if err != nil {
		return fmt.Errorf("write backup: %w", err)
	}
	NewPrinter(std.Out).Printf("%s holds the whole ledger, %d bytes; it opens with the HOOKDESK_SECRET_KEY of today, which is best kept elsewhere\n", c.Output, info.Size())
	return nil
}
