package console_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/config"
)

// A workspace is made, changed and deleted with forms, which keep what was
// typed when they are refused.
func TestWorkspaceForm(t *testing.T) {
	s, own := onOwnStage(t)
	for _, tt := range []struct {
		name   string
		form   []string
		status int
		want   string
	}{
		{"no name", []string{"name", "Not A Name", "title", "Acme & Co"}, http.StatusUnprocessableEntity, "lower-case letter"},
		{"no number", []string{"name", "acme", "title", "Acme & Co", "retention_bodies_days", "a week"}, http.StatusUnprocessableEntity, `value="a week"`},
		{"a part", []string{"name", "acme", "retention_failed_days", "1.5"}, http.StatusUnprocessableEntity, "A whole number, or nothing."},
		{"nothing", []string{"name", "acme", "retention_failed_days", "0"}, http.StatusUnprocessableEntity, "More than 0, or nothing."},
		{"not a number", []string{"name", "acme", "limits_changes_per_second", "NaN"}, http.StatusUnprocessableEntity, "A number, or nothing."},
		{"no whole number", []string{"name", "acme", "limits_endpoints", "NaN"}, http.StatusUnprocessableEntity, "A whole number, or nothing."},
		{"no rate", []string{"name", "acme", "limits_changes_per_second", "many"}, http.StatusUnprocessableEntity, "A number, or nothing."},
		{"endless", []string{"name", "acme", "limits_changes_per_second", "Inf"}, http.StatusUnprocessableEntity, "That is too much."},
		{"too long", []string{"name", "acme", "retention_changes_days", "40000"}, http.StatusUnprocessableEntity, "36500"},
		{"right", []string{"name", "acme", "title", "Acme & Co", "retention_bodies_days", "7", "limits_endpoints", "20"}, http.StatusSeeOther, ""},
		{"twice", []string{"name", "acme"}, http.StatusUnprocessableEntity, "There is one of this name already."},
	} {
		got := s.post(t, "/operations/workspaces/new", tt.form...)
		if got.status != tt.status || !strings.Contains(got.body, tt.want) {
			t.Errorf("%s: status %d without %q:\n%s", tt.name, got.status, tt.want, section(got.body, "<form class"))
		}
		if tt.status != http.StatusSeeOther && !strings.Contains(got.body, "Nothing was saved.") {
			t.Errorf("%s: the page does not say that nothing was saved", tt.name)
		}
	}
	made, err := own.Config.Workspace("acme")
	if err != nil || made.Title != "Acme & Co" || made.Retention.BodiesDays != 7 || made.Limits.Endpoints != 20 {
		t.Fatalf("made %+v, %v", made, err)
	}
	if body := s.get(t, "/operations/workspaces/acme").body; !strings.Contains(body, `name="retention_bodies_days" inputmode="decimal" value="7"`) || !strings.Contains(body, "which is for ever") {
		t.Errorf("the form lacks what is set, or what else holds:\n%s", section(body, "<form class"))
	}
	if got := s.post(t, "/operations/workspaces/acme", "title", "Acme", "retention_bodies_days", ""); got.status != http.StatusSeeOther {
		t.Errorf("keeping longer: status %d", got.status)
	}
	if after, err := own.Config.Workspace("acme"); err != nil || after.Retention != (config.Retention{}) || after.Limits.Endpoints != 0 {
		t.Errorf("emptied %+v, %v", after, err)
	}
	if got := s.post(t, "/operations/workspaces/default/delete"); got.status != http.StatusConflict {
		t.Errorf("deleting the workspace that one is in: status %d", got.status)
	}
	if got := s.post(t, "/operations/workspaces/acme/delete"); got.status != http.StatusSeeOther || own.Config.HasWorkspace("acme") {
		t.Errorf("deleting: status %d", got.status)
	}
}

// Shorter times are saved only when somebody has seen what they remove.
func TestWorkspaceFormSaysWhatRetentionRemoves(t *testing.T) {
	s, own := onOwnStage(t)
	filled, err := own.Fill()
	if err != nil {
		t.Fatal(err)
	}
	if err := own.History(filled, 70, 10*24*time.Hour, time.Now()); err != nil {
		t.Fatal(err)
	}
	const page = "/operations/workspaces/default"
	days := func() config.Retention {
		w, err := own.Config.Workspace("default")
		if err != nil {
			t.Fatal(err)
		}
		return w.Retention
	}
	asked := s.post(t, page, "retention_succeeded_days", "5", "retention_failed_days", "30", "retention_bodies_days", "3")
	if asked.status != http.StatusUnprocessableEntity || days() != (config.Retention{}) {
		t.Fatalf("status %d, %+v", asked.status, days())
	}
	told := section(asked.body, `id="loses"`)
	// The ledger counts by the hour: 30 and 49, or one more.
	for _, want := range []string{"about 3[01] attempts that succeeded, with their deliveries, older than 5 days", "the requests and answers of about (49|50) attempts", `name="lose" value="3,5,30,"`} {
		if !regexp.MustCompile(want).MatchString(told) {
			t.Errorf("the page lacks %q:\n%s", want, told)
		}
	}
	if strings.Contains(told, "that failed") || strings.Contains(told, "changes of tickets") {
		t.Errorf("it tells of what stays:\n%s", told)
	}
	if !strings.Contains(asked.body, `name="retention_bodies_days" inputmode="decimal" value="3"`) {
		t.Error("what was typed is lost")
	}
	if got := s.post(t, page, "retention_succeeded_days", "1", "retention_failed_days", "30", "retention_bodies_days", "3", "lose", "3,5,30,"); got.status != http.StatusUnprocessableEntity || days() != (config.Retention{}) {
		t.Errorf("confirmed for other times: status %d, %+v", got.status, days())
	}
	if got := s.post(t, page, "retention_succeeded_days", "5", "retention_failed_days", "30", "retention_bodies_days", "3", "lose", "3,5,30,"); got.status != http.StatusSeeOther || days().SucceededDays != 5 {
		t.Errorf("confirmed: status %d, %+v", got.status, days())
	}
	if got := s.post(t, page, "retention_succeeded_days", "50", "retention_failed_days", "30", "retention_bodies_days", "3"); got.status != http.StatusSeeOther {
		t.Errorf("keeping longer asks, too: status %d", got.status)
	}
}
