// Package postgres is the ledger in PostgreSQL: for more than one process, or
// for more attempts than one file should hold. Attempts are partitioned by
// month, so that retention drops whole partitions.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/sqlstore"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// Options are the settings of a Store; the zero value is good.
type Options struct {
	// Readers is how many queries of this process can run at a time; 0 is 16.
	Readers int
	// Now is the clock by which partitions are made; nil is time.Now.
	Now func() time.Time
	// Logger is told about migrations and about what the server lacks; nil is
	// silent.
	Logger *slog.Logger
}

// Store is a ledger in a PostgreSQL database.
type Store struct{ *sqlstore.Store }

var _ executionlog.Ledger = (*Store)(nil)

// Open connects to the database that a postgres:// URL names and migrates it
// as needed; processes that start at once take turns.
func Open(ctx context.Context, url string, options Options) (*Store, error) {
	if options.Readers == 0 {
		options.Readers = 16
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	config, err := pgx.ParseConfig(url)
	if err != nil {
		// The error of the driver repeats the URL, which may hold a password.
		return nil, errors.New("open ledger: the database URL cannot be read")
	}
	set := func(name, value string) {
		if _, given := config.RuntimeParams[name]; !given {
			config.RuntimeParams[name] = value
		}
	}
	set("application_name", "hookdesk")
	set("jit", "off")
	write := stdlib.OpenDB(*config)
	// Searches differ too much from one text to the next for a plan that
	// serves them all.
	reading := config.Copy()
	reading.RuntimeParams["plan_cache_mode"] = "force_custom_plan"
	// Starting parallel workers takes longer than nearly every search.
	reading.RuntimeParams["parallel_setup_cost"] = "20000"
	// A search finds a page in an index and looks the rest of its rows up one
	// by one. Where matches come in clusters, joins that go through a second
	// table in step with the first read all that lies between them.
	reading.RuntimeParams["enable_mergejoin"] = "off"
	reading.RuntimeParams["enable_hashjoin"] = "off"
	read := stdlib.OpenDB(*reading)
	read.SetMaxOpenConns(options.Readers)
	read.SetMaxIdleConns(options.Readers)
	store, err := open(ctx, write, read, options)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger: %w", classify(err)), write.Close(), read.Close())
	}
	return store, nil
}

func open(ctx context.Context, write, read *sql.DB, options Options) (*Store, error) {
	if err := migrate(ctx, write, options); err != nil {
		return nil, err
	}
	node, held, err := chooseNode(ctx, write)
	if err != nil {
		return nil, err
	}
	identity, err := sqlstore.ReadIdentity(ctx, write)
	if err != nil {
		return nil, errors.Join(err, held.Close())
	}
	return &Store{sqlstore.New(sqlstore.Config{
		Dialect:  &dialect{logger: options.Logger},
		Write:    write,
		Read:     read,
		Node:     node,
		Identity: identity,
		Begin:    "BEGIN",
		// Without it a server that is gone without a word would hold the
		// writer until TCP gives up.
		WriteTimeout: 30 * time.Second,
		Close:        held.Close,
	})}, nil
}

// Keys of advisory locks: the first belongs to this program, the second says
// what is locked.
const (
	lockMigrate = 0x686f6f6b_00000001
	lockUpkeep  = 0x686f6f6b_00000002
	lockNodes   = 0x686f6f6b
)

// chooseNode takes a number that no other process has. It is held by a lock
// of the connection that is returned, which must stay open.
func chooseNode(ctx context.Context, db *sql.DB) (int, *sql.Conn, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return 0, nil, fmt.Errorf("choose node: %w", err)
	}
	for range id.Nodes {
		var counted int64
		var free bool
		err := conn.QueryRowContext(ctx, `UPDATE settings SET value = value + 1 WHERE name = 'node' RETURNING value`).Scan(&counted)
		if err == nil {
			err = conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1, $2)`, lockNodes, counted%id.Nodes).Scan(&free)
		}
		if err != nil {
			return 0, nil, errors.Join(fmt.Errorf("choose node: %w", err), conn.Close())
		}
		if free {
			return int(counted % id.Nodes), conn, nil
		}
	}
	return 0, nil, errors.Join(fmt.Errorf("choose node: all %d are taken", id.Nodes), conn.Close())
}
