package console_test

import (
	"net/http"
	"strings"
	"testing"
)

// A form that is refused says so at its top, whatever stands beside its
// fields, and a condition that was left empty is no condition on an empty text.
func TestRefusedForms(t *testing.T) {
	s := enter(t)
	endpoint := example.Endpoints[0].ID
	trigger := []string{"system", "supportservice", "name", "half done", "fire", "every", "n.join", "all", "then.0.kind", "webhook"}
	for name, c := range map[string]struct {
		path string
		form []string
		want []string
	}{
		"an empty condition": {
			"/triggers", append(trigger, "then.0.endpoints", endpoint, "n.0.field", "status", "n.0.op", "is", "n.0.value", " "),
			[]string{"Nothing was saved.", "stands in red beside 1 field below", "A value is missing"},
		},
		"half a change": {
			"/triggers", append(trigger, "then.0.endpoints", endpoint, "n.0.field", "status", "n.0.op", "changed_from_to", "n.0.value", "New", "n.0.second", ""),
			[]string{"Nothing was saved.", "A value is missing"},
		},
		"no endpoint": {
			"/triggers", trigger,
			[]string{"Nothing was saved.", "Choose an endpoint to send to, or remove the action."},
		},
		"an endpoint's numbers": {
			"/endpoints",
			[]string{"system", "supportservice", "name", "x", "url", "http://127.0.0.1:9/x", "signing.scheme", "none", "timeout_seconds", "soon", "max_in_flight", "many"},
			[]string{"Nothing was saved.", "stands in red beside 2 fields below"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := s.post(t, c.path, c.form...)
			if got.status != http.StatusUnprocessableEntity {
				t.Fatalf("status %d, want 422", got.status)
			}
			for _, want := range c.want {
				if !strings.Contains(got.body, want) {
					t.Errorf("does not say %q:\n%s", want, section(got.body, "<main"))
				}
			}
		})
	}
}

// Two quotes are an empty text, which a condition may ask for.
func TestEmptyTextIsWrittenWithQuotes(t *testing.T) {
	s := enter(t)
	got := s.post(t, "/triggers", "system", "supportservice", "name", "no status", "fire", "every", "n.join", "all",
		"n.0.field", "status", "n.0.op", "is", "n.0.value", `""`, "then.0.kind", "webhook", "then.0.endpoints", example.Endpoints[0].ID)
	if got.status != http.StatusSeeOther {
		t.Fatalf("status %d, want 303:\n%s", got.status, section(got.body, `class="fault`))
	}
	if body := s.get(t, got.header.Get("Location")+"/edit").body; !strings.Contains(body, `value="&#34;&#34;"`) {
		t.Errorf("the editor shows another value:\n%s", section(body, "When"))
	}
}
