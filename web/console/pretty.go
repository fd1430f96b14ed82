package console

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"unicode/utf8"
)

// maxShown is how much of a body a page shows, in bytes.
const maxShown = 256 << 10

// pretty writes a body for reading: JSON indented with its keys in their
// order, a form one field to a line, anything else as it is.
func pretty(body []byte) string {
	var indented bytes.Buffer
	if json.Valid(body) && json.Indent(&indented, body, "", "  ") == nil {
		return indented.String()
	}
	return raw(body)
}

// prettyAs is pretty for a body of a known content type.
func prettyAs(contentType string, body []byte) string {
	if !strings.HasPrefix(contentType, "application/x-www-form-urlencoded") {
		return pretty(body)
	}
	var lines strings.Builder
	for pair := range strings.SplitSeq(string(body), "&") {
		name, value, _ := strings.Cut(pair, "=")
		lines.WriteString(unescaped(name) + " = " + unescaped(value) + "\n")
	}
	return lines.String()
}

func unescaped(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil && utf8.ValidString(plain) {
		return plain
	}
	return text
}

// raw shows bytes as they are, with a mark for what is no text.
func raw(body []byte) string {
	if len(body) > maxShown {
		body = body[:maxShown]
	}
	return strings.ToValidUTF8(string(body), "\uFFFD")
}
