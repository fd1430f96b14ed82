package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Backup writes a consistent copy of the ledger, made beside it first, while
// reading and writing go on.
func (s *Store) Backup(ctx context.Context, to io.Writer) (err error) {
	folder, err := os.MkdirTemp(filepath.Dir(s.path), ".backup-")
	if err != nil {
		return fmt.Errorf("back up ledger: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	target := filepath.Join(folder, "ledger.db")
	// The readers' connections refuse whatever writes, elsewhere too.
	own, err := sql.Open("sqlite", source(s.path, s.options, false))
	if err != nil {
		return fmt.Errorf("back up ledger: %w", err)
	}
	defer func() { err = errors.Join(err, own.Close()) }()
	if _, err := own.ExecContext(ctx, "VACUUM INTO ?", target); err != nil {
		return fmt.Errorf("back up ledger: %w", classify(err))
	}
	file, err := os.Open(target)
	if err != nil {
		return fmt.Errorf("back up ledger: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := io.Copy(to, file); err != nil {
		return fmt.Errorf("back up ledger: %w", err)
	}
	return nil
}
