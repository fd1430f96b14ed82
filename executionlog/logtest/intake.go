package logtest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

var intakeTests = []namedTest{
	{"a ticket, its change and deliveries come back as written", testAcceptWhole},
	{"an idempotency key is accepted once", testAcceptKey},
	{"a stale version is refused and writes nothing", testAcceptConflict},
	{"a refused acceptance leaves its neighbours alone", testAcceptNeighbours},
	{"one of many racing writers of a version wins", testAcceptRace},
	{"identifiers of the wrong kind are refused by name", testAcceptInvalid},
	{"tickets are listed last updated first", testTickets},
	{"tickets are found by many numbers at once", testTicketsNumbered},
	{"changes are listed by ticket, time and direction", testChanges},
}

func testTicketsNumbered(b *bench) {
	quoted := `T-"2"\`
	for _, number := range []string{"T-1", quoted, "T-3"} {
		b.ok(b.accept(&executionlog.Acceptance{Ticket: b.ticket(number, 1), Changes: []*executionlog.Change{b.change(number)}}))
	}
	deleted := b.ticket("T-3", 2)
	deleted.Deleted = true
	b.ok(b.accept(&executionlog.Acceptance{Ticket: deleted, Version: 1, Changes: []*executionlog.Change{b.change("T-3")}}))
	find := func(workspace string, numbers ...string) []*executionlog.Ticket {
		found := must[[]*executionlog.Ticket](b)(b.ledger.TicketsNumbered(b.ctx, workspace, numbers))
		slices.SortFunc(found, func(x, y *executionlog.Ticket) int { return strings.Compare(x.Number, y.Number) })
		return found
	}
	b.equal("tickets", []*executionlog.Ticket{b.ticket(quoted, 1), b.ticket("T-1", 1), deleted}, find("default", "T-3", "T-1", "unknown", quoted, "T-1", "t-1"))
	b.equal("of another workspace", 0, len(find("other", "T-1")))
	b.equal("of none", 0, len(find("default")))
}

func testAcceptWhole(b *bench) {
	change, second := b.change("T-1"), b.change("T-1")
	d := b.delivery("ep_1", "T-1")
	d.Change = change.ID
	change.Deliveries = []string{d.ID}
	second.Verdicts, second.Fired = nil, nil
	b.ok(b.accept(&executionlog.Acceptance{
		Key: "first", Ticket: b.ticket("T-1", 1), Changes: []*executionlog.Change{change, second}, Deliveries: []*executionlog.NewDelivery{d},
	}))

	b.equal("ticket", b.ticket("T-1", 1), must[*executionlog.Ticket](b)(b.ledger.Ticket(b.ctx, "default", "T-1")))
	change.Key = "first"
	b.equal("change", change, must[*executionlog.Change](b)(b.ledger.Change(b.ctx, "default", change.ID)))
	b.equal("second change", second, must[*executionlog.Change](b)(b.ledger.Change(b.ctx, "default", second.ID)))
	b.equal("change by key", change.ID, must[string](b)(b.ledger.ChangeByKey(b.ctx, "default", "first")))
	b.equal("delivery", &d.Delivery, b.read(d.ID))
	b.equal("request", d.Request, must[*executionlog.Request](b)(b.ledger.Request(b.ctx, "default", d.ID)))
	loaded := must[[]*executionlog.Outgoing](b)(b.ledger.Load(b.ctx, []string{d.ID, "dlv_0000000000000", "nonsense"}))
	b.equal("loaded", []*executionlog.Outgoing{{Delivery: d.Delivery, Request: *d.Request}}, loaded)

	for name, err := range map[string]error{
		"ticket":         second1(b.ledger.Ticket(b.ctx, "other", "T-1")),
		"unknown ticket": second1(b.ledger.Ticket(b.ctx, "default", "T-2")),
		"change":         second1(b.ledger.Change(b.ctx, "other", change.ID)),
		"unknown change": second1(b.ledger.Change(b.ctx, "default", "chg_none")),
		"key":            second1(b.ledger.ChangeByKey(b.ctx, "other", "first")),
		"delivery":       second1(b.ledger.Delivery(b.ctx, "other", d.ID)),
		"request":        second1(b.ledger.Request(b.ctx, "other", d.ID)),
	} {
		if !errors.Is(err, executionlog.ErrNotFound) {
			b.Errorf("%s of another workspace or none: %v, want ErrNotFound", name, err)
		}
	}
}

// second1 returns the error of a call with two results.
func second1[T any](_ T, err error) error { return err }

func testAcceptKey(b *bench) {
	change := b.change("T-1")
	b.ok(b.accept(&executionlog.Acceptance{Key: "again", Ticket: b.ticket("T-1", 1), Changes: []*executionlog.Change{change}}))
	err := b.accept(&executionlog.Acceptance{Key: "again", Ticket: b.ticket("T-1", 2), Version: 1, Changes: []*executionlog.Change{b.change("T-1")}})
	var duplicate *executionlog.DuplicateError
	if !errors.As(err, &duplicate) || duplicate.ChangeID != change.ID {
		b.Fatalf("second acceptance: %v, want a DuplicateError of %s", err, change.ID)
	}
	b.equal("version", int64(1), must[*executionlog.Ticket](b)(b.ledger.Ticket(b.ctx, "default", "T-1")).Version)
	// Another workspace has keys of its own.
	b.ok(b.accept(&executionlog.Acceptance{Workspace: "other", Key: "again", Changes: []*executionlog.Change{b.change("T-1")}}))
	// The same key twice in one call.
	errs := b.ledger.Accept(b.ctx, []*executionlog.Acceptance{
		{Workspace: "default", Key: "pair", Changes: []*executionlog.Change{b.change("T-3")}},
		{Workspace: "default", Key: "pair", Changes: []*executionlog.Change{b.change("T-3")}},
	})
	if errs[0] != nil || !errors.As(errs[1], &duplicate) {
		b.Fatalf("two with one key: %v", errs)
	}
}

func testAcceptConflict(b *bench) {
	b.ok(b.accept(&executionlog.Acceptance{Ticket: b.ticket("T-1", 1), Changes: []*executionlog.Change{b.change("T-1")}}))
	for _, version := range []int64{0, 2} {
		d, change := b.delivery("ep_1", "T-1"), b.change("T-1")
		err := b.accept(&executionlog.Acceptance{
			Key: fmt.Sprint("key", version), Ticket: b.ticket("T-1", version+1), Version: version,
			Changes: []*executionlog.Change{change}, Deliveries: []*executionlog.NewDelivery{d},
		})
		if !errors.Is(err, executionlog.ErrConflict) {
			b.Fatalf("version %d: %v, want ErrConflict", version, err)
		}
		if _, err := b.ledger.Change(b.ctx, "default", change.ID); !errors.Is(err, executionlog.ErrNotFound) {
			b.Errorf("change of a refused acceptance: %v", err)
		}
		if _, err := b.ledger.Delivery(b.ctx, "default", d.ID); !errors.Is(err, executionlog.ErrNotFound) {
			b.Errorf("delivery of a refused acceptance: %v", err)
		}
	}
	// A ticket that does not exist has no version to build on.
	if err := b.accept(&executionlog.Acceptance{Ticket: b.ticket("T-9", 2), Version: 1}); !errors.Is(err, executionlog.ErrConflict) {
		b.Errorf("version of a new ticket: %v, want ErrConflict", err)
	}
	// An identifier that is taken is a conflict too.
	d := b.delivery("ep_1", "T-1")
	b.add(d)
	if err := b.accept(&executionlog.Acceptance{Ticket: b.ticket("T-1", 2), Version: 1, Deliveries: []*executionlog.NewDelivery{d}}); !errors.Is(err, executionlog.ErrConflict) {
		b.Errorf("delivery twice: %v, want ErrConflict", err)
	}
	b.equal("version", int64(1), must[*executionlog.Ticket](b)(b.ledger.Ticket(b.ctx, "default", "T-1")).Version)
}

func testAcceptNeighbours(b *bench) {
	taken := b.delivery("ep_1", "T-0")
	b.add(taken)
	var all []*executionlog.Acceptance
	for i := range 20 {
		number := fmt.Sprintf("T-%d", i)
		a := &executionlog.Acceptance{
			Workspace: "default", Ticket: b.ticket(number, 1), Changes: []*executionlog.Change{b.change(number)},
			Deliveries: []*executionlog.NewDelivery{b.delivery("ep_1", number)},
		}
		switch i {
		case 5:
			a.Version = 4
		case 11:
			a.Deliveries = append(a.Deliveries, taken)
		case 13:
			a.Deliveries[0].ID = "nonsense"
		}
		all = append(all, a)
	}
	for i, err := range b.ledger.Accept(b.ctx, all) {
		_, missing := b.ledger.Ticket(b.ctx, "default", fmt.Sprintf("T-%d", i))
		switch i {
		case 5, 11:
			if !errors.Is(err, executionlog.ErrConflict) || !errors.Is(missing, executionlog.ErrNotFound) {
				b.Errorf("acceptance %d: %v, its ticket: %v; want a conflict and nothing", i, err, missing)
			}
		case 13:
			var input *invalid.Error
			if !errors.As(err, &input) || !errors.Is(missing, executionlog.ErrNotFound) {
				b.Errorf("acceptance %d: %v, its ticket: %v; want an input error and nothing", i, err, missing)
			}
		default:
			if err != nil || missing != nil {
				b.Errorf("acceptance %d: %v, its ticket: %v", i, err, missing)
			}
		}
	}
}

func testAcceptRace(b *bench) {
	b.ok(b.accept(&executionlog.Acceptance{Ticket: b.ticket("T-1", 1)}))
	const writers = 8
	errs := make([]error, writers)
	var group sync.WaitGroup
	for i := range writers {
		a := &executionlog.Acceptance{Workspace: "default", Ticket: b.ticket("T-1", 2), Version: 1, Changes: []*executionlog.Change{b.change("T-1")}}
		group.Go(func() { errs[i] = b.ledger.Accept(b.ctx, []*executionlog.Acceptance{a})[0] })
	}
	group.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, executionlog.ErrConflict) {
			b.Errorf("a loser got %v, want ErrConflict", err)
		}
	}
	if won != 1 {
		b.Errorf("%d writers won, want one", won)
	}
}

func testAcceptInvalid(b *bench) {
	change := b.change("T-1")
	change.ID = "dlv_0000000000001"
	d := b.delivery("ep_1", "T-1")
	d.ID, d.Request = "dlv_short", nil
	err := b.accept(&executionlog.Acceptance{Changes: []*executionlog.Change{change}, Deliveries: []*executionlog.NewDelivery{d}})
	var input *invalid.Error
	if !errors.As(err, &input) {
		b.Fatalf("error %v, want an input error", err)
	}
	var paths []string
	for _, f := range input.Fields {
		paths = append(paths, f.Path)
	}
	b.equal("paths", []string{"changes.0.id", "deliveries.0.id", "deliveries.0.request"}, paths)
}

func testTickets(b *bench) {
	for i, number := range []string{"A-10", "A-11", "a-100", "B-10", "Größe-1"} {
		if i != 3 {
			b.pass(time.Minute) // the fourth shares the third's time
		}
		b.ok(b.accept(&executionlog.Acceptance{Ticket: b.ticket(number, 1)}))
	}
	gone := b.ticket("A-12", 1)
	gone.Deleted = true
	b.ok(b.accept(&executionlog.Acceptance{Ticket: gone}))
	b.equal("deleted ticket", gone, must[*executionlog.Ticket](b)(b.ledger.Ticket(b.ctx, "default", "A-12")))
	list := func(pattern string) []string {
		var numbers []string
		query := executionlog.TicketQuery{Workspace: "default", Number: pattern, Limit: 2}
		for {
			page := must[executionlog.Page[*executionlog.Ticket]](b)(b.ledger.Tickets(b.ctx, query))
			for _, t := range page.Items {
				numbers = append(numbers, t.Number)
			}
			if query.Cursor = page.Next; query.Cursor == "" {
				return numbers
			}
		}
	}
	for pattern, want := range map[string][]string{
		"":        {"Größe-1", "B-10", "a-100", "A-11", "A-10"},
		"*":       {"Größe-1", "B-10", "a-100", "A-11", "A-10"},
		"a-1*":    {"a-100", "A-11", "A-10"},
		"*-10*":   {"B-10", "a-100", "A-10"},
		"*10":     {"B-10", "A-10"},
		"A-10":    {"A-10"},
		"a-10":    {"A-10"},
		"GRÖSSE*": nil,
		"GRÖßE*":  {"Größe-1"},
		"A-12":    nil,
		"*1*0*":   {"B-10", "a-100", "A-10"},
	} {
		b.equal("tickets like "+pattern, want, list(pattern))
	}
}

func testChanges(b *bench) {
	var all []*executionlog.Change
	for i := range 10 {
		b.pass(time.Minute)
		change := b.change(fmt.Sprintf("T-%d", i%2))
		b.ok(b.accept(&executionlog.Acceptance{Changes: []*executionlog.Change{change}}))
		all = append(all, change)
	}
	old := b.change("T-9") // which happened when computers began to count
	old.Workspace, old.At = "past", time.UnixMicro(0).UTC()
	b.ok(b.accept(&executionlog.Acceptance{Workspace: "past", Changes: []*executionlog.Change{old}}))
	b.equal("the time it happened", old.At, must[*executionlog.Change](b)(b.ledger.Change(b.ctx, "past", old.ID)).At)
	foreign := b.change("T-0")
	foreign.Workspace = "other"
	b.ok(b.accept(&executionlog.Acceptance{Workspace: "other", Changes: []*executionlog.Change{foreign}}))
	pick := func(places ...int) []string {
		var ids []string
		for _, place := range places {
			ids = append(ids, all[place].ID)
		}
		return ids
	}
	for name, test := range map[string]struct {
		query executionlog.ChangeQuery
		want  []string
	}{
		"all":      {executionlog.ChangeQuery{}, pick(9, 8, 7, 6, 5, 4, 3, 2, 1, 0)},
		"oldest":   {executionlog.ChangeQuery{Oldest: true, Ticket: "T-1"}, pick(1, 3, 5, 7, 9)},
		"ticket":   {executionlog.ChangeQuery{Ticket: "T-0"}, pick(8, 6, 4, 2, 0)},
		"unknown":  {executionlog.ChangeQuery{Ticket: "T-5"}, nil},
		"time":     {executionlog.ChangeQuery{From: all[2].AcceptedAt, To: all[4].AcceptedAt}, pick(3, 2)},
		"one time": {executionlog.ChangeQuery{Ticket: "T-0", From: all[2].AcceptedAt.Add(time.Microsecond)}, pick(8, 6, 4)},
	} {
		test.query.Workspace, test.query.Limit = "default", 3
		b.equal(name+", counted", len(test.want), must[int](b)(b.ledger.CountChanges(b.ctx, test.query)))
		var ids []string
		for {
			page := must[executionlog.Page[*executionlog.Change]](b)(b.ledger.Changes(b.ctx, test.query))
			for _, c := range page.Items {
				ids = append(ids, c.ID)
			}
			if test.query.Cursor = page.Next; page.Next == "" {
				break
			}
		}
		b.equal(name, test.want, ids)
	}
}
