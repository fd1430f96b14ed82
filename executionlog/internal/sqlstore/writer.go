package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

const (
	// batchItems is how many items one transaction takes at most; more wait
	// for the next, so that nobody waits long for a commit.
	batchItems = 1000
	// turns is how often the writer lets others run before it gathers. On a
	// busy machine those who are about to hand over a write get to it, and a
	// transaction, which costs more than its items, is shared by more of them:
	// a tenth less processor time for a delivery. On an idle one nobody else
	// wants to run, and no time passes.
	turns = 4
	// retries is how often a transaction is repeated that lost against
	// another process.
	retries = 5
)

// ErrRetry is wrapped by a Dialect's error for a transaction that was undone
// only because another ran at the same time.
var ErrRetry = errors.New("transaction gave way to another")

// item is a piece of work that is written wholly or not at all.
type item struct {
	apply func(*batch) error
	err   error
}

// refusal is an error of an item that has written nothing yet: its neighbours
// in the transaction go on.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

func refuse(err error) error { return refusal{err} }

// job is the items of one call.
type job struct {
	items []item
	done  chan struct{}
}

// writer is the goroutine that writes. While one transaction commits, the
// jobs for the next gather: many callers share one commit, and a lone caller
// does not wait for company.
type writer struct {
	store *Store
	jobs  chan *job

	closing sync.RWMutex // held for reading while a job is handed over
	closed  bool
	ended   chan struct{}

	conn       *sql.Conn
	statements map[string]*sql.Stmt

	unused []int64 // numbers for new tickets
}

func startWriter(store *Store) *writer {
	w := &writer{store: store, jobs: make(chan *job, 4096), ended: make(chan struct{})}
	go w.run()
	return w
}

// stop lets what was handed over be written. It returns false if the writer
// was stopped before.
func (w *writer) stop() bool {
	w.closing.Lock()
	first := !w.closed
	if first {
		w.closed = true
		close(w.jobs)
	}
	w.closing.Unlock()
	<-w.ended
	return first
}

// submit hands items to the writer and waits until they are written or
// refused. The context counts only until they are handed over: what the
// writer has begun it ends.
func (w *writer) submit(ctx context.Context, items []item) error {
	if len(items) == 0 {
		return nil
	}
	j := &job{items: items, done: make(chan struct{})}
	if err := w.hand(ctx, j); err != nil {
		return err
	}
	<-j.done
	return nil
}

