package systems_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

func exampleSheet() *systems.Sheet {
	return &systems.Sheet{
		Name:            "paper",
		Events:          []systems.Event{{Name: "slip", Title: "Slip"}, {Name: "stamp"}},
		Revisions:       []systems.Revision{{Name: "old"}, {Name: "new", Description: "The newer one."}},
		DefaultRevision: "new",
		Settings:        []systems.Setting{{Name: "drawer", Default: "top"}, {Name: "pin"}},
	}
}

func TestEndpointSetting(t *testing.T) {
	tests := []struct {
		name, setting string
		settings      map[string]string
		want          string
	}{
		{"given", "drawer", map[string]string{"drawer": "bottom"}, "bottom"},
		{"default", "drawer", nil, "top"},
		{"empty is not given", "drawer", map[string]string{"drawer": ""}, "top"},
		{"no default", "pin", nil, ""},
		{"not of the sheet", "colour", nil, ""},
	}
	for _, test := range tests {
		if got := (systems.Endpoint{Settings: test.settings}).Setting(exampleSheet(), test.setting); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestSheetLooksThingsUp(t *testing.T) {
	sheet := exampleSheet()
	if event, ok := sheet.Event("slip"); !ok || event.Title != "Slip" {
		t.Errorf("Event(slip) = %+v, %v", event, ok)
	}
	if _, ok := sheet.Event("parcel"); ok {
		t.Error("an event that is none was found")
	}
	if names := sheet.EventNames(); !slices.Equal(names, []string{"slip", "stamp"}) {
		t.Errorf("names %q", names)
	}
	for asked, want := range map[string]string{"": "new", "old": "old", "new": "new"} {
		if revision, err := sheet.Revision(asked); err != nil || revision.Name != want {
			t.Errorf("Revision(%q) = %q, %v; want %q", asked, revision.Name, err, want)
		}
	}
	if _, err := sheet.Revision("3"); err == nil || !strings.Contains(err.Error(), `paper has no revision "3"`) {
		t.Errorf("error %v", err)
	}
}

func TestBegin(t *testing.T) {
	change := &ticket.Change{After: &ticket.Ticket{Number: "1"}}
	tests := []struct {
		name     string
		occasion systems.Occasion
		revision string
		err      string
	}{
		{"default revision", systems.Occasion{Event: "slip", Change: change}, "new", ""},
		{"chosen revision", systems.Occasion{Event: "stamp", Revision: "old", Change: change}, "old", ""},
		{"no such event", systems.Occasion{Event: "parcel", Change: change}, "", `paper has no event "parcel"`},
		{"no such revision", systems.Occasion{Event: "slip", Revision: "3", Change: change}, "", `paper has no revision "3"; it has old, new`},
		{"no change", systems.Occasion{Event: "slip"}, "", `paper event "slip" needs a change with a ticket`},
		{"no ticket", systems.Occasion{Event: "slip", Change: &ticket.Change{}}, "", `paper event "slip" needs a change with a ticket`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			revision, err := systems.Begin(exampleSheet(), test.occasion)
			message := ""
			if err != nil {
				message = err.Error()
			}
			if revision != test.revision || message != test.err {
				t.Errorf("got %q, %q; want %q, %q", revision, message, test.revision, test.err)
			}
		})
	}
}
