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
