package ticket

import (
	"strings"
	"time"
)

// layouts are the forms of a time, the usual first. Fractions of a second are
// read behind the seconds of each.
var layouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07",
	"2006-01-02T15:04", "2006-01-02T15:04Z07:00", time.DateOnly,
}

// ParseTime reads a time as in RFC 3339 and as its neighbours write it: with a
// space for the T, without a colon in the zone, without a zone (UTC), without
// seconds or as a date alone (midnight UTC). A leap second is the second after
// it, as in Unix time. The result is in UTC; the year is 1 to 9999.
func ParseTime(text string) (time.Time, bool) {
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return inRange(at)
	}
	text, leap := usualTime(text)
	for _, layout := range layouts {
		if at, err := time.Parse(layout, text); err == nil {
			return inRange(at.Add(leap))
		}
	}
	return time.Time{}, false
}

// inRange returns a time in UTC, if JSON can hold its year there.
func inRange(at time.Time) (time.Time, bool) {
	at = at.UTC()
	return at, at.Year() >= 1 && at.Year() <= 9999
}

// usualTime writes the T and the Z as RFC 3339 wants them, and takes a leap
// second off.
func usualTime(text string) (string, time.Duration) {
	const date, minutes, seconds = len("2006-01-02"), len("2006-01-02T15:"), len("2006-01-02T15:04:")
	if len(text) <= date || !strings.ContainsRune("Tt ", rune(text[date])) {
		return text, 0
	}
	text = text[:date] + "T" + strings.ToUpper(text[date+1:])
	if len(text) >= seconds+2 && text[minutes:seconds] == "59:" && text[seconds:seconds+2] == "60" {
		return text[:seconds] + "59" + text[seconds+2:], time.Second
	}
	return text, 0
}
