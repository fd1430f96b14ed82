package console

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/web/inspect"
)

func endpointRoutes(get, post registrar) {
	get("/endpoints", listEndpoints)
	get("/endpoints/new", newEndpoint)
	post("/endpoints", createEndpoint)
	get("/endpoints/{id}", showEndpoint)
	get("/endpoints/{id}/edit", editEndpoint)
	post("/endpoints/{id}", updateEndpoint)
	post("/endpoints/{id}/test", testEndpoint)
	post("/endpoints/{id}/rotate", rotateSecret)
	post("/endpoints/{id}/state", setEndpointState)
	post("/endpoints/{id}/close-breaker", closeBreaker)
	post("/endpoints/{id}/delete", deleteEndpoint)
}

// endpointsPage lists the endpoints of the workspace.
type endpointsPage struct {
	inspect.EndpointFilter
	Rows    []endpointRow
	InAll   int // before the filter
	Systems []choice
}

// Filtered reports whether the list is narrowed.
func (p *endpointsPage) Filtered() bool { return p.EndpointFilter != inspect.EndpointFilter{} }

// Filterable reports whether there is enough in the list to narrow it.
func (p *endpointsPage) Filterable() bool { return p.InAll > fewRows || p.Filtered() }

// endpointRow is one endpoint with how it fares.
type endpointRow struct {
	*triggers.Endpoint
	Count   executionlog.EndpointCount
	Breaker string
}

// Settled counts the deliveries that came to an end by success or failure.
func (e endpointRow) Settled() int { return e.Count.Succeeded + e.Count.Failed }

func listEndpoints(r *request) error {
	counts, err := r.endpointCounts()
	if err != nil {
		return err
	}
	breakers := map[string]string{}
	for _, status := range r.Desk.Lanes(r.session.Workspace) {
		breakers[status.Endpoint] = status.Breaker
	}
	values := r.URL.Query()
	page := &endpointsPage{
		EndpointFilter: inspect.EndpointFilter{Q: strings.TrimSpace(values.Get("q")), System: values.Get("system"), State: values.Get("state")},
		Systems:        r.systemChoices(),
	}
	for _, stored := range r.Config.Endpoints(r.session.Workspace) {
		e := r.Config.Public(stored)
		if page.InAll++; !page.Takes(e) {
			continue
		}
		page.Rows = append(page.Rows, endpointRow{e, counts[e.ID], breakers[e.ID]})
	}
	return r.show("endpoints", "endpoints", "Endpoints", page)
}

// endpointCounts counts deliveries by endpoint over the span of statistics.
func (r *request) endpointCounts() (map[string]executionlog.EndpointCount, error) {
	counted, err := r.Ledger.Counts(r.Context(), r.session.Workspace, r.since(statisticsSpan))
	if err != nil {
		return nil, fmt.Errorf("count deliveries by endpoint: %w", err)
	}
	byID := map[string]executionlog.EndpointCount{}
	for _, c := range counted {
		byID[c.Endpoint] = c
	}
	return byID, nil
}

// versionOf returns the version that a form was made from, AnyVersion where it
// does not say.
func versionOf(r *request) int {
	version, err := strconv.Atoi(r.PostFormValue("version"))
	if err != nil {
		return config.AnyVersion
	}
	return version
}
