package triggers

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/hookdesk/hookdesk/triggers/condition"
	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

var epoch = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// newIDs returns a source of ids that is the same in every run.
func newIDs() func(string) string {
	at := epoch
	source := id.NewSource(0, func() time.Time { at = at.Add(time.Second); return at })
	return source.New
}

var testEvents = map[string][]string{
	"alpha": {"created", "updated", "replied"},
	"beta":  {"anything"},
}

// detectTest stands for the systems' own detection.
func detectTest(c *ticket.Change) map[string][]string {
	detected := map[string][]string{"beta": {"anything"}}
	switch c.Kind {
	case ticket.TicketCreated:
		detected["alpha"] = []string{"created"}
	case ticket.TicketUpdated:
		detected["alpha"] = []string{"updated"}
	case ticket.ReplyAdded:
		detected["alpha"] = []string{"updated", "replied"}
	}
	return detected
}

var testCalendar = &condition.Calendar{
	ID: "cal_1", Name: "Office", Zone: "Europe/Berlin",
	Hours: []condition.Interval{{Day: "monday", From: "09:00", To: "17:00"}, {Day: "tuesday", From: "09:00", To: "17:00"}},
}

var testCalendars = condition.Calendars{"cal_1": testCalendar}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// randomValue makes a value that some field may be compared with.
func randomValue(r *rand.Rand, f condition.Field) any {
	switch f.Type {
	case condition.Number:
		return r.IntN(4)
	case condition.Boolean:
		return r.IntN(2) == 0
	case condition.Datetime:
		return epoch.Add(time.Duration(r.IntN(200)-100) * time.Hour).Format(time.RFC3339)
	case condition.Duration:
		return fmt.Sprintf("%dh", r.IntN(50))
	case condition.Custom:
		return pick[any](r, "red", "5", 5, 7.5, true, "2026-03-02")
	}
	if f.Closed {
		return pick(r, f.Values...)
	}
	return pick(r, "Open", "Closed", "High", "Low", "vip", "printer", "Hardware/Printers", "ann@example.com", "1", "2", "Größe")
}

func randomLeaf(r *rand.Rand) *condition.Leaf {
	fields := condition.Fields()
	for {
		f := fields[r.IntN(len(fields))]
		name := f.Name
		if f.Type == condition.Custom {
			name = condition.CustomPrefix + pick(r, "color", "size", "list")
		} else if r.IntN(2) == 0 { // often one that random changes do change
			name = pick(r, "status", "priority", "tags", "assignee", "subject", "custom.color", "custom.size", "custom.list")
			f, _ = condition.LookupField(name)
		}
		op, _ := condition.LookupOperator(pick(r, f.Operators...))
		leaf := &condition.Leaf{Field: name, Op: op.Name}
		one := func() any { return randomValue(r, f) }
		var value any
		switch op.Argument {
		case condition.ArgOne:
			value = one()
		case condition.ArgList, condition.ArgOptional:
			value = []any{one(), one()}
		case condition.ArgChange:
			value = pick[any](r, one(), []any{one(), one()}, "*", nil)
			if value == nil {
				leaf.Value = json.RawMessage("null")
			}
		case condition.ArgTwo:
			value = []any{one(), one()}
		case condition.ArgFromTo:
			value = map[string]any{"from": pick[any](r, "*", one()), "to": one()}
		case condition.ArgText, condition.ArgWords:
			value = pick[any](r, "print", "e", "size")
		case condition.ArgTime:
			value = "2026-03-02"
		case condition.ArgDuration:
			value = "24h"
		case condition.ArgNumber:
			value = r.IntN(3)
		case condition.ArgNumbers:
			value = []any{0, 2}
		}
		if value != nil {
			leaf.Value = rawJSON(value)
		}
		if len(op.Options) > 0 && op.Options[0] == "case" && r.IntN(4) == 0 {
			leaf.Options = &condition.Options{Case: "sensitive"}
		}
		if len(op.Options) > 0 && op.Options[0] == "calendar" {
			leaf.Options = &condition.Options{Calendar: "cal_1"}
		}
		group := &condition.Group{All: []condition.Node{{Leaf: leaf}}}
		if condition.Validate(group, testCalendars) == nil {
			return leaf
		}
	}
}

func randomGroup(r *rand.Rand, depth int) *condition.Group {
	nodes := []condition.Node{}
	for range r.IntN(3) + 1 {
		if depth < 4 && r.IntN(4) == 0 {
			nodes = append(nodes, condition.Node{Group: randomGroup(r, depth+1)})
		} else {
			nodes = append(nodes, condition.Node{Leaf: randomLeaf(r)})
		}
	}
	switch {
	case depth == 1 && r.IntN(6) == 0:
		return &condition.Group{All: nodes, Any: []condition.Node{{Leaf: randomLeaf(r)}}}
	case r.IntN(2) == 0:
		return &condition.Group{All: nodes}
	case r.IntN(3) == 0:
		return &condition.Group{None: nodes}
	default:
		return &condition.Group{Any: nodes}
	}
}

