package logtest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

var dueTests = []namedTest{
	{"due deliveries come in order, behind a place", testDue},
	{"with order only a ticket's first delivery is due", testDueOrdered},
	{"an exhausted delivery blocks its ticket until it is redelivered", testDueBlock},
	{"order holds whatever the backlog looks like", testDueModel},
	{"what waits is listed by endpoint", testWaiting},
	{"a clock that is set back takes due times with it", testClock},
}

func (b *bench) due(q executionlog.DueQuery) []string {
	b.Helper()
	if q.Endpoint == "" {
		q.Endpoint = "ep_1"
	}
	q.Now = b.now
	var ids []string
	for _, d := range must[[]executionlog.Due](b)(b.ledger.Due(b.ctx, q)) {
		ids = append(ids, d.ID)
	}
	return ids
}

func testDue(b *bench) {
	var all []*executionlog.NewDelivery
	for i := range 6 {
		d := b.delivery("ep_1", "T-1")
		d.DueAt = b.now.Add(time.Duration(-(i / 2)) * time.Second) // in pairs, the later ones due earlier
		all = append(all, d)
	}
	all[5].DueAt = b.now.Add(time.Microsecond)
	b.add(append(all, b.delivery("ep_2", "T-1"))...)
	want := []string{all[4].ID, all[2].ID, all[3].ID, all[0].ID, all[1].ID}
	b.equal("due", want, b.due(executionlog.DueQuery{Limit: 10}))
	b.equal("first two", want[:2], b.due(executionlog.DueQuery{Limit: 2}))
	page := must[[]executionlog.Due](b)(b.ledger.Due(b.ctx, executionlog.DueQuery{Endpoint: "ep_1", Now: b.now, Limit: 2}))
	b.equal("fields", executionlog.Due{ID: all[2].ID, Ticket: "T-1", DueAt: all[2].DueAt}, page[1])
	b.equal("behind", want[2:], b.due(executionlog.DueQuery{Limit: 10, After: page[1]}))
	b.equal("unknown endpoint", 0, len(b.due(executionlog.DueQuery{Endpoint: "ep_9", Limit: 10})))

	b.record(b.attempt(&all[4].Delivery, 1, executionlog.Succeeded), b.attempt(&all[2].Delivery, 1, executionlog.Pending))
	b.equal("after attempts", want[2:], b.due(executionlog.DueQuery{Limit: 10}))
	b.pass(time.Minute)
	b.equal("later", []string{all[3].ID, all[0].ID, all[1].ID, all[5].ID, all[2].ID}, b.due(executionlog.DueQuery{Limit: 10}))
}

func testDueOrdered(b *bench) {
	one, two, three := b.delivery("ep_1", "A"), b.delivery("ep_1", "A"), b.delivery("ep_1", "B")
	two.DueAt = b.now.Add(-time.Hour) // due long before the one that it has to wait for
	b.add(one, two, three)
	q := executionlog.DueQuery{Limit: 10, Ordered: true}
	b.equal("heads", []string{one.ID, three.ID}, b.due(q))
	b.record(b.attempt(&one.Delivery, 1, executionlog.Pending))
	b.equal("while the first waits", []string{three.ID}, b.due(q))
	b.pass(time.Minute)
	b.equal("when its time has come", []string{three.ID, one.ID}, b.due(q))
	b.record(b.attempt(&one.Delivery, 2, executionlog.Succeeded))
	b.equal("after it", []string{two.ID, three.ID}, b.due(q))
}

func testDueBlock(b *bench) {
	one, two, three := b.delivery("ep_1", "A"), b.delivery("ep_1", "A"), b.delivery("ep_1", "B")
	b.add(one, two, three)
	b.record(b.attempt(&one.Delivery, 1, executionlog.Failed))
	block, skip := executionlog.DueQuery{Limit: 10, Ordered: true, Block: true}, executionlog.DueQuery{Limit: 10, Ordered: true}
	b.equal("blocked", []string{three.ID}, b.due(block))
	b.equal("skipped", []string{two.ID, three.ID}, b.due(skip))
	again := b.delivery("ep_1", "A")
	again.Request, again.RedeliveryOf = nil, one.ID
	b.add(again)
	b.equal("redelivered", []string{two.ID, three.ID}, b.due(block))
}

