package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/hookdesk/hookdesk/triggers/id"
)

const (
	// restRows is how many rows of the rest can be looked through and moved
	// while everybody waits.
	restRows = 1000
	// copyRows is how many rows one step of clearing copies.
	copyRows = 2000
	// lastRows is how many rows may have changed that are left for the moment
	// in which everybody waits.
	lastRows = 200
	// clearTries is how often a round of upkeep tries to find that moment.
	clearTries = 5
	// tellEvery is how often clearing says how far it is.
	tellEvery = 5 * time.Second
)

// clearing empties the rest of a table that holds many rows: those that came
// while a clock was far ahead, or while nobody made partitions. They are
// copied to their months in small steps, beside those who write and read.
// Meanwhile a trigger notes what changes in the rest. When all is copied the
// rest is exchanged for an empty one and the months are attached, at once, for
// which nothing has to be read.
//
// Everything that it knows is in the database, so that any process goes on
// where another stopped.
type clearing struct {
	cut
	db  *sql.DB
	log *slog.Logger

	copied, all int64
	told        time.Time
}

// isLarge says whether the rest of a table holds more than can be moved at
// once, or is being cleared.
func isLarge(ctx context.Context, db *sql.DB, c cut) (large bool, err error) {
	err = db.QueryRowContext(ctx, fmt.Sprintf(`SELECT count(*) > %[2]d OR to_regclass('%[1]s_changed') IS NOT NULL FROM (SELECT FROM %[1]s_rest LIMIT %[2]d + 1) r`,
		c.table, restRows)).Scan(&large)
	return large, err
}

// clearRests clears the rests that are large. What cannot be done now is done
// in another round of upkeep; retention removes the rows one by one until then.
func clearRests(ctx context.Context, db *sql.DB, logger *slog.Logger) error {
	for _, c := range partitioned {
		large, err := isLarge(ctx, db, c)
		if err != nil {
			return fmt.Errorf("look at early rows: %w", err)
		}
		if !large {
			continue
		}
		w := &clearing{cut: c, db: db, log: logger.With("table", c.table), told: time.Now()}
		switch err := w.run(ctx); {
		case ctx.Err() != nil:
			return ctx.Err()
		case hasCode(err, codeLockTimeout), errors.Is(err, errChangesFast):
			w.log.Info("early rows are not moved yet: somebody is at work in the table")
		case err != nil:
			w.log.Warn("moving early rows failed", "error", err)
			if isDefinition(err) {
				err = w.abandon(ctx)
			}
			if err != nil {
				return fmt.Errorf("move early rows: %w", err)
			}
		}
	}
	return nil
}

// isDefinition says whether an error is about how tables are made: a migration
// has changed them since clearing began.
func isDefinition(err error) bool {
	var failure *pgconn.PgError
	return errors.As(err, &failure) && strings.HasPrefix(failure.Code, classDefinition)
}

// abandon gives up what was copied, so that it begins anew.
func (w *clearing) abandon(ctx context.Context) error {
	return briefly(ctx, w.db, func(tx *sql.Tx) error {
		months, err := w.made(ctx, tx)
		if err != nil {
			return err
		}
		texts := []string{w.text(`DROP FUNCTION IF EXISTS %[1]s_rest_changed() CASCADE`), w.text(`DROP TABLE IF EXISTS %[1]s_changed`)}
		for _, m := range months {
			texts = append(texts, `DROP TABLE `+w.partition(m))
		}
		return execAll(ctx, tx, texts)
	})
}