func randomTrigger(r *rand.Rand, n int) *Trigger {
	t := &Trigger{
		ID: fmt.Sprintf("trg_%05d", n), Name: fmt.Sprintf("Trigger %d", n), System: pick(r, "alpha", "beta"),
		Enabled: r.IntN(10) > 0, Fire: pick(r, FireEvery, FireEvery, FireEdge, FireOncePerTicket), Version: 1,
		AllowRuleChanges: r.IntN(3) == 0, Then: []Action{{Webhook: &WebhookAction{Endpoint: "ep_1"}}},
	}
	if r.IntN(10) > 0 {
		t.When = randomGroup(r, 1)
	}
	if t.System == "alpha" {
		for _, event := range testEvents["alpha"] {
			if r.IntN(3) == 0 {
				t.On = append(t.On, event)
			}
		}
	}
	return t
}

// randomInput makes a change of a ticket, sometimes partial.
func randomInput(r *rand.Rand, number string) []byte {
	members := map[string]any{"number": number}
	set := func(name string, values ...any) {
		if r.IntN(3) == 0 {
			members[name] = pick(r, values...)
		}
	}
	set("subject", "printer broken", "Größe XL", "Printer", "", nil)
	set("status", "Open", "Closed", "open", map[string]any{"id": "2", "name": "In Progress", "state": "open"}, 2, nil)
	set("priority", "High", "Low", "high", map[string]any{"id": "1", "name": "Low"}, "Strange", nil)
	set("category", "Hardware/Printers", "Hardware", "Hardware / Printers / Laser", nil)
	set("assignee", "ann@example.com", "Bob", map[string]any{"id": "2", "email": "ann@example.com"}, nil)
	set("requester", "carla@example.com", map[string]any{"id": "1", "name": "Carla"})
	set("tags", []any{"vip"}, []any{"vip", "Open"}, []any{}, nil)
	set("due_at", "2026-03-02T10:00:00Z", "2026-03-01T10:00:00+02:00", nil)
	if r.IntN(2) == 0 {
		members["custom_fields"] = map[string]any{
			"color": pick[any](r, "red", "RED", nil, true, []any{"red"}),
			"size":  pick[any](r, 5, "5", json.Number("5.0"), 7.5, "large", nil, json.Number("1e999999999")),
			"list":  pick[any](r, []any{"red", 5}, []any{5, "red"}, map[string]any{"a": 1}, nil),
		}
	}
	input := map[string]any{"ticket": members, "at": epoch.Add(time.Duration(r.IntN(1000)) * time.Minute).Format(time.RFC3339)}
	if r.IntN(4) == 0 {
		input["actor"] = map[string]any{"email": "ann@example.com", "role": pick(r, "agent", "client")}
	}
	switch r.IntN(6) {
	case 0:
		input["reply"] = map[string]any{"body": "<p>It <b>prints</b></p>", "author": "carla@example.com", "public": r.IntN(2) == 0}
	case 1:
		input["note"] = map[string]any{"body": "size matters"}
	}
	data, err := json.Marshal(input)
	if err != nil {
		panic(err)
	}
	return data
}

// randomChanges makes a history of changes on a few tickets.
func randomChanges(r *rand.Rand, count int) []*ticket.Change {
	ids := newIDs()
	stored := map[string]*ticket.Ticket{}
	changes := make([]*ticket.Change, 0, count)
	for len(changes) < count {
		number := fmt.Sprint(r.IntN(200))
		in, err := ticket.DecodeInput(randomInput(r, number))
		if err != nil {
			panic(err)
		}
		chain := ticket.Chain{ID: ids(id.Chain)}
		if r.IntN(8) == 0 {
			chain.Depth = r.IntN(12)
			chain.Fired = []string{fmt.Sprintf("trg_%05d", r.IntN(50))}
			chain.Rule = pick(r, "", "trg_00001")
		}
		change, err := in.Apply(stored[number], ticket.Env{Workspace: "default", Now: epoch, ChangeID: ids(id.Change), NewID: ids, Chain: chain})
		if err != nil {
			panic(err)
		}
		if len(change.After.Replies) > 5 {
			delete(stored, number)
			continue
		}
		stored[number] = change.After
		changes = append(changes, change)
	}
	return changes
}
