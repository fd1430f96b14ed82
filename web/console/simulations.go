package console

import (
	"net/http"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
)

func simulationRoutes(get, post registrar) {
	get("/simulations", listSimulations)
	get("/simulations/{id}", showSimulation)
	post("/simulations/{id}/cancel", cancelSimulation)
}

const (
	// simulatedAtOnce is over how many changes a simulation is answered with
	// the editor itself; a longer one gets a page with its progress.
	simulatedAtOnce = 2000
	// refreshEvery is how often pages of what goes on load themselves again
	// where there is no script, in seconds.
	refreshEvery = 2
)

// simulationPage is one simulation with its progress.
type simulationPage struct {
	*dispatcher.SimulationJob
	Name string // of the trigger or the draft
	Ends time.Time
}

func pageOf(job *dispatcher.SimulationJob, r *request) *simulationPage {
	page := &simulationPage{SimulationJob: job, Name: "a new trigger", Ends: job.Ends()}
	if draft := job.Request.Draft; draft != nil && draft.Name != "" {
		page.Name = draft.Name
	} else if trigger := r.Config.Trigger(job.Request.Trigger); trigger != nil && trigger.Workspace == r.session.Workspace {
		page.Name = trigger.Name
	}
	return page
}

// Running reports whether it goes on.
func (p *simulationPage) Running() bool { return p.State == dispatcher.JobRunning }

// Share returns how much of it is done, in percent.
func (p *simulationPage) Share() int {
	if p.Total == 0 {
		return 100
	}
	return p.Considered * 100 / p.Total
}

// Editor is the address of the editor that holds what is tried.
func (p *simulationPage) Editor() string {
	if p.Request.Trigger == "" {
		return "/triggers/new?draft=" + p.ID + "#try"
	}
	return "/triggers/" + p.Request.Trigger + "/edit?draft=" + p.ID + "#try"
}

func showSimulation(r *request) error {
	job, err := r.Desk.SimulationJob(r.Context(), r.session.Workspace, r.segment("id"))
	if err != nil {
		return err
	}
	shown := frame{Title: "Simulation", Section: "triggers", Page: pageOf(job, r)}
	if job.State == dispatcher.JobRunning {
		shown.Refresh = refreshEvery
	}
	return r.render(http.StatusOK, "simulation", shown)
}

func cancelSimulation(r *request) error {
	job, err := r.Desk.CancelSimulation(r.Context(), r.session.Workspace, r.segment("id"))
	if err != nil {
		return err
	}
	r.done("Stopped the simulation.")
	return r.redirect("/simulations/" + job.ID)
}

// simulationsPage lists the simulations.
type simulationsPage struct {
	Simulations []*simulationPage
}

func listSimulations(r *request) error {
	list, err := r.Desk.SimulationJobs(r.Context(), r.session.Workspace)
	if err != nil {
		return err
	}
	page := &simulationsPage{}
	for _, job := range list {
		page.Simulations = append(page.Simulations, pageOf(job, r))
	}
	return r.show("simulations", "triggers", "Simulations", page)
}

// resume puts what a simulation tried into the editor again, with what came
// of it, and returns its system, empty where it tried no draft.
func (r *request) resume(form *triggerForm, id string) (system string, err error) {
	job, err := r.Desk.SimulationJob(r.Context(), r.session.Workspace, id)
	if err != nil {
		return "", err
	}
	wanted := job.Request
	form.Trial = &trial{Ticket: wanted.Ticket, From: writeTime(wanted.From), Result: job.Result}
	if wanted.To.Before(job.CreatedAt) { // else everything until then was meant
		form.Trial.To = writeTime(wanted.To)
	}
	if wanted.Draft == nil {
		return "", nil
	}
	current, version := form.ID, form.Version
	form.fill(wanted.Draft)
	form.ID, form.Version = current, version
	return wanted.Draft.System, nil
}

// writeTime writes a time as a form takes it, in UTC.
func writeTime(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02T15:04")
}
