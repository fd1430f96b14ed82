package condition

import "slices"

// The tests that compare what a field was with what it is.

func (l *leaf) changed(v *view) bool { return !same(v.a, v.b, l.sensitive) }

func testChanged(l *leaf, v *view) (bool, error) { return l.changed(v), nil }

func testChangedTo(l *leaf, v *view) (bool, error) {
	if !l.changed(v) {
		return false, nil
	}
	return l.anyEquals(v.a, l.operands)
}

func testChangedFrom(l *leaf, v *view) (bool, error) {
	if !l.changed(v) {
		return false, nil
	}
	return l.anyEquals(v.b, l.operands)
}

func testChangedFromTo(l *leaf, v *view) (bool, error) {
	if !l.changed(v) {
		return false, nil
	}
	from, err := l.anyEquals(v.b, l.from)
	if err != nil || !from {
		return false, err
	}
	return l.anyEquals(v.a, l.operands)
}

func testWas(l *leaf, v *view) (bool, error) { return l.anyEquals(v.b, l.operands) }

func testMoved(direction int) test {
	return func(l *leaf, v *view) (bool, error) {
		if v.a.kind == isNil || v.b.kind == isNil || !l.changed(v) {
			return false, nil
		}
		c, err := l.compareValues(v.a, v.b)
		return err == nil && c == direction, err
	}
}

func testAdded(l *leaf, v *view) (bool, error) { return l.gained(v.a, v.b) }

func testRemoved(l *leaf, v *view) (bool, error) { return l.gained(v.b, v.a) }

// gained reports whether something is in one value that is not in the other,
// and among the operands where there are any.
func (l *leaf) gained(in, notIn value) (bool, error) {
	if in.kind == isNil || same(in, notIn, l.sensitive) {
		return false, nil
	}
	if in.kind != isSet && notIn.kind != isSet {
		if len(l.operands) == 0 {
			return true, nil
		}
		return l.anyEquals(in, l.operands)
	}
	here, err := l.elements(in)
	if err != nil {
		return false, err
	}
	there, err := l.elements(notIn)
	if err != nil {
		return false, err
	}
	for _, element := range here {
		if within([]string{element}, there, l.sensitive) {
			continue
		}
		if len(l.operands) == 0 || slices.ContainsFunc(l.operands, func(o operand) bool { return l.textual(element, o) }) {
			return true, nil
		}
	}
	return false, nil
}

func testTouched(_ *leaf, v *view) (bool, error) { return v.touched, nil }
