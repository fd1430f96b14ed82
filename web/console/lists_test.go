package console_test

import (
	"strings"
	"testing"
)

// Long lists are narrowed by name, system and state.
func TestListsAreNarrowed(t *testing.T) {
	s := enter(t)
	trigger, endpoint := example.Triggers[1], example.Endpoints[1] // "Everything to the data lake" and "Data lake"
	for path, want := range map[string]bool{
		"/triggers?q=DATA+lake":                   true,
		"/triggers?q=data+lake&system=faveo":      true,
		"/triggers?q=data+lake&state=enabled":     true,
		"/triggers?q=data+lake&system=agency":     false,
		"/triggers?q=data+lake&state=disabled":    false,
		"/triggers?q=no+such+name":                false,
		"/endpoints?q=data+lake":                  true,
		"/endpoints?q=%2Fok%2Flake":               true,
		"/endpoints?q=data&state=active":          true,
		"/endpoints?q=data&state=paused":          false,
		"/endpoints?system=superoffice&q=data":    false,
		"/endpoints?system=faveo&state=&q=+lake+": true,
	} {
		id, list := trigger.ID, "/triggers"
		if strings.HasPrefix(path, "/endpoints") {
			id, list = endpoint.ID, "/endpoints"
		}
		body := s.get(t, path).body
		if found := strings.Contains(body, `href="`+list+`/`+id+`"`); found != want {
			t.Errorf("%s: found is %t", path, found)
		}
		if !want && !strings.Contains(body, "Nothing matches") {
			t.Errorf("%s does not say that nothing matches", path)
		}
		if !strings.Contains(body, `<a href="`+list+`">Show all</a>`) {
			t.Errorf("%s leads back to nothing", path)
		}
	}
}

// Who searches the log for a part of a ticket number as if it were whole is
// led to the search for the part.
func TestLogOffersThePartOfANumber(t *testing.T) {
	s := enter(t)
	const offer = "Ticket numbers with AAAA-01 in them"
	for path, want := range map[string]bool{
		"/log?ticket=AAAA-01":                 true,
		"/log?ticket=AAAA-01*&outcome=failed": true,
		"/log?ticket=*AAAA-01*&code=gone":     false,
		"/log?error=no+such+error":            false,
	} {
		body := s.get(t, path).body
		if found := strings.Contains(body, offer); found != want || !strings.Contains(body, "Nothing matches") {
			t.Errorf("%s: offered is %t:\n%s", path, found, section(body, "Attempts"))
		}
	}
	if body := s.get(t, "/log?ticket=AAAA-01*&outcome=failed").body; !strings.Contains(body, `href="/log?outcome=failed&amp;ticket=%2AAAAA-01%2A"`) {
		t.Errorf("the offer leads elsewhere:\n%s", section(body, "Attempts"))
	}
}

// A search keeps the span that was chosen, unless somebody writes a time.
func TestSearchKeepsItsSpan(t *testing.T) {
	s := enter(t)
	if body := s.get(t, "/log?last=24h").body; !strings.Contains(body, `<input type="hidden" name="last" value="24h">`) {
		t.Error("the form forgets the span")
	}
	body := s.get(t, "/log?last=1h&from=2026-01-01T00:00").body
	if strings.Contains(body, `name="last"`) || !strings.Contains(body, `value="2026-01-01T00:00:00"`) {
		t.Error("the span goes before the time that was written")
	}
	if body := s.get(t, "/log?status=no&last=1h").body; !strings.Contains(body, "Nothing was searched") || strings.Contains(body, "Nothing matches") {
		t.Error("a refused search says that nothing matches")
	}
}
