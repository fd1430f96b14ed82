package dispatcher

import (
	"bytes"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/executionlog"
)

// shortestConcealed is the length from which a secret is looked for in
// answers: a shorter one would be found in words that have nothing to do with
// it, and is none.
const shortestConcealed = 4

// sentSecrets are the secrets in a request: whatever the log masks of its
// headers, with and without the scheme in front, and the secret parameters of
// its URL. Receivers that answer with what they got would put them into the
// log.
func sentSecrets(post *sender.Post, masked []executionlog.Header) []string {
	var list []string
	for i, header := range post.Header {
		if masked[i].Value != mask {
			continue
		}
		list = append(list, header.Value)
		if _, bare, ok := strings.Cut(header.Value, " "); ok {
			list = append(list, bare)
		}
	}
	if _, query, ok := strings.Cut(post.URL, "?"); ok {
		for part := range strings.SplitSeq(query, "&") {
			if name, value, ok := strings.Cut(part, "="); ok && SecretParameter(name) {
				list = append(list, value)
				if plain, err := url.QueryUnescape(value); err == nil {
					list = append(list, plain)
				}
			}
		}
	}
	return spellings(list)
}

// spellings adds the forms in which answers quote a text, the longest first,
// so that no part of one is left.
func spellings(secrets []string) []string {
	var list []string
	for _, secret := range secrets {
		if len(secret) < shortestConcealed {
			continue
		}
		list = append(list, secret, url.QueryEscape(secret), html.EscapeString(secret))
		if quoted, err := json.Marshal(secret); err == nil {
			list = append(list, string(quoted[1:len(quoted)-1]))
		}
	}
	slices.SortFunc(list, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(list)
}

// conceal takes secrets out of an answer.
func conceal(exchange *sender.Exchange, secrets []string) {
	for _, secret := range secrets {
		exchange.ResponseBody = bytes.ReplaceAll(exchange.ResponseBody, []byte(secret), []byte(mask))
		for i := range exchange.ResponseHeader {
			exchange.ResponseHeader[i].Value = strings.ReplaceAll(exchange.ResponseHeader[i].Value, secret, mask)
		}
	}
	if exchange.Truncated {
		exchange.ResponseBody = concealCut(exchange.ResponseBody, secrets)
	}
}

// concealCut takes the beginning of a secret out that the end of a body has
// cut off.
func concealCut(body []byte, secrets []string) []byte {
	for _, secret := range secrets {
		for length := min(len(secret)-1, len(body)); length >= shortestConcealed; length-- {
			if bytes.HasSuffix(body, []byte(secret[:length])) {
				return append(body[:len(body)-length:len(body)-length], mask...)
			}
		}
	}
	return body
}

// maxQuoted is how many characters of an answer stand in an attempt's error.
const maxQuoted = 160

// errorText is the error of an attempt: where a receiver says in words why it
// refused, in its own.
func errorText(exchange *sender.Exchange) string {
	if exchange.Code != sender.HTTP4xx && exchange.Code != sender.HTTP5xx {
		return exchange.Error
	}
	if said := quoted(exchange); said != "" {
		return exchange.Error + ": " + said
	}
	return exchange.Error
}

// quoted is the beginning of an answer that is a text on one line; a page of
// HTML says little in so few characters.
func quoted(exchange *sender.Exchange) string {
	body := exchange.ResponseBody
	body = body[:min(len(body), 8*maxQuoted)]
	for cut := 1; cut < utf8.UTFMax && len(body) > 0 && !utf8.Valid(body); cut++ {
		body = body[:len(body)-1] // the character that the end cuts through
	}
	text := strings.Join(strings.Fields(string(body)), " ")
	if !utf8.ValidString(text) || strings.HasPrefix(text, "<") || strings.ContainsFunc(text, unicode.IsControl) ||
		strings.EqualFold(text, http.StatusText(exchange.Status)) {
		return ""
	}
	if runes := []rune(text); len(runes) > maxQuoted {
		return string(runes[:maxQuoted]) + "…"
	}
	return text
}
