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

// hits counts the deliveries a trigger led to; More says that there are more
// than were looked at.
type hits struct {
	Deliveries, Failed int
	Last               time.Time
	More               bool
}

func listTriggers(r *request) error {
	all := r.Config.Triggers(r.session.Workspace)
	counted, err := r.countHits()
	if err != nil {
		return err
	}
	page := &triggersPage{}
	for _, t := range all {
		page.Rows = append(page.Rows, triggerRow{Trigger: t, Conditions: leaves(t.When), Targets: r.targets(t), Hits: counted[t.ID]})
	}
	return r.show("triggers", "triggers", "Triggers", page)
}

// countHits counts the newest deliveries by trigger.
func (r *request) countHits() (map[string]hits, error) {
	const most = 2000
	found, err := r.Ledger.ListDeliveries(r.Context(), executionlog.DeliveryQuery{
		Workspace: r.session.Workspace, From: r.since(statisticsSpan), Limit: most,
	})
	if err != nil {
		return nil, fmt.Errorf("count deliveries by trigger: %w", err)
	}
	counted := map[string]hits{}
	for _, d := range found.Items {
		h := counted[d.Trigger]
		h.Deliveries++
		if d.Outcome == executionlog.Failed {
			h.Failed++
		}
		if d.CreatedAt.After(h.Last) {
			h.Last = d.CreatedAt
		}
		h.More = found.Next != ""
		counted[d.Trigger] = h
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
