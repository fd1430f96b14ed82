package condition

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// maxDuration bounds durations in conditions: a hundred years.
const maxDuration = 100 * 366 * 24 * time.Hour

// ParseDuration reads 30m, 8h, 3d, 2w, combinations such as 1d12h, and ISO
// 8601 such as PT8H or P3DT12H. A day has 24 hours.
func ParseDuration(text string) (time.Duration, error) {
	rest := strings.ToLower(strings.TrimSpace(text))
	units := map[byte]time.Duration{'w': 7 * 24 * time.Hour, 'd': 24 * time.Hour, 'h': time.Hour, 'm': time.Minute, 's': time.Second}
	fail := func() (time.Duration, error) {
		return 0, fmt.Errorf("%q is not a duration such as 30m, 8h, 3d or PT8H", text)
	}
	inTime := true
	if after, iso := strings.CutPrefix(rest, "p"); iso {
		rest, inTime = after, false
	}
	var total float64
	parts := 0
	for rest != "" {
		if !inTime && rest[0] == 't' {
			rest, inTime = rest[1:], true
			continue
		}
		end := strings.IndexFunc(rest, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
		if end <= 0 {
			return fail()
		}
		number, err := strconv.ParseFloat(rest[:end], 64)
		unit, known := units[rest[end]]
		if err != nil || !known || !inTime && rest[end] != 'w' && rest[end] != 'd' {
			return fail()
		}
		total += number * float64(unit)
		rest = rest[end+1:]
		parts++
	}
	if parts == 0 || total > float64(maxDuration) {
		return fail()
	}
	return time.Duration(total), nil
}

var timeLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", time.DateTime, "2006-01-02T15:04", "2006-01-02 15:04"}

// parseTime reads a time, or a date, which dayOnly says. What has no zone of
// its own is read in zone.
func parseTime(text string, zone *time.Location) (at time.Time, dayOnly, ok bool) {
	if len(text) < 10 || len(text) > 40 || text[4] != '-' {
		return time.Time{}, false, false
	}
	if at, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return at, true, true
	}
	for _, layout := range timeLayouts {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			return at, false, true
		}
	}
	return time.Time{}, false, false
}
