package triggers

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// changes applies inputs to one ticket, in a chain, and returns every change.
func changes(t *testing.T, chain ticket.Chain, inputs ...string) []*ticket.Change {
	t.Helper()
	ids := newIDs()
	var stored *ticket.Ticket
	var all []*ticket.Change
	for _, text := range inputs {
		in, err := ticket.DecodeInput([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		change, err := in.Apply(stored, ticket.Env{Now: epoch, ChangeID: ids(id.Change), NewID: ids, Chain: chain})
		if err != nil {
			t.Fatal(err)
		}
		stored = change.After
		all = append(all, change)
	}
	return all
}

func mustDecode(t *testing.T, text string) *Trigger {
	t.Helper()
	trigger, err := DecodeTrigger([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	trigger.ID, trigger.Version = "trg_1", 3
	return trigger
}

// urgent is a trigger on urgent tickets with further members.
func urgent(more string) string {
	return `{"name": "Urgent", "system": "alpha", "when": {"all": [{"field": "priority", "op": "is", "value": "High"}]},
		"then": [{"webhook": {"endpoint": "ep_1"}}]` + more + `}`
}

const (
	opened   = `{"ticket": {"number": 1, "subject": "S", "priority": "Low"}}`
	raised   = `{"ticket": {"number": 1, "priority": "High"}}`
	retitled = `{"ticket": {"number": 1, "subject": "T"}}`
	lowered  = `{"ticket": {"number": 1, "priority": "Low"}}`
)

// codes evaluates one trigger over a history, remembering.
func codes(t *testing.T, trigger *Trigger, chain ticket.Chain, inputs ...string) []Code {
	t.Helper()
	engine := Compile([]*Trigger{trigger}, testCalendars)
	var memory Memory
	var list []Code
	for _, change := range changes(t, chain, inputs...) {
		verdicts := engine.EvaluateAll(change, detectTest(change), memory)
		list = append(list, verdicts[0].Code)
		memory = memory.Remember(change.ID, verdicts, engine)
	}
	return list
}

func TestFire(t *testing.T) {
	story := []string{opened, raised, retitled, lowered, raised}
	for fire, want := range map[Fire][]Code{
		FireEvery:         {CodeLeafFalse, CodeFired, CodeFired, CodeLeafFalse, CodeFired},
		FireEdge:          {CodeLeafFalse, CodeFired, CodeEdgeNotCrossed, CodeLeafFalse, CodeFired},
		FireOncePerTicket: {CodeLeafFalse, CodeFired, CodeOnceAlready, CodeLeafFalse, CodeOnceAlready},
	} {
		got := codes(t, mustDecode(t, urgent(`, "fire": "`+string(fire)+`"`)), ticket.Chain{}, story...)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", fire, diff)
		}
	}
}

func TestEdge(t *testing.T) {
	edge := `, "fire": "edge"`
	born := `{"ticket": {"number": 1, "subject": "S", "priority": "High"}}`
	for name, test := range map[string]struct {
		trigger string
		inputs  []string
		want    Code
	}{
		"a new ticket crosses":            {urgent(edge), []string{born}, CodeFired},
		"an unknown before is an error":   {urgent(edge), []string{raised}, CodeLeafError},
		"changed is false before":         {strings.Replace(urgent(edge), `"op": "is"`, `"op": "changed_to"`, 1), []string{opened, raised}, CodeFired},
		"a condition on the change alone": {`{"name": "n", "system": "alpha", "when": {"all": [{"field": "via", "op": "is", "value": "api"}]}, "then": []` + edge + `}`, []string{opened, raised}, CodeEdgeNotCrossed},
		"a value that had no order":       {`{"name": "n", "system": "alpha", "when": {"all": [{"field": "custom.n", "op": "greater_than", "value": 1}]}, "then": []` + edge + `}`, []string{`{"ticket": {"number": 1, "subject": "S", "custom_fields": {"n": "many"}}}`, `{"ticket": {"number": 1, "custom_fields": {"n": 5}}}`}, CodeFired},
	} {
		got := codes(t, mustDecode(t, test.trigger), ticket.Chain{}, test.inputs...)
		if got[len(got)-1] != test.want {
			t.Errorf("%s: %v, want %s", name, got, test.want)
		}
	}
}

func TestLoopProtection(t *testing.T) {
	allow := `, "allow_rule_changes": true`
	for name, test := range map[string]struct {
		trigger string
		chain   ticket.Chain
		want    Code
	}{
		"a change from outside":        {urgent(""), ticket.Chain{}, CodeFired},
		"an echo":                      {urgent(""), ticket.Chain{Depth: 1, Fired: []string{"trg_2"}}, CodeFired},
		"a rule's change":              {urgent(""), ticket.Chain{Depth: 1, Rule: "trg_2"}, CodeRuleChange},
		"a rule's change, allowed":     {urgent(allow), ticket.Chain{Depth: 1, Rule: "trg_2"}, CodeFired},
		"its own change, allowed":      {urgent(allow), ticket.Chain{Depth: 1, Rule: "trg_1", Fired: []string{"trg_1"}}, CodeLoopRepeat},
		"fired before, by an echo":     {urgent(""), ticket.Chain{Depth: 2, Fired: []string{"trg_1", "trg_2"}}, CodeLoopRepeat},
		"deep":                         {urgent(""), ticket.Chain{Depth: MaxDepth - 1}, CodeFired},
		"too deep":                     {urgent(""), ticket.Chain{Depth: MaxDepth}, CodeLoopDepth},
		"does not match in any case":   {strings.Replace(urgent(""), "High", "Low", 1), ticket.Chain{Depth: MaxDepth}, CodeLeafFalse},
		"off in any case":              {urgent(`, "enabled": false`), ticket.Chain{Depth: MaxDepth}, CodeDisabled},
		"not listening in any case":    {urgent(`, "on": ["replied"]`), ticket.Chain{Depth: MaxDepth}, CodeNotSubscribed},
		"listening to what it is":      {urgent(`, "on": ["replied", "updated"]`), ticket.Chain{}, CodeFired},
		"without conditions":           {`{"name": "n", "system": "beta", "then": []}`, ticket.Chain{}, CodeFired},
		"a system without such events": {`{"name": "n", "system": "gamma", "then": []}`, ticket.Chain{}, CodeNotSubscribed},
	} {
		got := codes(t, mustDecode(t, test.trigger), test.chain, opened, raised)
		if got[1] != test.want {
			t.Errorf("%s: %v, want %s", name, got[1], test.want)
		}
	}
}

// Two triggers that feed each other stop, whatever they allow.
func TestMutualTriggersStop(t *testing.T) {
	ping := mustDecode(t, `{"name": "ping", "system": "beta", "allow_rule_changes": true, "then": [{"tag": {"add": ["ping"], "remove": ["pong"]}}],
		"when": {"all": [{"field": "tags", "op": "added", "value": ["pong"]}]}}`)
	pong := mustDecode(t, `{"name": "pong", "system": "beta", "allow_rule_changes": true, "then": [{"tag": {"add": ["pong"], "remove": ["ping"]}}],
		"when": {"all": [{"field": "tags", "op": "added", "value": ["ping"]}]}}`)
	pong.ID = "trg_2"
	engine := Compile([]*Trigger{ping, pong}, nil)
	change := changes(t, ticket.Chain{ID: "chn_1"}, opened, `{"ticket": {"number": 1, "tags": ["ping"]}}`)[1]
	ids := newIDs()
	var story []string
	for range 20 {
		var next *ticket.Input
		for _, v := range engine.Evaluate(change, detectTest(change), Memory{}) {
			if v.Verdict != NotMatched {
				story = append(story, v.Name+" "+v.Code)
			}
			if v.Verdict == Fired {
				in, err := RuleInput(engine.Trigger(v.Trigger), change, nil)
				if err != nil {
					t.Fatal(err)
				}
				next = in
			}
		}
		if next == nil {
			break
		}
		after, err := next.Apply(change.After, ticket.Env{Now: epoch, ChangeID: ids(id.Change), NewID: ids})
		if err != nil {
			t.Fatal(err)
		}
		change = after
	}
	if got := strings.Join(story, ", "); got != "pong fired, ping fired, pong loop_repeat" {
		t.Error(got)
	}
	if change.Chain.Depth != 2 || change.Chain.ID != "chn_1" {
		t.Errorf("the chain is %+v", change.Chain)
	}
}

// One trigger that cannot be used stops no other.
func TestInvalidTriggersStopNoOther(t *testing.T) {
	broken := mustDecode(t, urgent(""))
	broken.ID, broken.When.All[0].Leaf.Op = "trg_broken", "resembles"
	fine := mustDecode(t, urgent(""))
	engine := Compile([]*Trigger{broken, fine}, nil)
	change := changes(t, ticket.Chain{}, opened, raised)[1]
	verdicts := engine.Evaluate(change, detectTest(change), Memory{})
	if len(verdicts) != 2 || verdicts[0].Verdict != Errored || verdicts[0].Code != CodeInvalidTrigger || verdicts[1].Verdict != Fired {
		t.Errorf("%+v", verdicts)
	}
	if !strings.Contains(verdicts[0].Reason, "when.all.0.op") {
		t.Errorf("the reason does not name the place: %s", verdicts[0].Reason)
	}
}

func TestVerdictsSayWhy(t *testing.T) {
	trigger := mustDecode(t, `{"name": "Why", "system": "alpha", "then": [], "on": ["updated"], "when": {"all": [
		{"field": "status", "op": "changed_to", "value": "Solved"}, {"any": [{"field": "tags", "op": "contains_any", "value": ["vip"]}, {"field": "priority", "op": "is", "value": "High"}]}]}}`)
	engine := Compile([]*Trigger{trigger}, nil)
	change := changes(t, ticket.Chain{}, opened, `{"ticket": {"number": 1, "status": "Pending", "tags": ["a"]}}`)[1]
	got, err := json.Marshal(engine.EvaluateAll(change, detectTest(change), Memory{})[0])
	if err != nil {
		t.Fatal(err)
	}
	want := `{"trigger":"trg_1","name":"Why","system":"alpha","version":3,"verdict":"not_matched","code":"leaf_false",` +
		`"reason":"A condition did not hold: Status changed to \"Solved\" (it was empty and is \"Pending\").","events":["updated"],"leaves":[` +
		`{"path":"when.all.0","field":"status","op":"changed_to","expected":"Solved","actual":{"from":null,"to":"Pending"},"matched":false},` +
		`{"path":"when.all.1.any.0","field":"tags","op":"contains_any","expected":["vip"],"actual":["a"],"matched":false},` +
		`{"path":"when.all.1.any.1","field":"priority","op":"is","expected":"High","actual":"Low","matched":false}]}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestEveryCodeHasASentence(t *testing.T) {
	seen := map[string]Code{}
	for _, code := range Codes {
		for _, detail := range []string{"", "Depot"} {
			sentence := Sentence(code, detail)
			if other, twice := seen[sentence]; twice && other != code {
				t.Errorf("%s and %s say the same", code, other)
			}
			seen[sentence] = code
			if !strings.HasSuffix(sentence, ".") || strings.Contains(sentence, "_") || strings.Contains(sentence, "..") {
				t.Errorf("%s: %q is no sentence", code, sentence)
			}
		}
	}
	if len(Codes) < 12 || len(slices.Compact(slices.Sorted(slices.Values(Codes)))) != len(Codes) {
		t.Errorf("%d codes", len(Codes))
	}
}

func TestMemory(t *testing.T) {
	trigger := mustDecode(t, urgent(`, "fire": "once_per_ticket"`))
	engine := Compile([]*Trigger{trigger}, nil)
	fired := []Verdict{{Trigger: "trg_1", Verdict: Fired}, {Trigger: "trg_2", Verdict: Fired}}
	var first Memory
	second := first.Remember("chg_1", fired, engine)
	if first.FiredOnce != nil || fmt.Sprint(second.FiredOnce) != "map[trg_1:chg_1]" {
		t.Errorf("%v, %v", first, second)
	}
	data, _ := json.Marshal(second)
	var back Memory
	if err := json.Unmarshal(data, &back); err != nil || back.FiredOnce["trg_1"] != "chg_1" {
		t.Errorf("%s came back as %v (%v)", data, back, err)
	}
}
