package sqlstore_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/logtest"
)

// silentRows are attempts of tickets that came one after the other, each with
// its attempts within hours: the first half are called OLD and the others NEW.
// Some old ones have one more at some time between. The rows come in the order
// of their time, so that tickets are numbered in it.
func silentRows(random *rand.Rand) []*executionlog.Result {
	rows := logtest.RandomResults(random, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), 6000)
	slices.SortFunc(rows, func(a, b *executionlog.Result) int { return a.Attempt.At.Compare(b.Attempt.At) })
	for i, r := range rows {
		ticket := max(0, i/2-random.IntN(10))
		name := "OLD"
		if i >= len(rows)/2 {
			name = "NEW"
			if i < len(rows)*3/4 && random.IntN(50) == 0 {
				name, ticket = "OLD", random.IntN(len(rows)/4)
			}
		}
		r.Attempt.Ticket = fmt.Sprintf("%s-%04d", name, ticket)
	}
	return rows
}

// TestSilentTickets asks for tickets none of which had an attempt for long, or
// from the other end for long to come, and compares with a linear scan.
func TestSilentTickets(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 8))
	rows := silentRows(random)
	// Few at a time: tickets that come together have numbers in any order.
	store, reference := recordTwice(t, rows, 100)
	// How many blocks come first: one, or so many that rows are gone through next.
	for _, first := range []int{1, 64 * 4, 64 * 60} {
		store.LookUpLittle(2, 0, first, 1<<30)
		for round := range 16 {
			f := logtest.RandomFilter(random, rows)
			if round%2 == 0 {
				f = executionlog.Filter{}
			}
			f.OldestFirst = random.IntN(2) == 0
			f.Ticket = []string{"*LD-*", "*ew-*", "*ld-0*", "*ew-1*", "*d-0*4*", "old*", "new-1*"}[random.IntN(7)]
			logtest.Compare(t, store, reference, f, 3+random.IntN(40), round)
		}
	}
	store.Asked()
	if _, err := store.Executions(t.Context(), executionlog.Filter{Ticket: "*ld-*"}, 50, ""); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(store.Asked(), func(text string) bool {
		return strings.Contains(text, "SELECT block, last FROM ticket_spans WHERE first")
	}) {
		t.Error("the tickets that were silent for long are looked for in another way")
	}
}