func execAll(ctx context.Context, tx *sql.Tx, texts []string) error {
	for _, text := range texts {
		if _, err := tx.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

func (w *clearing) run(ctx context.Context) error {
	if err := w.watch(ctx); err != nil {
		return err
	}
	months, err := w.months(ctx)
	if err != nil {
		return err
	}
	if err := w.db.QueryRowContext(ctx, w.text(`SELECT count(*) FROM %[1]s_rest`)).Scan(&w.all); err != nil {
		return err
	}
	w.log.Info("moving early rows to their months", "rows", w.all, "months", len(months))
	for _, m := range months {
		if err := w.copyMonth(ctx, m); err != nil {
			return err
		}
	}
	for try := 1; ; try++ {
		if err := w.follow(ctx); err != nil {
			return err
		}
		begun := time.Now()
		err := w.exchange(ctx)
		switch {
		case err == nil:
			w.log.Info("early rows are in their months", "rows", w.all, "months", len(months), "exchanged_in", time.Since(begun))
			return nil
		case try == clearTries || !hasCode(err, codeLockTimeout) && !errors.Is(err, errChangesFast):
			return err
		}
	}
}

// text puts in the names of the table and of its column.
func (w *clearing) text(format string, args ...any) string {
	return fmt.Sprintf(format, append([]any{w.table, w.column}, args...)...)
}

// watch has a trigger note the rows of the rest that come, change or go.
func (w *clearing) watch(ctx context.Context) error {
	return briefly(ctx, w.db, func(tx *sql.Tx) error {
		var watched bool
		if err := tx.QueryRowContext(ctx, w.text(`SELECT to_regclass('%[1]s_changed') IS NOT NULL`)).Scan(&watched); err != nil || watched {
			return err
		}
		return execAll(ctx, tx, []string{
			w.text(`LOCK TABLE %[1]s_rest IN SHARE ROW EXCLUSIVE MODE`),
			w.text(`CREATE TABLE %[1]s_changed (row_id BIGINT NOT NULL)`),
			w.text(`CREATE OR REPLACE FUNCTION %[1]s_rest_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
				IF TG_OP = 'DELETE' THEN INSERT INTO %[1]s_changed VALUES (OLD.%[2]s); ELSE INSERT INTO %[1]s_changed VALUES (NEW.%[2]s); END IF;
				RETURN NULL; END $$`),
			w.text(`CREATE TRIGGER %[1]s_rest_changed AFTER INSERT OR UPDATE OR DELETE ON %[1]s_rest FOR EACH ROW EXECUTE FUNCTION %[1]s_rest_changed()`),
		})
	})
}

// months lists the months that have rows in the rest: of each the first row,
// by index.
func (w *clearing) months(ctx context.Context) ([]month, error) {
	var months []month
	from := int64(0)
	for {
		var first sql.NullInt64
		if err := w.db.QueryRowContext(ctx, w.text(`SELECT min(%[2]s) FROM %[1]s_rest WHERE %[2]s >= $1`), from).Scan(&first); err != nil {
			return nil, err
		}
		if !first.Valid {
			return months, nil
		}
		m := monthOf(id.Time(first.Int64))
		months, from = append(months, m), id.First(m.next().begin)
	}
}

func (m month) bounds() (low, high int64) { return id.First(m.begin), id.First(m.next().begin) }

// execer is a pool or a transaction.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// makeMonth makes the table of a month, which will be its partition: that all
// of its rows belong there is checked when they come.
func (w *clearing) makeMonth(ctx context.Context, db execer, m month) error {
	low, high := m.bounds()
	_, err := db.ExecContext(ctx, w.text(`CREATE TABLE IF NOT EXISTS %[3]s (LIKE %[1]s INCLUDING ALL, CONSTRAINT of_month CHECK (%[2]s >= %[4]d AND %[2]s < %[5]d))`,
		w.partition(m), low, high))
	return err
}

func (w *clearing) partition(m month) string { return partition{w.table, m}.name() }

// copyMonth copies what the rest holds of a month, from where it stopped
// before. What comes meanwhile the trigger notes.
func (w *clearing) copyMonth(ctx context.Context, m month) error {
	if err := w.makeMonth(ctx, w.db, m); err != nil {
		return err
	}
	low, high := m.bounds()
	var from, to int64
	err := w.db.QueryRowContext(ctx, w.text(`SELECT (SELECT coalesce(max(%[2]s) + 1, $1) FROM %[3]s), (SELECT coalesce(max(%[2]s) + 1, $1) FROM %[1]s_rest WHERE %[2]s < $2)`,
		w.partition(m)), low, high).Scan(&from, &to)
	if err != nil {
		return err
	}
	for from < to {
		begun := time.Now()
		var n int64
		var last sql.NullInt64
		err := w.db.QueryRowContext(ctx, w.text(`WITH copied AS (INSERT INTO %[3]s SELECT * FROM %[1]s_rest WHERE %[2]s >= $1 AND %[2]s < $2 ORDER BY %[2]s LIMIT $3
			RETURNING %[2]s) SELECT count(*), max(%[2]s) FROM copied`, w.partition(m)), from, to, copyRows).Scan(&n, &last)
		if err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
		from = last.Int64 + 1
		w.tell(n)
		if err := pause(ctx, time.Since(begun)); err != nil {
			return err
		}
	}
	return nil
}

// tell says every now and then how far it is.
func (w *clearing) tell(n int64) {
	w.copied += n
	w.log.Debug("early rows copied", "copied", w.copied, "of", w.all)
	if time.Since(w.told) >= tellEvery {
		w.told = time.Now()
		w.log.Info("moving early rows to their months, still at it", "copied", w.copied, "of", w.all)
	}
}

// pause leaves the server to others for as long as a step took.
func pause(ctx context.Context, took time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(min(took, time.Second)):
		return nil
	}
}

// follow repeats what has changed in the rest, until little is left.
func (w *clearing) follow(ctx context.Context) error {
	for {
		tx, err := w.db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		n, err := w.repeat(ctx, tx, copyRows)
		if err != nil {
			return errors.Join(err, tx.Rollback())
		}
		if err := tx.Commit(); err != nil || n < lastRows {
			return err
		}
	}
}

// repeat brings up to limit rows that have changed up to date in their months
// and returns how many.
func (w *clearing) repeat(ctx context.Context, tx *sql.Tx, limit int) (int, error) {
	rows, err := tx.QueryContext(ctx, w.text(`DELETE FROM %[1]s_changed WHERE ctid = ANY (ARRAY(SELECT ctid FROM %[1]s_changed LIMIT $1)) RETURNING row_id`), limit)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	n, changed := 0, map[month][]int64{}
	for rows.Next() {
		var number int64
		if err := rows.Scan(&number); err != nil {
			return 0, err
		}
		m := monthOf(id.Time(number))
		changed[m] = append(changed[m], number)
		n++
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	for m, numbers := range changed {
		if err := w.makeMonth(ctx, tx, m); err != nil {
			return 0, err
		}
		for _, text := range []string{
			`DELETE FROM %[3]s WHERE %[2]s = ANY ($1)`,
			`INSERT INTO %[3]s SELECT * FROM %[1]s_rest WHERE %[2]s = ANY ($1)`,
		} {
			if _, err := tx.ExecContext(ctx, w.text(text, w.partition(m)), numbers); err != nil {
				return 0, err
			}
		}
	}
	return n, nil
}

var errChangesFast = errors.New("more rows change than can be moved at once")

// exchange makes the months partitions and the rest an empty one. Everybody
// waits meanwhile; without a rest, and with what is known of the months,
// attaching them reads nothing.
func (w *clearing) exchange(ctx context.Context) error {
	return briefly(ctx, w.db, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, w.text(`LOCK TABLE %[1]s IN ACCESS EXCLUSIVE MODE`)); err != nil {
			return err
		}
		n, err := w.repeat(ctx, tx, 2*lastRows)
		if err != nil {
			return err
		}
		if n == 2*lastRows {
			return errChangesFast
		}
		months, err := w.made(ctx, tx)
		if err != nil {
			return err
		}
		texts := []string{w.text(`ALTER TABLE %[1]s DETACH PARTITION %[1]s_rest`), w.text(`DROP TABLE %[1]s_rest`)}
		for _, m := range months {
			low, high := m.bounds()
			texts = append(texts,
				w.text(`ALTER TABLE %[1]s ATTACH PARTITION %[3]s FOR VALUES FROM (%[4]d) TO (%[5]d)`, w.partition(m), low, high),
				w.text(`ALTER TABLE %[3]s DROP CONSTRAINT of_month`, w.partition(m)))
		}
		texts = append(texts,
			w.text(`CREATE TABLE %[1]s_rest PARTITION OF %[1]s DEFAULT`),
			w.text(`DROP TABLE %[1]s_changed`), w.text(`DROP FUNCTION %[1]s_rest_changed()`))
		return execAll(ctx, tx, texts)
	})
}

// made lists the months whose tables wait to be attached.
func (w *clearing) made(ctx context.Context, tx *sql.Tx) ([]month, error) {
	rows, err := tx.QueryContext(ctx, `SELECT c.relname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
		WHERE k.conname = 'of_month' AND c.relname LIKE $1 AND pg_table_is_visible(c.oid) ORDER BY 1`, w.table+`\_2%`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var months []month
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		if begin, err := time.Parse("2006_01", name[len(w.table)+1:]); err == nil {
			months = append(months, month{begin})
		}
	}
	return months, rows.Err()
}
