package systemtest

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
)

var (
	provenances  = []systems.Provenance{systems.Stated, systems.Documented, systems.Observed, systems.Assumed}
	settingTypes = []string{"text", "integer", "boolean", "choice", "choices", systems.TypeMail}
	plainName    = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// testSheet checks that the data sheet says everything that the API, the
// console and the docs read from it.
func (s Suite) testSheet(t *testing.T) {
	sheet := s.System.Sheet()
	if !plainName.MatchString(sheet.Name) {
		t.Errorf("name %q is not a lower-case word", sheet.Name)
	}
	for what, text := range map[string]string{
		"title": sheet.Title, "vendor": sheet.Vendor, "summary": sheet.Summary, "source": sheet.Source,
		"signing": sheet.Signing, "policy.success": sheet.Policy.Success,
	} {
		if strings.TrimSpace(text) == "" {
			t.Errorf("the sheet has no %s", what)
		}
	}
	if len(sheet.Events) == 0 || len(sheet.Notes) == 0 || len(sheet.Headers) == 0 {
		t.Errorf("the sheet has %d events, %d notes and %d headers, want some of each", len(sheet.Events), len(sheet.Notes), len(sheet.Headers))
	}
	if _, err := sheet.Revision(sheet.DefaultRevision); err != nil || sheet.DefaultRevision == "" {
		t.Errorf("default revision %q: %v", sheet.DefaultRevision, err)
	}
	s.checkEvents(t, sheet)
	checkSettings(t, sheet)
	checkPolicy(t, sheet.Policy)

	names := []string{}
	for _, revision := range sheet.Revisions {
		names = append(names, revision.Name)
		described(t, "revision "+revision.Name, revision.Description, revision.Provenance)
	}
	unique(t, "revision", names)
	names = nil
	for _, extra := range sheet.Extra {
		names = append(names, extra.Name)
		described(t, "extra member "+extra.Name, extra.Description, systems.Stated)
	}
	unique(t, "extra member", names)
	for _, fact := range slices.Concat(sheet.Headers, sheet.Notes) {
		described(t, "fact", fact.Text, fact.Provenance)
	}
}

func (s Suite) checkEvents(t *testing.T, sheet *systems.Sheet) {
	t.Helper()
	unique(t, "event", sheet.EventNames())
	for _, event := range sheet.Events {
		described(t, "event "+event.Name, event.Description, event.Provenance)
		if event.Title == "" {
			t.Errorf("event %s has no title", event.Name)
		}
		if event.Sample == nil && !slices.Contains(s.Undetected, event.Name) {
			t.Errorf("event %s has no sample", event.Name)
		}
	}
}

func checkSettings(t *testing.T, sheet *systems.Sheet) {
	t.Helper()
	var names []string
	for _, setting := range sheet.Settings {
		names = append(names, setting.Name)
		what := "setting " + setting.Name
		described(t, what, setting.Description, setting.Provenance)
		if setting.Title == "" || !plainName.MatchString(setting.Name) || !slices.Contains(settingTypes, setting.Type) {
			t.Errorf("%s: title %q, type %q", what, setting.Title, setting.Type)
		}
		if setting.Secret && setting.Default != "" {
			t.Errorf("%s is a secret with a default", what)
		}
		if err := setting.Accept(setting.Default); err != nil {
			t.Errorf("%s: its default %q %v", what, setting.Default, err)
		}
	}
	unique(t, "setting", names)
}

func checkPolicy(t *testing.T, policy systems.Policy) {
	t.Helper()
	retry := policy.Retry
	if retry.MaxAttempts < 1 || retry.InitialSeconds < 0 || retry.MaxSeconds < retry.InitialSeconds {
		t.Errorf("retry policy %+v", retry)
	}
	if len(retry.ScheduleSeconds) == 0 && retry.MaxAttempts > 1 && retry.InitialSeconds == 0 {
		t.Errorf("retry policy %+v says nothing about when", retry)
	}
	if policy.MaxEndpoints < 0 || policy.DisableAfter < 0 || !slices.Contains(provenances, policy.Provenance) {
		t.Errorf("policy %+v", policy)
	}
}

func described(t *testing.T, what, text string, provenance systems.Provenance) {
	t.Helper()
	if len(text) < 3 {
		t.Errorf("%s has no description", what)
	}
	if !slices.Contains(provenances, provenance) {
		t.Errorf("%s has the provenance %q", what, provenance)
	}
}

func unique(t *testing.T, what string, names []string) {
	t.Helper()
	seen := map[string]bool{}
	for _, name := range names {
		if name == "" || seen[name] {
			t.Errorf("%s %q is empty or stands twice", what, name)
		}
		seen[name] = true
	}
}
