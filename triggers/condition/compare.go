package condition

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/text/unicode/norm"
)

// view is what a leaf sees of a change.
type view struct {
	a, b    value // after and before; b only for operators that compare them
	at      time.Time
	touched bool
}

// mismatch is the error of a value that an operator cannot compare.
func (l *leaf) mismatch(v value, want string) error {
	return fmt.Errorf("%s holds %v, which is not %s", l.field.Name, v.shown(), want)
}

var errPlace = errors.New("has no place in the order")

// equals compares a value with one alternative.
func (l *leaf) equals(v value, o operand) (bool, error) {
	switch {
	case o.any:
		return true, nil
	case o.null || v.kind == isNil:
		return o.null && v.kind == isNil, nil
	}
	switch v.kind {
	case isText:
		return l.textEquals(v, o)
	case isNumber:
		if !o.isNumber {
			return l.textual(v.text, o), nil
		}
		d, ok := parseDecimal(v.text)
		if !ok {
			return false, l.mismatch(v, "a number of a sensible size")
		}
		return d.compare(o.number) == 0, nil
	case isBoolean:
		if !o.isBoolean && o.folded != "true" && o.folded != "false" {
			return false, l.mismatch(v, "comparable with "+strconv.Quote(o.raw))
		}
		return v.boolean == (o.folded == "true"), nil
	case isTime:
		return compareTime(v.time, o) == 0, nil
	case isDuration:
		return v.duration == o.duration, nil
	case isRef, isPerson:
		return l.nameEquals(v, o), nil
	default:
		return false, l.mismatch(v, "one value; compare lists with contains_any and the like")
	}
}

// textEquals compares text, or for a custom field what the text stands for.
func (l *leaf) textEquals(v value, o operand) (bool, error) {
	if l.field.Type == Custom {
		switch {
		case o.counted:
			d, ok := parseDecimal(v.text)
			if !ok {
				return false, l.mismatch(v, "a number")
			}
			return d.compare(o.number) == 0, nil
		case o.isBoolean:
			if !foldsTo(v.text, "true") && !foldsTo(v.text, "false") {
				return false, l.mismatch(v, "true or false")
			}
			return foldsTo(v.text, o.folded), nil
		}
	}
	return l.textual(v.text, o), nil
}

func (l *leaf) textual(text string, o operand) bool {
	if l.sensitive {
		return norm.NFC.String(text) == o.exact
	}
	return foldsTo(text, o.folded)
}

func (l *leaf) nameEquals(v value, o operand) bool {
	if l.sensitive && v.kind == isRef {
		return v.text == o.raw || v.id == o.raw || v.path != "" && normalPath(v.path) == normalPath(o.raw)
	}
	return v.answersTo(o.folded, o.raw)
}

// compareTime places t before, in or after the moment or day of o.
func compareTime(t time.Time, o operand) int {
	switch {
	case t.Before(o.from):
		return -1
	case !o.isDay && t.Equal(o.from), o.isDay && t.Before(o.to):
		return 0
	default:
		return 1
	}
}

// compare returns -1, 0 or 1 as the value is less than, equal to or greater
// than the operand. The value is not NIL.
func (l *leaf) compare(v value, o operand) (int, error) {
	switch l.field.Type {
	case Ordinal:
		rank, ok := l.rankOf(v.text, v.state)
		if !ok {
			return 0, fmt.Errorf("%s holds %v, which %w; give options.order", l.field.Name, v.shown(), errPlace)
		}
		return cmp.Compare(rank, o.rank), nil
	case Datetime:
		return compareTime(v.time, o), nil
	case Duration:
		return cmp.Compare(v.duration, o.duration), nil
	case Number, Custom:
	default:
		return 0, l.mismatch(v, "something with an order")
	}
	switch {
	case o.isNumber:
		d, ok := v.decimal()
		if !ok {
			return 0, l.mismatch(v, "a number")
		}
		return d.compare(o.number), nil
	case o.isTime:
		at, ok := v.moment(l.zone)
		if !ok {
			return 0, l.mismatch(v, "a time")
		}
		return compareTime(at, o), nil
	default:
		d, ok := v.length()
		if !ok {
			return 0, l.mismatch(v, "a duration")
		}
		return cmp.Compare(d, o.duration), nil
	}
}

// compareValues orders the value after and the value before; neither is NIL.
func (l *leaf) compareValues(a, b value) (int, error) {
	switch l.field.Type {
	case Ordinal:
		x, okX := l.rankOf(a.text, a.state)
		y, okY := l.rankOf(b.text, b.state)
		if !okX || !okY {
			return 0, fmt.Errorf("%s went from %v to %v, one of which %w; give options.order", l.field.Name, b.shown(), a.shown(), errPlace)
		}
		return cmp.Compare(x, y), nil
	case Datetime:
		return a.time.Compare(b.time), nil
	case Duration:
		return cmp.Compare(a.duration, b.duration), nil
	default:
		x, okX := a.decimal()
		y, okY := b.decimal()
		if okX && okY {
			return x.compare(y), nil
		}
		if s, ok := a.moment(l.zone); ok {
			if t, ok := b.moment(l.zone); ok {
				return s.Compare(t), nil
			}
		}
		if s, ok := a.length(); ok {
			if t, ok := b.length(); ok {
				return cmp.Compare(s, t), nil
			}
		}
		return 0, fmt.Errorf("%s went from %v to %v, which have no order", l.field.Name, b.shown(), a.shown())
	}
}

func (v value) decimal() (decimal, bool) {
	if v.kind != isNumber && v.kind != isText {
		return decimal{}, false
	}
	return parseDecimal(v.text)
}

func (v value) moment(zone *time.Location) (time.Time, bool) {
	switch v.kind {
	case isTime:
		return v.time, true
	case isText:
		at, _, ok := parseTime(v.text, zone)
		return at, ok
	default:
		return time.Time{}, false
	}
}

func (v value) length() (time.Duration, bool) {
	switch v.kind {
	case isDuration:
		return v.duration, true
	case isText:
		d, err := ParseDuration(v.text)
		return d, err == nil
	default:
		return 0, false
	}
}

// plain returns the text that the text operators look at.
func (l *leaf) plain(v value) (string, error) {
	switch v.kind {
	case isText, isNumber:
		return v.text, nil
	case isBoolean:
		return strconv.FormatBool(v.boolean), nil
	default:
		return "", l.mismatch(v, "a text")
	}
}

// searched returns that text in the form in which it is searched.
func (l *leaf) searched(v value) (string, error) {
	text, err := l.plain(v)
	if err != nil {
		return "", err
	}
	if l.sensitive {
		return norm.NFC.String(text), nil
	}
	return Fold(text), nil
}

func (l *leaf) wanted() string {
	if l.sensitive {
		return l.operands[0].exact
	}
	return l.operands[0].folded
}
