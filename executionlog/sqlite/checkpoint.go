package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"sync"
	"time"
)

const (
	// moveAt is the size of the log of writes (the WAL) from which on its
	// pages are moved into the file.
	moveAt = 24 << 20
	// bytesPerPage is what a page takes in the log, with its header of 24
	// bytes (https://www.sqlite.org/fileformat2.html#the_write_ahead_log).
	bytesPerPage = 4096 + 24
	// tooLong is how many times moveAt the log's file may stay long once it is
	// empty.
	tooLong = 3
)

// patience says how long the writer waits for readers of the log before it
// empties it, and how long it then leaves them alone where they were slower:
// the longer the log, the more it is worth.
var patience = []struct {
	times       int64 // as long as it should be
	wait, again time.Duration
}{
	{10, time.Second, 10 * time.Second},
	{3, 80 * time.Millisecond, 250 * time.Millisecond},
	{1, 10 * time.Millisecond, 250 * time.Millisecond},
}

// checkpointer keeps the log of writes short. Moving its pages takes long and
// is done beside the writer, on a connection of its own. That alone would
// never empty it: while somebody writes there is always a page that is not
// moved yet, and while somebody reads it must not begin anew. So behind every
// move the writer, between two transactions, moves the few pages that came
// meanwhile, waits a moment for those who read, and begins the log anew. The
// file keeps its length, unless it has grown much: to write over pages that
// are there takes two thirds of what it takes to append them, and so does the
// flush.
type checkpointer struct {
	path  string
	limit int64
	conn  *sql.DB
	begin chan struct{}
	ended chan struct{}

	mu    sync.Mutex
	moved bool // a move ended since the log began anew
	// notBefore is when the writer tries again to begin it anew.
	notBefore time.Time
}

func startCheckpointer(path string, options Options) (*checkpointer, error) {
	db, err := sql.Open("sqlite", source(path, options, false))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	c := &checkpointer{path: path, limit: options.LogBytes, conn: db, begin: make(chan struct{}, 1), ended: make(chan struct{})}
	go c.run()
	return c, nil
}

// stop waits for a move under way.
func (c *checkpointer) stop() error {
	close(c.begin)
	<-c.ended
	return c.conn.Close()
}

func (c *checkpointer) run() {
	defer close(c.ended)
	for range c.begin {
		// What cannot be moved now is moved after another transaction.
		if _, _, err := checkpoint(context.Background(), c.conn, "PASSIVE"); err == nil {
			c.mu.Lock()
			c.moved = true
			c.mu.Unlock()
		}
	}
}

type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// checkpoint says whether somebody was in the way, and how many pages the log
// had.
func checkpoint(ctx context.Context, on queryer, mode string) (busy bool, pages int64, err error) {
	var moved int64
	err = on.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &pages, &moved)
	return busy, pages, err
}

// committed is called by the writer between transactions.
func (c *checkpointer) committed(ctx context.Context, writer *sql.Conn) error {
	file, err := os.Stat(c.path + "-wal")
	if err != nil || file.Size() < c.limit {
		return nil //nolint:nilerr // without a log there is nothing to do
	}
	_, pages, err := checkpoint(ctx, writer, "NOOP")
	if err != nil {
		return err
	}
	length := pages * bytesPerPage
	if length < c.limit {
		return nil
	}
	c.mu.Lock()
	moved, early := c.moved, time.Now().Before(c.notBefore)
	c.mu.Unlock()
	switch {
	case !moved:
		select {
		case c.begin <- struct{}{}:
		default: // a move is under way
		}
	case !early:
		for _, p := range patience {
			if length >= p.times*c.limit {
				return c.renew(ctx, writer, file.Size() >= tooLong*c.limit, p.wait, p.again)
			}
		}
	}
	return nil
}

// renew has the next transaction begin the log anew, and shortens its file if
// asked to.
func (c *checkpointer) renew(ctx context.Context, writer *sql.Conn, shorten bool, wait, again time.Duration) error {
	mode := "RESTART"
	if shorten {
		mode = "TRUNCATE"
	}
	if err := setPatience(ctx, writer, wait); err != nil {
		return err
	}
	busy, _, err := checkpoint(ctx, writer, mode)
	c.mu.Lock()
	c.moved = false
	if busy || err != nil {
		c.notBefore = time.Now().Add(again)
	}
	c.mu.Unlock()
	if restoreErr := setPatience(ctx, writer, busyTimeout); restoreErr != nil {
		return restoreErr
	}
	return err
}

func setPatience(ctx context.Context, conn *sql.Conn, wait time.Duration) error {
	_, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", wait.Milliseconds()))
	return err
}
