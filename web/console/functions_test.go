package console

import "testing"

func TestShort(t *testing.T) {
	for _, c := range []struct {
		n    int
		text string
		want string
	}{
		{10, "ten of all", "ten of all"},
		{20, "filtered by the source", "filtered by the…"},
		{20, "signed, with a timestamp", "signed, with a…"},
		{13, "unsigned, filtered", "unsigned…"},
		{10, "unbreakabletext", "unbreakab…"},
		{40, "a word, then " + "averyverylongwordwithoutanyplacetobreakit", "a word, then averyverylongwordwithoutan…"},
		{5, "äöüßéà", "äöüß…"},
	} {
		if got := short(c.n, c.text); got != c.want {
			t.Errorf("short(%d, %q) = %q, want %q", c.n, c.text, got, c.want)
		}
	}
}

func TestLasting(t *testing.T) {
	for seconds, want := range map[float64]string{0: "0 s", 0.5: "0.5 s", 1: "1 s", 59: "59 s", 60: "1 min", 90: "90 s", 300: "5 min", 3600: "1 h", 5400: "90 min", 21600: "6 h"} {
		if got := lasting(seconds); got != want {
			t.Errorf("lasting(%v) = %q, want %q", seconds, got, want)
		}
	}
}
