package config

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/triggers/condition"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

func TestCalendarsMayBeWrittenInOtherForms(t *testing.T) {
	week := []condition.Interval{{Day: "monday", From: "09:00", To: "12:00"}, {Day: "monday", From: "13:00", To: "17:00"}, {Day: "sunday", From: "10:00", To: "11:00"}}
	for _, text := range []string{
		`{"name": "c", "zone": "Europe/Berlin", "hours": [{"day": "monday", "from": "09:00", "to": "12:00"}, {"day": "mon", "start": "13:00", "end": "17:00"}, {"weekday": "Sun", "from": "10:00", "to": "11:00"}]}`,
		`{"name": "c", "time_zone": "Europe/Berlin", "weekly": {"sunday": "10:00-11:00", "monday": ["09:00-12:00", {"from": "13:00", "to": "17:00"}]}}`,
		`{"name": "c", "timezone": "Europe/Berlin", "intervals": {"sun": {"start": "10:00", "end": "11:00"}, "mon": ["09:00 - 12:00", "13:00-17:00"]}}`,
	} {
		f := newFixture(t)
		calendar, err := f.CreateCalendar(t.Context(), admin, []byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := cmp.Diff(week, calendar.Hours); diff != "" || calendar.Zone != "Europe/Berlin" {
			t.Errorf("%s in %s (-want +got):\n%s", text, calendar.Zone, diff)
		}
		patched, err := f.PatchCalendar(t.Context(), admin, calendar.ID, []byte(`{"hours": {"tue": "08:00-09:00"}}`))
		if err != nil || !cmp.Equal(patched.Hours, []condition.Interval{{Day: "tuesday", From: "08:00", To: "09:00"}}) {
			t.Errorf("patched to %+v, %v", patched, err)
		}
	}
	for text, path := range map[string]string{
		`{"name": "c", "zone": "UTC", "hours": {"someday": "10:00-11:00"}}`:    "hours.0.day",
		`{"name": "c", "zone": "UTC", "hours": {"monday": "10:00"}}`:           "hours.0.to",
		`{"name": "c", "zone": "UTC", "hours": {"monday": 5}}`:                 "hours.0.from",
		`{"name": "c", "zone": "UTC", "timezone": "UTC", "hours": []}`:         "timezone",
		`{"name": "a\u0000b", "zone": "UTC", "hours": {"mon": "10:00-11:00"}}`: "name",
	} {
		var list *invalid.Error
		if _, err := newFixture(t).CreateCalendar(t.Context(), admin, []byte(text)); !errors.As(err, &list) || list.Fields[0].Path != path {
			t.Errorf("%s: %v, want an error about %s", text, err, path)
		}
	}
}
