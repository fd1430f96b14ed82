package condition

import (
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Decimals compare as exact rational numbers do.
func TestDecimalsCompareExactly(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	digits := func() string {
		var b strings.Builder
		for range r.IntN(4) + 1 {
			b.WriteByte("0001259"[r.IntN(7)])
		}
		return b.String()
	}
	number := func() string {
		text := []string{"", "-", "+"}[r.IntN(3)] + digits()
		if r.IntN(2) == 0 {
			text += "." + digits()
		}
		if r.IntN(3) == 0 {
			text += "e" + strconv.Itoa(r.IntN(7)-3)
		}
		return text
	}
	for range 20_000 {
		a, b := number(), number()
		x, okX := parseDecimal(a)
		y, okY := parseDecimal(b)
		p, _ := new(big.Rat).SetString(a)
		q, _ := new(big.Rat).SetString(b)
		if !okX || !okY {
			t.Fatalf("%s or %s is not read", a, b)
		}
		if got, want := x.compare(y), p.Cmp(q); got != want {
			t.Fatalf("%s against %s: %d, want %d", a, b, got, want)
		}
		if (x.key() == y.key()) != (p.Cmp(q) == 0) {
			t.Fatalf("%s and %s have the keys %q and %q", a, b, x.key(), y.key())
		}
	}
}

func TestNotDecimals(t *testing.T) {
	for _, text := range []string{"", " ", "-", ".", "1.", "e5", "1e", "1e1e1", "0x10", "1_000", "1,5", "Inf", "NaN", "1e99999999999", strings.Repeat("9", 1001)} {
		if _, ok := parseDecimal(text); ok {
			t.Errorf("%.20q counts as a number", text)
		}
	}
}

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"30m": 30 * time.Minute, "8h": 8 * time.Hour, "3d": 72 * time.Hour, "2w": 336 * time.Hour, "1d12h": 36 * time.Hour,
		"PT8H": 8 * time.Hour, "P3DT12H": 84 * time.Hour, "P1W": 168 * time.Hour, "1.5h": 90 * time.Minute, "0s": 0,
	} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "h", "8", "8 h", "P", "PT", "P8H", "-1h", "1y", "..h", "9999999w", "1h-"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q counts as %s", text, got)
		}
	}
}

func TestFold(t *testing.T) {
	for _, pair := range [][2]string{
		{"STRASSE", "straße"}, {"e\u0301", "É"}, {"ΣΊΣΥΦΟΣ", "σίσυφος"}, {"Å", "A\u030a"}, {"Kelvin \u212a", "kelvin k"}, {"abc", "ABC"},
	} {
		if Fold(pair[0]) != Fold(pair[1]) || !foldsTo(pair[0], Fold(pair[1])) || !sameText(pair[0], pair[1], false) {
			t.Errorf("%q and %q do not fold to the same", pair[0], pair[1])
		}
		if sameText(pair[0], pair[1], true) && pair[0] != "Å" {
			t.Errorf("%q and %q are the same though case counts", pair[0], pair[1])
		}
	}
	if foldsTo("abc", "abd") || foldsTo("ab", "abc") || foldsTo("größe", "grosse") {
		t.Error("different texts fold to the same")
	}
}
