package triggers

import (
	"fmt"
	"testing"

	"github.com/hookdesk/hookdesk/triggers/condition"
	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// busyEngine has so many triggers, of which five match busyChange.
func busyEngine(count int) *Engine {
	list := make([]*Trigger, count)
	for i := range list {
		department := i
		if i < 5 {
			department = 0
		}
		list[i] = &Trigger{
			ID: fmt.Sprintf("trg_%05d", i), Name: "Trigger", System: "alpha", Enabled: true, Fire: FireEvery, Version: 1,
			When: &condition.Group{All: []condition.Node{
				{Leaf: &condition.Leaf{Field: "status", Op: "changed_to", Value: rawJSON("In Progress")}},
				{Leaf: &condition.Leaf{Field: "department", Op: "is", Value: rawJSON(fmt.Sprintf("Department %d", department))}},
				{Group: &condition.Group{Any: []condition.Node{
					{Leaf: &condition.Leaf{Field: "urgency", Op: "is_any_of", Value: rawJSON([]string{"High", "Critical"})}},
					{Leaf: &condition.Leaf{Field: "tags", Op: "contains_any", Value: rawJSON([]string{"vip"})}},
				}}},
			}},
		}
	}
	return Compile(list, nil)
}

func busyChange(tb testing.TB) *ticket.Change {
	tb.Helper()
	ids := newIDs()
	var stored *ticket.Ticket
	var change *ticket.Change
	for _, text := range []string{
		`{"ticket": {"number": 1, "subject": "Printer", "status": "New", "department": "Department 0", "urgency": "High", "tags": ["a", "b"]}}`,
		`{"ticket": {"number": 1, "status": "In Progress", "custom_fields": {"store": "Berlin"}}}`,
	} {
		in, err := ticket.DecodeInput([]byte(text))
		if err != nil {
			tb.Fatal(err)
		}
		change, err = in.Apply(stored, ticket.Env{Now: epoch, ChangeID: ids(id.Change), NewID: ids})
		if err != nil {
			tb.Fatal(err)
		}
		stored = change.After
	}
	return change
}

func benchmarkEvaluate(b *testing.B, count int) {
	engine, change := busyEngine(count), busyChange(b)
	detected := detectTest(change)
	if fired := len(engine.Evaluate(change, detected, Memory{})); fired != 5 {
		b.Fatalf("%d verdicts, want 5", fired)
	}
	b.ReportAllocs()
	for b.Loop() {
		engine.Evaluate(change, detected, Memory{})
	}
}

func BenchmarkEvaluate100(b *testing.B)   { benchmarkEvaluate(b, 100) }
func BenchmarkEvaluate10000(b *testing.B) { benchmarkEvaluate(b, 10_000) }

func BenchmarkCompile10000(b *testing.B) {
	for b.Loop() {
		busyEngine(10_000)
	}
}

// The cost of a change must not grow with triggers that do not concern it.
func TestEvaluateAllocatesLittle(t *testing.T) {
	engine, change := busyEngine(10_000), busyChange(t)
	detected := detectTest(change)
	if allocs := testing.AllocsPerRun(100, func() { engine.Evaluate(change, detected, Memory{}) }); allocs > 100 {
		t.Errorf("%v allocations, want at most 100", allocs)
	}
}
