package console

import (
	"errors"
	"net/http"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/web/console/treeform"
)

// complete adds what the editor offers for the chosen system.
func (r *request) completeForm(f *triggerForm, system string) {
	for _, s := range r.Systems.All() {
		f.Systems = append(f.Systems, s.Sheet())
		if s.Sheet().Name == system {
			f.Sheet = s.Sheet()
		}
	}
	for _, e := range r.Config.Endpoints(r.session.Workspace) {
		if e.System == system {
			f.Targets = append(f.Targets, r.Config.Public(e))
		}
	}
	for _, c := range r.Config.CalendarList(r.session.Workspace) {
		f.Calendars = append(f.Calendars, choice{c.ID, c.Name})
	}
}

func newTrigger(r *request) error {
	query := r.URL.Query()
	form := &triggerForm{Faults: faults{}, Enabled: true, Fire: triggers.FireEvery, Tree: treeform.From(nil)}
	system := query.Get("system")
	if id := query.Get("clone"); id != "" {
		original, err := r.Config.TriggerIn(r.session.Workspace, id)
		if err != nil {
			return err
		}
		form.fill(original)
		form.ID, form.Version, form.Name, form.Enabled = "", 0, "Copy of "+original.Name, false
		system = original.System
	} else {
		form.Actions = []actionRow{{Kind: "webhook"}}
		if draft := query.Get("draft"); draft != "" {
			var err error
			if system, err = r.resume(form, draft); err != nil {
				return err
			}
		}
		if endpoint := query.Get("endpoint"); endpoint != "" {
			form.Actions[0].Endpoints = []string{endpoint}
		}
	}
	r.completeForm(form, system)
	if len(form.Actions) == 1 && len(form.Actions[0].Endpoints) == 0 && len(form.Targets) == 1 {
		form.Actions[0].Endpoints = []string{form.Targets[0].ID}
	}
	return r.show("triggerform", "triggers", "New trigger", form)
}

func editTrigger(r *request) error {
	trigger, err := r.Config.TriggerIn(r.session.Workspace, r.segment("id"))
	if err != nil {
		return err
	}
	form := &triggerForm{Faults: faults{}, Warnings: triggers.Warnings(trigger)}
	form.fill(trigger)
	if draft := r.URL.Query().Get("draft"); draft != "" {
		if _, err := r.resume(form, draft); err != nil {
			return err
		}
	}
	r.completeForm(form, trigger.System)
	return r.show("triggerform", "triggers", "Edit "+trigger.Name, form)
}

// postedTrigger reads the posted editor.
func (r *request) postedTrigger() (*triggerForm, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	form := readTriggerForm(r.PostForm)
	form.ID, form.Version = r.PostForm.Get("id"), versionOf(r)
	r.completeForm(form, r.PostForm.Get("system"))
	return form, nil
}

// reworkTrigger shows the editor again after one of its buttons: parts added
// or removed, or the draft tried.
func reworkTrigger(r *request) error {
	form, err := r.postedTrigger()
	if err != nil {
		return err
	}
	switch button := r.PostForm.Get("do"); button {
	case "test", "simulate":
		if err := r.tryDraft(form, button); err != nil {
			return err
		}
		if form.Trial.Started != "" {
			return r.redirect("/simulations/" + form.Trial.Started)
		}
	default:
		form.change(button)
	}
	return r.show("triggerform", "triggers", "Trigger", form)
}

func createTrigger(r *request) error {
	form, err := r.postedTrigger()
	if err != nil {
		return err
	}
	if form.Faults = form.unfilled(); len(form.Faults) > 0 {
		return r.refuseTrigger(form)
	}
	made, err := r.Config.CreateTrigger(r.Context(), r.by(), form.trigger())
	if err != nil {
		return r.triggerFault(form, err)
	}
	r.savedTrigger(made, "Made the trigger.")
	return r.redirect("/triggers/" + made.ID)
}

func updateTrigger(r *request) error {
	form, err := r.postedTrigger()
	if err != nil {
		return err
	}
	form.ID = r.segment("id")
	if form.Faults = form.unfilled(); len(form.Faults) > 0 {
		return r.refuseTrigger(form)
	}
	saved, err := r.Config.ReplaceTrigger(r.Context(), r.by(), form.ID, form.trigger(), form.Version)
	if err != nil {
		return r.triggerFault(form, err)
	}
	r.savedTrigger(saved, "Saved the trigger.")
	return r.redirect("/triggers/" + saved.ID)
}

// savedTrigger says that a trigger was saved, and what looks odd about it.
func (r *request) savedTrigger(t *triggers.Trigger, text string) {
	warnings := triggers.Warnings(t)
	if len(warnings) == 0 {
		r.done(text)
		return
	}
	for _, warning := range warnings {
		text += " " + sentence(warning)
	}
	r.leave(flash{Kind: "warn", Text: text})
}

func (r *request) triggerFault(form *triggerForm, err error) error {
	if form.ID != "" && errors.Is(err, executionlog.ErrConflict) {
		newest, err := r.Config.TriggerIn(r.session.Workspace, form.ID)
		if err != nil {
			return err
		}
		form.Version, form.Faults = newest.Version, faults{"": savedByAnother(newest.Author)}
		return r.showRefusedTrigger(http.StatusConflict, form)
	}
	found, ok := faultsOf(err)
	if !ok {
		return err
	}
	form.Faults = found
	return r.refuseTrigger(form)
}

func (r *request) refuseTrigger(form *triggerForm) error {
	return r.showRefusedTrigger(http.StatusUnprocessableEntity, form)
}

func (r *request) showRefusedTrigger(status int, form *triggerForm) error {
	return r.render(status, "triggerform", frame{Title: "Trigger", Section: "triggers", Page: form})
}

func enableTrigger(r *request) error {
	patch := []byte(`{"enabled": false}`)
	text := "Disabled the trigger. It fires no more until it is enabled."
	if r.PostFormValue("enabled") == "true" {
		patch, text = []byte(`{"enabled": true}`), "Enabled the trigger."
	}
	if _, err := r.Config.PatchTrigger(r.Context(), r.by(), r.segment("id"), patch, config.AnyVersion); err != nil {
		return err
	}
	r.done(text)
	return r.redirect("/triggers/" + r.segment("id"))
}

func deleteTrigger(r *request) error {
	if err := r.Config.DeleteTrigger(r.Context(), r.by(), r.segment("id"), config.AnyVersion); err != nil {
		return err
	}
	r.done("Deleted the trigger. What it sent stays in the log.")
	return r.redirect("/triggers")
}
