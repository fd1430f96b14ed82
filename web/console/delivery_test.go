package console_test

import (
	"strings"
	"testing"
)

// A delivery that waits says for what, and not only when it was due.
func TestDeliveryOfPausedEndpoint(t *testing.T) {
	s, own := onOwnStage(t)
	endpoint, err := own.Endpoint("Resting", "faveo", "/ok")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := own.Trigger(`{"name": "all", "system": "faveo", "then": {"webhook": "%s"}}`, endpoint); err != nil {
		t.Fatal(err)
	}
	page := ""
	for _, c := range []struct{ state, want, not string }{
		{"paused", "It waits until the endpoint is enabled, which is paused.", ""},
		{"active", "The first attempt was due", "It waits"},
		{"disabled", "It waits until the endpoint is enabled, which is disabled.", ""},
	} {
		s.post(t, "/endpoints/"+endpoint.ID+"/state", "state", c.state)
		if page == "" {
			s.post(t, "/tickets", "number", "REST-1", "subject", "waits", "status", "Open")
			page = s.first(t, "/deliveries?ticket=REST-1", `/deliveries/dlv_[0-9a-z]+`)
		}
		if body := s.get(t, page).body; !strings.Contains(body, c.want) || (c.not != "" && strings.Contains(body, c.not)) {
			t.Errorf("%s:\n%s", c.state, section(body, "Attempts"))
		}
	}
}
