package faveo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// encodeForm writes a JSON document as PHP's http_build_query does the same
// array: brackets for nesting, list indexes explicit, true and false as 1 and
// 0, null and whatever is empty left out, in the document's order.
func encodeForm(document []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	var form formWriter
	if err := form.value(decoder, ""); err != nil {
		return nil, fmt.Errorf("encode form: %w", err)
	}
	return form.out.Bytes(), nil
}

type formWriter struct{ out bytes.Buffer }

// value writes the next value of the document under a key.
func (w *formWriter) value(decoder *json.Decoder, key string) error {
	token, err := decoder.Token()
	if err != nil {
		return err
	}
	switch v := token.(type) {
	case json.Delim:
		return w.members(decoder, key, v == '[')
	case nil:
		return nil
	case bool:
		if v {
			w.pair(key, "1")
		} else {
			w.pair(key, "0")
		}
	default:
		w.pair(key, fmt.Sprint(v))
	}
	return nil
}

// members writes the rest of an object or a list up to its closing bracket.
func (w *formWriter) members(decoder *json.Decoder, key string, list bool) error {
	for index := 0; decoder.More(); index++ {
		name := strconv.Itoa(index)
		if !list {
			token, err := decoder.Token()
			if err != nil {
				return err
			}
			name = fmt.Sprint(token)
		}
		if key != "" {
			name = key + "[" + name + "]"
		}
		if err := w.value(decoder, name); err != nil {
			return err
		}
	}
	_, err := decoder.Token()
	return err
}

func (w *formWriter) pair(key, value string) {
	if w.out.Len() > 0 {
		w.out.WriteByte('&')
	}
	w.out.WriteString(escape(key))
	w.out.WriteByte('=')
	w.out.WriteString(escape(value))
}

// escape is PHP's urlencode, which unlike Go's escapes the tilde.
func escape(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "~", "%7E")
}
