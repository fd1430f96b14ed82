// Package invalid is the error for input that cannot be accepted: which
// member is wrong, what it holds, and what would be right. Every layer that
// checks input returns it, and the API turns it into a problem document.
package invalid

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Field is one thing wrong with the input.
type Field struct {
	Path  string `json:"path"`            // such as when.all.2.any.0.op; empty for the input as a whole
	Value any    `json:"value,omitempty"` // what it holds, never a secret
	Want  string `json:"want"`            // what would be right, as a sentence without a full stop
}

func (f Field) String() string {
	text := f.Want
	if f.Value != nil {
		text = fmt.Sprintf("%s (got %s)", f.Want, shorten(shown(f.Value)))
	}
	if f.Path == "" {
		return text
	}
	return f.Path + ": " + text
}

// Error is one or more Fields.
type Error struct{ Fields []Field }

func (e *Error) Error() string {
	lines := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		lines[i] = f.String()
	}
	return strings.Join(lines, "; ")
}

// New returns an *Error of one Field.
func New(path string, value any, want string, args ...any) *Error {
	if len(args) > 0 {
		want = fmt.Sprintf(want, args...)
	}
	return &Error{Fields: []Field{{Path: path, Value: value, Want: want}}}
}

// List gathers Fields while input is checked.
type List struct{ fields []Field }

// Add notes one Field.
func (l *List) Add(path string, value any, want string, args ...any) {
	if len(args) > 0 {
		want = fmt.Sprintf(want, args...)
	}
	l.fields = append(l.fields, Field{Path: path, Value: value, Want: want})
}

// Merge notes the Fields of err below path, where err is an *Error, and err's
// text at path where it is another error.
func (l *List) Merge(path string, err error) {
	if err == nil {
		return
	}
	var list *Error
	if !errors.As(err, &list) {
		l.Add(path, nil, "%s", err.Error())
		return
	}
	for _, f := range list.Fields {
		f.Path = Join(path, f.Path)
		l.fields = append(l.fields, f)
	}
}

// Err returns the gathered Fields as an error, nil if there are none.
func (l *List) Err() error {
	if len(l.fields) == 0 {
		return nil
	}
	return &Error{Fields: l.fields}
}

// Join puts two paths together with a dot.
func Join(parts ...string) string {
	var kept []string
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, ".")
}

// shown writes a value as it would stand in JSON, which is how it was given.
func shown(value any) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Sprint(value)
	}
	return strings.TrimSuffix(text.String(), "\n")
}

func shorten(text string) string {
	const most = 120
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
