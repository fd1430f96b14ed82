//go:build !unix

package sqlite

import (
	"errors"
	"fmt"
	"os"

	"github.com/hookdesk/hookdesk/executionlog"
)

// fileLock is a file that exists while the ledger is open. Where it outlives
// a crash it has to be removed by hand.
type fileLock struct {
	file *os.File
	path string
}

func lockFile(path string) (*fileLock, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("%w: another process has the ledger open, or left %s behind", executionlog.ErrUnavailable, path)
	}
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	return &fileLock{file, path}, nil
}

func (l *fileLock) release() error { return errors.Join(l.file.Close(), os.Remove(l.path)) }
