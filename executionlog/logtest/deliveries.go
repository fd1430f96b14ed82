package logtest

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
)

var deliveryTests = []namedTest{
	{"attempts move a delivery on", testRecord},
	{"an attempt that is not the next is logged only", testRecordOutOfTurn},
	{"an attempt recorded twice counts once", testRecordTwice},
	{"of racing attempts with one number one moves the delivery", testRecordRace},
	{"a pending delivery can be cancelled, once", testCancel},
	{"an endpoint's pending deliveries are cancelled together", testCancelEndpoint},
	{"a redelivery sends the original's request", testRedelivery},
	{"a dead letter is recovered by a redelivery that succeeds", testRecovery},
	{"adding is all or nothing", testAddWhole},
	{"deliveries are listed by every filter", testListDeliveries},
}

func testRecord(b *bench) {
	d := b.delivery("ep_1", "T-1")
	b.add(d)
	b.pass(time.Minute)
	first := b.attempt(&d.Delivery, 1, executionlog.Pending)
	b.record(first)
	want := d.Delivery
	want.Attempts, want.LastStatus, want.LastErrorCode, want.LastError = 1, 503, "http_5xx", first.Attempt.Error
	want.DueAt = first.DueAt
	b.equal("after a failure", &want, b.read(d.ID))

	b.pass(time.Minute)
	second := b.attempt(&d.Delivery, 2, executionlog.Succeeded)
	b.record(second)
	want.Attempts, want.LastStatus, want.LastErrorCode, want.LastError = 2, 200, "", ""
	want.Outcome, want.FinishedAt = executionlog.Succeeded, b.now.Add(second.Attempt.Duration)
	b.equal("after success", &want, b.read(d.ID))

	got := must[[]*executionlog.Attempt](b)(b.ledger.Attempts(b.ctx, "default", d.ID))
	b.equal("attempts", []*executionlog.Attempt{&first.Attempt, &second.Attempt}, got)
	one := must[*executionlog.Attempt](b)(b.ledger.Execution(b.ctx, "default", second.Attempt.ID))
	b.equal("execution", &second.Attempt, one)
	if _, err := b.ledger.Execution(b.ctx, "other", second.Attempt.ID); !errors.Is(err, executionlog.ErrNotFound) {
		b.Errorf("execution of another workspace: %v", err)
	}
}

func testRecordOutOfTurn(b *bench) {
	d, gone := b.delivery("ep_1", "T-1"), b.delivery("ep_1", "T-1")
	b.add(d)
	for _, number := range []int{0, 2, 7} {
		b.record(b.attempt(&d.Delivery, number, executionlog.Succeeded))
	}
	b.equal("delivery", &d.Delivery, b.read(d.ID))
	b.record(b.attempt(&d.Delivery, 1, executionlog.Failed))
	done := b.read(d.ID)
	b.equal("outcome", executionlog.Failed, done.Outcome)
	b.record(b.attempt(&d.Delivery, 2, executionlog.Succeeded))
	b.equal("finished delivery", done, b.read(d.ID))
	b.record(b.attempt(&gone.Delivery, 1, executionlog.Succeeded)) // never added
	b.equal("logged", 6, len(b.search(executionlog.Filter{Workspace: "default"})))
}

func testRecordTwice(b *bench) {
	d := b.delivery("ep_1", "T-1")
	b.add(d)
	r := b.attempt(&d.Delivery, 1, executionlog.Pending)
	b.record(r)
	b.record(r, r)
	b.equal("attempts", 1, b.read(d.ID).Attempts)
	total, exact, err := b.ledger.Estimate(b.ctx, executionlog.Filter{Workspace: "default"})
	b.ok(err)
	b.equal("counted", [2]any{int64(1), true}, [2]any{total, exact})
}

func testRecordRace(b *bench) {
	d := b.delivery("ep_1", "T-1")
	b.add(d)
	var group sync.WaitGroup
	for i := range 8 {
		outcome := executionlog.Succeeded
		if i%2 == 0 {
			outcome = executionlog.Pending
		}
		r := b.attempt(&d.Delivery, 1, outcome)
		group.Go(func() {
			if err := b.ledger.Record(b.ctx, []*executionlog.Result{r})[0]; err != nil {
				b.Error(err)
			}
		})
	}
	group.Wait()
	b.equal("attempts", 1, b.read(d.ID).Attempts)
	b.equal("logged", 8, len(b.search(executionlog.Filter{Workspace: "default"})))
}

func testCancel(b *bench) {
	d := b.delivery("ep_1", "T-1")
	b.add(d)
	b.pass(time.Second)
	if err := b.ledger.Cancel(b.ctx, "other", d.ID, b.now); !errors.Is(err, executionlog.ErrNotFound) {
		b.Errorf("cancel in another workspace: %v", err)
	}
	b.ok(b.ledger.Cancel(b.ctx, "default", d.ID, b.now))
	want := d.Delivery
	want.Outcome, want.FinishedAt = executionlog.Cancelled, b.now
	b.equal("delivery", &want, b.read(d.ID))
	if err := b.ledger.Cancel(b.ctx, "default", d.ID, b.now); !errors.Is(err, executionlog.ErrState) {
		b.Errorf("cancel twice: %v, want ErrState", err)
	}
	b.record(b.attempt(&d.Delivery, 1, executionlog.Succeeded)) // was under way
	b.equal("delivery after an attempt", &want, b.read(d.ID))
}

