package console

import (
	"fmt"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
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
	Rows []triggerRow
	// Newest is how many deliveries Hits were counted among, 0 if all.
	Newest int
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

// hits counts the deliveries a trigger led to.
type hits struct {
	Deliveries, Failed int
	Last               time.Time
}

func listTriggers(r *request) error {
	all := r.Config.Triggers(r.session.Workspace)
	counted, more, err := r.countHits("")
	if err != nil {
		return err
	}
	page := &triggersPage{}
	if more {
		page.Newest = mostHits
	}
	for _, t := range all {
		page.Rows = append(page.Rows, triggerRow{Trigger: t, Conditions: leaves(t.When), Targets: r.targets(t), Hits: counted[t.ID]})
	}
	return r.show("triggers", "triggers", "Triggers", page)
}

// mostHits is how many deliveries are looked at to count hits.
const mostHits = 2000

// countHits counts the newest deliveries of one trigger, or of all where it is
// empty; more says that there are others.
func (r *request) countHits(trigger string) (counted map[string]hits, more bool, err error) {
	found, err := r.Ledger.ListDeliveries(r.Context(), executionlog.DeliveryQuery{
		Workspace: r.session.Workspace, Trigger: trigger, From: r.since(statisticsSpan), Limit: mostHits,
	})
	if err != nil {
		return nil, false, fmt.Errorf("count deliveries by trigger: %w", err)
	}
	counted = map[string]hits{}
	for _, d := range found.Items {
		h := counted[d.Trigger]
		h.Deliveries++
		if d.Outcome == executionlog.Failed {
			h.Failed++
		}
		if d.CreatedAt.After(h.Last) {
			h.Last = d.CreatedAt
		}
		counted[d.Trigger] = h
	}
	return counted, found.Next != "", nil
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
