package sqlite

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Snapshot writes a consistent copy of the ledger in a file, which another
// process may have open and go on using.
func Snapshot(ctx context.Context, path string, to io.Writer) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("back up ledger: %w", err)
	}
	// Opening would make a file that is not there.
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("back up ledger: %w", err)
	}
	store := &Store{path: path}
	return store.Backup(ctx, to)
}
