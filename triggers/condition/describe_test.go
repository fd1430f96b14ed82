package condition

import "testing"

func TestDescribe(t *testing.T) {
	inputs := []string{
		create(`"priority": "Low", "tags": ["a", "b"], "custom_fields": {"n": "many"}`),
		members(`"priority": "High", "language": "en"`),
	}
	for leaf, want := range map[string]string{
		leafOf("priority", "is", `"Low"`):                                      `Priority is "Low" (it is "High")`,
		leafOf("tags", "contains_any", `["vip", "b2b"]`):                       `Tags contains any of "vip", "b2b" (it is "a", "b")`,
		leafOf("assignee", "present", ""):                                      `Assignee is present (it is empty)`,
		leafOf("priority", "changed_to", `"Low"`):                              `Priority changed to "Low" (it was "Low" and is "High")`,
		leafOf("priority", "changed_from_to", `{"from": "High", "to": "Low"}`): `Priority changed from … to "High" to "Low" (it was "Low" and is "High")`,
		leafOf("subject", "touched", ""):                                       `Subject was written`,
		leafOf("replies.count", "greater_than", `2.50`):                        `Number of replies is greater than 2.50 (it is 0)`,
		leafOf("custom.n", "less_than", `5`):                                   `Custom field n is less than 5 (custom.n holds many, which is not a number)`,
	} {
		_, outcome := evaluate(t, leaf, history(t, inputs...))
		if len(outcome.Leaves) != 1 {
			t.Fatalf("%s: %d leaves", leaf, len(outcome.Leaves))
		}
		if got := outcome.Leaves[0].Describe(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
