package condition

import (
	"strconv"
	"strings"
)

// decimal is an exact decimal number: sign × 0.digits × 10^point. It is
// compared digit by digit and never expanded, so that 1e999999999 costs
// nothing.
type decimal struct {
	sign   int    // -1, 0 or 1
	digits string // without zeros at either end
	point  int
}

// parseDecimal reads a number such as -12.50 or 1e-3.
func parseDecimal(text string) (decimal, bool) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > 1000 {
		return decimal{}, false
	}
	sign := 1
	switch text[0] {
	case '-':
		sign, text = -1, text[1:]
	case '+':
		text = text[1:]
	}
	exponent := 0
	if cut := strings.IndexAny(text, "eE"); cut >= 0 {
		n, err := strconv.Atoi(text[cut+1:])
		if err != nil || n > 1e9 || n < -1e9 {
			return decimal{}, false
		}
		exponent, text = n, text[:cut]
	}
	whole, fraction, dotted := strings.Cut(text, ".")
	if whole == "" && fraction == "" || dotted && fraction == "" || !allDigits(whole) || !allDigits(fraction) {
		return decimal{}, false
	}
	digits := whole + fraction
	trimmed := strings.TrimLeft(digits, "0")
	point := exponent + len(whole) - (len(digits) - len(trimmed))
	trimmed = strings.TrimRight(trimmed, "0")
	if trimmed == "" {
		return decimal{}, true
	}
	return decimal{sign: sign, digits: trimmed, point: point}, true
}

func allDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

// compare returns -1, 0 or 1.
func (d decimal) compare(e decimal) int {
	if d.sign != e.sign {
		if d.sign < e.sign {
			return -1
		}
		return 1
	}
	var size int
	switch {
	case d.point != e.point && d.sign != 0:
		size = 1
		if d.point < e.point {
			size = -1
		}
	default:
		size = strings.Compare(d.digits, e.digits)
	}
	return size * d.sign
}
