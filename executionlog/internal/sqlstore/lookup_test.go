package sqlstore_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/logtest"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/executionlog/sqlite"
)

// lookupRows are attempts of so many tickets that they fill several blocks:
// some tickets have theirs within hours, some over the whole time.
func lookupRows(random *rand.Rand) []*executionlog.Result {
	rows := logtest.RandomResults(random, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), 2000)
	begin := rows[0].Attempt.At
	for _, r := range rows {
		if r.Attempt.At.Before(begin) {
			begin = r.Attempt.At
		}
	}
	for _, r := range rows {
		place := random.IntN(600)
		if random.IntN(3) > 0 {
			place = int(r.Attempt.At.Sub(begin).Hours()*8) + random.IntN(20)
		}
		r.Attempt.Ticket = fmt.Sprintf("TCK-%04d", place)
	}
	return rows
}

// recordTwice records rows, so many at a time, in SQLite and in the memory that
// it is compared with.
func recordTwice(t *testing.T, rows []*executionlog.Result, atATime int) (store *sqlite.Store, reference *memory.Store) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	reference = memory.New()
	for _, ledger := range []executionlog.Ledger{store, reference} {
		for some := range slices.Chunk(rows, atATime) {
			for _, err := range ledger.Record(t.Context(), some) {
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return store, reference
}

// TestWaysToTickets asks for parts of ticket numbers in every way that there is
// to find their attempts, and compares with a linear scan.
func TestWaysToTickets(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 9))
	rows := lookupRows(random)
	store, reference := recordTwice(t, rows, len(rows))
	digit := func() int { return random.IntN(10) }
	for name, sizes := range map[string][4]int{
		"all at once":             {1 << 30, 0, 1, 1 << 30},
		"known blocks":            {2, 1000, 8, 1 << 30},
		"known blocks and stroll": {2, 1000, 8, 10},
		"busiest blocks":          {2, 0, 1, 1 << 30},
		"busiest, and stroll":     {2, 0, 1, 10},
	} {
		t.Run(name, func(t *testing.T) {
			store.LookUpLittle(sizes[0], sizes[1], sizes[2], sizes[3])
			for round := range 40 {
				f := logtest.RandomFilter(random, rows)
				f.Ticket = []string{"*ck-0*", fmt.Sprintf("*0%d%d*", digit(), digit()), fmt.Sprintf("tck-0%d*", digit()), fmt.Sprintf("*-*%d%d", digit(), digit())}[random.IntN(4)]
				logtest.Compare(t, store, reference, f, 3+random.IntN(40), round)
			}
		})
	}
}
