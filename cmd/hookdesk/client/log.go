package client

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
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
// or the server closes the stream.
func (c *Client) Follow(ctx context.Context, filter LogFilter, yield func(Execution) error) error {
	response, err := c.send(ctx, "GET", "/executions/stream"+Query(filter.pairs()...), nil, "text/event-stream")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	var data strings.Builder
	for lines.Scan() {
		line := lines.Text()
		if value, ok := strings.CutPrefix(line, "data:"); ok {
			data.WriteString(strings.TrimPrefix(value, " "))
			continue
		}
		if line != "" || data.Len() == 0 {
			continue
		}
		var row Execution
		err := json.Unmarshal([]byte(data.String()), &row)
		data.Reset()
		if err != nil || row.ID == "" {
			continue // a message of another kind
		}
		if err := yield(row); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return nil
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read log stream: %w", err)
	}
	return nil
}
