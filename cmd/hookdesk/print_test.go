package main

import "testing"

// What strangers write reaches a terminal as text, whatever it holds.
func TestVisible(t *testing.T) {
	tests := []struct{ text, line, lines string }{
		{"HDSK-☃ 😀 <b>", "HDSK-☃ 😀 <b>", "HDSK-☃ 😀 <b>"},
		{"\x1b[2Jgone\x07", `\x1b[2Jgone\a`, `\x1b[2Jgone\a`},
		{"a\r\nb\tc", `a\r\nb\tc`, "a\\r\nb\tc"},
		{"\u202egnp.exe\u200b\u2028", `\u202egnp.exe\u200b\u2028`, `\u202egnp.exe\u200b\u2028`},
		{"\u009b31m", `\u009b31m`, `\u009b31m`},
		{"\xff\xfe", `\xff\xfe`, `\xff\xfe`},
	}
	for _, test := range tests {
		if line, lines := visible(test.text), visibleLines(test.text); line != test.line || lines != test.lines {
			t.Errorf("%q becomes %q and %q, want %q and %q", test.text, line, lines, test.line, test.lines)
		}
	}
	if got, want := column("\x1b[2J", 8), `\x1b[2J `; got != want {
		t.Errorf("the column is %q, want %q", got, want)
	}
}
