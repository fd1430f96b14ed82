package story

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestLoad(t *testing.T) {
	story, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if got := len(story.Receivers); got != 5 {
		t.Errorf("%d receivers, want one for each of the five systems", got)
	}
	systems := map[string]bool{}
	fails := 0
	for _, r := range story.Receivers {
		if systems[r.System] {
			t.Errorf("%s has two receivers", r.System)
		}
		systems[r.System] = true
		fails += r.Fail
		if r.Trigger["name"] == nil {
			t.Errorf("the trigger of %s has no name", r.System)
		}
	}
	if fails != 2 {
		t.Errorf("receivers refuse %d requests in all, want 2", fails)
	}
	told := map[string]bool{}
	for _, e := range story.Expected() {
		told[e.System] = true
		if !systems[e.System] {
			t.Errorf("%v is expected, but no receiver is of that system", e)
		}
	}
	if len(told) != 5 {
		t.Errorf("webhooks are expected of %d systems, want five", len(told))
	}
	for _, s := range story.Steps {
		method, path := s.Request()
		if s.Title == "" || !strings.HasPrefix(path, "/") || (s.Post != "") == (s.Patch != "") {
			t.Errorf("step %q: %s %q is no request", s.Title, method, path)
		}
		var body map[string]any
		if err := json.Unmarshal(s.Body, &body); err != nil || len(body) == 0 {
			t.Errorf("step %q: body %s: %v", s.Title, s.Body, err)
		}
	}
	if len(story.Searches) != 2 {
		t.Errorf("%d searches, want one by ticket and one by error", len(story.Searches))
	}
}

// TestBodies holds the steps' bodies against what YAML makes of them: ids and
// times stay texts, and merged maps keep their own members.
func TestBodies(t *testing.T) {
	story, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	var merged struct {
		Number  string
		At      string
		Extra   map[string]any
		Subject string
	}
	for _, s := range story.Steps {
		if strings.HasPrefix(s.Title, "SuperOffice request 76 is created") {
			if err := json.Unmarshal(s.Body, &merged); err != nil {
				t.Fatal(err)
			}
		}
	}
	if merged.Number != "76" || merged.Subject != "Request 76" || merged.At != "2025-05-16T14:25:37Z" || merged.Extra["contact_id"] != 2.0 {
		t.Errorf("request 76 reads %+v", merged)
	}
}

func TestExpectation(t *testing.T) {
	var e Expectation
	if err := json.Unmarshal([]byte(`"faveo ticket_created HDSK-1"`), &e); err != nil || e != (Expectation{"faveo", "ticket_created", "HDSK-1"}) {
		t.Errorf("got %+v, %v", e, err)
	}
	for _, bad := range []string{`"faveo"`, `7`, `"a b c d"`} {
		if json.Unmarshal([]byte(bad), &e) == nil {
			t.Errorf("%s was read as an expectation", bad)
		}
	}
}
