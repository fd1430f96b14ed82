package systems

import (
	"html"
	"strings"
)

// blocks are the elements that start a line of their own.
var blocks = map[string]bool{
	"address": true, "article": true, "blockquote": true, "br": true, "dd": true, "div": true, "dl": true, "dt": true,
	"footer": true, "form": true, "h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "header": true,
	"hr": true, "li": true, "ol": true, "p": true, "pre": true, "section": true, "table": true, "tr": true, "ul": true,
}

// hidden are the elements whose content is not text.
var hidden = map[string]bool{"script": true, "style": true, "head": true, "template": true}

// PlainText is the text of a piece of HTML: without tags, with entities
// resolved, and a line break where a block begins or ends. A "<" that opens no
// tag is text.
func PlainText(markup string) string {
	if !strings.ContainsAny(markup, "<&") {
		return markup
	}
	var out strings.Builder
	skip := "" // the hidden element that is open
	for markup != "" {
		open := strings.IndexByte(markup, '<')
		if open < 0 {
			open = len(markup)
		}
		if skip == "" {
			out.WriteString(html.UnescapeString(markup[:open]))
		}
		markup = markup[open:]
		if markup == "" {
			break
		}
		name, length := tag(markup)
		if length == 0 {
			if skip == "" {
				out.WriteByte('<')
			}
			markup = markup[1:]
			continue
		}
		markup = markup[length:]
		element := strings.TrimPrefix(name, "/")
		switch {
		case skip != "" && name == "/"+skip:
			skip = ""
		case skip == "" && hidden[name]:
			skip = name
		case skip == "" && blocks[element]:
			out.WriteByte('\n')
		}
	}
	return tidy(out.String())
}

// tag reads the tag or comment that text begins with: its lower-case name,
// with a slash in front of an end tag's, and how many bytes it takes; 0 where
// no tag begins.
func tag(text string) (name string, length int) {
	if strings.HasPrefix(text, "<!--") {
		if end := strings.Index(text, "-->"); end >= 0 {
			return "!", end + len("-->")
		}
		return "", 0
	}
	end := strings.IndexByte(text, '>')
	if end < 2 {
		return "", 0
	}
	name = text[1:end]
	if i := strings.IndexAny(strings.TrimPrefix(name, "/"), " \t\r\n/"); i >= 0 {
		if name[0] == '/' {
			i++
		}
		name = name[:i]
	}
	first := strings.TrimPrefix(name, "/")
	if first == "" || first[0] != '!' && !('a' <= first[0]|0x20 && first[0]|0x20 <= 'z') {
		return "", 0
	}
	return strings.ToLower(name), end + 1
}

// tidy trims the lines and joins runs of empty ones.
func tidy(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" && (len(lines) == 0 || lines[len(lines)-1] == "") {
			continue
		}
		lines = append(lines, line)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
