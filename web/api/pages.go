package api

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// page is a part of a list.
type page[T any] struct {
	Items      []T    `json:"items" nullable:"false"`
	NextCursor string `json:"next_cursor" doc:"For the next page; empty at the end"`
}

// PageQuery asks for a page.
type PageQuery struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"Most items on a page"`
	Cursor string `query:"cursor" maxLength:"2048" doc:"next_cursor of the page before"`
}

// pageOf turns a page of the ledger into one of the API.
func pageOf[T, U any](from executionlog.Page[T], convert func(T) U) page[U] {
	to := page[U]{Items: make([]U, 0, len(from.Items)), NextCursor: from.Next}
	for _, item := range from.Items {
		to.Items = append(to.Items, convert(item))
	}
	return to
}

// cursorPrefix marks cursors of lists that are held in memory.
const cursorPrefix = "after:"

// slicePage cuts a page out of a list that is sorted by key.
func slicePage[T any](all []T, key func(T) string, query PageQuery) (page[T], error) {
	start := 0
	if query.Cursor != "" {
		after, err := readCursor(query.Cursor)
		if err != nil {
			return page[T]{}, err
		}
		start, _ = slices.BinarySearchFunc(all, after, func(item T, after string) int {
			if key(item) <= after {
				return -1
			}
			return 1
		})
	}
	end := min(len(all), start+max(1, query.Limit))
	cut := page[T]{Items: append([]T{}, all[start:end]...)}
	if end < len(all) {
		cut.NextCursor = writeCursor(key(all[end-1]))
	}
	return cut, nil
}

// newestPage cuts a page out of a list whose keys descend.
func newestPage[T any](all []T, key func(T) string, query PageQuery) (page[T], error) {
	if query.Cursor != "" {
		after, err := readCursor(query.Cursor)
		if err != nil {
			return page[T]{}, err
		}
		start := slices.IndexFunc(all, func(item T) bool { return key(item) < after })
		if start < 0 {
			start = len(all)
		}
		all = all[start:]
	}
	query.Cursor = ""
	return slicePage(all, key, query)
}

func writeCursor(after string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(cursorPrefix + after))
}

func readCursor(cursor string) (string, error) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	after, ok := strings.CutPrefix(string(text), cursorPrefix)
	if err != nil || !ok {
		return "", executionlog.ErrCursor
	}
	return after, nil
}

// ofKind complains of an id in a query that is of another kind than the
// parameter's, and so can find nothing.
func ofKind(parameter, prefix, value string) error {
	if _, err := id.Parse(prefix, value); err != nil && value != "" {
		return badQuery(parameter, value, "must be an id that begins with %s_", prefix)
	}
	return nil
}

// knownSystem complains of a system in a query that there is not.
func (a *api) knownSystem(name string) error {
	if name != "" && a.Systems.Lookup(name) == nil {
		return badQuery("system", name, "must be one of %s", joined(a.Systems.Names()))
	}
	return nil
}

// parseTime reads a time of a query: a time or a date as a ticket's members
// are, or a duration before now, such as -24h.
func parseTime(name, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if at, ok := ticket.ParseTime(text); ok {
		return at, nil
	}
	// In a query a plus means a space, and people forget to encode the zone's.
	if last := strings.LastIndexByte(text, ' '); last > 0 {
		if at, ok := ticket.ParseTime(text[:last] + "+" + text[last+1:]); ok {
			return at, nil
		}
	}
	if before, ok := strings.CutPrefix(text, "-"); ok {
		if ago, err := time.ParseDuration(before); err == nil && ago >= 0 {
			return now.Add(-ago), nil
		}
	}
	return time.Time{}, badQuery(name, text, "must be a time such as 2026-01-31T12:00:00Z, a date such as 2026-01-31, or a duration before now such as -24h")
}

// parseRange reads from and to, of which neither must be given.
func parseRange(from, to string, now time.Time) (time.Time, time.Time, error) {
	begin, err := parseTime("from", from, now)
	if err != nil {
		return begin, begin, err
	}
	end, err := parseTime("to", to, now)
	if err == nil && !begin.IsZero() && !end.IsZero() && end.Before(begin) {
		err = badQuery("to", to, "must not be before from")
	}
	return begin, end, err
}

// pathValue decodes a part of the path, which comes as it was encoded.
func pathValue(raw string) string {
	if decoded, err := url.PathUnescape(raw); err == nil {
		return decoded
	}
	return raw
}
