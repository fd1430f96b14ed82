package sqlite_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/logtest"
	"github.com/hookdesk/hookdesk/executionlog/memory"
)

// FuzzFilter searches random rows for whatever texts come up and compares
// with a linear scan.
func FuzzFilter(f *testing.F) {
	store, reference := open(f), memory.New()
	rows := logtest.RandomResults(rand.New(rand.NewPCG(7, 8)), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), 300)
	for _, ledger := range []executionlog.Ledger{store, reference} {
		for _, err := range ledger.Record(f.Context(), rows) {
			if err != nil {
				f.Fatal(err)
			}
		}
	}
	for i, text := range logtest.HostileTexts {
		f.Add(text, text, "", "", "", "", i, i%7)
		f.Add("", "", text, "", text, "", -i, i%7)
		f.Add("", "", "", text, "", text, 0, i%7)
	}
	f.Fuzz(func(t *testing.T, ticket, errorText, words, response, q, event string, status, flags int) {
		filter := executionlog.Filter{
			Workspace: "default", Ticket: ticket, Error: errorText, Words: words, Response: response, Q: q, Event: event,
			StatusFrom: status, OldestFirst: flags&1 != 0,
		}
		if flags&2 != 0 {
			filter.Outcome = executionlog.Failed
		}
		if flags&4 != 0 {
			filter.Workspace = ""
		}
		logtest.Compare(t, store, reference, filter, 40, 0)
	})
}
