package logtest

import (
	"fmt"
	"sync"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
)

var pageTests = []namedTest{
	{"paging while rows arrive skips and repeats nothing", testPagesWhileWriting},
	{"rows within one millisecond are paged apart", testPagesWithinMillisecond},
	{"limits are bounded", testLimits},
}

// plain is a small successful attempt.
func (b *bench) plain(i int) *executionlog.Result {
	r := &executionlog.Result{Outcome: executionlog.Succeeded, Attempt: executionlog.Attempt{
		ID: b.ids.New(id.Attempt), Workspace: "default", Delivery: b.ids.New(id.Delivery), Ticket: fmt.Sprintf("T-%d", i%9),
		System: "faveo", Event: "ticket_created", Endpoint: "ep_1", Number: 1, At: b.now, Outcome: executionlog.Succeeded, HTTPStatus: 200,
	}}
	if i%2 == 0 {
		r.Outcome, r.Attempt.Outcome, r.Attempt.Error = executionlog.Failed, executionlog.Failed, "connection refused"
	}
	return r
}

func testPagesWhileWriting(b *bench) {
	var before []string
	var results []*executionlog.Result
	for i := range 400 {
		b.now = b.now.Add(10 * time.Microsecond)
		r := b.plain(i)
		results, before = append(results, r), append(before, r.Attempt.ID)
	}
	b.record(results...)
	stop := make(chan struct{})
	var group sync.WaitGroup
	defer group.Wait()
	defer close(stop)
	group.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			if err := b.ledger.Record(b.ctx, []*executionlog.Result{b.plain(i)})[0]; err != nil {
				b.Error(err)
				return
			}
		}
	})
	for _, f := range []executionlog.Filter{
		{},
		{OldestFirst: true},
		{Outcome: executionlog.Failed},
		{Error: "refused"},
		{Ticket: "T-*"},
		{Q: "refused"},
		{Endpoint: "ep_1"},
	} {
		f.Workspace, f.To = "default", noon.Add(4002*time.Microsecond)
		seen := map[string]int{}
		for _, found := range b.pages(f, 7) {
			seen[found]++
		}
		for i, attempt := range before {
			want := 1
			if i%2 != 0 && (f.Outcome != "" || f.Error != "" || f.Q != "") {
				want = 0
			}
			if seen[attempt] != want {
				b.Fatalf("%+v: row %d seen %d times, want %d", f, i, seen[attempt], want)
			}
		}
	}
}

func testPagesWithinMillisecond(b *bench) {
	var want []string
	var results []*executionlog.Result
	for i := range 60 { // the source numbers them a microsecond apart
		r := b.plain(2 * i)
		results, want = append(results, r), append(want, r.Attempt.ID)
	}
	b.record(results...)
	for _, size := range []int{1, 7, 59, 60} {
		b.equal("oldest first", want, b.pages(executionlog.Filter{Workspace: "default", OldestFirst: true}, size))
	}
	got := must[*executionlog.Attempt](b)(b.ledger.Execution(b.ctx, "default", want[59]))
	b.equal("time", b.now, got.At)
}

func testLimits(b *bench) {
	var results []*executionlog.Result
	for i := range 60 {
		results = append(results, b.plain(i))
	}
	b.record(results...)
	for asked, want := range map[int]int{-1: 50, 0: 50, 1: 1, 55: 55, 1 << 40: 60} {
		page := must[executionlog.Page[*executionlog.Attempt]](b)(b.ledger.Executions(b.ctx, executionlog.Filter{Workspace: "default"}, asked, ""))
		b.equal(fmt.Sprint("limit ", asked), want, len(page.Items))
	}
}
