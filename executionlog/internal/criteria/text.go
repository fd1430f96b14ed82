// Package criteria says what queries mean, once for all engines of the ledger:
// how text is folded and compared, which attempts a filter matches, what a
// cursor holds, and the form in which rows are kept.
//
// The engines may narrow a search with whatever index they have; what they
// return has always passed the tests in here, so that they agree.
package criteria

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean returns text as every engine can keep it: valid UTF-8 without NUL,
// which PostgreSQL refuses.
func Clean(text string) string {
	if strings.IndexByte(text, 0) < 0 && utf8.ValidString(text) {
		return text
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	return strings.ReplaceAll(text, "\x00", "\uFFFD")
}

// Fold returns text for comparing without regard to case. It maps rune by
// rune, so that a part of a text folds to a part of the folded text, and it
// does not depend on a database's locale.
func Fold(text string) string {
	for i := range len(text) {
		if c := text[i]; c == 0 || c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			return strings.Map(foldRune, Clean(text))
		}
	}
	return text // as most are
}

// foldedToASCII are the runes outside of ASCII that fold to letters in it: the
// Kelvin sign and the long s.
var foldedToASCII = map[string]string{"k": "\u212a", "s": "\u017f"}

// FoldInSQL returns the expression of a column's text, lowered as ASCII is by
// an expression, that contains a folded text where and only where the column's
// text folded does; ok is false where SQL cannot say, since the text is not
// ASCII.
func FoldInSQL(lowered, folded string) (expression string, ok bool) {
	if folded == "" || strings.ContainsFunc(folded, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return "", false
	}
	for _, letter := range []string{"k", "s"} {
		if strings.Contains(folded, letter) {
			lowered = "replace(" + lowered + ", '" + foldedToASCII[letter] + "', '" + letter + "')"
		}
	}
	return lowered, true
}

func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	// The smallest of the runes that differ in case only stands for them all;
	// where that is an upper case letter of ASCII, its lower case one.
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	if 'A' <= least && least <= 'Z' {
		least += 'a' - 'A'
	}
	return least
}

// Pattern is a text to compare whole, in which * stands for any text.
type Pattern struct {
	parts []string // folded, what stands between the stars
}

// ParsePattern reads a pattern. Only * is special.
func ParsePattern(text string) Pattern {
	return Pattern{parts: strings.Split(Fold(text), "*")}
}

// Exact returns the folded text that a pattern without a star stands for.
func (p Pattern) Exact() (string, bool) {
	if len(p.parts) == 1 {
		return p.parts[0], true
	}
	return "", false
}

// Contained returns the folded text that a pattern finds anywhere and asks
// nothing else of.
func (p Pattern) Contained() (string, bool) {
	if len(p.parts) == 3 && p.parts[0] == "" && p.parts[2] == "" {
		return p.parts[1], true
	}
	return "", false
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// Like returns the pattern as SQL's LIKE has it, for folded texts, with \ as
// what escapes.
func (p Pattern) Like() string {
	parts := make([]string, len(p.parts))
	for i, part := range p.parts {
		parts[i] = likeEscaper.Replace(part)
	}
	return strings.Join(parts, "%")
}

// Beginning returns the folded text that a pattern wants at the beginning and
// asks nothing else of.
func (p Pattern) Beginning() (string, bool) {
	if len(p.parts) == 2 && p.parts[1] == "" {
		return p.parts[0], true
	}
	return "", false
}

// Prefix returns what a folded text must begin with, perhaps nothing.
func (p Pattern) Prefix() string { return p.parts[0] }

// Parts returns the folded texts that must all occur.
func (p Pattern) Parts() []string {
	return slices.DeleteFunc(slices.Clone(p.parts), func(part string) bool { return part == "" })
}

// Match says whether the whole of a folded text fits the pattern.
func (p Pattern) Match(folded string) bool {
	last := len(p.parts) - 1
	if last == 0 {
		return folded == p.parts[0]
	}
	rest, ok := strings.CutPrefix(folded, p.parts[0])
	if !ok {
		return false
	}
	rest, ok = strings.CutSuffix(rest, p.parts[last])
	if !ok {
		return false
	}
	for _, part := range p.parts[1:last] {
		at := strings.Index(rest, part)
		if at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return true
}

// trigramLimit bounds how many trigrams there are of one text, beside the
// last.
const trigramLimit = 64

// Trigrams returns sequences of three runes that occur in every folded text
// that contains the folded text, none if it is shorter. Of long texts it
// returns a selection.
func Trigrams(folded string) []string {
	runes := []rune(folded)
	count := len(runes) - 2
	if count <= 0 {
		return nil
	}
	step := max(1, (count+trigramLimit-1)/trigramLimit)
	var out []string
	add := func(i int) {
		if gram := string(runes[i : i+3]); !slices.Contains(out, gram) {
			out = append(out, gram)
		}
	}
	for i := 0; i < count-1; i += step {
		add(i)
	}
	add(count - 1)
	return out
}

// ParseContained returns the pattern of a folded text with anything around
// it; a * in it is itself.
func ParseContained(folded string) Pattern { return Pattern{parts: []string{"", folded, ""}} }
