package logtest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

var figureTests = []namedTest{
	{"histograms count rows, whatever they are read from", testHistogram},
	{"histograms refuse steps that are none", testHistogramInvalid},
	{"failures are grouped", testFailing},
	{"attempts are counted by trigger", testTriggerCounts},
	{"latency is ranked", testLatency},
	{"deliveries are counted by endpoint", testCounts},
	{"an estimate is exact where it says so", testEstimate},
}

// spread records attempts at random times of two days.
func (b *bench) spread(count int) []*executionlog.Attempt {
	b.Helper()
	random := rand.New(rand.NewPCG(3, 4))
	var all []*executionlog.Attempt
	var results []*executionlog.Result
	used := map[int64]bool{}
	for len(all) < count {
		micros := noon.UnixMicro() + random.Int64N((48 * time.Hour).Microseconds())
		if used[micros] {
			continue
		}
		used[micros] = true
		r := b.plain(random.IntN(100))
		a := &r.Attempt
		a.ID, a.At = id.Format(id.Attempt, micros*id.Nodes), time.UnixMicro(micros).UTC()
		a.Endpoint, a.Duration = fmt.Sprintf("ep_%d", random.IntN(3)), time.Duration(random.IntN(1e6))*time.Microsecond
		a.Trigger = []string{"", "trg_a", "trg_b"}[random.IntN(3)]
		if a.Outcome == executionlog.Failed {
			a.ErrorCode = []string{"http_5xx", "timeout_headers"}[random.IntN(2)]
			a.Error = "failed with " + a.ErrorCode
		}
		results, all = append(results, r), append(all, a)
	}
	b.record(results...)
	return all
}

func testHistogram(b *bench) {
	all := b.spread(1500)
	for _, step := range []time.Duration{time.Minute, time.Hour, 24 * time.Hour} {
		for _, f := range []executionlog.Filter{
			{From: noon, To: noon.Add(48 * time.Hour)},
			{From: noon.Add(123456789 * time.Microsecond), To: noon.Add(30*time.Hour + 7*time.Second)},
			{From: noon.Add(time.Hour), To: noon.Add(time.Hour + 20*time.Second)},
			{From: noon, To: noon.Add(48 * time.Hour), Outcome: executionlog.Failed},
			{From: noon, To: noon.Add(48 * time.Hour), Endpoint: "ep_1"},
			{From: noon.Add(11 * time.Minute), To: noon.Add(40 * time.Hour), Endpoint: "ep_2", Outcome: executionlog.Failed},
			{From: noon, To: noon.Add(48 * time.Hour), Endpoint: "ep_1", ErrorCode: "http_5xx"},
			{From: noon.Add(9 * time.Minute), To: noon.Add(40 * time.Hour), ErrorCode: "timeout_headers"},
			{From: noon, To: noon.Add(48 * time.Hour), ErrorCode: "timeout_headers", Outcome: executionlog.Succeeded},
			{From: noon.Add(9 * time.Minute), To: noon.Add(40 * time.Hour), System: "faveo"},
			{From: noon, To: noon.Add(48 * time.Hour), System: "faveo", Event: "none"},
			{From: noon, To: noon.Add(48 * time.Hour), Event: "ticket_created", Outcome: executionlog.Succeeded},
			{From: noon, To: noon.Add(24 * time.Hour), Error: "http_5xx"},
		} {
			f.Workspace = "default"
			got := must[[]executionlog.Bucket](b)(b.ledger.Histogram(b.ctx, f, step))
			want := map[time.Time]executionlog.Bucket{}
			for _, a := range all {
				if a.At.Before(f.From) || !a.At.Before(f.To) || f.Outcome != "" && a.Outcome != f.Outcome ||
					f.Endpoint != "" && a.Endpoint != f.Endpoint || f.Error != "" && a.ErrorCode != f.Error ||
					f.ErrorCode != "" && a.ErrorCode != f.ErrorCode || f.Event != "" && a.Event != f.Event {
					continue
				}
				at := a.At.Truncate(step)
				bar := want[at]
				bar.At = at
				if a.Outcome == executionlog.Failed {
					bar.Failed++
				} else {
					bar.Succeeded++
				}
				want[at] = bar
			}
			for i, bar := range got {
				expected := want[bar.At]
				expected.At = f.From.Truncate(step).Add(time.Duration(i) * step)
				b.equal(fmt.Sprintf("%v by %v", f, step), expected, bar)
				delete(want, bar.At)
			}
			b.equal("bars left out", 0, len(want))
		}
	}
}

