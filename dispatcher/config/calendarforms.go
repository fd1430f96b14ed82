package config

import (
	"maps"
	"slices"
	"strings"
)

var (
	// calendarNames and intervalNames are other names of members of a calendar
	// and of its hours that people bring along from elsewhere.
	calendarNames = map[string]string{"timezone": "zone", "time_zone": "zone", "weekly": "hours", "intervals": "hours"}
	intervalNames = map[string]string{"weekday": "day", "start": "from", "end": "to"}

	weekdays = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
)

// usualCalendar rewrites a calendar, or a patch of one, from the forms that will
// do as well: other names of members, days in three letters, and hours by day,
// such as {"monday": ["09:00-17:00"]}.
func usualCalendar(data []byte) ([]byte, error) {
	return rewrite(data, func(calendar map[string]any) bool {
		changed := rename(calendar, calendarNames)
		switch hours := calendar["hours"].(type) {
		case map[string]any:
			calendar["hours"], changed = byDay(hours), true
		case []any:
			for _, interval := range hours {
				if members, ok := interval.(map[string]any); ok {
					changed = usualInterval(members) || changed
				}
			}
		}
		return changed
	})
}

// rename gives members their usual names, where those are not there yet.
func rename(members map[string]any, names map[string]string) bool {
	changed := false
	for other, name := range names {
		value, given := members[other]
		if _, twice := members[name]; given && !twice {
			members[name] = value
			delete(members, other)
			changed = true
		}
	}
	return changed
}

// byDay makes a list of hours by day, Monday first. A day that is none stays
// for the check to refuse.
func byDay(hours map[string]any) []any {
	list := []any{}
	days := slices.Sorted(maps.Keys(hours))
	slices.SortStableFunc(days, func(a, b string) int { return slices.Index(weekdays, fullDay(a)) - slices.Index(weekdays, fullDay(b)) })
	for _, day := range days {
		intervals, many := hours[day].([]any)
		if !many {
			intervals = []any{hours[day]}
		}
		for _, interval := range intervals {
			members, ok := interval.(map[string]any)
			if !ok {
				members = map[string]any{}
				if text, ok := interval.(string); ok {
					from, to, _ := strings.Cut(text, "-")
					members = map[string]any{"from": strings.TrimSpace(from), "to": strings.TrimSpace(to)}
				}
			}
			members["day"] = day
			usualInterval(members)
			list = append(list, members)
		}
	}
	return list
}

func usualInterval(members map[string]any) bool {
	changed := rename(members, intervalNames)
	if day, ok := members["day"].(string); ok && fullDay(day) != day {
		members["day"], changed = fullDay(day), true
	}
	return changed
}

// fullDay returns the name of a day that is given by its first three letters.
func fullDay(day string) string {
	if len(day) == 3 {
		for _, full := range weekdays {
			if strings.HasPrefix(full, strings.ToLower(day)) {
				return full
			}
		}
	}
	return day
}
