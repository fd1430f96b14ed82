package console

import (
	"fmt"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
)

func systemRoutes(get, _ registrar) {
	get("/systems", listSystems)
	get("/systems/{name}", showSystem)
}

// systemsPage is the catalogue.
type systemsPage struct {
	Sheets []*systems.Sheet
}

func listSystems(r *request) error {
	page := &systemsPage{}
	for _, s := range r.Systems.All() {
		page.Sheets = append(page.Sheets, s.Sheet())
	}
	return r.show("systems", "systems", "Systems", page)
}

// systemPage is one system with a sample of one of its events.
type systemPage struct {
	*systems.Sheet
	Event    systems.Event
	Revision string
	Sample   *systems.Request
	Fault    string
}

func showSystem(r *request) error {
	system := r.Systems.Lookup(r.segment("name"))
	if system == nil {
		return notFound("system")
	}
	sheet := system.Sheet()
	page := &systemPage{Sheet: sheet, Revision: sheet.DefaultRevision}
	if asked := r.URL.Query().Get("revision"); asked != "" {
		revision, err := sheet.Revision(asked)
		if err != nil {
			return notFound("revision")
		}
		page.Revision = revision.Name
	}
	if len(sheet.Events) > 0 {
		page.Event = sheet.Events[0]
	}
	if asked := r.URL.Query().Get("event"); asked != "" {
		event, ok := sheet.Event(asked)
		if !ok {
			return notFound("event")
		}
		page.Event = event
	}
	var err error
	if page.Sample, err = Sample(system, page.Event, page.Revision); err != nil {
		page.Fault = "This event has no sample in this revision."
	}
	return r.show("system", "systems", sheet.Title, page)
}

// Sample renders the sample of an event, as it would go on the wire.
func Sample(system systems.System, event systems.Event, revision string) (*systems.Request, error) {
	if event.Sample == nil {
		return nil, fmt.Errorf("render sample of %s: it has none", event.Name)
	}
	settings := map[string]string{}
	for _, s := range system.Sheet().Settings {
		settings[s.Name] = s.Default
		if s.Default == "" && s.Required {
			settings[s.Name] = "example"
		}
	}
	sample, err := system.Render(systems.Occasion{
		Event: event.Name, Revision: revision, Change: event.Sample(), Delivery: "dlv_0000000000000", Matched: event.SampleMatched,
		Endpoint: systems.Endpoint{ID: "ep_0000000000000", Name: "Example", URL: "https://receiver.example/hook", Settings: settings},
	})
	if err != nil {
		return nil, fmt.Errorf("render sample of %s: %w", event.Name, err)
	}
	return sample, nil
}
