package postgres_test

import (
	"context"
	"database/sql"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/logtest/pgtest"
	"github.com/hookdesk/hookdesk/executionlog/postgres"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// eachCopy calls a function with what the upkeep logs, at every step that
// copies early rows too.
type eachCopy struct {
	mu   sync.Mutex
	told []string
	call func(table string)
}

func (*eachCopy) Enabled(context.Context, slog.Level) bool { return true }
func (h *eachCopy) WithGroup(string) slog.Handler          { return h }

func (h *eachCopy) WithAttrs(attrs []slog.Attr) slog.Handler {
	return tableLog{h, attrs[0].Value.String()}
}

func (h *eachCopy) Handle(_ context.Context, record slog.Record) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told = append(h.told, record.Message)
	return nil
}

// tableLog is the log about one table.
type tableLog struct {
	*eachCopy
	table string
}

func (h tableLog) Handle(ctx context.Context, record slog.Record) error {
	if record.Message == "early rows copied" && h.call != nil {
		h.call(h.table)
	}
	return h.eachCopy.Handle(ctx, record)
}

// early is a ledger whose clock was ahead for long: many rows of three months
// are in the rest.
type early struct {
	*testing.T
	database string
	db       *sql.DB
	clock    *clock
	log      *eachCopy
	store    *postgres.Store
	ids      *id.Source
}

const earlyRows = 2100 // of each month

func newEarly(t *testing.T) *early {
	e := &early{T: t, database: pgtest.Database(t), clock: &clock{day(2026, time.January, 20)}, log: &eachCopy{}}
	e.db = pool(t, e.database)
	e.store = e.clock.open(t, e.database, slog.New(e.log))
	t.Cleanup(func() { _ = e.store.Close() })
	e.ids = id.NewSource(1, func() time.Time { return e.clock.now })
	first := attempt(e.ids, day(2027, time.January, 1))
	record(t, e.store, first)
	number, err := id.Parse(id.Attempt, first.Attempt.ID)
	if err != nil {
		t.Fatal(err)
	}
	for m := range 3 {
		begin := id.First(day(2027, time.January+time.Month(m), 2))
		e.exec(`INSERT INTO attempts SELECT (jsonb_populate_record(a, jsonb_build_object('id', $2::bigint + n * 1024))).* FROM attempts a, generate_series(1, $3::bigint) n WHERE a.id = $1`, number, begin, earlyRows)
		e.exec(`INSERT INTO details SELECT $2::bigint + n * 1024, d.content FROM details d, generate_series(1, $3::bigint) n WHERE attempt = $1`, number, begin, earlyRows)
		e.exec(`INSERT INTO attempt_errors SELECT $2::bigint + n * 1024, d.folded FROM attempt_errors d, generate_series(1, $3::bigint) n WHERE rowid = $1`, number, begin, earlyRows)
	}
	return e
}

func (e *early) exec(text string, args ...any) {
	e.Helper()
	if _, err := e.db.ExecContext(e.Context(), text, args...); err != nil {
		e.Fatal(err)
	}
}

func (e *early) rows(table string) int {
	e.Helper()
	return rowsIn(e.T, e.database, table)
}

func (e *early) maintain(ctx context.Context, policy executionlog.Retention) error {
	_, err := e.store.Maintain(ctx, policy, e.clock.now)
	return err
}

// moved checks that everything is in its month, and nothing of the work left.
func (e *early) moved(want map[string]int) {
	e.Helper()
	for _, table := range []string{"attempts", "details", "attempt_errors"} {
		all := 0
		for suffix, n := range want {
			all += n
			if got := e.rows(table + suffix); got != n {
				e.Errorf("%d rows in %s%s, want %d", got, table, suffix, n)
			}
		}
		if got := e.rows(table); got != all {
			e.Errorf("%d rows in %s, want %d", got, table, all)
		}
	}
	names := partitionNames(e.T, e.database)
	for _, name := range []string{"attempts_2027_01", "attempts_2027_02", "attempts_2027_03", "attempts_rest"} {
		if !slices.Contains(names, name) {
			e.Errorf("partitions %v lack %s", names, name)
		}
	}
	var left int
	if err := e.db.QueryRowContext(e.Context(), `SELECT (SELECT count(*) FROM pg_class WHERE relname LIKE '%\_changed')
		+ (SELECT count(*) FROM pg_proc WHERE proname LIKE '%\_rest\_changed') + (SELECT count(*) FROM pg_constraint WHERE conname = 'of_month')`).Scan(&left); err != nil || left > 0 {
		e.Errorf("%d things are left of the work, %v", left, err)
	}
}

