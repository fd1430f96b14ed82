// Package jsontree parses JSON that others wrote into maps, slices and
// scalars, in one pass that is strict where encoding/json is lenient: a member
// that stands twice in its object, text that is not UTF-8 and nesting beyond a
// limit are errors, and each names its place. Changes arrive by the thousand a
// second, and looking for all that afterwards took longer than parsing.
package jsontree

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// SyntaxError says that the input is no JSON (RFC 8259).
type SyntaxError struct {
	Offset int64 // bytes before what is wrong
	Reason string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("malformed JSON at byte %d: %s", e.Offset, e.Reason)
}

// RepeatedError says that an object has two members of one name, of which
// every reader is free to take another.
type RepeatedError struct {
	Path   string // of the member, as in ticket.tags.0
	Offset int64
}

func (e *RepeatedError) Error() string {
	return fmt.Sprintf("member %q stands there twice, again before byte %d", e.Path, e.Offset)
}

// DepthError says that arrays and objects are nested too deeply.
type DepthError struct {
	Limit  int
	Offset int64
}

func (e *DepthError) Error() string {
	return fmt.Sprintf("nested more than %d deep at byte %d", e.Limit, e.Offset)
}

// Parse reads exactly one JSON value: map[string]any, []any, string,
// json.Number, bool or nil. A scalar is no level deep, a list of scalars one.
// It returns a *SyntaxError, a *RepeatedError or a *DepthError.
func Parse(data []byte, maxDepth int) (any, error) {
	if !utf8.Valid(data) {
		return nil, &SyntaxError{Offset: invalidAt(data), Reason: "it is not UTF-8"}
	}
	p := parser{data: data, limit: maxDepth, room: maxDepth}
	value, err := p.value()
	if err != nil {
		return nil, err
	}
	if p.space(); p.at < len(p.data) {
		return nil, p.wrong("there is more behind the value")
	}
	return value, nil
}

func invalidAt(data []byte) int64 {
	at := 0
	for at < len(data) {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return int64(at)
}

type parser struct {
	data        []byte
	at          int // the next byte
	limit, room int // how deep it may nest, and how much deeper from here
}

func (p *parser) wrong(reason string) error {
	if p.at >= len(p.data) {
		reason = "it ends too early"
	}
	return &SyntaxError{Offset: int64(p.at), Reason: reason}
}

func (p *parser) space() {
	for p.at < len(p.data) {
		switch p.data[p.at] {
		case ' ', '\n', '\r', '\t':
			p.at++
		default:
			return
		}
	}
}

// peek returns the next byte that is no space, 0 at the end.
func (p *parser) peek() byte {
	p.space()
	if p.at == len(p.data) {
		return 0
	}
	return p.data[p.at]
}

// value reads the next value.
func (p *parser) value() (any, error) {
	switch c := p.peek(); {
	case c == '{':
		return p.nested((*parser).object)
	case c == '[':
		return p.nested((*parser).array)
	case c == '"':
		return p.string()
	case c == '-' || '0' <= c && c <= '9':
		return p.number()
	}
	for _, word := range words {
		if bytes.HasPrefix(p.data[p.at:], word.text) {
			p.at += len(word.text)
			return word.value, nil
		}
	}
	return nil, p.wrong("this begins no value")
}

var words = []struct {
	text  []byte
	value any
}{{[]byte("null"), nil}, {[]byte("true"), true}, {[]byte("false"), false}}

func (p *parser) nested(read func(*parser) (any, error)) (any, error) {
	if p.room == 0 {
		return nil, &DepthError{Limit: p.limit, Offset: int64(p.at)}
	}
	p.at++ // the bracket
	p.room--
	value, err := read(p)
	p.room++
	return value, err
}

func (p *parser) object() (any, error) {
	members := map[string]any{}
	if p.peek() == '}' {
		p.at++
		return members, nil
	}
	for {
		if p.peek() != '"' {
			return nil, p.wrong("a member's name in quotes is missing")
		}
		name, err := p.string()
		if err != nil {
			return nil, err
		}
		if p.peek() != ':' {
			return nil, p.wrong("the colon behind a member's name is missing")
		}
		p.at++
		value, err := p.value()
		if err != nil {
			return nil, below(name, err)
		}
		count := len(members)
		if members[name] = value; len(members) == count {
			return nil, &RepeatedError{Path: name, Offset: int64(p.at)}
		}
		switch p.peek() {
		case ',':
			p.at++
		case '}':
			p.at++
			return members, nil
		default:
			return nil, p.wrong("a comma or the object's end is missing")
		}
	}
}

func (p *parser) array() (any, error) {
	items := []any{}
	if p.peek() == ']' {
		p.at++
		return items, nil
	}
	for {
		value, err := p.value()
		if err != nil {
			return nil, below(strconv.Itoa(len(items)), err)
		}
		items = append(items, value)
		switch p.peek() {
		case ',':
			p.at++
		case ']':
			p.at++
			return items, nil
		default:
			return nil, p.wrong("a comma or the list's end is missing")
		}
	}
}

// below puts the name of the member or element before the path of an error.
func below(name string, err error) error {
	if repeated, ok := errors.AsType[*RepeatedError](err); ok {
		repeated.Path = invalid.Join(name, repeated.Path)
	}
	return err
}
