package condition

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

func testPresent(_ *leaf, v *view) (bool, error) { return v.a.kind != isNil, nil }

// anyEquals reports whether one of the alternatives is the value.
func (l *leaf) anyEquals(v value, operands []operand) (bool, error) {
	if v.kind == isSet && len(operands) > 0 && operands[0].set != nil {
		set := operands[0].set
		return within(v.set, set, l.sensitive) && within(set, v.set, l.sensitive), nil
	}
	var failed error
	for i := range operands {
		matched, err := l.equals(v, operands[i])
		if matched {
			return true, nil
		}
		if err != nil && failed == nil {
			failed = err
		}
	}
	return false, failed
}

func testEqual(l *leaf, v *view) (bool, error) { return l.anyEquals(v.a, l.operands) }

func testOrder(holds func(int) bool) test {
	return func(l *leaf, v *view) (bool, error) {
		if v.a.kind == isNil {
			return false, nil
		}
		c, err := l.compare(v.a, l.operands[0])
		return err == nil && holds(c), err
	}
}

func testBetween(l *leaf, v *view) (bool, error) {
	if v.a.kind == isNil {
		return false, nil
	}
	low, err := l.compare(v.a, l.operands[0])
	if err != nil {
		return false, err
	}
	high, err := l.compare(v.a, l.operands[1])
	return err == nil && low >= 0 && high <= 0, err
}

func testContains(l *leaf, v *view) (bool, error) { return l.search(v, strings.Contains) }

func testPrefix(l *leaf, v *view) (bool, error) { return l.search(v, strings.HasPrefix) }

func testSuffix(l *leaf, v *view) (bool, error) { return l.search(v, strings.HasSuffix) }

func (l *leaf) search(v *view, found func(text, part string) bool) (bool, error) {
	if v.a.kind == isNil {
		return false, nil
	}
	text, err := l.searched(v.a)
	return err == nil && found(text, l.wanted()), err
}

func testWords(l *leaf, v *view) (bool, error) {
	if v.a.kind == isNil {
		return false, nil
	}
	text, err := l.searched(v.a)
	if err != nil {
		return false, err
	}
	text = words(text)
	return slices.ContainsFunc(l.phrases, func(phrase string) bool { return strings.Contains(text, phrase) }), nil
}

// testPattern is false on NIL whether the expression is wanted or not.
func testPattern(wanted bool) test {
	return func(l *leaf, v *view) (bool, error) {
		if v.a.kind == isNil {
			return false, nil
		}
		text, err := l.plain(v.a)
		if err != nil {
			return false, err
		}
		text = cut(text, MaxMatchInput)
		return l.pattern.MatchString(norm.NFC.String(text)) == wanted, nil
	}
}

// elements returns the value as a set.
func (l *leaf) elements(v value) ([]string, error) {
	elements, ok := v.elements()
	if !ok {
		return nil, l.mismatch(v, "a list of values")
	}
	return elements, nil
}

func (l *leaf) has(elements []string, o operand) bool {
	return slices.ContainsFunc(elements, func(element string) bool { return l.textual(element, o) })
}

func testContainsAll(l *leaf, v *view) (bool, error) {
	elements, err := l.elements(v.a)
	if err != nil {
		return false, err
	}
	for i := range l.operands {
		if !l.has(elements, l.operands[i]) {
			return false, nil
		}
	}
	return true, nil
}

func testContainsAny(l *leaf, v *view) (bool, error) {
	elements, err := l.elements(v.a)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(l.operands, func(o operand) bool { return l.has(elements, o) }), nil
}

func testEqualsSet(l *leaf, v *view) (bool, error) {
	elements, err := l.elements(v.a)
	if err != nil {
		return false, err
	}
	for _, element := range elements {
		if !slices.ContainsFunc(l.operands, func(o operand) bool { return l.textual(element, o) }) {
			return false, nil
		}
	}
	return testContainsAll(l, v)
}

// testSize counts the entries of a set; that of NIL is 0.
func testSize(holds func(int) bool) test {
	return func(l *leaf, v *view) (bool, error) {
		size, err := l.size(v)
		return err == nil && holds(size.compare(l.operands[0].number)), err
	}
}

func testSizeBetween(l *leaf, v *view) (bool, error) {
	size, err := l.size(v)
	return err == nil && size.compare(l.operands[0].number) >= 0 && size.compare(l.operands[1].number) <= 0, err
}

func (l *leaf) size(v *view) (decimal, error) {
	elements, err := l.elements(v.a)
	size, _ := parseDecimal(strconv.Itoa(len(elements)))
	return size, err
}

func testUnder(l *leaf, v *view) (bool, error) {
	var path string
	switch v.a.kind {
	case isNil:
		return false, nil
	case isRef:
		path = v.a.name()
	default:
		text, err := l.plain(v.a)
		if err != nil {
			return false, err
		}
		path = text
	}
	path = Fold(normalPath(path))
	return slices.ContainsFunc(l.operands, func(o operand) bool {
		prefix := Fold(normalPath(o.raw))
		return path == prefix || strings.HasPrefix(path, prefix+"/")
	}), nil
}

// timely is a test of a moment; NIL is false.
func timely(holds func(l *leaf, t time.Time, v *view) bool) test {
	return func(l *leaf, v *view) (bool, error) {
		if v.a.kind == isNil {
			return false, nil
		}
		at, ok := v.a.moment(l.zone)
		if !ok {
			return false, l.mismatch(v.a, "a time")
		}
		return holds(l, at, v), nil
	}
}

var (
	testBefore = timely(func(l *leaf, t time.Time, _ *view) bool { return compareTime(t, l.operands[0]) < 0 })
	testAfter  = timely(func(l *leaf, t time.Time, _ *view) bool { return compareTime(t, l.operands[0]) > 0 })
	testOn     = timely(func(l *leaf, t time.Time, _ *view) bool {
		day := l.operands[0]
		y, m, d := day.from.In(l.zone).Date()
		ty, tm, td := t.In(l.zone).Date()
		return y == ty && m == tm && d == td
	})
	testWithinLast = timely(func(l *leaf, t time.Time, v *view) bool {
		return !t.After(v.at) && !t.Before(v.at.Add(-l.duration))
	})
	testWithinNext = timely(func(l *leaf, t time.Time, v *view) bool {
		return !t.Before(v.at) && !t.After(v.at.Add(l.duration))
	})
	testOlderThan     = timely(func(l *leaf, t time.Time, v *view) bool { return t.Before(v.at.Add(-l.duration)) })
	testBusinessHours = timely(func(l *leaf, t time.Time, _ *view) bool { return l.hours.open(t) })
	testBusinessSince = timely(func(l *leaf, t time.Time, v *view) bool {
		return !t.After(v.at) && l.hours.reaches(t, v.at, l.duration)
	})
)
