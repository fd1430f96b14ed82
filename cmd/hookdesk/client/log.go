package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Execution is one row of the execution log: one attempt.
type Execution = ExecutionView

// LogFilter chooses rows of the execution log; empty members do not filter.
type LogFilter struct {
	Ticket, Error, Words, Response, From, To, Outcome, HTTPStatus, ErrorCode, System, Event, Trigger, Endpoint, Delivery, Change, Q string

	Attempt int  // the attempt's number
	Oldest  bool // oldest first, else newest
}

func (f LogFilter) pairs() []string {
	attempt := ""
	if f.Attempt != 0 {
		attempt = strconv.Itoa(f.Attempt)
	}
	return []string{
		"ticket", f.Ticket, "error", f.Error, "words", f.Words, "response", f.Response, "from", f.From, "to", f.To, "outcome", f.Outcome,
		"http_status", f.HTTPStatus, "system", f.System, "event", f.Event, "trigger", f.Trigger,
		"endpoint", f.Endpoint, "delivery", f.Delivery, "change", f.Change, "q", f.Q, "error_code", f.ErrorCode, "attempt", attempt,
	}
}

// Replay returns the filter as the beginning of a request for a replay.
func (f LogFilter) Replay() ReplayBody {
	body := ReplayBody{
		Ticket: f.Ticket, Error: f.Error, Words: f.Words, Response: f.Response, From: f.From, To: f.To, Outcome: f.Outcome,
		System: f.System, Event: f.Event, Trigger: f.Trigger, Endpoint: f.Endpoint, Delivery: f.Delivery, Change: f.Change, Q: f.Q,
		ErrorCode: f.ErrorCode, Attempt: f.Attempt,
	}
	if f.HTTPStatus != "" {
		body.HTTPStatus = f.HTTPStatus
	}
	return body
}

// Page is a part of a list; NextCursor is empty at its end.
type Page[T any] struct {
	Items      []T    `json:"items"`
	NextCursor string `json:"next_cursor"`
}

// Executions returns up to limit rows of the log.
func (c *Client) Executions(ctx context.Context, filter LogFilter, limit int, cursor string) (Page[Execution], error) {
	order := ""
	if filter.Oldest {
		order = "oldest"
	}
	page, err := c.ListExecutions(ctx, append(filter.pairs(), "order", order, "limit", strconv.Itoa(limit), "cursor", cursor)...)
	return Page[Execution]{Items: page.Items, NextCursor: page.NextCursor}, err
}

// Follow calls yield for every new row that passes the filter, until ctx ends
// or yield returns an error. A stream that breaks off is taken up where it
// was; lost is told why it broke off, once, and of rows that the server could
// not go back to. What the server refuses ends it.
func (c *Client) Follow(ctx context.Context, filter LogFilter, lost func(error), yield func(Execution) error) error {
	s := &stream{client: c, path: "/executions/stream" + Query(filter.pairs()...), yield: yield, lost: lost}
	pause := firstPause
	for told := false; ; pause = min(2*pause, longestPause) {
		before := s.place
		err := s.read(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if s.refused || (!s.began && before == "") {
			return err
		}
		if s.place != before {
			told, pause = false, firstPause
		}
		if !told {
			told = true
			lost(err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// How long a stream that broke off waits before it is taken up again.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 5 * time.Second
)

// stream reads server-sent events, over as many connections as it takes.
type stream struct {
	client *Client
	path   string
	yield  func(Execution) error
	lost   func(error)

	place   string // id of the newest event
	began   bool   // the server has answered once
	refused bool   // by the server, or by yield: not to be repeated
}

// read reads from one connection until it ends.
func (s *stream) read(ctx context.Context) error {
	response, err := s.client.send(ctx, "GET", s.path, nil, "text/event-stream", "Last-Event-ID", s.place)
	if err != nil {
		var problem *Problem
		s.refused = errors.As(err, &problem) && problem.Status/100 == 4 && problem.Status != http.StatusTooManyRequests
		return err
	}
	defer response.Body.Close()
	s.began = true
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	var data strings.Builder
	place, kind := s.place, ""
	for lines.Scan() {
		line := lines.Text()
		if value, ok := field(line, "data"); ok {
			data.WriteString(value)
			continue
		}
		if value, ok := field(line, "id"); ok {
			place = value
			continue
		}
		if value, ok := field(line, "event"); ok {
			kind = value
			continue
		}
		if line != "" {
			continue
		}
		s.place = place
		if err := s.take(kind, data.String()); err != nil {
			s.refused = true
			return err
		}
		data.Reset()
		kind = ""
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read log stream: %w", err)
	}
	return errors.New("the server ended the stream")
}

// field returns the value of a line's field.
func field(line, name string) (string, bool) {
	value, ok := strings.CutPrefix(line, name+":")
	return strings.TrimPrefix(value, " "), ok
}

// take yields an event's row, and tells of rows that the server could not go
// back to.
func (s *stream) take(kind, data string) error {
	var gap struct{ From, To time.Time }
	if kind == "skipped" && json.Unmarshal([]byte(data), &gap) == nil {
		s.lost(fmt.Errorf("rows from %s to %s were too far back", gap.From.Format(time.RFC3339), gap.To.Format(time.RFC3339)))
		return nil
	}
	var row Execution
	if json.Unmarshal([]byte(data), &row) != nil || row.ID == "" {
		return nil
	}
	return s.yield(row)
}
