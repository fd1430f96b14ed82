package faults

import (
	"testing"

	"github.com/hookdesk/hookdesk/executionlog"
)

// account holds deliveries that were added against the receiver, which
// answered as flaky does, and the ledger: each is delivered or exhausted, and
// all but a few of the requests are in the log.
func account(t *testing.T, ledger executionlog.Ledger, r *receiver, names []string, unrecorded int) {
	t.Helper()
	rows := outcomes(t, ledger)
	if len(rows) != len(names) {
		t.Errorf("%d deliveries in the ledger, want %d", len(rows), len(names))
	}
	logged, attempts := attemptsOf(t, ledger)
	for _, name := range names {
		row := rows[name]
		if row == nil {
			t.Fatalf("%s is not in the ledger", name)
		}
		want, arrives := executionlog.Succeeded, true
		if hopeless(name) {
			want, arrives = executionlog.Failed, false
		}
		if row.Outcome != want || (r.took(name) > 0) != arrives {
			t.Errorf("%s is %s and arrived %d times, want %s", name, row.Outcome, r.took(name), want)
		}
		if logged[name] < row.Attempts {
			t.Errorf("%s had %d attempts, %d are in the log", name, row.Attempts, logged[name])
		}
	}
	if missing := r.total() - attempts; missing < 0 || missing > unrecorded {
		t.Errorf("%d requests arrived and %d attempts are in the log", r.total(), attempts)
	}
}
