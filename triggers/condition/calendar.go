package condition

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // so that zones are known wherever the program runs
	"unicode"

	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// Limits of a calendar.
const (
	MaxIntervals = 70
	MaxHolidays  = 1000
)

// Calendar says when business hours are.
type Calendar struct {
	ID       string     `json:"id"`
	Name     string     `json:"name"`
	Zone     string     `json:"zone"`               // IANA, such as Europe/Berlin
	Hours    []Interval `json:"hours"`              // each week's business hours
	Holidays []string   `json:"holidays,omitempty"` // dates such as 2026-12-25
}

// Interval is one stretch of business hours on a weekday.
type Interval struct {
	Day  string `json:"day"`  // monday to sunday
	From string `json:"from"` // 09:00
	To   string `json:"to"`   // 17:30; 24:00 is the end of the day
}

var days = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// Calendars are the calendars of a workspace by id.
type Calendars = map[string]*Calendar

// DecodeCalendar reads and checks a calendar. The error is an *invalid.Error.
func DecodeCalendar(data []byte) (*Calendar, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var c Calendar
	if err := decoder.Decode(&c); err != nil {
		return nil, invalid.New("", nil, "a calendar {name, zone, hours: [{day, from, to}], holidays}: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &c, nil
}

// Validate checks a calendar. The error is an *invalid.Error.
func (c *Calendar) Validate() error {
	_, err := c.compile()
	return err
}

// hours is a calendar made ready.
type hours struct {
	zone     *time.Location
	week     [7][]stretch // by time.Weekday, in order and apart
	holidays map[string]bool
}

// stretch is business time on one day, in minutes since midnight.
type stretch struct{ from, to int }

func (c *Calendar) compile() (*hours, error) {
	var problems invalid.List
	h := &hours{holidays: map[string]bool{}, zone: time.UTC}
	if strings.TrimSpace(c.Name) == "" || strings.ContainsFunc(c.Name, unicode.IsControl) {
		problems.Add("name", nil, "a name on one line, without control characters")
	}
	if zone, err := loadZone(c.Zone); err != nil {
		problems.Add("zone", c.Zone, "an IANA time zone such as Europe/Berlin")
	} else {
		h.zone = zone
	}
	if len(c.Hours) == 0 || len(c.Hours) > MaxIntervals {
		problems.Add("hours", len(c.Hours), "1 to %d intervals", MaxIntervals)
	}
	if len(c.Holidays) > MaxHolidays {
		problems.Add("holidays", len(c.Holidays), "at most %d dates", MaxHolidays)
	}
	for i, interval := range c.Hours {
		path := fmt.Sprintf("hours.%d", i)
		day := slices.Index(days, strings.ToLower(interval.Day))
		if day < 0 {
			problems.Add(path+".day", interval.Day, "one of %s", strings.Join(days, ", "))
			continue
		}
		from, okFrom := minutes(interval.From)
		to, okTo := minutes(interval.To)
		switch {
		case !okFrom || from == 24*60:
			problems.Add(path+".from", interval.From, "a time of day such as 09:00")
		case !okTo || to <= from:
			problems.Add(path+".to", interval.To, "a time of day after %s, at most 24:00", interval.From)
		default:
			h.week[day] = append(h.week[day], stretch{from, to})
		}
	}
	for day := range h.week {
		h.week[day] = merge(h.week[day])
	}
	for i, date := range c.Holidays {
		if _, err := time.Parse(time.DateOnly, date); err != nil {
			problems.Add(fmt.Sprintf("holidays.%d", i), date, "a date such as 2026-12-25")
		}
		h.holidays[date] = true
	}
	return h, problems.Err()
}

// zones keeps the time zones read, since reading one costs much.
var zones sync.Map

func loadZone(name string) (*time.Location, error) {
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location), nil
	}
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("load zone %q: not a name of the IANA list", name)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("load zone: %w", err)
	}
	zones.Store(name, zone)
	return zone, nil
}

func minutes(text string) (int, bool) {
	if text == "24:00" {
		return 24 * 60, true
	}
	at, err := time.Parse("15:04", text)
	return at.Hour()*60 + at.Minute(), err == nil
}

// merge orders stretches and joins those that touch.
func merge(all []stretch) []stretch {
	slices.SortFunc(all, func(a, b stretch) int { return a.from - b.from })
	var joined []stretch
	for _, s := range all {
		if last := len(joined) - 1; last >= 0 && s.from <= joined[last].to {
			joined[last].to = max(joined[last].to, s.to)
		} else {
			joined = append(joined, s)
		}
	}
	return joined
}

// open reports whether at is in business hours.
func (h *hours) open(at time.Time) bool {
	local := at.In(h.zone)
	if h.holidays[local.Format(time.DateOnly)] {
		return false
	}
	for _, s := range h.week[local.Weekday()] {
		from, to := h.bounds(local, s)
		if !at.Before(from) && at.Before(to) {
			return true
		}
	}
	return false
}

// reaches reports whether at least want of business time passed between from
// and to.
func (h *hours) reaches(from, to time.Time, want time.Duration) bool {
	const mostDays = 100 * 366
	var passed time.Duration
	local := from.In(h.zone)
	day := time.Date(local.Year(), local.Month(), local.Day(), 12, 0, 0, 0, h.zone)
	for range mostDays {
		if passed >= want {
			return true
		}
		if day.Add(-24 * time.Hour).After(to) {
			return false
		}
		if !h.holidays[day.Format(time.DateOnly)] {
			for _, s := range h.week[day.Weekday()] {
				opens, closes := h.bounds(day, s)
				if opens.Before(from) {
					opens = from
				}
				if closes.After(to) {
					closes = to
				}
				if closes.After(opens) {
					passed += closes.Sub(opens)
				}
			}
		}
		day = time.Date(day.Year(), day.Month(), day.Day()+1, 12, 0, 0, 0, h.zone)
	}
	return passed >= want
}

// bounds returns when a stretch begins and ends on the day of local. A time
// that the clocks skip counts as an hour later or earlier, so that a stretch
// inside the skipped hour may lie beside it.
func (h *hours) bounds(local time.Time, s stretch) (from, to time.Time) {
	return h.clock(local, s.from), h.clock(local, s.to)
}

func (h *hours) clock(day time.Time, minute int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), minute/60, minute%60, 0, 0, h.zone)
}
