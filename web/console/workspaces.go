package console

import (
	"net/http"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/executionlog"
)

func workspaceRoutes(get, post registrar) {
	get("/operations/workspaces", listWorkspaces)
	post("/operations/workspaces", switchWorkspace)
	get("/operations/workspaces/new", newWorkspace)
	post("/operations/workspaces/new", createWorkspace)
	get("/operations/workspaces/{name}", editWorkspace)
	post("/operations/workspaces/{name}", updateWorkspace)
	post("/operations/workspaces/{name}/delete", deleteWorkspace)
}

// workspacesPage lists the workspaces an administrator may look into.
type workspacesPage struct {
	Workspaces []workspaceRow
	Current    string
}

// workspaceRow is a workspace with how long it keeps things, and what was
// removed from it in the last 30 days.
type workspaceRow struct {
	*config.Workspace
	Keep    executionlog.Keep
	Removed executionlog.Removed
}

func (r *request) needWorkspaceAdmin() error {
	return r.fail(http.StatusForbidden, "Not allowed", "Only administrators see and change workspaces.")
}

func listWorkspaces(r *request) error {
	if !r.session.Admin {
		return r.needWorkspaceAdmin()
	}
	policy := r.Config.Retention()
	var rows []workspaceRow
	for _, workspace := range r.Config.Workspaces() {
		row := workspaceRow{Workspace: workspace, Keep: policy.Of(workspace.Name)}
		removals, err := r.Ledger.Removals(r.Context(), workspace.Name, r.Now().AddDate(0, 0, -30))
		if err != nil {
			return err
		}
		for _, removal := range removals {
			row.Removed.Add(removal.Removed)
		}
		rows = append(rows, row)
	}
	return r.show("workspaces", "operations", "Workspaces", &workspacesPage{rows, r.session.Workspace})
}

// switchWorkspace goes on in another workspace, with the same session.
func switchWorkspace(r *request) error {
	name := r.PostFormValue("name")
	value, ok := r.cookies.session(r.Request)
	if !ok || !r.session.Admin || !r.Config.HasWorkspace(name) {
		return notFound("workspace")
	}
	r.cookies.startSession(r.w, r.Request, value.Token, name, value.Expires)
	r.done("You are in the workspace " + name + " now.")
	return r.redirect("/")
}
