package console

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
)

// triggerPage is one trigger: what it does, and how it fares.
type triggerPage struct {
	*triggers.Trigger
	Targets  []target
	Hits     hits
	Recent   []deliveryRow
	Warnings []string
	JSON     string
}

func showTrigger(r *request) error {
	trigger, err := r.Config.TriggerIn(r.session.Workspace, r.segment("id"))
	if err != nil {
		return err
	}
	counted, err := r.countHitsOf(trigger.ID)
	if err != nil {
		return err
	}
	const recent = 10
	found, err := r.Ledger.ListDeliveries(r.Context(), executionlog.DeliveryQuery{Workspace: r.session.Workspace, Trigger: trigger.ID, Limit: recent})
	if err != nil {
		return fmt.Errorf("list deliveries of trigger: %w", err)
	}
	return r.show("trigger", "triggers", trigger.Name, &triggerPage{
		Trigger: trigger, Targets: r.targets(trigger), Hits: counted, Recent: r.deliveryRows(found.Items),
		Warnings: triggers.Warnings(trigger), JSON: indentJSON(trigger),
	})
}

// countHitsOf counts the attempts of one trigger.
func (r *request) countHitsOf(trigger string) (hits, error) {
	filter := executionlog.Filter{Workspace: r.session.Workspace, Trigger: trigger, From: r.since(statisticsSpan), To: r.Now()}
	buckets, err := r.Ledger.Histogram(r.Context(), filter, time.Hour)
	if err != nil {
		return hits{}, fmt.Errorf("count attempts of trigger: %w", err)
	}
	var counted hits
	for _, b := range buckets {
		counted.Succeeded, counted.Failed = counted.Succeeded+b.Succeeded, counted.Failed+b.Failed
	}
	return counted, nil
}

// versionsPage compares two versions of a trigger.
type versionsPage struct {
	*triggers.Trigger
	Versions []*triggers.Trigger
	From, To *triggers.Trigger
	Diff     []diffLine
}

// diffLine is one difference between two versions.
type diffLine struct {
	Path     string
	From, To string // JSON, empty for nothing
}

func showVersions(r *request) error {
	trigger, err := r.Config.TriggerIn(r.session.Workspace, r.segment("id"))
	if err != nil {
		return err
	}
	versions, err := r.Config.TriggerVersions(r.Context(), r.session.Workspace, trigger.ID)
	if err != nil {
		return err
	}
	page := &versionsPage{Trigger: trigger, Versions: versions}
	page.To = pickVersion(versions, r.URL.Query().Get("to"), 0)
	page.From = pickVersion(versions, r.URL.Query().Get("from"), min(1, len(versions)-1))
	page.Diff = diffLines(triggers.Diff(page.From, page.To))
	return r.show("versions", "triggers", "Versions of "+trigger.Name, page)
}

func pickVersion(versions []*triggers.Trigger, text string, otherwise int) *triggers.Trigger {
	for _, v := range versions {
		if strconv.Itoa(v.Version) == text {
			return v
		}
	}
	return versions[otherwise]
}

func diffLines(fields []triggers.FieldDiff) []diffLine {
	var lines []diffLine
	for _, f := range fields {
		lines = append(lines, diffLine{f.Path, diffText(f.From), diffText(f.To)})
	}
	return lines
}

func diffText(value any) string {
	if value == nil {
		return ""
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}

func rollbackTrigger(r *request) error {
	version, err := strconv.Atoi(r.PostFormValue("to"))
	if err != nil {
		return notFound("version")
	}
	saved, err := r.Config.RollbackTrigger(r.Context(), r.by(), r.segment("id"), version)
	if err != nil {
		return err
	}
	r.savedTrigger(saved, fmt.Sprintf("Version %d is in force again, as version %d.", version, saved.Version))
	return r.redirect("/triggers/" + saved.ID + "/versions")
}
