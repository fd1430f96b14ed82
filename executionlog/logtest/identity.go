package logtest

import (
	"testing"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// Identity checks what a ledger says of itself when it is opened again: open
// opens the same one each time, other another one.
func Identity(t *testing.T, open, other func(t *testing.T) executionlog.Ledger) {
	t.Helper()
	b := newBench(t, open(t))
	name := b.ledger.Instance()
	if name == "" || b.ledger.Newest() != 0 {
		t.Errorf("an empty ledger is called %q and holds %d", name, b.ledger.Newest())
	}
	expect := func(what, last string) {
		t.Helper()
		b.ok(b.ledger.Close())
		b.ledger = open(t)
		if got := b.ledger.Instance(); got != name {
			t.Errorf("it was called %s and is called %s", name, got)
		}
		if got := id.Format("x", b.ledger.Newest())[1:]; got != last[len(last)-len(got):] {
			t.Errorf("with %s %s the newest is %s", what, last, got)
		}
	}
	d := b.delivery("ep_0000000000001", "T-1")
	b.add(d)
	expect("delivery", d.ID)
	attempt := b.attempt(&d.Delivery, 1, executionlog.Succeeded)
	b.record(attempt)
	expect("attempt", attempt.Attempt.ID)
	c := b.change("T-1")
	b.ok(b.accept(&executionlog.Acceptance{Ticket: b.ticket("T-1", 1), Changes: []*executionlog.Change{c}}))
	expect("change", c.ID)
	trigger := b.ids.New(id.Trigger)
	for _, document := range []executionlog.Document{
		{Workspace: "default", Kind: "trigger", ID: trigger, Version: 1, Body: []byte("{}"), Author: "a", At: b.now},
		{Workspace: "default", Kind: "workspace", ID: "zz_a-name-that-is-no-id", Version: 1, Body: []byte("{}"), Author: "a", At: b.now},
	} {
		b.ok(b.ledger.Put(b.ctx, []executionlog.DocumentWrite{{Document: document}}, nil))
	}
	expect("trigger", trigger)
	if another := other(t).Instance(); another == name || another == "" {
		t.Errorf("two ledgers are called %q and %q", name, another)
	}
}