// TestManyEarlyRowsMove has many early rows, and rows that come and go while
// they are moved.
func TestManyEarlyRowsMove(t *testing.T) {
	e := newEarly(t)
	e.clock.now = day(2027, time.February, 20)
	came, gone := 0, 0
	e.log.call = func(table string) {
		if table != "attempts" {
			return
		}
		came++
		record(t, e.store, attempt(e.ids, e.clock.now.Add(time.Duration(came)*time.Second)))
		// Earlier than what was copied, by a process that was slow.
		record(t, e.store, attempt(e.ids, day(2027, time.January, 1).Add(time.Duration(came)*time.Second)))
		gone++
		for _, from := range []string{"attempts WHERE id", "details WHERE attempt", "attempt_errors WHERE rowid"} {
			e.exec(`DELETE FROM `+from+` = $1`, id.First(day(2027, time.January, 2))+int64(gone)*1024)
		}
	}
	if err := e.maintain(t.Context(), executionlog.Retention{}); err != nil {
		t.Fatal(err)
	}
	if came < 4 {
		t.Errorf("attempts were copied in %d steps", came)
	}
	e.moved(map[string]int{"_2027_01": 1 + earlyRows + came - gone, "_2027_02": earlyRows + came, "_2027_03": earlyRows, "_rest": 0})
	if !slices.Contains(e.log.told, "early rows are in their months") {
		t.Errorf("the log is %q", e.log.told)
	}
	// Retention drops months by their partitions.
	e.clock.now = day(2027, time.April, 20)
	policy := executionlog.Retention{Keep: executionlog.Keep{Succeeded: time.Hour, Failed: 30 * 24 * time.Hour, Bodies: time.Hour}}
	if err := e.maintain(t.Context(), policy); err != nil {
		t.Fatal(err)
	}
	if names := partitionNames(t, e.database); slices.Contains(names, "attempts_2027_02") || !slices.Contains(names, "attempts_2027_03") {
		t.Errorf("partitions %v, want those of January and February gone", names)
	}
}

// TestMovingEarlyRowsGoesOn is interrupted twice: by the end of the process,
// and by somebody who reads all the time. Between the rounds rows come and go.
func TestMovingEarlyRowsGoesOn(t *testing.T) {
	e := newEarly(t)
	e.clock.now = day(2027, time.February, 20)
	steps := 0
	ctx, cancel := context.WithCancel(t.Context())
	e.log.call = func(string) {
		if steps++; steps == 4 {
			cancel()
		}
	}
	if err := e.maintain(ctx, executionlog.Retention{}); err == nil {
		t.Error("the round was not interrupted")
	}
	e.log.call = nil
	record(t, e.store, attempt(e.ids, day(2027, time.January, 1).Add(time.Minute)), attempt(e.ids, e.clock.now))
	e.exec(`DELETE FROM attempts WHERE id = $1`, id.First(day(2027, time.January, 2))+1024)
	e.exec(`DELETE FROM details WHERE attempt = $1`, id.First(day(2027, time.January, 2))+1024)
	e.exec(`DELETE FROM attempt_errors WHERE rowid = $1`, id.First(day(2027, time.January, 2))+1024)

	reader, err := e.db.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"attempts", "details", "attempt_errors"} {
		var n int
		if err := reader.QueryRowContext(t.Context(), `SELECT count(*) FROM `+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.maintain(t.Context(), executionlog.Retention{}); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(e.log.told, "early rows are not moved yet: somebody is at work in the table") {
		t.Errorf("the log is %q", e.log.told)
	}
	if n := e.rows("attempts_rest"); n < 3*earlyRows {
		t.Errorf("%d rows in the rest beside a reader", n)
	}
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	record(t, e.store, attempt(e.ids, e.clock.now.Add(time.Second)))
	if err := e.maintain(t.Context(), executionlog.Retention{}); err != nil {
		t.Fatal(err)
	}
	e.moved(map[string]int{"_2027_01": 1 + earlyRows, "_2027_02": earlyRows + 2, "_2027_03": earlyRows, "_rest": 0})
}

// TestMovingEarlyRowsBeginsAnew has a migration change a table while its rows
// are moved.
func TestMovingEarlyRowsBeginsAnew(t *testing.T) {
	e := newEarly(t)
	e.clock.now = day(2027, time.February, 20)
	var once sync.Once
	e.log.call = func(table string) {
		if table == "details" {
			once.Do(func() { e.exec(`ALTER TABLE details ADD COLUMN more BIGINT NOT NULL DEFAULT 7`) })
		}
	}
	for round := range 2 {
		if err := e.maintain(t.Context(), executionlog.Retention{}); err != nil {
			t.Fatal(err)
		}
		if failed := slices.Contains(e.log.told, "moving early rows failed"); !failed {
			t.Errorf("round %d: the log is %q", round, strings.Join(e.log.told, "\n"))
		}
	}
	e.moved(map[string]int{"_2027_01": 1 + earlyRows, "_2027_02": earlyRows, "_2027_03": earlyRows, "_rest": 0})
	var sum int
	if err := e.db.QueryRowContext(t.Context(), `SELECT sum(more) FROM details`).Scan(&sum); err != nil || sum != 7*(1+3*earlyRows) {
		t.Errorf("the new column adds up to %d, %v", sum, err)
	}
}
