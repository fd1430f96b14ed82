package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/executionlog"
)

// workspaceForm is one workspace as people write it.
type workspaceForm struct {
	New    bool
	Name   string
	Title  string
	Faults faults
	Keeps  []numberField
	Limits []numberField
	// Loses is what shorter times would remove, which somebody has to confirm.
	Loses []string
}

// numberField is a number of the form, as it was written.
type numberField struct {
	Name, Title, Hint, Value, Fault string
}

// mostInForm is above all that the fields may be, and fits into an int.
const mostInForm = 1e9

// InName is the name of the field, which is the path without its dot.
func (f numberField) InName() string { return strings.ReplaceAll(f.Name, ".", "_") }

// newWorkspaceForm is a form for a workspace that exists, or for a new one.
func (r *request) newWorkspaceForm(w *config.Workspace) *workspaceForm {
	f := &workspaceForm{New: w == nil, Faults: faults{}}
	if w == nil {
		w = &config.Workspace{}
	}
	f.Name, f.Title = w.Name, w.Title
	usual := r.Config.Retention().Keep
	for _, keeps := range []struct {
		name, title string
		days        int
		usual       time.Duration
	}{
		{"bodies_days", "Requests and answers", w.Retention.BodiesDays, usual.Bodies},
		{"succeeded_days", "Successes", w.Retention.SucceededDays, usual.Succeeded},
		{"failed_days", "Failures", w.Retention.FailedDays, usual.Failed},
		{"changes_days", "Changes of tickets", w.Retention.ChangesDays, usual.Changes},
	} {
		f.Keeps = append(f.Keeps, numberField{
			Name: "retention." + keeps.name, Title: keeps.title + ", days", Value: positive(float64(keeps.days)),
			Hint: "empty: as the server is set, which is " + kept(keeps.usual),
		})
	}
	f.Limits = []numberField{
		{Name: "limits.changes_per_second", Title: "Changes a second", Value: positive(w.Limits.ChangesPerSecond), Hint: "empty: no limit"},
		{Name: "limits.endpoints", Title: "Endpoints", Value: positive(float64(w.Limits.Endpoints)), Hint: "empty: no limit"},
		{Name: "limits.triggers", Title: "Triggers", Value: positive(float64(w.Limits.Triggers)), Hint: "empty: no limit"},
	}
	return f
}