func testHistogramInvalid(b *bench) {
	day := executionlog.Filter{Workspace: "default", From: noon, To: noon.Add(24 * time.Hour)}
	for name, err := range map[string]error{
		"step":     second1(b.ledger.Histogram(b.ctx, day, time.Second)),
		"open":     second1(b.ledger.Histogram(b.ctx, executionlog.Filter{From: noon}, time.Hour)),
		"reversed": second1(b.ledger.Histogram(b.ctx, executionlog.Filter{From: noon, To: noon}, time.Hour)),
		"too many": second1(b.ledger.Histogram(b.ctx, executionlog.Filter{From: noon, To: noon.AddDate(1, 0, 0)}, time.Minute)),
	} {
		if _, ok := errors.AsType[*invalid.Error](err); !ok {
			b.Errorf("%s: %v, want an input error", name, err)
		}
	}
}

func testFailing(b *bench) {
	all := b.spread(600)
	for _, since := range []time.Time{{}, noon.Add(11*time.Hour + 123456*time.Microsecond), noon.Add(100 * time.Hour)} {
		want := map[[2]string]executionlog.FailureGroup{}
		for _, a := range all {
			if a.Outcome != executionlog.Failed || a.At.Before(since) {
				continue
			}
			g := want[[2]string{a.Endpoint, a.ErrorCode}]
			if g.Last.Before(a.At) {
				g.Last, g.LastError, g.LastID = a.At, a.Error, a.ID
			}
			g.Endpoint, g.ErrorCode = a.Endpoint, a.ErrorCode
			g.Count++
			want[[2]string{a.Endpoint, a.ErrorCode}] = g
		}
		got := must[[]executionlog.FailureGroup](b)(b.ledger.Failing(b.ctx, "default", since, 50))
		b.equal("groups", len(want), len(got))
		for i, g := range got {
			b.equal("group", want[[2]string{g.Endpoint, g.ErrorCode}], g)
			if i > 0 && got[i-1].Count < g.Count {
				b.Errorf("group %d is out of order", i)
			}
		}
		if len(got) > 2 {
			b.equal("first two", got[:2], must[[]executionlog.FailureGroup](b)(b.ledger.Failing(b.ctx, "default", since, 2)))
		}
	}
	b.equal("of another workspace", 0, len(must[[]executionlog.FailureGroup](b)(b.ledger.Failing(b.ctx, "other", time.Time{}, 50))))
}

func testTriggerCounts(b *bench) {
	all := b.spread(600)
	for _, since := range []time.Time{noon.Add(-time.Hour), noon.Add(11*time.Hour + 123456*time.Microsecond), noon.Add(100 * time.Hour)} {
		want := map[string]executionlog.TriggerCount{}
		for _, a := range all {
			if a.Trigger == "" || a.At.Before(since.Truncate(time.Hour)) {
				continue
			}
			c := want[a.Trigger]
			c.Trigger = a.Trigger
			if a.Outcome == executionlog.Failed {
				c.Failed++
			} else {
				c.Succeeded++
			}
			if hour := a.At.Truncate(time.Hour); hour.After(c.Last) {
				c.Last = hour
			}
			want[a.Trigger] = c
		}
		got := must[[]executionlog.TriggerCount](b)(b.ledger.TriggerCounts(b.ctx, "default", since))
		b.equal("triggers", len(want), len(got))
		for i, c := range got {
			b.equal("trigger", want[c.Trigger], c)
			if i > 0 && got[i-1].Trigger >= c.Trigger {
				b.Errorf("trigger %d is out of order", i)
			}
		}
	}
	b.equal("of another workspace", 0, len(must[[]executionlog.TriggerCount](b)(b.ledger.TriggerCounts(b.ctx, "other", noon))))
}

