package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/invalid"
	"github.com/hookdesk/hookdesk/web/inspect"
)

// SimulateRequest describes what to try on which changes.
type SimulateRequest struct {
	Draft  *triggerBody `json:"draft,omitempty" doc:"What to try; the trigger as it is if left out"`
	From   string       `json:"from,omitempty" doc:"Of the changes' acceptance"`
	To     string       `json:"to,omitempty"`
	Ticket string       `json:"ticket,omitempty" doc:"Only changes of this ticket"`
	System string       `json:"system,omitempty" doc:"Only changes that are an event of this system"`
}

// simulationBody describes a simulation to start.
type simulationBody struct {
	SimulateRequest
	Trigger string `json:"trigger,omitempty" doc:"The trigger to try, or to compare the draft with; may be left out beside a draft"`
}

// tryBody describes what to try on which ticket.
type tryBody struct {
	Draft   *triggerBody `json:"draft,omitempty" doc:"What to try; the trigger as it is if left out"`
	Trigger string       `json:"trigger,omitempty" doc:"The trigger to try; may be left out beside a draft"`
	Ticket  string       `json:"ticket" doc:"The ticket's number"`
}

// triedChanges is how many changes of a ticket a trigger is tried on.
const triedChanges = 20

// simulationView is a simulation with its progress.
type simulationView struct {
	ID         string                       `json:"id"`
	State      string                       `json:"state" enum:"running,done,cancelled,failed"`
	Trigger    string                       `json:"trigger,omitempty"`
	Draft      *triggers.Trigger            `json:"draft,omitempty"`
	From       *time.Time                   `json:"from,omitempty"`
	To         *time.Time                   `json:"to,omitempty"`
	Ticket     string                       `json:"ticket,omitempty"`
	System     string                       `json:"system,omitempty"`
	Considered int                          `json:"considered"`
	Total      int                          `json:"total"`
	Ends       *time.Time                   `json:"ends,omitempty"`
	Actor      string                       `json:"actor"`
	Error      string                       `json:"error,omitempty"`
	CreatedAt  time.Time                    `json:"created_at"`
	UpdatedAt  time.Time                    `json:"updated_at"`
	FinishedAt *time.Time                   `json:"finished_at,omitempty"`
	Result     *dispatcher.SimulationResult `json:"result,omitempty"`
}

func (a *api) simulationRoutes() {
	const tag = "simulations"
	register(a, operation{
		method: http.MethodPost, path: "/triggers/{id}/simulate", id: "simulate-trigger", tag: "triggers", scope: config.ScopeRead,
		summary:     "Try a trigger on stored changes, without effects",
		description: "It answers when it is through; POST /api/v1/simulations is for long ranges.",
		body:        SimulateRequest{}, optional: true,
	}, a.simulate)
	register(a, operation{
		method: http.MethodPost, path: "/triggers/try", id: "try-trigger", tag: "triggers", scope: config.ScopeRead,
		summary:     "See what a trigger makes of a ticket's newest changes, and why",
		description: "One verdict for each of the ticket's last twenty changes, the newest first, as if the trigger were enabled: those that do not match, too. It has no effects.",
		body:        tryBody{},
	}, a.tryTrigger)
	register(a, operation{
		method: http.MethodPost, path: "/simulations", id: "start-simulation", tag: tag, scope: config.ScopeRead, status: http.StatusAccepted,
		summary: "Start to try a trigger on stored changes, without effects", body: simulationBody{},
		description: fmt.Sprintf("It runs in the server process that takes the request; when that ends, another one, or the same once it is back, begins it anew. Every process shows its progress and can cancel it. "+
			"At most %d of a workspace run at the same time, and the newest %d are kept for a day.", dispatcher.MaxSimulations, dispatcher.SimulationsKept),
	}, a.startSimulation)
	register(a, operation{
		method: http.MethodGet, path: "/simulations", id: "list-simulations", tag: tag, scope: config.ScopeRead,
		summary: "List simulations without their results, newest first",
	}, a.listSimulations)
	register(a, operation{
		method: http.MethodGet, path: "/simulations/{id}", id: "get-simulation", tag: tag, scope: config.ScopeRead,
		summary: "Read a simulation's progress, and its result once it is over",
	}, a.getSimulation)
	register(a, operation{
		method: http.MethodPost, path: "/simulations/{id}/cancel", id: "cancel-simulation", tag: tag, scope: config.ScopeRead,
		summary:     "Stop a simulation",
		description: "The result of what it has considered follows within a second.",
	}, a.cancelSimulation)
}

