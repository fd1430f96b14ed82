package ascode

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// mapping is an object that keeps the order of its members.
type mapping []member

type member struct {
	name  string
	value any // mapping, []any, string, reference, json.Number, bool or nil
}

func (m mapping) index(name string) int {
	return slices.IndexFunc(m, func(x member) bool { return x.name == name })
}

// set sets a member, and adds it at the end where it is missing.
func (m *mapping) set(name string, value any) {
	if i := m.index(name); i >= 0 {
		(*m)[i].value = value
		return
	}
	*m = append(*m, member{name, value})
}

func (m *mapping) remove(name string) {
	*m = slices.DeleteFunc(*m, func(x member) bool { return x.name == name })
}

// ordered decodes what value is as JSON, in its order.
func ordered(value any) (any, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(&text)
	decoder.UseNumber()
	return next(decoder)
}

func next(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		object := mapping{}
		for decoder.More() {
			name, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			text, ok := name.(string)
			if !ok {
				return nil, errors.New("a name is no text")
			}
			value, err := next(decoder)
			if err != nil {
				return nil, err
			}
			object = append(object, member{text, value})
		}
		_, err := decoder.Token()
		return object, err
	case json.Delim('['):
		list := []any{}
		for decoder.More() {
			value, err := next(decoder)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err := decoder.Token()
		return list, err
	}
	return token, nil
}

// writer writes values as YAML in block style, small ones in one line.
type writer struct{ bytes.Buffer }

const lineWidth = 100

// member writes a value behind the colon of its name.
func (w *writer) member(value any, indent int) {
	if line := flow(value); line != "" {
		w.WriteString(" " + line + "\n")
		return
	}
	switch v := value.(type) {
	case mapping:
		w.WriteString("\n")
		w.block(v, indent+2, false)
	case []any:
		w.WriteString("\n")
		w.list(v, indent+2)
	case string:
		w.WriteString(" ")
		w.lines(literal(v), indent+2)
	}
}

func (w *writer) block(m mapping, indent int, begun bool) {
	for i, one := range m {
		if i > 0 || !begun {
			w.WriteString(strings.Repeat(" ", indent))
		}
		w.WriteString(scalar(one.name) + ":")
		w.member(one.value, indent)
	}
}

func (w *writer) list(list []any, indent int) {
	for _, item := range list {
		w.WriteString(strings.Repeat(" ", indent) + "-")
		if object, ok := item.(mapping); ok && flow(item) == "" {
			w.WriteString(" ")
			w.block(object, indent+2, true)
			continue
		}
		w.member(item, indent)
	}
}

// lines writes a text of several lines as they are.
func (w *writer) lines(text string, indent int) {
	w.WriteString("|")
	if !strings.HasSuffix(text, "\n") {
		w.WriteString("-")
	}
	w.WriteString("\n")
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		if line != "" {
			w.WriteString(strings.Repeat(" ", indent) + line)
		}
		w.WriteString("\n")
	}
}

// readable says whether a text of several lines reads the same as block of lines.
func readable(text string) bool {
	body := strings.TrimSuffix(text, "\n")
	if !strings.Contains(body, "\n") || !utf8.ValidString(text) {
		return false
	}
	for line := range strings.SplitSeq(body, "\n") {
		if line == "" || line != strings.TrimSpace(line) || strings.ContainsFunc(line, unprintable) {
			return false
		}
	}
	return true
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) || r == '\ufeff' }

// flow returns a value in one line, "" where several are better: for what holds
// objects, and what is long.
func flow(value any) string {
	text := ""
	switch v := value.(type) {
	case mapping:
		parts := make([]string, len(v))
		for i, one := range v {
			part := flow(one.value)
			if part == "" || part[0] == '{' && len(part) > 2 {
				return ""
			}
			parts[i] = scalar(one.name) + ": " + part
		}
		text = "{" + strings.Join(parts, ", ") + "}"
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			if parts[i] = flow(item); parts[i] == "" || parts[i][0] == '{' {
				return ""
			}
		}
		text = "[" + strings.Join(parts, ", ") + "]"
	case string:
		if readable(v) {
			return ""
		}
		return scalar(literal(v))
	case reference:
		return scalar(v.text())
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	case nil:
		return "null"
	}
	if len(text) > lineWidth {
		return ""
	}
	return text
}

// plain are the texts that need no quotes, wherever they stand.
var plain = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*([ ./@-][A-Za-z0-9_]+)*$`)

// address are the URLs that need none.
var address = regexp.MustCompile(`^https?://[A-Za-z0-9._~/:?&=%+@-]*[A-Za-z0-9/]$`)

// reserved mean something else without quotes, to one reader or another.
var reserved = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"}

func scalar(text string) string {
	if plain.MatchString(text) && !slices.Contains(reserved, strings.ToLower(text)) || text == "on" || address.MatchString(text) {
		return text
	}
	return quoted(text)
}

// quoted writes a text in double quotes; YAML knows the escapes of JSON.
func quoted(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case unprintable(r) && r > 0xffff:
			b.WriteString(`\U` + hex(r, 8))
		case unprintable(r):
			b.WriteString(`\u` + hex(r, 4))
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func hex(r rune, digits int) string {
	text := strconv.FormatInt(int64(r), 16)
	return strings.Repeat("0", digits-len(text)) + text
}
