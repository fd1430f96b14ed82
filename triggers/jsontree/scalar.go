package jsontree

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// string reads the text whose opening quote is next.
func (p *parser) string() (string, error) {
	p.at++
	begin := p.at
	for p.at < len(p.data) {
		switch c := p.data[p.at]; {
		case c == '"':
			p.at++
			return string(p.data[begin : p.at-1]), nil
		case c == '\\':
			return p.escaped(begin)
		case c < ' ':
			return "", p.wrong("a control character in a text; it is written as an escape")
		}
		p.at++
	}
	return "", p.wrong("")
}

// escaped reads on in a text that began before, from its first escape.
func (p *parser) escaped(begin int) (string, error) {
	var text strings.Builder
	for p.at < len(p.data) {
		switch c := p.data[p.at]; {
		case c == '"':
			text.Write(p.data[begin:p.at])
			p.at++
			return text.String(), nil
		case c == '\\':
			text.Write(p.data[begin:p.at])
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			text.WriteRune(r)
			begin = p.at
		case c < ' ':
			return "", p.wrong("a control character in a text; it is written as an escape")
		default:
			p.at++
		}
	}
	return "", p.wrong("")
}

// escape reads an escape. Half of a surrogate pair stands for U+FFFD, as
// encoding/json has it.
func (p *parser) escape() (rune, error) {
	rest := p.data[p.at:]
	if len(rest) < 2 {
		p.at = len(p.data)
		return 0, p.wrong("")
	}
	if i := strings.IndexByte(`"\/bfnrt`, rest[1]); i >= 0 {
		p.at += 2
		return rune("\"\\/\b\f\n\r\t"[i]), nil
	}
	r, ok := unit(rest)
	if !ok {
		return 0, p.wrong("an unknown escape in a text")
	}
	p.at += 6
	if !utf16.IsSurrogate(r) {
		return r, nil
	}
	if low, ok := unit(p.data[p.at:]); ok {
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			p.at += 6
			return pair, nil
		}
	}
	return utf8.RuneError, nil
}

// unit reads the UTF-16 unit that begins text, such as \u00e9.
func unit(text []byte) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	return rune(n), err == nil
}

// number reads a number as it is written.
func (p *parser) number() (any, error) {
	begin := p.at
	if p.data[p.at] == '-' {
		p.at++
	}
	if p.at < len(p.data) && p.data[p.at] == '0' {
		p.at++
	} else if !p.digits() {
		return nil, p.wrong("a number goes on with a digit here")
	}
	if p.at < len(p.data) && p.data[p.at] == '.' {
		p.at++
		if !p.digits() {
			return nil, p.wrong("a number goes on with a digit here")
		}
	}
	if p.at < len(p.data) && (p.data[p.at] == 'e' || p.data[p.at] == 'E') {
		p.at++
		if p.at < len(p.data) && (p.data[p.at] == '+' || p.data[p.at] == '-') {
			p.at++
		}
		if !p.digits() {
			return nil, p.wrong("a number goes on with a digit here")
		}
	}
	return json.Number(p.data[begin:p.at]), nil
}

// digits goes past digits and says whether there were any.
func (p *parser) digits() bool {
	begin := p.at
	for p.at < len(p.data) && '0' <= p.data[p.at] && p.data[p.at] <= '9' {
		p.at++
	}
	return p.at > begin
}