func viewSimulation(job *dispatcher.SimulationJob) simulationView {
	r := job.Request
	return simulationView{
		ID: job.ID, State: job.State, Trigger: r.Trigger, Draft: r.Draft, From: timeOrNil(r.From), To: timeOrNil(r.To), Ticket: r.Ticket,
		System: r.System, Considered: job.Considered, Total: job.Total, Ends: timeOrNil(job.Ends()), Actor: job.Actor, Error: job.Error,
		CreatedAt: job.CreatedAt, UpdatedAt: job.UpdatedAt, FinishedAt: timeOrNil(job.FinishedAt), Result: job.Result,
	}
}

// simulationRequest is a simulationBody whose draft is decoded by its own
// decoder.
type simulationRequest struct {
	Trigger string    `json:"trigger,omitempty"`
	Draft   rawObject `json:"draft,omitempty"`
	From    string    `json:"from,omitempty"`
	To      string    `json:"to,omitempty"`
	Ticket  string    `json:"ticket,omitempty"`
	System  string    `json:"system,omitempty"`
}

// simulation turns a request into what the dispatcher takes.
func (a *api) simulation(who caller, request *simulationRequest) (dispatcher.Simulation, error) {
	wanted := dispatcher.Simulation{Trigger: request.Trigger, Ticket: request.Ticket, System: request.System}
	var list invalid.List
	for _, end := range []struct {
		path, text string
		into       *time.Time
	}{{"from", request.From, &wanted.From}, {"to", request.To, &wanted.To}} {
		at, err := parseTime(end.path, end.text, a.now())
		if err != nil {
			list.Add(end.path, end.text, "must be a time such as 2026-01-31T12:00:00Z, a date, or a duration before now such as -24h")
		}
		*end.into = at
	}
	if request.System != "" && a.Systems.Lookup(request.System) == nil {
		list.Add("system", request.System, "must be one of %s", strings.Join(a.Systems.Names(), ", "))
	}
	if len(request.Draft) > 0 {
		draft, err := config.DecodeTriggerUpdate(request.Draft)
		if err == nil {
			draft, err = a.Config.Draft(who.workspace, request.Trigger, draft)
		}
		list.Merge("draft", err)
		wanted.Draft = draft
	}
	return wanted, list.Err()
}

func (a *api) simulate(ctx context.Context, who caller, in *postByID) (*out[*dispatcher.SimulationResult], error) {
	var request struct {
		Draft  rawObject `json:"draft,omitempty"`
		From   string    `json:"from,omitempty"`
		To     string    `json:"to,omitempty"`
		Ticket string    `json:"ticket,omitempty"`
		System string    `json:"system,omitempty"`
	}
	if err := in.Payload.decodeOptional(&request); err != nil {
		return nil, err
	}
	if _, err := a.Config.TriggerIn(who.workspace, in.ID); err != nil {
		return nil, err
	}
	wanted, err := a.simulation(who, &simulationRequest{in.ID, request.Draft, request.From, request.To, request.Ticket, request.System})
	if err != nil {
		return nil, err
	}
	result, err := a.Desk.Simulate(ctx, who.workspace, wanted, nil)
	if err != nil {
		return nil, err
	}
	return answer(result), nil
}

