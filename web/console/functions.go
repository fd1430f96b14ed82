package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/triggers/condition"
	"github.com/hookdesk/hookdesk/web/console/assets"
)

// exactLayout is how pages show a time exactly.
const exactLayout = "2006-01-02 15:04:05.000 MST"

// functions are what templates may call.
func functions(now func() time.Time) template.FuncMap {
	return template.FuncMap{
		"asset":   assets.URL,
		"ago":     func(t time.Time) template.HTML { return timeElement(t, relative(t, now())) },
		"exact":   func(t time.Time) template.HTML { return timeElement(t, t.UTC().Format(exactLayout)) },
		"past":    func(t time.Time) bool { return t.Before(now()) },
		"clock":   func(t time.Time) template.HTML { return timeElement(t, t.UTC().Format("15:04:05.000")) },
		"millis":  millis,
		"count":   count,
		"kept":    kept,
		"percent": percent,
		"words":   words,
		"advice":  func(code string) string { _, advice := sender.Describe(sender.Code(code)); return advice },
		"meaning": func(code string) string { title, _ := sender.Describe(sender.Code(code)); return title },
		// The query of an address that url.Values.Encode wrote.
		"encoded":  func(query string) template.URL { return template.URL(query) },
		"path":     url.PathEscape,
		"query":    url.QueryEscape,
		"join":     strings.Join,
		"json":     indentJSON,
		"dict":     dict,
		"list":     func(items ...any) []any { return items },
		"has":      slices.Contains[[]string],
		"add":      func(a, b int) int { return a + b },
		"short":    short,
		"lasting":  lasting,
		"writable": writableFields,
		"plural":   plural,
		"add64":    func(a, b int64) int64 { return a + b },
		"int64":    func(n int) int64 { return int64(n) },
		"raw":      raw,
		"foldable": foldable,
		"prettyAs": prettyAs,
	}
}

// timeElement shows text with the exact time behind it. Zero times are a dash.
func timeElement(t time.Time, text string) template.HTML {
	if t.IsZero() {
		return `<span class="muted">–</span>`
	}
	t = t.UTC()
	return template.HTML(fmt.Sprintf(`<time datetime="%s" title="%s">%s</time>`,
		t.Format(time.RFC3339Nano), t.Format(exactLayout), template.HTMLEscapeString(text)))
}

// relative says how far away a time is, such as "3 min ago" or "in 2 h".
func relative(t, now time.Time) string {
	distance := now.Sub(t)
	format := "%s ago"
	if distance < 0 {
		distance, format = -distance, "in %s"
	}
	var text string
	switch {
	case distance < time.Second:
		return "now"
	case distance < time.Minute:
		text = strconv.Itoa(int(distance.Seconds())) + " s"
	case distance < time.Hour:
		text = strconv.Itoa(int(distance.Minutes())) + " min"
	case distance < 48*time.Hour:
		text = strconv.Itoa(int(distance.Hours())) + " h"
	case distance < 60*24*time.Hour:
		text = strconv.Itoa(int(distance.Hours()/24)) + " days"
	default:
		return t.UTC().Format(time.DateOnly)
	}
	return fmt.Sprintf(format, text)
}

// millis shows a duration in the unit that reads best.
func millis(d time.Duration) string {
	switch {
	case d <= 0:
		return "0 ms"
	case d < 10*time.Millisecond:
		return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 1, 64) + " ms"
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	case d < time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	}
	return d.Round(time.Second).String()
}

// count writes a whole number in groups of three digits.
func count(n any) string {
	digits := fmt.Sprint(n)
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// kept shows how long something is kept.
func kept(d time.Duration) string {
	if d <= 0 {
		return "for ever"
	}
	number, unit := d.Hours(), " hour"
	if number >= 24 {
		number, unit = number/24, " day"
	}
	if number != 1 {
		unit += "s"
	}
	return strconv.FormatFloat(number, 'f', -1, 64) + unit
}

// percent shows a part of a whole; a dash when there is no whole.
func percent(part, whole int64) string {
	if whole == 0 {
		return "–"
	}
	value := float64(part) / float64(whole) * 100
	if part != whole && value > 99.9 {
		value = 99.9 // all is only what is all
	}
	text := strconv.FormatFloat(value, 'f', 1, 64)
	return strings.TrimSuffix(text, ".0") + " %"
}

// words makes a name of the contract readable, such as once_per_ticket.
func words(name any) string { return strings.ReplaceAll(fmt.Sprint(name), "_", " ") }

// indentJSON writes JSON for reading: bytes that hold JSON, or any value. What
// is no JSON is returned as it is.
func indentJSON(value any) string {
	if text, ok := value.([]byte); ok {
		return pretty(text)
	}
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}

// dict makes a map of names and values in turn, for a part that needs several
// things.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("dict: a name without a value")
	}
	made := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		made[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return made, nil
}

// short cuts a text to at most n characters, between words where one ends
// near that place.
func short(n int, text string) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	cut := n - 1
	for at := cut; at > cut-16 && at > 0; at-- {
		if runes[at] == ' ' {
			cut = at
			break
		}
	}
	return strings.TrimRight(string(runes[:cut]), " ,;:") + "…"
}

// lasting writes a number of seconds in the largest unit that divides it.
func lasting(seconds float64) string {
	number, unit := seconds, " s"
	switch {
	case seconds >= 3600 && math.Mod(seconds, 3600) == 0:
		number, unit = seconds/3600, " h"
	case seconds >= 60 && math.Mod(seconds, 60) == 0:
		number, unit = seconds/60, " min"
	}
	return strconv.FormatFloat(number, 'f', -1, 64) + unit
}

// plural writes a number with the noun in its right form.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + many
}

// foldable lets the name of an event break behind its dots and low lines.
func foldable(name string) template.HTML {
	return template.HTML(strings.NewReplacer("_", "_<wbr>", ".", ".<wbr>").Replace(template.HTMLEscapeString(name)))
}

// writableFields lists the fields that a trigger's action may set.
func writableFields() []condition.Field {
	return slices.DeleteFunc(condition.Fields(), func(f condition.Field) bool { return !f.Writable })
}
