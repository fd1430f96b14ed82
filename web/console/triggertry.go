package console

import (
	"errors"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/ticket"
	"github.com/hookdesk/hookdesk/web/inspect"
)

// trial is what trying a draft gave.
type trial struct {
	Ticket, From, To string // as written
	Fault            string
	Changes          []inspect.Tried              // of a test against a ticket
	Result           *dispatcher.SimulationResult // of a simulation
	Started          string                       // id of a simulation that goes on by itself
}

// tryDraft tries what the editor holds, without effects: against the last
// changes of a ticket, or over all changes of a time.
func (r *request) tryDraft(form *triggerForm, how string) error {
	t := &trial{
		Ticket: strings.TrimSpace(r.PostForm.Get("try.ticket")), From: strings.TrimSpace(r.PostForm.Get("try.from")),
		To: strings.TrimSpace(r.PostForm.Get("try.to")),
	}
	form.Trial = t
	if form.Faults = form.unfilled(); len(form.Faults) > 0 {
		t.Fault = "Mend the trigger first."
		return nil
	}
	draft, err := r.Config.Draft(r.session.Workspace, form.ID, form.trigger())
	if found, ok := faultsOf(err); ok {
		form.Faults, t.Fault = found, "Mend the trigger first."
		return nil
	}
	if err != nil {
		return err
	}
	if how == "test" {
		return r.testDraft(t, draft)
	}
	return r.simulateDraft(t, form.ID, draft)
}

// testDraft gives the draft's verdict on each of a ticket's last changes.
func (r *request) testDraft(t *trial, draft *triggers.Trigger) (err error) {
	const most = 20
	t.Changes, err = r.inspect.Try(r.Context(), r.session.Workspace, draft, t.Ticket, most)
	if err == nil && len(t.Changes) == 0 {
		t.Fault = "No change of such a ticket is known."
	}
	return err
}

func (r *request) simulateDraft(t *trial, id string, draft *triggers.Trigger) error {
	from, to, fault := readRange(t.From, t.To)
	if fault != "" {
		t.Fault = fault
		return nil
	}
	wanted := dispatcher.Simulation{Trigger: id, Draft: draft, From: from, To: to, Ticket: t.Ticket}
	count, err := r.Desk.CountSimulation(r.Context(), r.session.Workspace, wanted)
	if err != nil {
		return err
	}
	if count > simulatedAtOnce {
		return r.startSimulation(t, wanted)
	}
	result, err := r.Desk.Simulate(r.Context(), r.session.Workspace, wanted, nil)
	if found, ok := faultsOf(err); ok {
		for _, text := range found {
			t.Fault += text + " "
		}
		return nil
	}
	if err != nil {
		return err
	}
	t.Result = result
	return nil
}

func (r *request) startSimulation(t *trial, wanted dispatcher.Simulation) error {
	started, err := r.Desk.StartSimulation(r.Context(), r.session.Workspace, wanted, r.session.Name)
	if errors.Is(err, dispatcher.ErrTooManySimulations) {
		t.Fault = "As many simulations run as may. Stop one, or wait until one is done."
		return nil
	}
	if err != nil {
		return err
	}
	t.Started = started.ID
	return nil
}

// readRange reads two times, either of which may be empty.
func readRange(fromText, toText string) (from, to time.Time, fault string) {
	var ok bool
	if fromText != "" {
		if from, ok = ticket.ParseTime(fromText); !ok {
			return from, to, "The start is no time such as 2026-05-07 11:17."
		}
	}
	if toText != "" {
		if to, ok = ticket.ParseTime(toText); !ok {
			return from, to, "The end is no time such as 2026-05-07 11:17."
		}
	}
	return from, to, ""
}
