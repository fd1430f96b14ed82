package console

import (
	"fmt"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/web/inspect"
)

func triggerRoutes(get, post registrar) {
	get("/triggers", listTriggers)
	get("/triggers/new", newTrigger)
	post("/triggers", createTrigger)
	post("/triggers/form", reworkTrigger)
	get("/triggers/{id}", showTrigger)
	get("/triggers/{id}/edit", editTrigger)
	post("/triggers/{id}", updateTrigger)
	post("/triggers/{id}/enabled", enableTrigger)
	post("/triggers/{id}/delete", deleteTrigger)
	get("/triggers/{id}/versions", showVersions)
	post("/triggers/{id}/rollback", rollbackTrigger)
}

// statisticsSpan is how far back hits and failures are counted.
const statisticsSpan = 7 * 24 * time.Hour

// triggersPage lists the triggers of the workspace.
type triggersPage struct {
	inspect.TriggerFilter
	Rows    []triggerRow
	InAll   int // before the filter
	Systems []choice
}

// Filtered reports whether the list is narrowed.
func (p *triggersPage) Filtered() bool { return p.TriggerFilter != inspect.TriggerFilter{} }

// Filterable reports whether there is enough in the list to narrow it.
func (p *triggersPage) Filterable() bool { return p.InAll > fewRows || p.Filtered() }

// fewRows is how long a list may be that nobody wants to narrow.
const fewRows = 8

// systemChoices lists the systems for a select.
func (r *request) systemChoices() []choice {
	var list []choice
	for _, system := range r.Systems.All() {
		list = append(list, choice{system.Sheet().Name, system.Sheet().Title})
	}
	return list
}

// triggerRow is one trigger with how it fares.
type triggerRow struct {
	*triggers.Trigger
	Conditions int
	Targets    []target
	Hits       hits
}

// target is an endpoint that a trigger sends to.
type target struct{ ID, Name string }

// hits is how often a trigger led to an attempt within statisticsSpan.
type hits struct {
	executionlog.TriggerCount
	ThisHour bool // the newest is of this hour
}

// Attempts counts them all.
func (h hits) Attempts() int64 { return h.Succeeded + h.Failed }

func listTriggers(r *request) error {
	counted, err := r.countHits()
	if err != nil {
		return err
	}
	values := r.URL.Query()
	page := &triggersPage{
		TriggerFilter: inspect.TriggerFilter{Q: strings.TrimSpace(values.Get("q")), System: values.Get("system"), State: values.Get("state")},
		Systems:       r.systemChoices(),
	}
	for _, t := range r.Config.Triggers(r.session.Workspace) {
		if page.InAll++; !page.Takes(t) {
			continue
		}
		page.Rows = append(page.Rows, triggerRow{Trigger: t, Conditions: leaves(t.When), Targets: r.targets(t), Hits: counted[t.ID]})
	}
	return r.show("triggers", "triggers", "Triggers", page)
}

// countHits counts the attempts of each trigger.
func (r *request) countHits() (map[string]hits, error) {
	found, err := r.Ledger.TriggerCounts(r.Context(), r.session.Workspace, r.since(statisticsSpan))
	if err != nil {
		return nil, fmt.Errorf("count attempts by trigger: %w", err)
	}
	counted := make(map[string]hits, len(found))
	for _, c := range found {
		counted[c.Trigger] = hits{c, r.Now().Sub(c.Last) < time.Hour}
	}
	return counted, nil
}

// targets lists the endpoints that a trigger sends to.
func (r *request) targets(t *triggers.Trigger) []target {
	var list []target
	for _, action := range t.Then {
		if action.Webhook == nil {
			continue
		}
		for _, id := range action.Webhook.Targets() {
			list = append(list, target{id, r.endpointName(id)})
		}
	}
	return list
}
