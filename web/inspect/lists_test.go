package inspect

import (
	"testing"

	"github.com/hookdesk/hookdesk/triggers"
)

func TestListsAreNarrowed(t *testing.T) {
	endpoint := &triggers.Endpoint{Name: "Depot Süd", URL: "https://depot.example/hook", System: "faveo", State: triggers.EndpointPaused}
	for filter, want := range map[EndpointFilter]bool{
		{}:                                true,
		{Q: "SÜD"}:                        true,
		{Q: "example/"}:                   true,
		{Q: "north"}:                      false,
		{Q: "depot", System: "faveo"}:     true,
		{System: "agency"}:                false,
		{State: "paused"}:                 true,
		{Q: "depot", State: "active"}:     false,
		{Q: "depot.example", System: "x"}: false,
		{Q: "d", System: "faveo", State: "paused"}: true,
	} {
		if got := filter.Takes(endpoint); got != want {
			t.Errorf("endpoint, %+v: %t", filter, got)
		}
	}
	trigger := &triggers.Trigger{Name: "Urgent to the depot", System: "agency", Enabled: true}
	for filter, want := range map[TriggerFilter]bool{
		{}:                 true,
		{Q: "urgent"}:      true,
		{Q: "agency"}:      false,
		{System: "agency"}: true,
		{System: "faveo"}:  false,
		{State: Enabled}:   true,
		{State: Disabled}:  false,
		{Q: "DEPOT", System: "agency", State: Enabled}: true,
	} {
		if got := filter.Takes(trigger); got != want {
			t.Errorf("trigger, %+v: %t", filter, got)
		}
	}
}
