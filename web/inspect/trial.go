package inspect

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// Tried is one change of a ticket with the verdict of a trigger that is tried
// on it.
type Tried struct {
	Change  string           `json:"change" doc:"The change's id"`
	At      time.Time        `json:"at" doc:"When it happened"`
	Kind    ticket.Kind      `json:"kind" doc:"What it did"`
	Verdict triggers.Verdict `json:"verdict" doc:"What the trigger makes of it, and why"`
}

// Try gives a trigger's verdict, as if it were enabled, on the newest changes
// of a ticket, the newest first, at most limit; none where no change of such a
// ticket is known. It has no effects and remembers no earlier firings.
func (i *Inspector) Try(ctx context.Context, workspace string, draft *triggers.Trigger, number string, limit int) ([]Tried, error) {
	if number == "" {
		return nil, nil
	}
	found, err := i.Ledger.Changes(ctx, executionlog.ChangeQuery{Workspace: workspace, Ticket: number, Limit: limit})
	if err != nil {
		return nil, fmt.Errorf("list changes: %w", err)
	}
	enabled := *draft
	enabled.Enabled = true
	engine := triggers.Compile([]*triggers.Trigger{&enabled}, i.Config.Calendars(workspace))
	var tried []Tried
	for _, row := range found.Items {
		change := &ticket.Change{}
		if err := json.Unmarshal(row.Doc, change); err != nil {
			return nil, fmt.Errorf("decode change %s: %w", row.ID, err)
		}
		detected := map[string][]string{}
		if system := i.Systems.Lookup(draft.System); system != nil {
			detected[draft.System] = system.Detect(change)
		}
		for _, verdict := range engine.EvaluateAll(change, detected, triggers.Memory{}) {
			tried = append(tried, Tried{row.ID, row.At, change.Kind, verdict})
		}
	}
	return tried, nil
}
