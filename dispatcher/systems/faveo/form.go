package faveo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// encodeForm writes a JSON document as PHP's http_build_query does the same
// array: brackets for nesting, list indexes explicit, true and false as 1 and
// 0, null and whatever is empty left out, in the document's order.
func encodeForm(document []byte) ([]byte, error) {
	var compact bytes.Buffer
	if err := json.Compact(&compact, document); err != nil {
		return nil, fmt.Errorf("encode form: %w", err)
	}
	w := formWriter{in: compact.Bytes(), out: make([]byte, 0, 2*compact.Len())}
	w.value()
	return w.out, nil
}

// formWriter walks a JSON document that is known to be valid and compact, so
// that it need not look for mistakes.
type formWriter struct {
	in  []byte // what is left of the document
	key []byte // of the current value, escaped
	out []byte
}

// value writes the next value of the document under the current key.
func (w *formWriter) value() {
	switch w.in[0] {
	case '{', '[':
		w.members(w.in[0] == '[')
	case '"':
		w.pair(w.text())
	default:
		end := bytes.IndexAny(w.in, ",]}")
		if end < 0 {
			end = len(w.in)
		}
		literal := w.in[:end]
		w.in = w.in[end:]
		switch string(literal) {
		case "null":
		case "true":
			w.pair([]byte{'1'})
		case "false":
			w.pair([]byte{'0'})
		default:
			w.pair(literal)
		}
	}
}

// members writes an object or a list.
func (w *formWriter) members(list bool) {
	outer := len(w.key)
	w.in = w.in[1:]
	for index := 0; w.in[0] != '}' && w.in[0] != ']'; index++ {
		if outer > 0 {
			w.key = append(w.key, "%5B"...)
		}
		if list {
			w.key = strconv.AppendInt(w.key, int64(index), 10)
		} else {
			w.key = escape(w.key, w.text())
			w.in = w.in[1:] // the colon
		}
		if outer > 0 {
			w.key = append(w.key, "%5D"...)
		}
		w.value()
		w.key = w.key[:outer]
		if w.in[0] == ',' {
			w.in = w.in[1:]
		}
	}
	w.in = w.in[1:]
}

// text takes the next string off the document.
func (w *formWriter) text() []byte {
	end, escaped := 1, false
	for ; w.in[end] != '"'; end++ {
		if w.in[end] == '\\' {
			escaped = true
			end++
		}
	}
	quoted := w.in[:end+1]
	w.in = w.in[end+1:]
	if !escaped {
		return quoted[1:end]
	}
	var text string
	if err := json.Unmarshal(quoted, &text); err != nil {
		return nil // a string of a valid document always decodes
	}
	return []byte(text)
}

func (w *formWriter) pair(value []byte) {
	if len(w.out) > 0 {
		w.out = append(w.out, '&')
	}
	w.out = append(w.out, w.key...)
	w.out = append(w.out, '=')
	w.out = escape(w.out, value)
}

// escape appends text as PHP's urlencode writes it, which unlike Go's escapes
// the tilde.
func escape(out, text []byte) []byte {
	const upperHex = "0123456789ABCDEF"
	for _, c := range text {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
			out = append(out, c)
		case c == ' ':
			out = append(out, '+')
		default:
			out = append(out, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return out
}