// testDueModel compares orders with a plain reading of the rule, for backlogs
// of few tickets with much each and of many tickets.
func testDueModel(b *bench) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, tickets := range []int{3, 400} {
		endpoint := fmt.Sprintf("ep_%d", tickets)
		type state struct {
			id, ticket string
			due        time.Time
			failed     bool
		}
		var rows []state
		var adds []*executionlog.NewDelivery
		for range 900 {
			d := b.delivery(endpoint, fmt.Sprintf("T-%d", random.IntN(tickets)))
			d.DueAt = b.now.Add(time.Duration(random.IntN(2000)-1500) * time.Millisecond)
			d.Request = &executionlog.Request{Body: []byte("x")}
			adds = append(adds, d)
			rows = append(rows, state{d.ID, d.Ticket, d.DueAt, false})
		}
		b.add(adds...)
		var results []*executionlog.Result
		for i := range rows {
			if random.IntN(100) == 0 {
				rows[i].failed = true
				results = append(results, b.attempt(&adds[i].Delivery, 1, executionlog.Failed))
			}
		}
		b.record(results...)
		for _, block := range []bool{false, true} {
			want := map[string]bool{}
			held := map[string]bool{}
			for _, row := range rows {
				if held[row.ticket] || row.failed && !block {
					continue
				}
				held[row.ticket] = true
				if !row.failed && !row.due.After(b.now) {
					want[row.id] = true
				}
			}
			got := must[[]executionlog.Due](b)(b.ledger.Due(b.ctx, executionlog.DueQuery{
				Endpoint: endpoint, Now: b.now, Limit: 1000, Ordered: true, Block: block,
			}))
			b.equal("number of heads", len(want), len(got))
			for i, d := range got {
				if !want[d.ID] || i > 0 && d.DueAt.Before(got[i-1].DueAt) {
					b.Fatalf("%d tickets, block %v: %s is no head, or out of order", tickets, block, d.ID)
				}
			}
			some := b.due(executionlog.DueQuery{Endpoint: endpoint, Limit: 2, Ordered: true, Block: block})
			b.equal("first heads", []string{got[0].ID, got[1].ID}, some)
		}
	}
}

func testWaiting(b *bench) {
	b.equal("nothing", 0, len(must[[]executionlog.Backlog](b)(b.ledger.Waiting(b.ctx))))
	early, late := b.delivery("ep_1", "A"), b.delivery("ep_1", "B")
	early.DueAt, late.DueAt = b.now.Add(time.Minute), b.now.Add(time.Hour)
	other, done := b.delivery("ep_2", "A"), b.delivery("ep_3", "A")
	other.Workspace = "other"
	b.add(late, early, other, done)
	b.record(b.attempt(&done.Delivery, 1, executionlog.Failed))
	b.equal("waiting", []executionlog.Backlog{
		{Workspace: "default", Endpoint: "ep_1", Pending: 2, DueAt: early.DueAt},
		{Workspace: "other", Endpoint: "ep_2", Pending: 1, DueAt: other.DueAt},
	}, must[[]executionlog.Backlog](b)(b.ledger.Waiting(b.ctx)))
}

func testClock(b *bench) {
	clock := func(seen, now time.Time) time.Duration {
		b.Helper()
		return must[time.Duration](b)(b.ledger.Clock(b.ctx, seen, now))
	}
	soon, later, done := b.delivery("ep_1", "A"), b.delivery("ep_1", "B"), b.delivery("ep_1", "C")
	begun := b.now
	later.DueAt = begun.Add(10 * time.Minute)
	b.add(soon, later, done)
	b.record(b.attempt(&done.Delivery, 1, executionlog.Succeeded))
	due := func(what string, first, second time.Time) {
		b.Helper()
		b.equal(what, []time.Time{first.UTC(), second.UTC()}, []time.Time{b.read(soon.ID).DueAt.UTC(), b.read(later.ID).DueAt.UTC()})
	}
	b.equal("at first", time.Duration(0), clock(time.Time{}, begun))
	b.equal("it goes on", time.Duration(0), clock(begun, begun.Add(time.Minute)))
	b.equal("it jumps ahead", time.Duration(0), clock(begun, begun.Add(2*time.Minute)))
	b.equal("within the tolerance", time.Duration(0), clock(time.Time{}, begun.Add(2*time.Minute-time.Second)))
	due("as they were", begun, begun.Add(10*time.Minute))
	// The tolerance does not add up: the newest time is still two minutes.
	b.equal("set back, as the ledger knows", time.Hour, clock(time.Time{}, begun.Add(2*time.Minute-time.Hour)))
	due("both were due later than it is", begun.Add(-time.Hour), begun.Add(10*time.Minute-time.Hour))
	b.equal("told again", time.Duration(0), clock(time.Time{}, begun.Add(2*time.Minute-time.Hour)))
	now := begun.Add(3*time.Minute - time.Hour)
	b.equal("set back, as the caller has seen", time.Minute, clock(now.Add(time.Minute), now))
	due("what is due stays", begun.Add(-time.Hour), begun.Add(9*time.Minute-time.Hour))
	b.equal("what is done stays", b.now.UTC(), b.read(done.ID).DueAt.UTC())
}
