package condition

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

var folder = cases.Fold()

// Fold returns text in the form in which texts are compared: case-folded and
// NFC-normalised.
func Fold(text string) string {
	if isASCII(text) {
		return strings.ToLower(text)
	}
	return norm.NFC.String(folder.String(norm.NFD.String(text)))
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// foldsTo reports whether Fold(text) == folded, without making the folded text
// where text is ASCII.
func foldsTo(text, folded string) bool {
	if !isASCII(text) {
		return Fold(text) == folded
	}
	if len(text) != len(folded) {
		return false
	}
	for i := range len(text) {
		c := text[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != folded[i] {
			return false
		}
	}
	return true
}

// sameText compares two texts of a ticket.
func sameText(a, b string, sensitive bool) bool {
	switch {
	case a == b:
		return true
	case sensitive:
		return norm.NFC.String(a) == norm.NFC.String(b)
	case isASCII(a) && isASCII(b):
		return strings.EqualFold(a, b)
	default:
		return Fold(a) == Fold(b)
	}
}

// stripHTML returns the text of an HTML fragment, a space where a tag was.
func stripHTML(fragment string) string {
	if !strings.ContainsAny(fragment, "<&") {
		return fragment
	}
	var text strings.Builder
	tokens := html.NewTokenizer(strings.NewReader(fragment))
	hidden := ""
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return strings.Join(strings.Fields(text.String()), " ")
		case html.TextToken:
			if hidden == "" {
				text.WriteString(html.UnescapeString(string(tokens.Raw())))
			}
		case html.StartTagToken:
			name, _ := tokens.TagName()
			if tag := string(name); tag == "script" || tag == "style" {
				hidden = tag
			}
			if block(string(name)) {
				text.WriteByte(' ')
			}
		case html.EndTagToken:
			name, _ := tokens.TagName()
			if string(name) == hidden {
				hidden = ""
			}
			if block(string(name)) {
				text.WriteByte(' ')
			}
		case html.SelfClosingTagToken:
			text.WriteByte(' ')
		}
	}
}

// block reports whether a tag parts words; those that only mark a stretch of
// text do not.
func block(tag string) bool {
	switch tag {
	case "a", "abbr", "b", "code", "em", "font", "i", "mark", "s", "small", "span", "strong", "sub", "sup", "u":
		return false
	}
	return true
}

// words returns text as its words with a space around each, so that a whole
// word or a sequence of them is found by searching it.
func words(text string) string {
	var b strings.Builder
	b.Grow(len(text) + 2)
	inside := false
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_' {
			if !inside {
				b.WriteByte(' ')
			}
			inside = true
			b.WriteRune(r)
		} else {
			inside = false
		}
	}
	b.WriteByte(' ')
	return b.String()
}

// cut returns at most limit bytes of text, whole characters only.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}