// positive writes a number, 0 as nothing.
func positive(n float64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// read takes what was posted, and returns it as a merge patch.
func (f *workspaceForm) read(posted url.Values) (patch []byte, err error) {
	f.Title = strings.TrimSpace(posted.Get("title"))
	if f.New {
		f.Name = strings.TrimSpace(posted.Get("name"))
	}
	parts := map[string]map[string]float64{"retention": {}, "limits": {}}
	for _, list := range [][]numberField{f.Keeps, f.Limits} {
		for i := range list {
			field := &list[i]
			part, name, _ := strings.Cut(field.Name, ".")
			field.Value = strings.TrimSpace(posted.Get(field.InName()))
			if field.Value == "" {
				parts[part][name] = 0
				continue
			}
			number, err := strconv.ParseFloat(field.Value, 64)
			whole := field.Name != "limits.changes_per_second"
			switch {
			case whole && (err != nil || number != math.Trunc(number)):
				f.Faults[field.Name] = "A whole number, or nothing."
			case err != nil || math.IsNaN(number):
				f.Faults[field.Name] = "A number, or nothing."
			case number <= 0:
				f.Faults[field.Name] = "More than 0, or nothing."
			case number > mostInForm:
				f.Faults[field.Name] = "That is too much."
			default:
				parts[part][name] = number
			}
		}
	}
	patch, err = json.Marshal(map[string]any{"name": f.Name, "title": f.Title, "retention": parts["retention"], "limits": parts["limits"]})
	if err != nil {
		return nil, fmt.Errorf("encode workspace: %w", err)
	}
	return patch, nil
}

// Times are the times that things are kept, as they were written. Who agrees to
// what they remove agrees to these, and to no others.
func (f *workspaceForm) Times() string {
	times := make([]string, len(f.Keeps))
	for i, field := range f.Keeps {
		times[i] = field.Value
	}
	return strings.Join(times, ",")
}

func newWorkspace(r *request) error {
	if !r.session.Admin {
		return r.needWorkspaceAdmin()
	}
	return r.show("workspaceform", "operations", "New workspace", r.newWorkspaceForm(nil))
}

func editWorkspace(r *request) error {
	if !r.session.Admin {
		return r.needWorkspaceAdmin()
	}
	workspace, err := r.Config.Workspace(r.segment("name"))
	if err != nil {
		return err
	}
	return r.show("workspaceform", "operations", "Workspace "+workspace.Name, r.newWorkspaceForm(workspace))
}

func createWorkspace(r *request) error {
	if !r.session.Admin {
		return r.needWorkspaceAdmin()
	}
	form := r.newWorkspaceForm(nil)
	document, err := r.postedWorkspace(form)
	if err != nil || len(form.Faults) > 0 {
		return r.refuseWorkspace(form, err)
	}
	var in config.WorkspaceInput
	if err := json.Unmarshal(document, &in); err != nil {
		return fmt.Errorf("decode workspace: %w", err)
	}
	made, err := r.Config.CreateWorkspace(r.Context(), r.by(), in)
	if errors.Is(err, executionlog.ErrConflict) && r.Config.HasWorkspace(in.Name) {
		form.Faults["name"] = "There is one of this name already."
		return r.refuseWorkspace(form, nil)
	}
	if err != nil {
		return r.refuseWorkspace(form, err)
	}
	r.done("Made the workspace " + made.Name + ".")
	return r.redirect("/operations/workspaces")
}

func updateWorkspace(r *request) error {
	if !r.session.Admin {
		return r.needWorkspaceAdmin()
	}
	workspace, err := r.Config.Workspace(r.segment("name"))
	if err != nil {
		return err
	}
	form := r.newWorkspaceForm(workspace)
	patch, err := r.postedWorkspace(form)
	if err != nil || len(form.Faults) > 0 {
		return r.refuseWorkspace(form, err)
	}
	if r.PostFormValue("lose") != form.Times() {
		if form.Loses, err = r.wouldLose(workspace.Name, patch); err != nil {
			return err
		}
		if len(form.Loses) > 0 {
			return r.refuseWorkspace(form, nil)
		}
	}
	if _, err := r.Config.PatchWorkspace(r.Context(), r.by(), workspace.Name, patch); err != nil {
		return r.refuseWorkspace(form, err)
	}
	r.done("Saved the workspace " + workspace.Name + ".")
	return r.redirect("/operations/workspaces")
}

func (r *request) postedWorkspace(form *workspaceForm) ([]byte, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	return form.read(r.PostForm)
}

// refuseWorkspace shows the form again, with what is wrong beside its fields.
func (r *request) refuseWorkspace(form *workspaceForm, err error) error {
	if err != nil {
		found, ok := faultsOf(err)
		if !ok {
			return err
		}
		form.Faults = found
	}
	for _, list := range [][]numberField{form.Keeps, form.Limits} {
		for i := range list {
			list[i].Fault = form.Faults.At(list[i].Name)
		}
	}
	title := "Workspace " + form.Name
	if form.New {
		title = "New workspace"
	}
	return r.render(http.StatusUnprocessableEntity, "workspaceform", frame{Title: title, Section: "operations", Page: form})
}

// wouldLose says what shorter times of a workspace would remove now.
func (r *request) wouldLose(name string, patch []byte) ([]string, error) {
	var in config.WorkspaceInput
	if err := json.Unmarshal(patch, &in); err != nil {
		return nil, fmt.Errorf("decode workspace: %w", err)
	}
	policy := r.Config.Retention()
	before, after := policy.Of(name), in.Retention.Over(policy.Keep)
	attempts := func(outcome executionlog.Outcome, from, to time.Time) (int64, error) {
		n, _, err := r.Ledger.Estimate(r.Context(), executionlog.Filter{Workspace: name, Outcome: outcome, From: from, To: to})
		return n, err
	}
	var loses []string
	for _, kind := range []struct {
		before, after time.Duration
		what          string
		count         func(from, to time.Time) (int64, error)
	}{
		{before.Succeeded, after.Succeeded, "about %s attempts that succeeded, with their deliveries", func(from, to time.Time) (int64, error) {
			return attempts(executionlog.Succeeded, from, to)
		}},
		{before.Failed, after.Failed, "about %s attempts that failed, with their deliveries", func(from, to time.Time) (int64, error) {
			return attempts(executionlog.Failed, from, to)
		}},
		{before.Bodies, after.Bodies, "the requests and answers of about %s attempts", func(from, to time.Time) (int64, error) { return attempts("", from, to) }},
		{before.Changes, after.Changes, "about %s changes of tickets", func(from, to time.Time) (int64, error) {
			n, err := r.Ledger.CountChanges(r.Context(), executionlog.ChangeQuery{Workspace: name, From: from, To: to})
			return int64(n), err
		}},
	} {
		if kind.after <= 0 || kind.before > 0 && kind.after >= kind.before {
			continue // kept as long as before, or longer
		}
		var from time.Time
		if kind.before > 0 {
			from = r.since(kind.before) // what is older is removed already
		}
		n, err := kind.count(from, r.since(kind.after))
		if err != nil {
			return nil, fmt.Errorf("count what retention would remove: %w", err)
		}
		if n > 0 {
			loses = append(loses, fmt.Sprintf(kind.what, count(n))+", older than "+kept(kind.after))
		}
	}
	return loses, nil
}

func deleteWorkspace(r *request) error {
	if !r.session.Admin {
		return r.needWorkspaceAdmin()
	}
	name := r.segment("name")
	if name == r.session.Workspace {
		return r.fail(http.StatusConflict, "You are in it", "Go to another workspace first, then delete this one.")
	}
	if err := r.Config.DeleteWorkspace(r.Context(), r.by(), name); err != nil {
		return err
	}
	r.done("Deleted the workspace " + name + ".")
	return r.redirect("/operations/workspaces")
}
