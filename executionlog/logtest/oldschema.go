package logtest

import (
	"database/sql"
	"io/fs"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// oldRows is how many attempts OldSchema leaves.
const oldRows = 40

// OldSchema makes of an empty database one that the first version of the
// program has used: migrated to that version, with attempts.
func OldSchema(t *testing.T, dialect goose.Dialect, db *sql.DB, migrations fs.FS) {
	t.Helper()
	provider, err := goose.NewProvider(dialect, db, migrations)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	exec := func(text string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), text, args...); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	for i, name := range []string{"default", "faveo", "ticket_created", "trg_0000000000001", "ep_1", "http_5xx"} {
		exec(`INSERT INTO names (id, name) VALUES ($1, $2)`, i+1, name)
	}
	exec(`INSERT INTO numbers (id, workspace, number, folded) VALUES (1, 1, 'T-1', 't-1')`)
	exec(`INSERT INTO number_grams (rowid, folded) VALUES (1, 't-1')`)
	for i := range oldRows {
		at := noon.Add(time.Duration(i) * time.Second)
		exec(`INSERT INTO attempts (id, workspace, delivery, change, ticket, system, event, trigger_id, endpoint,
			number, skew, duration, outcome, http_status, error_code, error)
			VALUES ($1, 1, $2, 0, 1, 2, 3, 4, 5, 1, 0, 1000, 2, 503, 6, 'the receiver answered 503')`, id.First(at), id.First(at)-1)
		exec(`INSERT INTO attempt_errors (rowid, folded) VALUES ($1, 'the receiver answered 503')`, id.First(at))
		for _, step := range []int64{60, 3600} {
			exec(`INSERT INTO attempt_counts (step, workspace, at, outcome, n) VALUES ($1, 1, $2, 2, 1)
				ON CONFLICT (step, workspace, at, outcome) DO UPDATE SET n = attempt_counts.n + 1`, step, at.Unix()/step*step)
		}
	}
}

// CheckOldSchema fails the test unless a ledger has what OldSchema left, and
// knows of it what later versions count.
func CheckOldSchema(t *testing.T, ledger executionlog.Ledger) {
	t.Helper()
	b := newBench(t, ledger)
	for name, filter := range map[string]executionlog.Filter{
		"all":      {Workspace: "default"},
		"error":    {Workspace: "default", Error: "ANSWERED 5"},
		"ticket":   {Workspace: "default", Ticket: "T-1"},
		"endpoint": {Workspace: "default", Endpoint: "ep_1"},
		"event":    {Workspace: "default", Event: "ticket_created", Outcome: executionlog.Failed},
		"failures": {Workspace: "default", Endpoint: "ep_1", Outcome: executionlog.Failed, System: "faveo"},
	} {
		b.equal(name, oldRows, len(b.search(filter)))
		total, _, err := ledger.Estimate(b.ctx, filter)
		b.ok(err)
		b.equal("count of "+name, int64(oldRows), total)
	}
	b.record(b.plain(1))
	b.equal("with a new one", oldRows+1, len(b.search(executionlog.Filter{Workspace: "default"})))
}

// CheckOldSpans fails the test unless a migrated database knows when the
// ticket that OldSchema left had its attempts.
func CheckOldSpans(t *testing.T, db *sql.DB) {
	t.Helper()
	var blocks, block, first, last int64
	err := db.QueryRowContext(t.Context(), `SELECT count(*), min(block), min(first), max(last) FROM ticket_spans`).Scan(&blocks, &block, &first, &last)
	if err != nil {
		t.Fatal(err)
	}
	begin := noon.Truncate(time.Hour).Unix()
	if blocks != 1 || block != 0 || first != begin || last != begin {
		t.Errorf("%d blocks, %d from %d to %d; want block 0 alone at %d", blocks, block, first, last, begin)
	}
}
