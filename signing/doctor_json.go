package signing

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
)

// maxJSON is the largest body that is rewritten in the usual layouts, in
// bytes, and maxDepth the deepest.
const (
	maxJSON  = 1 << 20
	maxDepth = 200
)

// layout is a way in which libraries write JSON.
type layout struct {
	name         string
	comma, colon string
	indent       string
	ascii        bool // \u00e9 for é
	html         bool // \u003c for <
	slash        bool // \/ for /
	sorted       bool // names in order
}

// layouts are the usual ways, the most frequent first.
func layouts() []layout {
	bases := []layout{
		{name: "compact", comma: ",", colon: ":"},
		{name: "with a space behind commas and colons, as Python writes it", comma: ", ", colon: ": "},
		{name: "indented by two spaces", comma: ",", colon: ": ", indent: "  "},
		{name: "indented by four spaces", comma: ",", colon: ": ", indent: "    "},
		{name: "indented by tabs", comma: ",", colon: ": ", indent: "\t"},
	}
	escapes := []struct {
		name               string
		ascii, html, slash bool
	}{
		{},
		{name: ", with letters beyond ASCII escaped", ascii: true},
		{name: ", with <, > and & escaped, as Go writes it", html: true},
		{name: `, with slashes escaped, as PHP writes it`, slash: true},
		{name: `, with slashes and letters beyond ASCII escaped, as PHP writes it`, slash: true, ascii: true},
	}
	var list []layout
	for _, sorted := range []bool{false, true} {
		for _, base := range bases {
			for _, escape := range escapes {
				l := base
				l.name += escape.name
				l.ascii, l.html, l.slash, l.sorted = escape.ascii, escape.html, escape.slash, sorted
				if sorted {
					l.name += ", with sorted names"
				}
				list = append(list, l)
			}
		}
	}
	return list
}

// jsonVariants writes a JSON body in the usual layouts.
func jsonVariants(body []byte) []variant[[]byte] {
	if len(body) > maxJSON {
		return nil
	}
	tree, err := parseJSON(body)
	if err != nil {
		return nil
	}
	var list []variant[[]byte]
	for _, l := range layouts() {
		var b strings.Builder
		l.write(&b, tree, 0)
		list = append(list, variant[[]byte]{[]byte(b.String()), finding{
			CauseReserialized,
			"The body was parsed as JSON and written anew. As signed it was " + l.name + ".",
			"Verify the raw bytes of the body; parse it afterwards. Many frameworks have a switch that keeps the raw body.",
		}})
	}
	return list
}

// node is a JSON value that keeps the order of its members and the text of its
// numbers.
type node struct {
	text    string // of a scalar that is no string, as it stood
	str     *string
	list    []node
	members []member
	kind    byte // '{', '[' or 0
}

type member struct {
	name  string
	value node
}

func parseJSON(body []byte) (node, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	tree, err := parseNode(decoder, 0)
	if err != nil {
		return node{}, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return node{}, errors.New("more than one JSON value")
	}
	return tree, nil
}

func parseNode(decoder *json.Decoder, depth int) (node, error) {
	if depth > maxDepth {
		return node{}, errors.New("nested too deeply")
	}
	token, err := decoder.Token()
	if err != nil {
		return node{}, fmt.Errorf("parse JSON: %w", err)
	}
	switch value := token.(type) {
	case json.Delim:
		n := node{kind: byte(value)}
		for decoder.More() {
			var name string
			if n.kind == '{' {
				token, err := decoder.Token()
				if err != nil {
					return node{}, fmt.Errorf("parse JSON: %w", err)
				}
				name, _ = token.(string)
			}
			child, err := parseNode(decoder, depth+1)
			if err != nil {
				return node{}, err
			}
			if n.kind == '{' {
				n.members = append(n.members, member{name, child})
			} else {
				n.list = append(n.list, child)
			}
		}
		_, err := decoder.Token()
		return n, err
	case string:
		return node{str: &value}, nil
	case json.Number:
		return node{text: value.String()}, nil
	case bool:
		return node{text: fmt.Sprint(value)}, nil
	default:
		return node{text: "null"}, nil
	}
}

func (l layout) write(b *strings.Builder, n node, depth int) {
	switch {
	case n.kind == '{':
		members := n.members
		if l.sorted {
			members = slices.Clone(members)
			slices.SortStableFunc(members, func(x, y member) int { return cmp.Compare(x.name, y.name) })
		}
		l.writeAll(b, "{", "}", len(members), depth, func(i int) {
			l.writeString(b, members[i].name)
			b.WriteString(l.colon)
			l.write(b, members[i].value, depth+1)
		})
	case n.kind == '[':
		l.writeAll(b, "[", "]", len(n.list), depth, func(i int) { l.write(b, n.list[i], depth+1) })
	case n.str != nil:
		l.writeString(b, *n.str)
	default:
		b.WriteString(n.text)
	}
}

func (l layout) writeAll(b *strings.Builder, open, end string, count, depth int, each func(i int)) {
	b.WriteString(open)
	for i := range count {
		if i > 0 {
			b.WriteString(l.comma)
		}
		l.newline(b, depth+1)
		each(i)
	}
	if count > 0 {
		l.newline(b, depth)
	}
	b.WriteString(end)
}

func (l layout) newline(b *strings.Builder, depth int) {
	if l.indent != "" {
		b.WriteByte('\n')
		for range depth {
			b.WriteString(l.indent)
		}
	}
}

func (l layout) writeString(b *strings.Builder, text string) {
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\b':
			b.WriteString(`\b`)
		case r == '\f':
			b.WriteString(`\f`)
		case r == '/' && l.slash:
			b.WriteString(`\/`)
		case r < ' ', l.ascii && r > 0x7e && r <= 0xffff,
			l.html && (r == '<' || r == '>' || r == '&' || r == 0x2028 || r == 0x2029):
			fmt.Fprintf(b, `\u%04x`, r)
		case l.ascii && r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(b, `\u%04x\u%04x`, high, low)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
}
