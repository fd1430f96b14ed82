package systemtest

import (
	"bytes"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
)

// testStates renders the events that a system has about webhooks themselves.
func (s Suite) testStates(t *testing.T) {
	states, ok := s.System.(systems.StateEvents)
	if !ok {
		return
	}
	const canary = "canary-51d0c"
	secrets := map[string]string{}
	for _, setting := range s.System.Sheet().Settings {
		if setting.Secret {
			secrets[setting.Name] = canary
		}
	}
	about, to := s.endpoint(), s.endpoint()
	about.ID, about.Name, about.Settings = "ep_01c3vq0rk8g7c", "Failing", secrets
	moment := time.Date(2024, 5, 7, 11, 24, 29, 0, time.UTC)
	names := 0
	for _, state := range []string{"active", "disabled", "failing"} {
		event := states.StateEvent(state)
		if event == "" {
			continue
		}
		names++
		first, err := states.RenderState(event, about, to, "event-1", moment)
		if err != nil {
			t.Errorf("render %s: %v", event, err)
			continue
		}
		second, err := states.RenderState(event, about, to, "event-1", moment)
		if err != nil || !bytes.Equal(first.Body, second.Body) || first.EventID != second.EventID {
			t.Errorf("%s is not the same twice (%v):\n%s", event, err, first.Body)
		}
		checkBody(t, first)
		if wire := wireBytes(s.System, first); bytes.Contains(wire, []byte(canary)) {
			t.Errorf("%s sends a secret setting:\n%s", event, wire)
		}
	}
	if names == 0 {
		t.Error("the system has events about webhooks, and none of any state")
	}
	if _, err := states.RenderState("no such event", about, to, "event-1", moment); err == nil {
		t.Error("an event that is none was rendered")
	}
}
