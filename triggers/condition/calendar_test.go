package condition

import (
	"testing"
	"time"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	moment, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

func compiledCalendar(t *testing.T, id string) *hours {
	t.Helper()
	h, err := testCalendars[id].compile()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestBusinessHours(t *testing.T) {
	for moment, want := range map[string]bool{
		"2026-03-04T08:00:00Z":      true, // Wednesday, 9 in Berlin
		"2026-03-04T07:59:59Z":      false,
		"2026-03-04T11:00:00Z":      false, // the lunch break begins
		"2026-03-04T12:00:00Z":      true,
		"2026-03-04T16:00:00Z":      false, // the end is not part of it
		"2026-03-05T10:00:00Z":      false, // a holiday
		"2026-03-07T10:00:00Z":      false, // Saturday
		"2026-07-01T07:00:00Z":      true,  // in summer, 9 in Berlin is 7
		"2026-03-06T23:30:00-05:00": false,
	} {
		if got := compiledCalendar(t, "office").open(at(t, moment)); got != want {
			t.Errorf("open at %s: %v, want %v", moment, got, want)
		}
	}
}

// A Sunday on which clocks change has 23 or 25 hours of business.
func TestBusinessTimeOverClockChanges(t *testing.T) {
	night := compiledCalendar(t, "night")
	for _, test := range []struct {
		name, from, to string
		want           time.Duration
	}{
		{"clocks put forward", "2026-03-08T00:00:00-05:00", "2026-03-09T12:00:00-04:00", 23 * time.Hour},
		{"clocks put back", "2026-11-01T00:00:00-04:00", "2026-11-02T12:00:00-05:00", 25 * time.Hour},
		{"an ordinary Sunday", "2026-03-15T00:00:00-04:00", "2026-03-16T12:00:00-04:00", 24 * time.Hour},
		{"two Sundays", "2026-03-15T12:00:00-04:00", "2026-03-22T12:00:00-04:00", 24 * time.Hour},
		{"no Sunday", "2026-03-16T00:00:00-04:00", "2026-03-21T12:00:00-04:00", 0},
	} {
		from, to := at(t, test.from), at(t, test.to)
		if !night.reaches(from, to, test.want) {
			t.Errorf("%s: less than %s passed", test.name, test.want)
		}
		if night.reaches(from, to, test.want+time.Second) {
			t.Errorf("%s: more than %s passed", test.name, test.want)
		}
	}
}

// An interval that spans the hour that the clocks skip is an hour shorter.
func TestSkippedHour(t *testing.T) {
	c := &Calendar{Name: "Early", Zone: "Europe/Berlin", Hours: []Interval{{Day: "sunday", From: "01:00", To: "04:00"}}}
	h, err := c.compile()
	if err != nil {
		t.Fatal(err)
	}
	from, to := at(t, "2026-03-29T00:00:00+01:00"), at(t, "2026-03-29T12:00:00+02:00")
	if !h.reaches(from, to, 2*time.Hour) || h.reaches(from, to, 2*time.Hour+time.Second) {
		t.Error("01:00 to 04:00 on the day the clocks are put forward is not two hours")
	}
}

func TestBusinessOperators(t *testing.T) {
	office := func(field, op, value string) string {
		return `{"field": "` + field + `", "op": "` + op + `"` + comma(value) + `, "options": {"calendar": "office"}}`
	}
	change := func(at, created string) []string {
		return []string{`{"at": "` + at + `", "ticket": {"number": 1, "subject": "S", "created_at": "` + created + `"}}`}
	}
	runLeaves(t, []leafTest{
		{"in", change("2026-03-04T10:00:00Z", "2026-03-04T10:00:00Z"), office("event.at", "in_business_hours", ""), holds},
		{"not in", change("2026-03-05T10:00:00Z", "2026-03-04T10:00:00Z"), office("event.at", "not_in_business_hours", ""), holds},
		{"nothing is never in", change("2026-03-05T10:00:00Z", "2026-03-04T10:00:00Z"), office("due_at", "in_business_hours", ""), fails},
		{"nothing is outside", change("2026-03-05T10:00:00Z", "2026-03-04T10:00:00Z"), office("due_at", "not_in_business_hours", ""), holds},
		// From Wednesday 16:00 in Berlin over a holiday to Friday 10:00: two hours.
		{"since", change("2026-03-06T09:00:00Z", "2026-03-04T15:00:00Z"), office("created_at", "business_hours_since", `"value": 2`), holds},
		{"not yet", change("2026-03-06T09:00:00Z", "2026-03-04T15:00:00Z"), office("created_at", "business_hours_since", `"value": "2h1s"`), fails},
		{"as a duration", change("2026-03-06T09:00:00Z", "2026-03-04T15:00:00Z"), office("created_at", "business_hours_since", `"value": "PT2H"`), holds},
		{"ahead", change("2026-03-06T09:00:00Z", "2026-03-07T15:00:00Z"), office("created_at", "business_hours_since", `"value": "0h"`), fails},
	})
}

func TestDecodeCalendar(t *testing.T) {
	good := `{"name": "Office", "zone": "Europe/Berlin", "hours": [{"day": "Monday", "from": "09:00", "to": "24:00"}], "holidays": ["2026-12-25"]}`
	if _, err := DecodeCalendar([]byte(good)); err != nil {
		t.Errorf("a good calendar: %v", err)
	}
	for data, path := range map[string]string{
		`{"name": "", "zone": "UTC", "hours": [{"day": "monday", "from": "09:00", "to": "10:00"}]}`:                            "name",
		`{"name": "x", "zone": "Mars", "hours": [{"day": "monday", "from": "09:00", "to": "10:00"}]}`:                          "zone",
		`{"name": "x", "zone": "Local", "hours": [{"day": "monday", "from": "09:00", "to": "10:00"}]}`:                         "zone",
		`{"name": "x", "zone": "UTC", "hours": []}`:                                                                            "hours",
		`{"name": "x", "zone": "UTC", "hours": [{"day": "mon", "from": "09:00", "to": "10:00"}]}`:                              "hours.0.day",
		`{"name": "x", "zone": "UTC", "hours": [{"day": "monday", "from": "9", "to": "10:00"}]}`:                               "hours.0.from",
		`{"name": "x", "zone": "UTC", "hours": [{"day": "monday", "from": "22:00", "to": "06:00"}]}`:                           "hours.0.to",
		`{"name": "x", "zone": "UTC", "hours": [{"day": "monday", "from": "09:00", "to": "10:00"}], "holidays": ["25.12.26"]}`: "holidays.0",
		`{"name": "x", "zone": "UTC", "days": []}`:                                                                             "",
		`[]`: "",
	} {
		_, err := DecodeCalendar([]byte(data))
		wantPath(t, data, err, path)
	}
}
