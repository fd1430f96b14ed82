// Package sqlite is the ledger in one SQLite file, without a server: the
// default. One process at a time may open it.
//
// Writes are durable when they are acknowledged: the file is in WAL mode with
// synchronous=FULL, and the cost of each flush is shared by everything that
// was waiting to be written (group commit).
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/sqlstore"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// Options are the settings of a Store; the zero value is good.
type Options struct {
	// Readers is how many queries can run at a time; 0 is four, or twice the
	// number of processors where that is more.
	Readers int
	// CacheKiB is the page cache of each connection; 0 is 16 MiB.
	CacheKiB int
	// LogBytes is the size of the log of writes (the WAL) from which on it is
	// moved into the file; 0 is 24 MiB. It is several times as long for
	// moments, and longer while a backup reads.
	LogBytes int64
	// SearchRows is how many rows that do not match a search without an index
	// looks through before it gives a partial page; 0 is 10,000.
	SearchRows int
	// Logger is told about migrations; nil is silent.
	Logger *slog.Logger
}

// busyTimeout is how long a connection waits for another one's lock.
const busyTimeout = 5 * time.Second

// Store is a ledger in a file.
type Store struct {
	*sqlstore.Store
	path    string
	options Options
}

var (
	_ executionlog.Ledger   = (*Store)(nil)
	_ executionlog.Backuper = (*Store)(nil)
)

// Open opens the ledger in a file, which it makes and migrates as needed. It
// returns an error that wraps executionlog.ErrUnavailable if another process
// has the file open.
func Open(ctx context.Context, path string, options Options) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	held, err := lockFile(path + ".lock")
	if err != nil {
		return nil, fmt.Errorf("open ledger %s: %w", path, err)
	}
	store, err := open(ctx, path, options, held)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger %s: %w", path, err), held.release())
	}
	return store, nil
}

func open(ctx context.Context, path string, options Options, held *fileLock) (*Store, error) {
	if options.Readers == 0 {
		options.Readers = max(4, 2*runtime.NumCPU())
	}
	if options.CacheKiB == 0 {
		options.CacheKiB = 16 << 10
	}
	if options.LogBytes == 0 {
		options.LogBytes = moveAt
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	write, err := sql.Open("sqlite", source(path, options, false))
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	fail := func(err error) (*Store, error) { return nil, errors.Join(classify(err), write.Close()) }
	if err := migrate(ctx, write, options.Logger); err != nil {
		return fail(err)
	}
	var opened int64
	if err := write.QueryRowContext(ctx, `UPDATE settings SET value = value + 1 WHERE name = 'node' RETURNING value`).Scan(&opened); err != nil {
		return fail(fmt.Errorf("choose node: %w", err))
	}
	identity, err := sqlstore.ReadIdentity(ctx, write)
	if err != nil {
		return fail(err)
	}
	read, err := sql.Open("sqlite", source(path, options, true))
	if err != nil {
		return fail(err)
	}
	log, err := startCheckpointer(path, options)
	if err != nil {
		return fail(errors.Join(err, read.Close()))
	}
	read.SetMaxOpenConns(options.Readers)
	read.SetMaxIdleConns(options.Readers)
	return &Store{
		Store: sqlstore.New(sqlstore.Config{
			Dialect: &dialect{log: log, grams: gramsOf(read)},
			Write:   write,
			Read:    read,
			// The number changes with every start, so that identifiers stay
			// unique even if the clock was set back in between.
			Node:       int(opened % id.Nodes),
			Identity:   identity,
			SearchRows: options.SearchRows,
			Begin:      "BEGIN IMMEDIATE",
			Close:      func() error { return errors.Join(log.stop(), held.release()) },
		}),
		path:    path,
		options: options,
	}, nil
}

// source is the driver's name for the file with its settings.
func source(path string, options Options, readOnly bool) string {
	q := url.Values{}
	add := func(pragma string) { q.Add("_pragma", pragma) }
	add(fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()))
	add("journal_mode(WAL)")
	add("synchronous(FULL)")
	add("temp_store(MEMORY)")
	add(fmt.Sprintf("cache_size(-%d)", options.CacheKiB))
	add("wal_autocheckpoint(0)") // see checkpointer
	if readOnly {
		add("query_only(1)")
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}
