package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/config/strictjson"
	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/triggers/condition"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// SystemPath names a system.
type SystemPath struct {
	Name string `path:"name" doc:"The system's name, such as superoffice"`
}

type samplePath struct {
	SystemPath
	Event    string `path:"event" doc:"One of the system's events"`
	Revision string `query:"revision" doc:"One of the system's revisions; else its default"`
}

// sample is what a system sends for one event, made of a ticket that its
// vendor shows.
type sample struct {
	System   string                `json:"system"`
	Event    string                `json:"event"`
	Revision string                `json:"revision"`
	EventID  string                `json:"event_id"`
	Method   string                `json:"method"`
	Headers  []executionlog.Header `json:"headers" nullable:"false" doc:"Without those of the signature and of the attempt"`
	Content
	ContentType string         `json:"content_type"`
	Change      *ticket.Change `json:"change" doc:"The change that the sample is made of"`
}

// fieldList is what conditions can be made of.
type fieldList struct {
	Items      []condition.Field    `json:"items" nullable:"false"`
	Operators  []condition.Operator `json:"operators" nullable:"false"`
	NextCursor string               `json:"next_cursor"`
}

func (a *api) systemRoutes() {
	register(a, operation{
		method: http.MethodGet, path: "/systems", id: "list-systems", tag: "systems", scope: config.ScopeRead,
		summary: "List the emulated systems",
	}, a.listSystems)
	register(a, operation{
		method: http.MethodGet, path: "/systems/{name}", id: "get-system", tag: "systems", scope: config.ScopeRead,
		summary: "Read a system's data sheet",
	}, a.getSystem)
	register(a, operation{
		method: http.MethodGet, path: "/systems/{name}/events/{event}/sample", id: "get-sample", tag: "systems", scope: config.ScopeRead,
		summary: "See what a system sends for an event",
	}, a.getSample)
	register(a, operation{
		method: http.MethodGet, path: "/fields", id: "list-fields", tag: "systems", scope: config.ScopeRead,
		summary: "List the fields and operators of conditions",
	}, a.listFields)
	register(a, operation{
		method: http.MethodGet, path: "/schemes", id: "list-schemes", tag: "systems", scope: config.ScopeRead,
		summary: "List the signing schemes",
	}, a.listSchemes)
}

func (a *api) listSystems(_ context.Context, _ caller, in *PageQuery) (*out[page[*systems.Sheet]], error) {
	all := []*systems.Sheet{}
	for _, system := range a.Systems.All() {
		all = append(all, system.Sheet())
	}
	// The order is the registry's, so that cursors count places.
	places := map[*systems.Sheet]string{}
	for i, sheet := range all {
		places[sheet] = fmt.Sprintf("%04d", i)
	}
	cut, err := slicePage(all, func(s *systems.Sheet) string { return places[s] }, *in)
	return answer(cut), err
}

func (a *api) getSystem(_ context.Context, _ caller, in *SystemPath) (*out[*systems.Sheet], error) {
	system, err := a.system(in.Name)
	if err != nil {
		return nil, err
	}
	return answer(system.Sheet()), nil
}

func (a *api) system(name string) (systems.System, error) {
	if system := a.Systems.Lookup(name); system != nil {
		return system, nil
	}
	return nil, problem(http.StatusNotFound, "there is no system %s%s", name, strictjson.Suggestion(name, a.Systems.Names()))
}

func (a *api) getSample(_ context.Context, _ caller, in *samplePath) (*out[sample], error) {
	system, err := a.system(in.Name)
	if err != nil {
		return nil, err
	}
	sheet := system.Sheet()
	event, ok := sheet.Event(in.Event)
	if !ok || event.Sample == nil {
		return nil, problem(http.StatusNotFound, "%s has no event %s%s", in.Name, in.Event, strictjson.Suggestion(in.Event, sheet.EventNames()))
	}
	revision, err := sheet.Revision(in.Revision)
	if err != nil {
		return nil, badQuery("revision", in.Revision, "must be a revision of %s", in.Name)
	}
	change := event.Sample()
	request, err := system.Render(systems.Occasion{
		Event: event.Name, Revision: revision.Name, Change: change, Delivery: "dlv_0000000000000", Matched: event.SampleMatched,
		Endpoint: systems.Endpoint{ID: "ep_0000000000000", Name: "Sample", URL: "https://example.com/hook", Settings: map[string]string{}},
	})
	if err != nil {
		return nil, fmt.Errorf("render sample of %s %s: %w", in.Name, in.Event, err)
	}
	headers := []executionlog.Header{{Name: "Content-Type", Value: request.ContentType}}
	for _, h := range request.Header {
		headers = append(headers, executionlog.Header(h))
	}
	return answer(sample{
		System: sheet.Name, Event: event.Name, Revision: revision.Name, EventID: request.EventID, Method: http.MethodPost,
		Headers: headers, Content: content(request.Body), ContentType: request.ContentType, Change: change,
	}), nil
}

func (a *api) listFields(context.Context, caller, *none) (*out[fieldList], error) {
	list := fieldList{Items: condition.Fields(), Operators: condition.Operators()}
	if list.Items == nil {
		list.Items = []condition.Field{}
	}
	if list.Operators == nil {
		list.Operators = []condition.Operator{}
	}
	return answer(list), nil
}

func (a *api) listSchemes(context.Context, caller, *none) (*out[page[signing.Description]], error) {
	list := page[signing.Description]{Items: []signing.Description{}}
	for _, scheme := range signing.All() {
		list.Items = append(list.Items, scheme.Describe())
	}
	return answer(list), nil
}