func testCancelEndpoint(b *bench) {
	var all []*executionlog.NewDelivery
	for i := range 1205 {
		d := b.delivery("ep_1", fmt.Sprintf("T-%d", i%7))
		d.Request = &executionlog.Request{Body: []byte("x")}
		all = append(all, d)
	}
	other := b.delivery("ep_2", "T-1")
	b.add(append(all, other)...)
	b.record(b.attempt(&all[3].Delivery, 1, executionlog.Succeeded))
	b.equal("of another workspace", 0, must[int](b)(b.ledger.CancelEndpoint(b.ctx, "other", "ep_1", b.now)))
	b.equal("cancelled", 1204, must[int](b)(b.ledger.CancelEndpoint(b.ctx, "default", "ep_1", b.now)))
	b.equal("again", 0, must[int](b)(b.ledger.CancelEndpoint(b.ctx, "default", "ep_1", b.now)))
	b.equal("succeeded one", executionlog.Succeeded, b.read(all[3].ID).Outcome)
	b.equal("other endpoint", executionlog.Pending, b.read(other.ID).Outcome)
}

func testRedelivery(b *bench) {
	original := b.delivery("ep_1", "T-1")
	b.add(original)
	b.record(b.attempt(&original.Delivery, 1, executionlog.Failed))
	again := b.delivery("ep_1", "T-1")
	again.Request, again.RedeliveryOf, again.EventID, again.Replay = nil, original.ID, original.EventID, b.ids.New(id.Replay)
	third := b.delivery("ep_1", "T-1")
	third.Request, third.RedeliveryOf, third.EventID = nil, again.ID, original.EventID
	b.add(again, third)
	b.equal("redelivery", &again.Delivery, b.read(again.ID))
	for _, d := range []*executionlog.NewDelivery{again, third} {
		b.equal("request", original.Request, must[*executionlog.Request](b)(b.ledger.Request(b.ctx, "default", d.ID)))
		loaded := must[[]*executionlog.Outgoing](b)(b.ledger.Load(b.ctx, []string{d.ID}))
		b.equal("loaded request", *original.Request, loaded[0].Request)
	}
	lost := b.delivery("ep_1", "T-1")
	lost.Request, lost.RedeliveryOf = nil, "dlv_0000000000001"
	if err := b.ledger.Add(b.ctx, []*executionlog.NewDelivery{lost}); !errors.Is(err, executionlog.ErrNotFound) {
		b.Errorf("redelivery of nothing: %v, want ErrNotFound", err)
	}
}

// A dead letter is recovered once a redelivery of it succeeds, and so are
// redeliveries that failed before; others are not.
func testRecovery(b *bench) {
	original, other := b.delivery("ep_1", "T-1"), b.delivery("ep_1", "T-1")
	b.add(original, other)
	b.record(b.attempt(&original.Delivery, 1, executionlog.Failed), b.attempt(&other.Delivery, 1, executionlog.Failed))
	repeat := func() *executionlog.NewDelivery {
		again := b.delivery("ep_1", "T-1")
		again.Request, again.RedeliveryOf, again.EventID = nil, original.ID, original.EventID
		b.add(again)
		return again
	}
	expect := func(what string, open, recovered []string) {
		b.Helper()
		for flag, want := range map[bool][]string{false: open, true: recovered} {
			page := must[executionlog.Page[*executionlog.Delivery]](b)(b.ledger.ListDeliveries(b.ctx, executionlog.DeliveryQuery{Workspace: "default", Recovered: &flag}))
			var got []string
			for _, d := range page.Items {
				got = append(got, d.ID)
				b.equal(what+": outcome", executionlog.Failed, d.Outcome)
				b.equal(what+": "+d.ID, flag, d.Recovered)
			}
			b.equal(fmt.Sprintf("%s: recovered %t", what, flag), want, got)
		}
	}
	expect("failed", []string{other.ID, original.ID}, nil)
	failed := repeat()
	result := b.attempt(&failed.Delivery, 1, executionlog.Failed)
	result.Recovers = original.ID
	b.record(result)
	expect("failed again", []string{failed.ID, other.ID, original.ID}, nil)
	again := repeat()
	expect("on its way", []string{failed.ID, other.ID, original.ID}, nil)
	result = b.attempt(&again.Delivery, 1, executionlog.Succeeded)
	result.Recovers = original.ID
	b.record(result)
	expect("succeeded", []string{other.ID}, []string{failed.ID, original.ID})
	b.equal("the redelivery itself", false, b.read(again.ID).Recovered)
}

