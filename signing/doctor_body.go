package signing

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

const rawAdvice = "Verify the raw bytes of the body, before anything parses or converts them."

// bodyVariants yields what the body may have been when it was signed.
func bodyVariants(body []byte) iter.Seq[variant[[]byte]] {
	return func(yield func(variant[[]byte]) bool) {
		for _, family := range []func([]byte) []variant[[]byte]{
			newlineVariants, charsetVariants, formVariants, jsonVariants,
		} {
			for _, v := range family(body) {
				if !bytes.Equal(v.value, body) && !yield(v) {
					return
				}
			}
		}
	}
}

func newlineVariants(body []byte) []variant[[]byte] {
	var list []variant[[]byte]
	add := func(value []byte, cause Cause, explanation string) {
		list = append(list, variant[[]byte]{value, finding{cause, explanation, rawAdvice}})
	}
	for _, end := range []string{"\r\n", "\n"} {
		if stripped, ok := bytes.CutSuffix(body, []byte(end)); ok {
			add(stripped, CauseTrailingNewline, "The body as signed had no newline at its end; one was added on the way to the verification.")
		}
		add(append(bytes.Clone(body), end...), CauseTrailingNewline, "The body as signed ended in a newline that is missing now.")
	}
	add(bytes.TrimSpace(body), CauseTrailingNewline, "The body as signed had no white space around it; some was added.")
	lf := bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n"))
	add(lf, CauseLineEndings, "The body as signed had LF line ends; they became CRLF.")
	add(bytes.ReplaceAll(lf, []byte("\n"), []byte("\r\n")), CauseLineEndings, "The body as signed had CRLF line ends; they became LF.")
	return list
}

var byteOrderMark = []byte("\ufeff")

func charsetVariants(body []byte) []variant[[]byte] {
	var list []variant[[]byte]
	add := func(value []byte, explanation string) {
		list = append(list, variant[[]byte]{value, finding{CauseCharset, explanation, rawAdvice}})
	}
	if stripped, ok := bytes.CutPrefix(body, byteOrderMark); ok {
		add(stripped, "The body as signed had no byte order mark; one was put before it.")
	} else {
		add(append(bytes.Clone(byteOrderMark), body...), "The body as signed began with a byte order mark that is missing now.")
	}
	for _, charset := range []struct {
		name string
		*charmap.Charmap
	}{{"Latin-1", charmap.ISO8859_1}, {"Windows-1252", charmap.Windows1252}} {
		// Encoders stop at what the charset lacks; then it was not this.
		if value, err := charset.NewEncoder().Bytes(body); err == nil && utf8.Valid(body) {
			text := "The body as signed was " + charset.name + "; it was converted to UTF-8."
			if utf8.Valid(value) {
				text = "The body as signed was UTF-8; it was taken for " + charset.name + " and converted to UTF-8 once more."
			}
			add(value, text)
		}
		if value, err := charset.NewDecoder().Bytes(body); err == nil {
			add(value, "The body as signed was UTF-8; it was converted to "+charset.name+".")
		}
	}
	return list
}

// formVariants undo the decoding of a form body.
func formVariants(body []byte) []variant[[]byte] {
	if !bytes.Contains(body, []byte("=")) || len(body) > maxPairBody || json.Valid(body) {
		return nil
	}
	var list []variant[[]byte]
	add := func(value, explanation string) {
		list = append(list, variant[[]byte]{[]byte(value), finding{CauseURLDecoded, explanation, rawAdvice}})
	}
	text := string(body)
	const decoded = "The body as signed was URL-encoded; it was decoded before it was verified."
	const changed = "The body as signed was URL-encoded in another way; it was decoded and encoded anew."
	for _, escape := range []func(string) string{url.QueryEscape, url.PathEscape, escapeBrackets} {
		add(escapePairs(text, escape), decoded)
	}
	if plain, err := url.QueryUnescape(text); err == nil {
		add(plain, "The body as signed was not URL-encoded; it was encoded before it was verified.")
	}
	if values, err := url.ParseQuery(text); err == nil {
		add(values.Encode(), changed)
	}
	add(strings.ReplaceAll(text, "+", "%20"), changed)
	add(strings.ReplaceAll(text, "%20", "+"), changed)
	add(strings.NewReplacer("[", "%5B", "]", "%5D").Replace(text), changed)
	add(strings.NewReplacer("%5B", "[", "%5D", "]", "%5b", "[", "%5d", "]").Replace(text), changed)
	return list
}

// escapeBrackets escapes as for a query, but leaves brackets.
func escapeBrackets(text string) string {
	return strings.NewReplacer("%5B", "[", "%5D", "]").Replace(url.QueryEscape(text))
}

// escapePairs escapes names and values of a form, but not what separates them.
func escapePairs(text string, escape func(string) string) string {
	pairs := strings.Split(text, "&")
	for i, pair := range pairs {
		name, value, found := strings.Cut(pair, "=")
		pairs[i] = escape(name)
		if found {
			pairs[i] += "=" + escape(value)
		}
	}
	return strings.Join(pairs, "&")
}

// idVariants lists ids that a body holds, and no id.
func idVariants(body []byte) []variant[string] {
	ids := []string{""}
	var members map[string]any
	if json.Unmarshal(body, &members) == nil {
		for _, name := range []string{"id", "Id", "event_id", "EventId", "eventId", "TicketId", "ticket_id"} {
			switch value := members[name].(type) {
			case string:
				ids = append(ids, value)
			case float64:
				ids = append(ids, strconv.FormatFloat(value, 'f', -1, 64))
			}
		}
	}
	list := make([]variant[string], len(ids))
	for i, id := range ids {
		what := "the id " + shorten(id) + " of the body"
		if id == "" {
			what = "an empty id"
		}
		list[i] = variant[string]{id, finding{
			CauseOtherID,
			"The signature was made with " + what + ", but the header " + standardID + " holds another.",
			"Sign with exactly the text of the header " + standardID + ".",
		}}
	}
	return list
}

func contentLength(header http.Header) (int, bool) {
	values := headerValues(header, "Content-Length")
	if len(values) != 1 {
		return 0, false
	}
	length, err := strconv.Atoi(values[0])
	return length, err == nil
}

func shorterThanSent(capture Capture) bool {
	length, ok := contentLength(capture.Header)
	return ok && len(capture.Body) < length
}

func longerThanSent(capture Capture) bool {
	length, ok := contentLength(capture.Header)
	return ok && len(capture.Body) > length
}

// endsEarly reports whether a body is JSON that breaks off.
func endsEarly(body []byte) bool {
	trimmed := bytes.TrimSpace(body)
	if len(trimmed) == 0 || trimmed[0] != '{' && trimmed[0] != '[' {
		return false
	}
	var value json.RawMessage
	return errors.Is(json.NewDecoder(bytes.NewReader(trimmed)).Decode(&value), io.ErrUnexpectedEOF)
}

func hasReplacement(body []byte) bool { return bytes.Contains(body, []byte("\ufffd")) }
