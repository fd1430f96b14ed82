package condition

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// operand is one value of a leaf, read once in every way that its field may
// have to compare it.
type operand struct {
	null bool // stands for nothing
	any  bool // *: stands for anything

	raw    string // as text
	folded string
	exact  string // NFC-normalised, for comparisons that heed case

	number   decimal
	isNumber bool // raw reads as a number
	counted  bool // and was written as one

	isBoolean, boolean bool

	from, to time.Time // a moment: from == to; a day: up to to
	isTime   bool
	isDay    bool

	duration   time.Duration
	isDuration bool

	rank int
	set  []string
}

// read makes an operand of a scalar. ok is false for lists and objects.
func readOperand(value any, zone *time.Location) (o operand, ok bool) {
	switch v := value.(type) {
	case string:
		o.raw = v
	case json.Number:
		o.raw, o.counted = v.String(), true
	case bool:
		o.raw, o.isBoolean, o.boolean = strconv.FormatBool(v), true, v
	default:
		return operand{}, false
	}
	o.folded, o.exact = Fold(o.raw), norm.NFC.String(o.raw)
	o.number, o.isNumber = parseDecimal(o.raw)
	if at, day, ok := parseTime(o.raw, zone); ok {
		o.isTime, o.isDay, o.from, o.to = true, day, at, at
		if day {
			o.to = time.Date(at.Year(), at.Month(), at.Day()+1, 0, 0, 0, 0, zone)
		}
	}
	if d, err := ParseDuration(o.raw); err == nil {
		o.duration, o.isDuration = d, true
	}
	return o, true
}

// usualRanks orders the names that priorities and urgencies go by.
var usualRanks = map[string]int{
	"lowest": 0, "very low": 0, "trivial": 0,
	"low": 1, "minor": 1,
	"normal": 2, "medium": 2, "moderate": 2, "average": 2, "standard": 2,
	"high": 3, "major": 3,
	"urgent": 4, "very high": 4, "emergency": 4,
	"critical": 5, "highest": 5, "immediate": 5, "blocker": 5,
}

// rankOf returns where a name of an ordinal field stands in its order.
func (l *leaf) rankOf(name, state string) (int, bool) {
	switch {
	case l.order != nil:
		rank, ok := l.order[Fold(name)]
		return rank, ok
	case l.field.root == "status":
		if state == "" {
			if name == "" {
				return 0, false
			}
			state = string(ticket.StateOf(name))
		}
		for rank, known := range ticket.States {
			if string(known) == state {
				return rank, true
			}
		}
		return 0, false
	default:
		rank, ok := usualRanks[Fold(strings.TrimSpace(name))]
		return rank, ok
	}
}
