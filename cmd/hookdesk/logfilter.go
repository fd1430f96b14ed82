package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/client"
)

// LogFlags choose rows of the execution log; all that is given must hold.
type LogFlags struct {
	Ticket   string `placeholder:"NUMBER" help:"Ticket number, exact or with *."`
	Error    string `placeholder:"TEXT" help:"Text that the error contains."`
	Words    string `placeholder:"WORDS" help:"Words that the error contains, all of them, in any order."`
	Response string `placeholder:"TEXT" help:"Text that the receiver's answer contains."`
	From     string `placeholder:"TIME" help:"Not before: a date, a time (RFC 3339), or how long ago, such as 2h or 3d."`
	To       string `placeholder:"TIME" help:"Before: as --from."`
	Outcome  string `placeholder:"NAME" help:"succeeded or failed."`
	Status   string `placeholder:"CODE" help:"HTTP status, such as 503 or 5xx."`
	System   string `placeholder:"NAME" help:"System."`
	Event    string `placeholder:"NAME" help:"Event."`
	Trigger  string `placeholder:"ID" help:"Trigger."`
	Endpoint string `placeholder:"ID" help:"Endpoint."`
	Delivery string `placeholder:"ID" help:"Delivery."`
	Change   string `placeholder:"ID" help:"Change."`
	Code     string `name:"error-code" placeholder:"NAME" help:"Error code, such as timeout_headers."`
	Attempt  int    `placeholder:"NUMBER" help:"Number of the attempt, from 1."`
	Query    string `short:"q" placeholder:"TEXT" help:"Text in the row: in its ticket, error, error code or event. --response looks through whole answers."`
}

// filter returns what the server is asked for; now is what a duration counts
// back from.
func (c *LogFlags) filter(now time.Time) (client.LogFilter, error) {
	filter := client.LogFilter{
		Ticket: c.Ticket, Error: c.Error, Words: c.Words, Response: c.Response, Outcome: c.Outcome, HTTPStatus: c.Status, System: c.System, Event: c.Event,
		Trigger: c.Trigger, Endpoint: c.Endpoint, Delivery: c.Delivery, Q: c.Query,
		Change: c.Change, ErrorCode: c.Code, Attempt: c.Attempt,
	}
	var err error
	if filter.From, err = moment(now, c.From); err != nil {
		return filter, usage("--from is %q; %w", c.From, err)
	}
	if filter.To, err = moment(now, c.To); err != nil {
		return filter, usage("--to is %q; %w", c.To, err)
	}
	return filter, nil
}

// moment reads a date, a time or how long ago, and returns it as RFC 3339.
func moment(now time.Time, text string) (string, error) {
	if text == "" {
		return "", nil
	}
	ago := text
	var days time.Duration
	if number, rest, ok := strings.Cut(text, "d"); ok {
		if _, err := fmt.Sscanf(number+"\n", "%d\n", &days); err == nil {
			ago = or(rest, "0s")
		}
	}
	if d, err := time.ParseDuration(ago); err == nil && d >= 0 {
		return now.Add(-days*24*time.Hour - d).UTC().Format(time.RFC3339), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if at, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return at.UTC().Format(time.RFC3339), nil
		}
	}
	return "", errors.New("want a date, a time such as 2024-05-07T11:15:58Z, or how long ago, such as 2h or 3d")
}
