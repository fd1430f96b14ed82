package dispatcher

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// explainedChanges bounds how many changes of one ticket are explained.
const explainedChanges = 500

// Verdicts implements Desk.
func (d *Dispatcher) Verdicts(ctx context.Context, workspace, change string) ([]triggers.Verdict, error) {
	row, err := d.options.Ledger.Change(ctx, workspace, change)
	if err != nil {
		return nil, err
	}
	return d.verdicts(ctx, row)
}

// Explain implements Desk.
func (d *Dispatcher) Explain(ctx context.Context, workspace, number, trigger string) (*Explanation, error) {
	explanation := &Explanation{Ticket: number, Changes: []ExplainedChange{}}
	query := executionlog.ChangeQuery{Workspace: workspace, Ticket: number, Oldest: true, Limit: 100}
	for len(explanation.Changes) < explainedChanges {
		page, err := d.options.Ledger.Changes(ctx, query)
		if err != nil {
			return nil, fmt.Errorf("read the ticket's changes: %w", err)
		}
		for _, row := range page.Items {
			verdicts, err := d.verdicts(ctx, row)
			if err != nil {
				return nil, err
			}
			if trigger != "" {
				verdicts = slices.DeleteFunc(verdicts, func(v triggers.Verdict) bool { return v.Trigger != trigger })
			}
			explanation.Changes = append(explanation.Changes, ExplainedChange{
				Change: row.ID, At: row.At, Kind: ticket.Kind(row.Kind), Verdicts: verdicts,
			})
		}
		if page.Next == "" {
			break
		}
		query.Cursor = page.Next
	}
	if len(explanation.Changes) == 0 {
		return nil, fmt.Errorf("ticket %q: %w", number, executionlog.ErrNotFound)
	}
	return explanation, nil
}

// verdicts returns the verdict of every trigger there was when a change was
// accepted: the recorded one where there is one, else computed again, which
// comes to the same since conditions see only the change.
func (d *Dispatcher) verdicts(ctx context.Context, row *executionlog.Change) ([]triggers.Verdict, error) {
	recorded := map[string]triggers.Verdict{}
	var list []triggers.Verdict
	if len(row.Verdicts) > 0 {
		if err := json.Unmarshal(row.Verdicts, &list); err != nil {
			return nil, fmt.Errorf("read the verdicts of %s: %w", row.ID, err)
		}
	}
	for _, v := range list {
		recorded[v.Trigger] = v
	}
	change, err := parseChange(row)
	if err != nil {
		return nil, err
	}
	engine, err := d.options.Config.EngineAt(ctx, row.Workspace, row.AcceptedAt)
	if err != nil {
		return nil, fmt.Errorf("read the triggers of the time: %w", err)
	}
	memory, err := d.memoryBefore(ctx, row)
	if err != nil {
		return nil, err
	}
	all := engine.EvaluateAll(change, d.detect(change), memory)
	for i, v := range all {
		if was, ok := recorded[v.Trigger]; ok {
			all[i] = was
			delete(recorded, v.Trigger)
		}
	}
	for _, v := range list { // of triggers that the engine of the time does not show
		if _, left := recorded[v.Trigger]; left {
			all = append(all, v)
		}
	}
	return append(all, d.createdAfter(row, all)...), nil
}

// createdAfter returns a verdict for each trigger that did not exist yet.
func (d *Dispatcher) createdAfter(row *executionlog.Change, seen []triggers.Verdict) []triggers.Verdict {
	var list []triggers.Verdict
	for _, t := range d.options.Config.Engine(row.Workspace).Triggers() {
		if !t.CreatedAt.After(row.AcceptedAt) ||
			slices.ContainsFunc(seen, func(v triggers.Verdict) bool { return v.Trigger == t.ID }) {
			continue
		}
		list = append(list, triggers.Verdict{
			Trigger: t.ID, Name: t.Name, System: t.System, Version: t.Version,
			Verdict: triggers.NotSubscribed, Code: triggers.CodeCreatedAfter,
			Reason: triggers.Sentence(triggers.CodeCreatedAfter, t.CreatedAt.UTC().Format("2006-01-02 15:04:05 MST")),
		})
	}
	return list
}

// memoryBefore returns what the engine remembered about a change's ticket
// before it: the firings of earlier changes.
func (d *Dispatcher) memoryBefore(ctx context.Context, row *executionlog.Change) (triggers.Memory, error) {
	stored, err := d.options.Ledger.Ticket(ctx, row.Workspace, row.Ticket)
	if err != nil {
		return triggers.Memory{}, fmt.Errorf("read the ticket: %w", err)
	}
	known, err := parseTicket(stored)
	if err != nil {
		return triggers.Memory{}, err
	}
	return earlierThan(known.memory, row.ID), nil
}

// earlierThan drops what a memory learned from a change or a later one.
func earlierThan(memory triggers.Memory, change string) triggers.Memory {
	before := triggers.Memory{FiredOnce: map[string]string{}}
	for trigger, by := range memory.FiredOnce {
		if by < change { // ids sort by time
			before.FiredOnce[trigger] = by
		}
	}
	return before
}

func parseChange(row *executionlog.Change) (*ticket.Change, error) {
	change := &ticket.Change{}
	if err := json.Unmarshal(row.Doc, change); err != nil {
		return nil, fmt.Errorf("read change %s: %w", row.ID, err)
	}
	return change, nil
}
