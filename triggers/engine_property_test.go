package triggers

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// What the index leaves out must not have fired, and what it lets through must
// have the verdict that explaining gives.
func TestEvaluateAgreesWithEvaluateAll(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var list []*Trigger
	for i := range 50 {
		list = append(list, randomTrigger(r, i))
	}
	engine := Compile(list, testCalendars)
	changes := randomChanges(r, 10_000)
	seen := map[Code]int{}
	memories := map[string]Memory{}
	for _, change := range changes {
		memory := memories[change.After.Number]
		detected := detectTest(change)
		quick := map[string]Verdict{}
		verdicts := engine.Evaluate(change, detected, memory)
		for _, v := range verdicts {
			quick[v.Trigger] = v
		}
		if len(quick) != len(verdicts) {
			t.Fatalf("change %s: a trigger has two verdicts", change.ID)
		}
		for _, v := range engine.EvaluateAll(change, detected, memory) {
			seen[v.Code]++
			if q, ok := quick[v.Trigger]; ok {
				if q.Verdict != v.Verdict || q.Reason != v.Reason || len(q.Leaves) != len(v.Leaves) {
					t.Fatalf("change %s: %s", change.ID, cmp.Diff(v, q))
				}
				continue
			}
			if v.Verdict == Fired || v.Verdict == Suppressed || v.Verdict == Errored {
				text, _ := json.Marshal(engine.Trigger(v.Trigger))
				about, _ := json.Marshal(change)
				t.Fatalf("the index left out %s (%s)\ntrigger %s\nchange %s", v.Trigger, v.Reason, text, about)
			}
		}
		memories[change.After.Number] = memory.Remember(change.ID, verdicts, engine)
	}
	for _, code := range []Code{
		CodeFired, CodeDisabled, CodeNotSubscribed, CodeLeafFalse, CodeLeafError, CodeEdgeNotCrossed,
		CodeOnceAlready, CodeLoopDepth, CodeLoopRepeat, CodeRuleChange,
	} {
		if seen[code] == 0 {
			t.Errorf("no verdict had the code %s: the test shows less than it should", code)
		}
	}
}

// A verdict that is recomputed from a stored change is the recorded one.
func TestVerdictsSurviveStorage(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var list []*Trigger
	for i := range 50 {
		list = append(list, randomTrigger(r, i))
	}
	engine := Compile(list, testCalendars)
	for _, change := range randomChanges(r, 1000) {
		data, err := json.Marshal(change)
		if err != nil {
			t.Fatal(err)
		}
		var stored ticket.Change
		if err := json.Unmarshal(data, &stored); err != nil {
			t.Fatal(err)
		}
		detected := detectTest(change)
		recorded, _ := json.Marshal(engine.EvaluateAll(change, detected, Memory{}))
		recomputed, _ := json.Marshal(engine.EvaluateAll(&stored, detected, Memory{}))
		if diff := cmp.Diff(string(recorded), string(recomputed)); diff != "" {
			t.Fatalf("change %s: %s", data, diff)
		}
	}
}
