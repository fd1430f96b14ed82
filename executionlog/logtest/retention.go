package logtest

import (
	"errors"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

var retentionTests = []namedTest{
	{"each outcome is kept for its own time", testRetention},
	{"what a pending delivery needs is kept", testRetentionKeepsNeeded},
	{"figures follow what was removed", testRetentionFigures},
	{"nothing is removed without a policy", testRetentionNone},
	{"each workspace keeps things for its own time", testRetentionWorkspaces},
	{"a policy that changes is followed", testRetentionChanges},
	{"what was removed is remembered by day", testRemovals},
	{"a clock that leaps removes nothing until it has gone on for a while", testRetentionLeap},
	{"a clock that somebody says is right is trusted at once", testRetentionTrusted},
	{"a clock that leapt does not stop retention", testRetentionGoesOn},
}

var storeTests = []namedTest{
	{"a closed ledger says so", testClosed},
	{"the node is within bounds", testNode},
	{"a cancelled context ends a call", testCancelledContext},
}

func (b *bench) maintain(policy executionlog.Retention) executionlog.Removed {
	b.Helper()
	return must[executionlog.Upkeep](b)(b.ledger.Maintain(b.ctx, policy, b.now)).Total()
}

func (b *bench) gone(what string, err error, want bool) {
	b.Helper()
	if errors.Is(err, executionlog.ErrNotFound) != want {
		b.Errorf("%s: %v; removed: want %v", what, err, want)
	}
}

func testRetention(b *bench) {
	good, bad, off, open := b.delivery("ep_1", "A"), b.delivery("ep_1", "B"), b.delivery("ep_1", "C"), b.delivery("ep_1", "D")
	change := b.change("A")
	b.ok(b.accept(&executionlog.Acceptance{Key: "key", Ticket: b.ticket("A", 1), Changes: []*executionlog.Change{change}}))
	b.add(good, bad, off, open)
	succeeded, failed := b.attempt(&good.Delivery, 1, executionlog.Succeeded), b.attempt(&bad.Delivery, 1, executionlog.Failed)
	b.record(succeeded, failed)
	b.ok(b.ledger.Cancel(b.ctx, "default", off.ID, b.now))
	policy := executionlog.Retention{Step: 1, Keep: executionlog.Keep{
		Bodies: time.Hour, Succeeded: 2 * time.Hour, Failed: 3 * time.Hour, Changes: 4 * time.Hour,
	}}
	b.equal("at once", executionlog.Removed{}, b.maintain(policy))

	b.pass(time.Hour + time.Second)
	b.equal("after an hour", executionlog.Removed{Bodies: 5}, b.maintain(policy))
	b.gone("request", second1(b.ledger.Request(b.ctx, "default", good.ID)), true)
	b.gone("request of a pending delivery", second1(b.ledger.Request(b.ctx, "default", open.ID)), false)
	b.gone("delivery", second1(b.ledger.Delivery(b.ctx, "default", good.ID)), false)
	if a := must[*executionlog.Attempt](b)(b.ledger.Execution(b.ctx, "default", failed.Attempt.ID)); a.Detail != nil {
		b.Error("the detail is still there")
	}

	b.pass(time.Hour)
	b.equal("after two", executionlog.Removed{Attempts: 1, Deliveries: 1}, b.maintain(policy))
	b.gone("succeeded delivery", second1(b.ledger.Delivery(b.ctx, "default", good.ID)), true)
	b.gone("succeeded attempt", second1(b.ledger.Execution(b.ctx, "default", succeeded.Attempt.ID)), true)

	b.pass(time.Hour)
	b.equal("after three", executionlog.Removed{Attempts: 1, Deliveries: 2}, b.maintain(policy))
	b.gone("failed delivery", second1(b.ledger.Delivery(b.ctx, "default", bad.ID)), true)
	b.gone("cancelled delivery", second1(b.ledger.Delivery(b.ctx, "default", off.ID)), true)
	b.equal("searched", 0, len(b.search(executionlog.Filter{Workspace: "default", Error: "answered"})))

	b.pass(time.Hour)
	b.equal("after four", executionlog.Removed{Changes: 1}, b.maintain(policy))
	b.gone("change", second1(b.ledger.Change(b.ctx, "default", change.ID)), true)
	b.gone("key", second1(b.ledger.ChangeByKey(b.ctx, "default", "key")), true)
	b.gone("pending delivery", second1(b.ledger.Delivery(b.ctx, "default", open.ID)), false)
	b.gone("ticket", second1(b.ledger.Ticket(b.ctx, "default", "A")), false)
	b.equal("again", executionlog.Removed{}, b.maintain(policy))
}

func testRetentionKeepsNeeded(b *bench) {
	original := b.delivery("ep_1", "A")
	b.add(original)
	b.record(b.attempt(&original.Delivery, 1, executionlog.Failed))
	again := b.delivery("ep_1", "A")
	again.Request, again.RedeliveryOf = nil, original.ID
	b.add(again)
	b.pass(24 * time.Hour)
	policy := executionlog.Retention{Keep: executionlog.Keep{Bodies: time.Hour, Failed: time.Hour, Succeeded: time.Hour}}
	b.maintain(policy)
	b.equal("request", original.Request, must[*executionlog.Request](b)(b.ledger.Request(b.ctx, "default", again.ID)))
	b.record(b.attempt(&again.Delivery, 1, executionlog.Succeeded))
	b.pass(24 * time.Hour)
	b.maintain(policy)
	b.gone("original", second1(b.ledger.Delivery(b.ctx, "default", original.ID)), true)
	b.gone("redelivery", second1(b.ledger.Delivery(b.ctx, "default", again.ID)), true)
	b.equal("loaded", 0, len(must[[]*executionlog.Outgoing](b)(b.ledger.Load(b.ctx, []string{original.ID, again.ID}))))
}

func testRetentionFigures(b *bench) {
	b.spread(400)
	b.now = noon.Add(48 * time.Hour)
	policy := executionlog.Retention{Keep: executionlog.Keep{Succeeded: 20*time.Hour + 13*time.Minute, Failed: 10*time.Hour + 7*time.Second}, Step: 50}
	b.maintain(policy)
	left := b.search(executionlog.Filter{Workspace: "default"})
	total, exact, err := b.ledger.Estimate(b.ctx, executionlog.Filter{Workspace: "default"})
	b.ok(err)
	b.equal("estimate", [2]any{int64(len(left)), true}, [2]any{total, exact})
	bars := must[[]executionlog.Bucket](b)(b.ledger.Histogram(b.ctx, executionlog.Filter{Workspace: "default", From: noon, To: b.now}, time.Hour))
	sum := int64(0)
	for _, bar := range bars {
		sum += bar.Succeeded + bar.Failed
	}
	b.equal("histogram", int64(len(left)), sum)
	failures := int64(0)
	for _, g := range must[[]executionlog.FailureGroup](b)(b.ledger.Failing(b.ctx, "default", time.Time{}, 50)) {
		failures += g.Count
	}
	b.equal("failures", int64(len(b.search(executionlog.Filter{Workspace: "default", Outcome: executionlog.Failed}))), failures)
}

func testRetentionNone(b *bench) {
	b.spread(20)
	b.pass(10 * 365 * 24 * time.Hour)
	b.equal("removed", executionlog.Removed{}, b.maintain(executionlog.Retention{}))
	b.equal("left", 20, len(b.search(executionlog.Filter{Workspace: "default"})))
}

// possess records a delivery with an attempt and a change in a workspace, and
// returns the attempt.
func (b *bench) possess(workspace string, outcome executionlog.Outcome) *executionlog.Attempt {
	b.Helper()
	d := b.delivery("ep_1", "A")
	d.Workspace = workspace
	change := b.change("A")
	change.Workspace = workspace
	b.ok(b.accept(&executionlog.Acceptance{Workspace: workspace, Changes: []*executionlog.Change{change}, Deliveries: []*executionlog.NewDelivery{d}}))
	r := b.attempt(&d.Delivery, 1, outcome)
	b.record(r)
	return &r.Attempt
}

func testRetentionWorkspaces(b *bench) {
	const hour = time.Hour
	policy := executionlog.Retention{
		Keep: executionlog.Keep{Bodies: hour, Succeeded: 2 * hour, Failed: 3 * hour, Changes: 4 * hour},
		Workspaces: map[string]executionlog.Keep{
			"long":   {Bodies: 10 * hour, Succeeded: 20 * hour, Failed: 20 * hour, Changes: 20 * hour},
			"ever":   {},
			"mixed":  {Bodies: hour, Succeeded: hour, Failed: 0, Changes: 2 * hour},
			"absent": {Bodies: hour},
		},
	}
	names := []string{"default", "other", "long", "ever", "mixed"}
	good, bad := map[string]*executionlog.Attempt{}, map[string]*executionlog.Attempt{}
	for _, name := range names {
		good[name], bad[name] = b.possess(name, executionlog.Succeeded), b.possess(name, executionlog.Failed)
	}
	round := func(what string, want map[string]executionlog.Removed) {
		b.Helper()
		got := must[executionlog.Upkeep](b)(b.ledger.Maintain(b.ctx, policy, b.now))
		b.equal(what, want, got.Removed)
	}
	b.pass(hour + time.Minute)
	round("after an hour", map[string]executionlog.Removed{
		"default": {Bodies: 4}, "other": {Bodies: 4}, "mixed": {Bodies: 4, Attempts: 1, Deliveries: 1},
	})
	b.pass(hour)
	round("after two", map[string]executionlog.Removed{
		"default": {Attempts: 1, Deliveries: 1}, "other": {Attempts: 1, Deliveries: 1}, "mixed": {Changes: 2},
	})
	b.pass(8 * hour)
	round("after ten", map[string]executionlog.Removed{
		"default": {Attempts: 1, Deliveries: 1, Changes: 2}, "other": {Attempts: 1, Deliveries: 1, Changes: 2}, "long": {Bodies: 4},
	})
	b.pass(100 * hour)
	round("much later", map[string]executionlog.Removed{"long": {Attempts: 2, Deliveries: 2, Changes: 2}})
	round("again", map[string]executionlog.Removed{})
	for _, name := range names {
		for what, a := range map[string]*executionlog.Attempt{"success": good[name], "failure": bad[name]} {
			_, err := b.ledger.Execution(b.ctx, name, a.ID)
			b.gone(what+" of "+name, err, !(name == "ever" || name == "mixed" && what == "failure"))
		}
	}
	kept := must[*executionlog.Attempt](b)(b.ledger.Execution(b.ctx, "ever", good["ever"].ID))
	if kept.Detail == nil {
		b.Error("the detail of the workspace that keeps everything is gone")
	}
}

func testRetentionChanges(b *bench) {
	policy := executionlog.Retention{Keep: executionlog.Keep{Succeeded: time.Hour}, Workspaces: map[string]executionlog.Keep{"other": {}}}
	b.possess("default", executionlog.Succeeded)
	b.possess("other", executionlog.Succeeded)
	b.pass(2 * time.Hour)
	one := executionlog.Removed{Attempts: 1, Deliveries: 1}
	b.equal("at first", one, b.maintain(policy))
	b.equal("again", executionlog.Removed{}, b.maintain(policy))
	delete(policy.Workspaces, "other")
	b.equal("without a policy of its own", one, b.maintain(policy))
	b.possess("third", executionlog.Succeeded)
	b.pass(time.Minute)
	policy.Workspaces["third"] = executionlog.Keep{Succeeded: time.Second}
	b.equal("with a shorter one", one, b.maintain(policy))
	b.possess("third", executionlog.Succeeded)
	b.equal("too early", executionlog.Removed{}, b.maintain(policy))
	b.pass(time.Minute)
	b.equal("a new row", one, b.maintain(policy))
}

func testRemovals(b *bench) {
	policy := executionlog.Retention{Keep: executionlog.Keep{Bodies: time.Hour, Succeeded: 30 * time.Hour}}
	removals := func(workspace string, since time.Time) []executionlog.Removal {
		b.Helper()
		return must[[]executionlog.Removal](b)(b.ledger.Removals(b.ctx, workspace, since))
	}
	b.equal("at first", 0, len(removals("default", time.Time{})))
	b.possess("default", executionlog.Succeeded)
	b.possess("other", executionlog.Succeeded)
	b.pass(2 * time.Hour)
	b.maintain(policy)
	b.possess("default", executionlog.Succeeded)
	b.pass(2 * time.Hour)
	b.maintain(policy)
	first := executionlog.Removal{Day: executionlog.Midnight(b.now), Removed: executionlog.Removed{Bodies: 4}}
	b.equal("the first day", []executionlog.Removal{first}, removals("default", b.now))
	b.pass(40 * time.Hour)
	b.maintain(policy)
	second := executionlog.Removal{Day: executionlog.Midnight(b.now), Removed: executionlog.Removed{Attempts: 2, Deliveries: 2}}
	b.equal("both days", []executionlog.Removal{second, first}, removals("default", time.Time{}))
	b.equal("the second day", []executionlog.Removal{second}, removals("default", b.now))
	b.equal("another workspace", int64(2), removals("other", first.Day)[1].Bodies)
	b.equal("no workspace", 0, len(removals("nobody", time.Time{})))
	b.pass(executionlog.RemovalsKept + 48*time.Hour)
	b.maintain(executionlog.Retention{})
	b.equal("long after", 0, len(removals("default", time.Time{})))
}

// leaping is a policy that trusts a clock which goes ahead by a day.
var leaping = executionlog.Retention{
	Keep: executionlog.Keep{Bodies: 10 * time.Hour, Succeeded: 20 * time.Hour, Changes: 20 * time.Hour}, Leap: 24 * time.Hour, Settle: 24 * time.Hour,
}

const decade = 10 * 365 * 24 * time.Hour

// round carries out a round of retention and compares its clock, which the
// ledger says, too.
func (b *bench) round(what string, want executionlog.Removed, behind time.Duration) {
	b.Helper()
	done := must[executionlog.Upkeep](b)(b.ledger.Maintain(b.ctx, leaping, b.now))
	b.equal(what, want, done.Total())
	b.equal(what+": behind", behind, done.Clock.Behind())
	b.equal(what+": clock", done.Clock, must[executionlog.RetentionClock](b)(b.ledger.RetentionClock(b.ctx)))
}

// all is what possess makes.
var all = executionlog.Removed{Bodies: 2, Attempts: 1, Deliveries: 1, Changes: 1}

func testRetentionLeap(b *bench) {
	b.equal("before the first round", executionlog.RetentionClock{}, must[executionlog.RetentionClock](b)(b.ledger.RetentionClock(b.ctx)))
	b.possess("default", executionlog.Succeeded)
	b.round("at first", executionlog.Removed{}, 0)
	b.pass(decade)
	b.round("after the leap", executionlog.Removed{}, decade)
	b.pass(-decade)
	b.round("set right", executionlog.Removed{}, 0)
	b.pass(decade)
	for range 3 {
		b.round("after another leap", executionlog.Removed{}, decade)
		b.pass(3 * time.Hour)
	}
	b.pass(-decade)
	b.round("nine hours later", executionlog.Removed{}, 0)
	b.pass(decade)
	b.round("and once more", executionlog.Removed{}, decade)
	b.pass(24 * time.Hour)
	b.round("a day later", all, 0)
}

func testRetentionTrusted(b *bench) {
	b.possess("default", executionlog.Succeeded)
	b.round("at first", executionlog.Removed{}, 0)
	b.pass(decade)
	b.round("after a long rest", executionlog.Removed{}, decade)
	b.ok(b.ledger.TrustClock(b.ctx, b.now))
	b.pass(time.Minute)
	b.round("said to be right", all, 0)
}

func testRetentionGoesOn(b *bench) {
	b.possess("default", executionlog.Succeeded)
	b.round("at first", executionlog.Removed{}, 0)
	b.pass(decade)
	b.round("after the leap", executionlog.Removed{}, decade)
	b.possess("default", executionlog.Succeeded)
	b.pass(11 * time.Hour)
	b.round("what is old by both clocks goes", executionlog.Removed{Bodies: 2}, decade)
	b.equal("what came after the leap is there", 2, len(b.search(executionlog.Filter{Workspace: "default"})))
}

func testClosed(b *bench) {
	b.ok(b.ledger.Check(b.ctx))
	b.ok(b.ledger.Close())
	b.ok(b.ledger.Close()) // again, harmlessly
	for name, err := range map[string]error{
		"check":  b.ledger.Check(b.ctx),
		"read":   second1(b.ledger.Ticket(b.ctx, "default", "T-1")),
		"accept": b.accept(&executionlog.Acceptance{Ticket: b.ticket("T-1", 1)}),
		"record": b.ledger.Record(b.ctx, []*executionlog.Result{b.plain(1)})[0],
		"search": second1(b.ledger.Executions(b.ctx, executionlog.Filter{}, 1, "")),
	} {
		if !errors.Is(err, executionlog.ErrUnavailable) {
			b.Errorf("%s: %v, want ErrUnavailable", name, err)
		}
	}
}

func testNode(b *bench) {
	if node := b.ledger.Node(); node < 0 || node > 1023 {
		b.Errorf("node %d", node)
	}
}

func testCancelledContext(b *bench) {
	b.spread(10)
	ctx, cancel := contextThatEnds(b)
	cancel()
	err := b.ledger.Export(ctx, executionlog.Filter{Workspace: "default"}, func(*executionlog.Attempt) error { return nil })
	if !errors.Is(err, ctx.Err()) {
		b.Errorf("export: %v, want %v", err, ctx.Err())
	}
}