func testLatency(b *bench) {
	b.equal("nothing", []time.Duration{0, 0}, must[[]time.Duration](b)(b.ledger.Latency(b.ctx, "default", noon, []float64{0.5, 1})))
	var results []*executionlog.Result
	for i := range 100 {
		r := b.plain(i)
		r.Attempt.Duration = time.Duration(100-i) * time.Millisecond
		results = append(results, r)
	}
	b.record(results...)
	want := []time.Duration{time.Millisecond, 50 * time.Millisecond, 95 * time.Millisecond, 99 * time.Millisecond, 100 * time.Millisecond}
	b.equal("percentiles", want, must[[]time.Duration](b)(b.ledger.Latency(b.ctx, "default", noon, []float64{0, 0.5, 0.95, 0.99, 1})))
}

func testCounts(b *bench) {
	old := b.delivery("ep_1", "T-1")
	b.add(old)
	b.pass(90 * time.Minute)
	since := b.now
	one, two, three, four := b.delivery("ep_1", "T-1"), b.delivery("ep_1", "T-1"), b.delivery("ep_2", "T-1"), b.delivery("ep_2", "T-1")
	b.add(one, two, three, four)
	b.pass(time.Second)
	b.record(b.attempt(&one.Delivery, 1, executionlog.Succeeded), b.attempt(&three.Delivery, 1, executionlog.Failed))
	b.pass(time.Second)
	b.record(b.attempt(&two.Delivery, 1, executionlog.Pending))
	last := b.now
	b.pass(time.Second)
	b.record(b.attempt(&old.Delivery, 1, executionlog.Succeeded))
	b.ok(b.ledger.Cancel(b.ctx, "default", four.ID, b.now))
	text := "the receiver answered 503 Service Unavailable"
	b.equal("recent", []executionlog.EndpointCount{
		{Endpoint: "ep_1", Pending: 1, Succeeded: 1, LastAttempt: last, LastStatus: 503, LastError: text},
		{Endpoint: "ep_2", Failed: 1, Cancelled: 1, LastAttempt: last.Add(-time.Second), LastStatus: 503, LastError: text},
	}, must[[]executionlog.EndpointCount](b)(b.ledger.Counts(b.ctx, "default", since)))
	whole := must[[]executionlog.EndpointCount](b)(b.ledger.Counts(b.ctx, "default", time.Time{}))
	b.equal("succeeded in all", 2, whole[0].Succeeded)
	b.equal("last of all", b.now, whole[0].LastAttempt)
}

func testEstimate(b *bench) {
	b.spread(3000)
	for _, f := range []executionlog.Filter{
		{},
		{Outcome: executionlog.Failed},
		{From: noon.Add(5*time.Hour + 77*time.Second), To: noon.Add(9 * time.Hour)},
		{Ticket: "T-3"},
		{Endpoint: "ep_1", Outcome: executionlog.Succeeded},
		{Error: "timeout"},
		{StatusFrom: 200, StatusTo: 299},
		{Endpoint: "ep_9"},
		{Endpoint: "ep_2", ErrorCode: "http_5xx"},
		{System: "faveo", From: noon.Add(5*time.Hour + 77*time.Second)},
	} {
		f.Workspace = "default"
		want := int64(len(b.search(f)))
		got, exact, err := b.ledger.Estimate(b.ctx, f)
		b.ok(err)
		if exact && got != want || !exact && (got < want/2 || got > want*2) {
			b.Errorf("%+v: estimate %d, exact %v; there are %d", f, got, exact, want)
		}
	}
}
