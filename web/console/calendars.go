package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/triggers/condition"
)

func calendarRoutes(get, post registrar) {
	get("/operations/calendars", listCalendars)
	post("/operations/calendars", saveCalendar)
	post("/operations/calendars/delete", deleteCalendar)
}

// calendarsPage lists the calendars of business hours, above a form for one.
type calendarsPage struct {
	Calendars []*config.Calendar
	Form      *calendarForm
}

// calendarForm is one calendar as people write it.
type calendarForm struct {
	ID       string // empty for a new one
	Name     string
	Zone     string
	Days     []calendarDay
	Holidays string // one date to a line
	Faults   faults
}

// calendarDay is a weekday with its hours, such as "09:00-12:30, 13:30-17:00".
type calendarDay struct{ Name, Title, Hours string }

// Others lists what is wrong with fields that the form does not have.
func (f *calendarForm) Others() []string {
	return f.Faults.Rest(func(path string) bool {
		for _, day := range f.Days {
			if path == day.Name {
				return true
			}
		}
		return path == "name" || path == "zone" || path == "holidays"
	})
}

// Beside counts the faults that stand beside a field.
func (f *calendarForm) Beside() int { return len(f.Faults) - len(f.Others()) }

// newCalendarForm is a form with a week of usual office hours.
func newCalendarForm() *calendarForm {
	f := &calendarForm{Faults: faults{}, Zone: "UTC"}
	for _, title := range []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"} {
		day := calendarDay{Name: strings.ToLower(title), Title: title}
		if title[0] != 'S' {
			day.Hours = "09:00-17:00"
		}
		f.Days = append(f.Days, day)
	}
	return f
}

// formOfCalendar is the form of a calendar that exists.
func formOfCalendar(calendar *config.Calendar) *calendarForm {
	f := newCalendarForm()
	f.ID, f.Name, f.Zone, f.Holidays = calendar.ID, calendar.Name, calendar.Zone, strings.Join(calendar.Holidays, "\n")
	for i := range f.Days {
		var hours []string
		for _, interval := range calendar.Hours {
			if interval.Day == f.Days[i].Name {
				hours = append(hours, interval.From+"-"+interval.To)
			}
		}
		f.Days[i].Hours = strings.Join(hours, ", ")
	}
	return f
}

// read takes what was posted, and returns it as the document of a calendar.
// Days says to which weekday each of its intervals belongs.
func (f *calendarForm) read(value func(name string) string) (document []byte, days []string, err error) {
	f.ID, f.Name, f.Zone, f.Holidays = value("id"), value("name"), strings.TrimSpace(value("zone")), value("holidays")
	hours := []condition.Interval{}
	for i := range f.Days {
		day := &f.Days[i]
		day.Hours = strings.TrimSpace(value(day.Name))
		for _, text := range splitList(strings.NewReplacer("–", "-", " to ", "-").Replace(day.Hours)) {
			from, to, _ := strings.Cut(text, "-")
			hours = append(hours, condition.Interval{Day: day.Name, From: strings.TrimSpace(from), To: strings.TrimSpace(to)})
			days = append(days, day.Name)
		}
	}
	holidays := append([]string{}, strings.Fields(strings.ReplaceAll(f.Holidays, ",", " "))...)
	document, err = json.Marshal(map[string]any{"name": f.Name, "zone": f.Zone, "hours": hours, "holidays": holidays})
	if err != nil {
		return nil, nil, fmt.Errorf("encode calendar: %w", err)
	}
	return document, days, nil
}

// blame puts faults beside the fields of the form: those of an interval beside
// its weekday.
func (f *calendarForm) blame(found faults, days []string) {
	for path, text := range found {
		parts := strings.Split(path, ".")
		switch {
		case parts[0] == "hours" && len(parts) > 1:
			if n, err := strconv.Atoi(parts[1]); err == nil && n < len(days) {
				path = days[n]
			}
		case parts[0] == "holidays":
			path = "holidays"
		}
		f.Faults[path] = strings.TrimSpace(f.Faults[path] + " " + text)
	}
}

func listCalendars(r *request) error {
	form := newCalendarForm()
	list := r.Config.CalendarList(r.session.Workspace)
	for _, calendar := range list {
		if calendar.ID == r.URL.Query().Get("edit") {
			form = formOfCalendar(calendar)
		}
	}
	return r.show("calendars", "operations", "Calendars", &calendarsPage{Calendars: list, Form: form})
}

func saveCalendar(r *request) error {
	form := newCalendarForm()
	document, days, err := form.read(r.PostFormValue)
	if err != nil {
		return err
	}
	if form.ID == "" {
		_, err = r.Config.CreateCalendar(r.Context(), r.by(), document)
	} else {
		_, err = r.Config.PatchCalendar(r.Context(), r.by(), form.ID, document)
	}
	if err == nil {
		r.done("Saved the calendar.")
		return r.redirect("/operations/calendars")
	}
	found, ok := faultsOf(err)
	if !ok {
		return err
	}
	form.blame(found, days)
	return r.render(http.StatusUnprocessableEntity, "calendars", frame{
		Title: "Calendars", Section: "operations",
		Page: &calendarsPage{Calendars: r.Config.CalendarList(r.session.Workspace), Form: form},
	})
}

func deleteCalendar(r *request) error {
	if err := r.Config.DeleteCalendar(r.Context(), r.by(), r.PostFormValue("id")); err != nil {
		return err
	}
	r.done("Deleted the calendar.")
	return r.redirect("/operations/calendars")
}