func (w *writer) hand(ctx context.Context, j *job) error {
	w.closing.RLock()
	defer w.closing.RUnlock()
	if w.closed {
		return fmt.Errorf("hand over write: %w: closed", executionlog.ErrUnavailable)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case w.jobs <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// write has one item written and returns its error.
func (s *Store) write(ctx context.Context, apply func(*batch) error) error {
	items := []item{{apply: apply}}
	if err := s.writer.submit(ctx, items); err != nil {
		return err
	}
	return items[0].err
}

func (w *writer) run() {
	defer close(w.ended)
	defer w.disconnect()
	for first := range w.jobs {
		for range turns {
			runtime.Gosched()
		}
		jobs, count := []*job{first}, len(first.items)
	gather:
		for count < batchItems {
			select {
			case next, ok := <-w.jobs:
				if !ok {
					break gather
				}
				jobs, count = append(jobs, next), count+len(next.items)
			default:
				break gather
			}
		}
		items := make([]*item, 0, count)
		for _, j := range jobs {
			for i := range j.items {
				items = append(items, &j.items[i])
			}
		}
		w.write(items)
		for _, j := range jobs {
			close(j.done)
		}
		w.settle()
	}
}

// write writes items in one transaction, or each in its own when that is not
// possible because one of them failed half-way.
func (w *writer) write(items []*item) {
	for len(items) > 0 {
		group := items[:min(len(items), batchItems)]
		items = items[len(group):]
		err := w.transact(group, hopefully)
		if errors.Is(err, executionlog.ErrConflict) {
			err = w.transact(group, carefully)
		}
		for again := 0; again < retries && errors.Is(err, ErrRetry); again++ {
			err = w.transact(group, carefully)
		}
		if err == nil {
			continue
		}
		if len(group) == 1 || errors.Is(err, executionlog.ErrUnavailable) {
			for _, it := range group {
				it.err = err
			}
			continue
		}
		for i := range group {
			if err := w.transact(group[i:i+1], carefully); err != nil {
				group[i].err = err
			}
		}
	}
}

// manner is how a transaction treats what may be refused.
type manner bool

const (
	// hopefully leaves it to the unique indices to find a conflict, which then
	// undoes the whole transaction: conflicts are rare, and asking before
	// every write whether there is one costs a query each.
	hopefully manner = false
	// carefully asks first, so that an item can be refused alone.
	carefully manner = true
)

// transact writes items in one transaction. Refusals are left in the items;
// any other error undoes everything and is returned, as is the refusal of an
// item that is alone.
func (w *writer) transact(items []*item, how manner) error {
	ctx, cancel := w.bounded()
	defer cancel()
	if err := w.connect(ctx); err != nil {
		return w.store.classify("connect", err)
	}
	if err := w.begin(ctx); err != nil {
		return w.store.classify("begin", err)
	}
	b := newBatch(ctx, w, how)
	err := w.apply(b, items)
	if err == nil {
		err = b.flush()
	}
	if err == nil {
		if _, err = w.conn.ExecContext(ctx, "COMMIT"); err == nil {
			b.publish()
			return nil
		}
		err = fmt.Errorf("commit: %w", err)
	}
	w.rollback()
	w.forget(err)
	if refused, ok := errors.AsType[refusal](err); ok {
		return refused.error
	}
	return w.store.classify("write", err)
}

// bounded is the context of one transaction.
func (w *writer) bounded() (context.Context, context.CancelFunc) {
	if w.store.WriteTimeout == 0 {
		return context.Background(), func() {}
	}
	return context.WithTimeout(context.Background(), w.store.WriteTimeout)
}

// begin starts a transaction, on a new connection if the one at hand broke
// while nothing was written.
func (w *writer) begin(ctx context.Context) error {
	_, err := w.conn.ExecContext(ctx, w.store.Begin)
	if err == nil {
		return nil
	}
	w.forget(err)
	if w.conn != nil {
		return err
	}
	if err := w.connect(ctx); err != nil {
		return err
	}
	if _, err = w.conn.ExecContext(ctx, w.store.Begin); err != nil {
		w.forget(err)
	}
	return err
}

func (w *writer) apply(b *batch, items []*item) error {
	for _, it := range items {
		it.err = nil
		err := it.apply(b)
		var refused refusal
		switch {
		case err == nil:
		case errors.As(err, &refused):
			it.err = refused.error
		default:
			return err
		}
	}
	return nil
}

// reserved is how many numbers for new tickets are asked for at once.
const reserved = 256

// unusedNumber returns a number for a new ticket. One that a transaction took
// which was undone is lost.
func (w *writer) unusedNumber(ctx context.Context) (int64, error) {
	if len(w.unused) == 0 {
		numbers, err := w.store.Dialect.Unused(ctx, w.conn, reserved)
		if err != nil {
			return 0, fmt.Errorf("reserve ticket numbers: %w", err)
		}
		w.unused = numbers
	}
	number := w.unused[0]
	w.unused = w.unused[1:]
	return number, nil
}

// rollback has its own time: the transaction's may be over. An error means
// that the database has rolled back by itself or that the connection is gone.
func (w *writer) rollback() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, err := w.conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		w.forget(err)
	}
}

func (w *writer) connect(ctx context.Context) error {
	if w.conn != nil {
		return nil
	}
	conn, err := w.store.Write.Conn(ctx)
	if err != nil {
		return err
	}
	w.conn, w.statements = conn, map[string]*sql.Stmt{}
	return nil
}

// forget gives up the connection if it is broken; the next transaction makes
// a new one.
func (w *writer) forget(err error) {
	if w.conn == nil {
		return
	}
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || w.conn.PingContext(context.Background()) != nil {
		w.disconnect()
	}
}

// disconnect closes what there is to close; a broken connection cannot be
// closed any better.
func (w *writer) disconnect() {
	if w.conn == nil {
		return
	}
	w.store.Dialect.Disconnecting()
	for _, statement := range w.statements {
		_ = statement.Close()
	}
	_ = w.conn.Close()
	w.conn, w.statements = nil, nil
}

// settle gives the dialect its turn between transactions. What fails there
// was not asked for by anybody and is tried again after the next one.
func (w *writer) settle() {
	if w.conn == nil {
		return
	}
	ctx, cancel := w.bounded()
	defer cancel()
	if err := w.store.Dialect.Committed(ctx, w.conn); err != nil {
		w.forget(err)
	}
}
