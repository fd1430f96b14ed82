package faveo

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// columns reads the values of columns that only Faveo has, given by the
// caller under Faveo's own names, with what hookdesk makes of the ticket
// itself for those that are not given.
type columns struct{ given ticket.Extra }

func (c columns) number(name string, otherwise int64) int64 {
	if n, ok := c.given.Int(name); ok {
		return n
	}
	return otherwise
}

func (c columns) maybeNumber(name string, otherwise *int64) *int64 {
	if n, ok := c.given.Int(name); ok {
		return &n
	}
	return otherwise
}

func (c columns) text(name, otherwise string) string {
	if text := c.given.Text(name); text != "" {
		return text
	}
	return otherwise
}

// moment is a cast date: a time that is given in another notation is written
// as Laravel does, other text is sent as it is.
func (c columns) moment(name string, otherwise *time.Time) *string {
	return c.timeAs(name, otherwise, systems.LaravelTime)
}

// date is a date that is not cast.
func (c columns) date(name string, otherwise *time.Time) *string {
	return c.timeAs(name, otherwise, systems.LaravelDate)
}

func (c columns) timeAs(name string, otherwise *time.Time, write func(time.Time) string) *string {
	if text := c.given.Text(name); text != "" {
		if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
			text = write(t)
		}
		return &text
	}
	if otherwise == nil || otherwise.IsZero() {
		return nil
	}
	text := write(*otherwise)
	return &text
}

// object is a member of the given columns that has columns itself.
func (c columns) object(name string) columns {
	return columns{asObject(c.given[name])}
}

// objects is a member of the given columns that is a list of rows.
func (c columns) objects(name string) []columns {
	list, _ := c.given[name].([]any)
	var rows []columns
	for _, item := range list {
		if object := asObject(item); object != nil {
			rows = append(rows, columns{object})
		}
	}
	return rows
}

func asObject(value any) ticket.Extra {
	object, _ := value.(map[string]any)
	return object
}

// lists reports whether a member of the given columns is a list with the
// value in it, as text or as a number.
func (c columns) lists(name, value string) bool {
	list, _ := c.given[name].([]any)
	for _, item := range list {
		if plainText(item) == value {
			return true
		}
	}
	return false
}

func plainText(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case nil:
		return ""
	}
	return fmt.Sprint(value)
}
