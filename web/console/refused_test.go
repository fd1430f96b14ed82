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

// Whoever saves what another has saved meanwhile keeps what was typed, and
// replaces the other version by saving again.
func TestSavingOverAnothersVersion(t *testing.T) {
	s := enter(t)
	endpoint, err := stage.Endpoint("Contested", "faveo", "/ok/contested")
	if err != nil {
		t.Fatal(err)
	}
	trigger, err := stage.Trigger(`{"name": "Contested", "system": "faveo", "on": ["ticket_created"], "then": {"webhook": "%s"}}`, endpoint)
	if err != nil {
		t.Fatal(err)
	}
	for path, form := range map[string][]string{
		"/endpoints/" + endpoint.ID: {
			"system", "faveo", "url", stage.Receiver.URL + "/ok/contested", "allow_http", "true", "signing.scheme", "none",
			"auth.type", "none", "ordered", "none", "on_failure", "skip", "skip_handshake", "true",
		},
		"/triggers/" + trigger.ID: {"system", "faveo", "on", "ticket_created", "fire", "every", "n.join", "all", "then.0.kind", "webhook", "then.0.endpoints", endpoint.ID},
	} {
		save := func(name, version string) answer {
			t.Helper()
			return s.post(t, path, append([]string{"name", name, "version", version}, form...)...)
		}
		if got := save("Theirs", "1"); got.status != http.StatusSeeOther {
			t.Fatalf("%s: status %d:\n%s", path, got.status, section(got.body, "Nothing was saved"))
		}
		mine := save("Mine", "1")
		if mine.status != http.StatusConflict || !strings.Contains(mine.body, "Meanwhile admin saved") || !strings.Contains(mine.body, `value="Mine"`) || !strings.Contains(mine.body, `name="version" value="2"`) {
			t.Errorf("%s: status %d:\n%s", path, mine.status, section(mine.body, "Nothing was saved"))
		}
		if got := save("Mine", "2"); got.status != http.StatusSeeOther || !strings.Contains(s.get(t, path).body, "<h1>Mine</h1>") {
			t.Errorf("%s: saving again: status %d", path, got.status)
		}
	}
}

// A secret that does not fit is refused on the page of its endpoint.
func TestRotationIsRefused(t *testing.T) {
	s := enter(t)
	endpoint, err := stage.Endpoint("Rotated", "superoffice", "/ok/rotated")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		form []string
		want string
	}{
		"no hours":       {[]string{"hours", "soon"}, "A number from 0 to 720."},
		"no number":      {[]string{"hours", "NaN"}, "A number from 0 to 720."},
		"too many hours": {[]string{"hours", "721"}, "A number from 0 to 720."},
		"no secret":      {[]string{"hours", "5", "secret", strings.Repeat("long", 3000)}, `name="hours" type="number" min="0" max="720" step="any" value="5"`},
	} {
		got := s.post(t, "/endpoints/"+endpoint.ID+"/rotate", tt.form...)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, tt.want) || !strings.Contains(got.body, "<h1>Rotated</h1>") || !strings.Contains(got.body, `class="fault"`) {
			t.Errorf("%s: status %d:\n%s", name, got.status, section(got.body, "Signing secret"))
		}
	}
	if secrets := stage.Config.Endpoint(endpoint.ID).Sealed.Secrets; len(secrets) != 1 {
		t.Errorf("the endpoint has %d secrets", len(secrets))
	}
}

// A refused calendar says that nothing was saved, beside what has to change.
func TestCalendarIsRefused(t *testing.T) {
	got := enter(t).post(t, "/operations/calendars", "name", "Shop", "zone", "UTC", "monday", "25:00-30:00")
	for _, want := range []string{"data-refused", "Nothing was saved.", "beside 1 field", `value="25:00-30:00" aria-invalid="true"`} {
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, want) {
			t.Errorf("status %d, the page lacks %q", got.status, want)
		}
	}
}

// What a page that answers a form leads back to can be opened.
func TestAnsweredFormsLeadBack(t *testing.T) {
	s := enter(t)
	endpoint, err := stage.Endpoint("Led back to", "superoffice", "/ok/back")
	if err != nil {
		t.Fatal(err)
	}
	page := "/endpoints/" + endpoint.ID
	for _, tt := range []struct {
		path, back string
		form       []string
	}{
		{page + "/rotate", page, []string{"hours", "soon"}},
		{page, page, []string{"system", "superoffice"}},
		{"/operations/tokens", "/operations/tokens", nil},
		{page + "/no/such/form", page, nil},
		{"/nothing", "/", nil},
	} {
		got := s.post(t, tt.path, tt.form...)
		if !strings.Contains(got.body, `name="next" value="`+tt.back+`"`) {
			t.Errorf("%s: status %d, does not lead back to %s", tt.path, got.status, tt.back)
		}
		if back := s.get(t, tt.back); back.status != http.StatusOK {
			t.Errorf("%s: status %d", tt.back, back.status)
		}
	}
}
