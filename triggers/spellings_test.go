package triggers

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What people write in short is read as what it stands for.
func TestTriggersInOtherWords(t *testing.T) {
	const (
		hook = `"then": [{"webhook": {"endpoint": "ep_1"}}]`
		when = `"when": {"all": [{"field": "status", "op": "is", "value": "Open"}]}`
	)
	trigger := func(members string) *Trigger {
		return mustDecode(t, `{"name": "n", "system": "alpha", `+members+`}`)
	}
	for given, want := range map[string]string{
		`"then": {"webhook": {"endpoint": "ep_1"}}`:                  hook,
		`"then": {"webhook": "ep_1"}`:                                hook,
		`"then": [{"type": "webhook", "endpoint": "ep_1"}]`:          hook,
		`"then": [{"webhook": ["ep_1"]}]`:                            `"then": [{"webhook": {"endpoints": ["ep_1"]}}]`,
		`"then": [{"webhooks": {"endpoints": ["ep_1"]}}]`:            `"then": [{"webhook": {"endpoints": ["ep_1"]}}]`,
		`"then": [{"note": "<b>a</b>"}]`:                             `"then": [{"note": {"body": "<b>a</b>"}}]`,
		`"then": [{"type": "note", "body": "a", "private": false}]`:  `"then": [{"note": {"body": "a", "private": false}}]`,
		`"then": [{"tag": "a"}]`:                                     `"then": [{"tag": {"add": ["a"]}}]`,
		`"then": [{"tags": ["a", "b"]}]`:                             `"then": [{"tag": {"add": ["a", "b"]}}]`,
		`"then": [{"tag": {"add": "a", "remove": ["b"]}}]`:           `"then": [{"tag": {"add": ["a"], "remove": ["b"]}}]`,
		`"then": [{"set": {"priority": "High"}}]`:                    `"then": [{"set": {"field": "priority", "value": "High"}}]`,
		`"then": [{"set_field": {"custom.x": 1.50}}]`:                `"then": [{"set": {"field": "custom.x", "value": 1.50}}]`,
		`"on": "created"`:                                            `"on": ["created"]`,
		`"fire": "once"`:                                             `"fire": "once_per_ticket"`,
		`"when": {"field": "status", "op": "is", "value": "Open"}`:   when,
		`"when": [{"field": "status", "op": "is", "value": "Open"}]`: when,
		`"when": {}`: `"when": null`,
		`"when": []`: `"when": {"all": []}`,
		`"when": {"field": "event.at", "op": "in_business_hours", "value": "office"}`: `"when": {"all": [{"field": "event.at", "op": "in_business_hours", "options": {"calendar": "office"}}]}`,
	} {
		if diff := cmp.Diff(trigger(want), trigger(given)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", given, diff)
		}
	}
}