func (a *api) tryTrigger(ctx context.Context, who caller, in *onlyPayload) (*out[page[inspect.Tried]], error) {
	var request struct {
		Trigger string    `json:"trigger,omitempty"`
		Draft   rawObject `json:"draft,omitempty"`
		Ticket  string    `json:"ticket"`
	}
	if err := in.Payload.decode(&request); err != nil {
		return nil, err
	}
	wanted, err := a.simulation(who, &simulationRequest{Trigger: request.Trigger, Draft: request.Draft})
	if err != nil {
		return nil, err
	}
	if wanted.Draft == nil {
		if wanted.Draft, err = a.Config.TriggerIn(who.workspace, request.Trigger); err != nil {
			return nil, invalid.New("trigger", request.Trigger, "must be the id of a trigger of this workspace, unless there is a draft")
		}
	}
	if request.Ticket == "" {
		return nil, invalid.New("ticket", nil, "must be the number of a ticket")
	}
	tried, err := a.inspect.Try(ctx, who.workspace, wanted.Draft, request.Ticket, triedChanges)
	if err != nil {
		return nil, err
	}
	if len(tried) == 0 {
		return nil, invalid.New("ticket", request.Ticket, "must be the number of a ticket with changes that are still kept")
	}
	return answer(page[inspect.Tried]{Items: tried}), nil
}

func (a *api) startSimulation(ctx context.Context, who caller, in *onlyPayload) (*made[simulationView], error) {
	var request simulationRequest
	if err := in.Payload.decode(&request); err != nil {
		return nil, err
	}
	switch {
	case request.Trigger != "":
		if _, err := a.Config.TriggerIn(who.workspace, request.Trigger); err != nil {
			return nil, invalid.New("trigger", request.Trigger, "must be the id of a trigger of this workspace")
		}
	case len(request.Draft) == 0:
		return nil, invalid.New("trigger", nil, "must be the id of a trigger, unless there is a draft")
	}
	wanted, err := a.simulation(who, &request)
	if err != nil {
		return nil, err
	}
	job, err := a.Desk.StartSimulation(ctx, who.workspace, wanted, who.Name)
	if err != nil {
		return nil, err
	}
	return &made[simulationView]{Location: Base + "/simulations/" + job.ID, Body: viewSimulation(job)}, nil
}

func (a *api) listSimulations(ctx context.Context, who caller, in *PageQuery) (*out[page[simulationView]], error) {
	jobs, err := a.Desk.SimulationJobs(ctx, who.workspace)
	if err != nil {
		return nil, err
	}
	cut, err := newestPage(jobs, func(j *dispatcher.SimulationJob) string { return j.ID }, *in)
	if err != nil {
		return nil, err
	}
	list := page[simulationView]{Items: make([]simulationView, len(cut.Items)), NextCursor: cut.NextCursor}
	for i, job := range cut.Items {
		list.Items[i] = viewSimulation(job)
		list.Items[i].Result = nil
	}
	return answer(list), nil
}

func (a *api) getSimulation(ctx context.Context, who caller, in *IDPath) (*out[simulationView], error) {
	job, err := a.Desk.SimulationJob(ctx, who.workspace, in.ID)
	if err != nil {
		return nil, err
	}
	return answer(viewSimulation(job)), nil
}

func (a *api) cancelSimulation(ctx context.Context, who caller, in *IDPath) (*out[simulationView], error) {
	job, err := a.Desk.CancelSimulation(ctx, who.workspace, in.ID)
	if err != nil {
		return nil, err
	}
	return answer(viewSimulation(job)), nil
}

// rawObject is JSON that its own decoder reads later.
type rawObject []byte

// UnmarshalJSON keeps the JSON.
func (o *rawObject) UnmarshalJSON(data []byte) error {
	*o = append((*o)[:0], data...)
	if string(data) == "null" {
		*o = nil
	}
	return nil
}

// Schema implements huma.SchemaProvider.
func (rawObject) Schema(huma.Registry) *huma.Schema { return anyObject("") }
