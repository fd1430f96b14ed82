package systems

import "time"

// DotNetTime writes a time as .NET's round-trip format does once trailing
// zeros are trimmed: a fraction of up to seven digits, none where it is zero.
// With a zone it ends in Z or an offset such as +01:00, as t's location says.
func DotNetTime(t time.Time, withZone bool) string {
	if withZone {
		return t.Format("2006-01-02T15:04:05.9999999Z07:00")
	}
	return t.Format("2006-01-02T15:04:05.9999999")
}

// LaravelTime writes a time as Laravel does a cast date: in UTC with always
// six digits of fraction, such as 2024-05-07T11:17:11.000000Z.
func LaravelTime(t time.Time) string {
	return t.UTC().Format("2006-01-02T15:04:05.000000Z")
}

// LaravelDate writes a time as a date column that is not cast, such as
// 2024-05-07 11:15:58 in UTC. The zero time is MySQL's zero date,
// 0000-00-00 00:00:00.
func LaravelDate(t time.Time) string {
	if t.IsZero() {
		return "0000-00-00 00:00:00"
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}

// UnixSeconds returns whole seconds since the Unix epoch, 0 for the zero time.
func UnixSeconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
