package criteria

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestFold(t *testing.T) {
	for text, want := range map[string]string{
		"":             "",
		"plain text":   "plain text",
		"Mixed CASE 1": "mixed case 1",
		"\u212A\u017F": "ks", // the Kelvin sign and the long s
		"a\x00b":       "a\uFFFDb",
		"a\xffB":       "a\uFFFDb",
		"日本語":          "日本語",
		"🙂":            "🙂",
	} {
		if got := Fold(text); got != want {
			t.Errorf("Fold(%q) = %q, want %q", text, got, want)
		}
	}
	for _, pair := range [][2]string{{"GRÖßE", "größe"}, {"ПРИВЕТ", "привет"}, {"ΣΊΣΥΦΟΣ", "σίσυφος"}, {"Ǆ", "ǆ"}, {"ẞ", "ß"}} {
		if Fold(pair[0]) != Fold(pair[1]) {
			t.Errorf("%q and %q fold to %q and %q", pair[0], pair[1], Fold(pair[0]), Fold(pair[1]))
		}
	}
}

func TestPattern(t *testing.T) {
	for _, test := range []struct {
		pattern, text string
		want          bool
	}{
		{"TCK-1", "tck-1", true},
		{"TCK-1", "tck-10", false},
		{"TCK-1*", "tck-10", true},
		{"*1", "tck-1", true},
		{"*1", "tck-10", false},
		{"*ck*0*", "tck-10", true},
		{"*0*ck*", "tck-10", false},
		{"ab*ba", "aba", false},
		{"ab*ba", "abba", true},
		{"*", "", true},
		{"", "", true},
		{"", "a", false},
		{"**", "anything", true},
		{"a*b*c", "abc", true},
		{"a*b*c", "ac", false},
		{"a%", "ab", false},
		{"a?", "ab", false},
		{"[a-z]", "b", false},
	} {
		if got := ParsePattern(test.pattern).Match(test.text); got != test.want {
			t.Errorf("pattern %q, text %q: %v, want %v", test.pattern, test.text, got, test.want)
		}
	}
	if got := ParseContained("a*b"); !got.Match("xa*by") || got.Match("xaby") {
		t.Error("a star in a contained text is not itself")
	}
}

func TestTrigrams(t *testing.T) {
	for text, want := range map[string][]string{
		"":      nil,
		"ab":    nil,
		"abc":   {"abc"},
		"größe": {"grö", "röß", "öße"},
		"aaaaa": {"aaa"},
	} {
		if diff := cmp.Diff(want, Trigrams(text)); diff != "" {
			t.Errorf("trigrams of %q (-want +got):\n%s", text, diff)
		}
	}
	if got := len(Trigrams(strings.Repeat("0123456789abcdefghij", 500))); got == 0 || got > trigramLimit+1 {
		t.Errorf("%d trigrams of a long text, want 1 to %d", got, trigramLimit+1)
	}
}

// FuzzFold checks what searching through indices relies on: a part of a text
// folds to a part of the folded text, and folding again changes nothing.
func FuzzFold(f *testing.F) {
	for _, text := range []string{"", "Größe", "\xff\x00", "İstanbul", "ǅ", "K\u212Ak", "ſs"} {
		f.Add(text, 1, 3)
	}
	f.Fuzz(func(t *testing.T, text string, from, to int) {
		folded := Fold(text)
		if !utf8.ValidString(folded) || strings.ContainsRune(folded, 0) {
			t.Fatalf("Fold(%q) = %q cannot be kept", text, folded)
		}
		if again := Fold(folded); again != folded {
			t.Fatalf("folding %q twice gives %q, then %q", text, folded, again)
		}
		runes := []rune(Clean(text))
		if from < 0 || to > len(runes) || from > to {
			return
		}
		part := Fold(string(runes[from:to]))
		if !strings.Contains(folded, part) {
			t.Fatalf("%q is not in %q", part, folded)
		}
		for _, gram := range Trigrams(part) {
			if !strings.Contains(folded, gram) {
				t.Fatalf("trigram %q of %q is not in %q", gram, part, folded)
			}
		}
	})
}

// FuzzPattern compares a pattern with a slow but plain reading of it.
func FuzzPattern(f *testing.F) {
	f.Add("a*b", "axb")
	f.Add("**", "")
	f.Add("*ß*", "GRÖSSE")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 12 || len(text) > 40 || strings.Count(pattern, "*") > 4 {
			return
		}
		want := plainMatch(Fold(pattern), Fold(text))
		if got := ParsePattern(pattern).Match(Fold(text)); got != want {
			t.Fatalf("pattern %q, text %q: %v, want %v", pattern, text, got, want)
		}
	})
}

func plainMatch(pattern, text string) bool {
	if pattern == "" {
		return text == ""
	}
	if pattern[0] == '*' {
		return plainMatch(pattern[1:], text) || text != "" && plainMatch(pattern, text[1:])
	}
	return text != "" && pattern[0] == text[0] && plainMatch(pattern[1:], text[1:])
}

func TestFoldInSQL(t *testing.T) {
	for folded, want := range map[string]string{
		"": "", "größe": "", "ö": "",
		"tl": "x", "x-1 %": "x", "ok": "replace(x, '\u212a', 'k')", "tsk": "replace(replace(x, '\u212a', 'k'), '\u017f', 's')",
	} {
		if got, ok := FoldInSQL("x", folded); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", folded, got, ok)
		}
	}
	// What the function relies on: no other runes fold to ASCII.
	for r := rune(utf8.RuneSelf); r <= unicode.MaxRune; r++ {
		if text := string(foldRune(r)); text[0] < utf8.RuneSelf && foldedToASCII[text] != string(r) {
			t.Errorf("%q folds to %q", r, text)
		}
	}
}