func testAddWhole(b *bench) {
	d, again := b.delivery("ep_1", "T-1"), b.delivery("ep_1", "T-2")
	b.add(d)
	if err := b.ledger.Add(b.ctx, []*executionlog.NewDelivery{again, d}); !errors.Is(err, executionlog.ErrConflict) {
		b.Fatalf("add twice: %v, want ErrConflict", err)
	}
	if _, err := b.ledger.Delivery(b.ctx, "default", again.ID); !errors.Is(err, executionlog.ErrNotFound) {
		b.Errorf("the other delivery of a refused call: %v", err)
	}
	b.ok(b.ledger.Add(b.ctx, nil))
}

func testListDeliveries(b *bench) {
	var all []*executionlog.NewDelivery
	replay := b.ids.New(id.Replay)
	for i := range 12 {
		b.pass(time.Minute)
		d := b.delivery(fmt.Sprintf("ep_%d", i%2), fmt.Sprintf("T-%d", i%3))
		d.System, d.Event, d.Trigger = []string{"faveo", "agency"}[i%2], []string{"a", "b", "c"}[i%3], fmt.Sprintf("trg_%d", i%4)
		if i > 8 {
			d.Replay = replay
		}
		all = append(all, d)
	}
	b.add(all...)
	b.record(b.attempt(&all[0].Delivery, 1, executionlog.Succeeded), b.attempt(&all[1].Delivery, 1, executionlog.Failed))
	b.ok(b.ledger.Cancel(b.ctx, "default", all[2].ID, b.now))
	for name, test := range map[string]struct {
		query executionlog.DeliveryQuery
		want  []int
	}{
		"all":            {executionlog.DeliveryQuery{}, []int{11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0}},
		"ticket":         {executionlog.DeliveryQuery{Ticket: "t-1"}, []int{10, 7, 4, 1}},
		"ticket pattern": {executionlog.DeliveryQuery{Ticket: "*-2", Endpoint: "ep_0"}, []int{8, 2}},
		"no ticket":      {executionlog.DeliveryQuery{Ticket: "T-9*"}, nil},
		"change":         {executionlog.DeliveryQuery{Change: all[4].Change}, []int{4}},
		"no change":      {executionlog.DeliveryQuery{Change: "chg"}, nil},
		"endpoint":       {executionlog.DeliveryQuery{Endpoint: "ep_1"}, []int{11, 9, 7, 5, 3, 1}},
		"trigger":        {executionlog.DeliveryQuery{Trigger: "trg_3"}, []int{11, 7, 3}},
		"system, event":  {executionlog.DeliveryQuery{System: "agency", Event: "b"}, []int{7, 1}},
		"unknown event":  {executionlog.DeliveryQuery{Event: "none"}, nil},
		"pending":        {executionlog.DeliveryQuery{Outcome: executionlog.Pending, Ticket: "T-0"}, []int{9, 6, 3}},
		"all pending":    {executionlog.DeliveryQuery{Outcome: executionlog.Pending}, []int{11, 10, 9, 8, 7, 6, 5, 4, 3}},
		"of an endpoint": {executionlog.DeliveryQuery{Outcome: executionlog.Pending, Endpoint: "ep_1", System: "agency"}, []int{11, 9, 7, 5, 3}},
		"of a time":      {executionlog.DeliveryQuery{Outcome: executionlog.Pending, From: all[5].CreatedAt, To: all[8].CreatedAt}, []int{7, 6, 5}},
		"of a replay":    {executionlog.DeliveryQuery{Outcome: executionlog.Pending, Replay: replay, Endpoint: "ep_0"}, []int{10}},
		"succeeded":      {executionlog.DeliveryQuery{Outcome: executionlog.Succeeded}, []int{0}},
		"failed":         {executionlog.DeliveryQuery{Outcome: executionlog.Failed}, []int{1}},
		"cancelled":      {executionlog.DeliveryQuery{Outcome: executionlog.Cancelled}, []int{2}},
		"replay":         {executionlog.DeliveryQuery{Replay: replay}, []int{11, 10, 9}},
		"time":           {executionlog.DeliveryQuery{From: all[5].CreatedAt, To: all[7].CreatedAt}, []int{6, 5}},
	} {
		test.query.Workspace, test.query.Limit = "default", 2
		var want, got []string
		for _, place := range test.want {
			want = append(want, all[place].ID)
		}
		for {
			page := must[executionlog.Page[*executionlog.Delivery]](b)(b.ledger.ListDeliveries(b.ctx, test.query))
			for _, d := range page.Items {
				got = append(got, d.ID)
			}
			if test.query.Cursor = page.Next; page.Next == "" {
				break
			}
		}
		b.equal(name, want, got)
	}
	none := must[executionlog.Page[*executionlog.Delivery]](b)(b.ledger.ListDeliveries(b.ctx, executionlog.DeliveryQuery{Workspace: "other"}))
	b.equal("of another workspace", 0, len(none.Items))
}
