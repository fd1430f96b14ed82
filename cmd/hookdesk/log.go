package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/client"
)

// Remote is where a command finds its server.
type Remote struct {
	Server    string `env:"HOOKDESK_SERVER" default:"http://127.0.0.1:8080" placeholder:"URL" help:"Address of the server."`
	Token     string `env:"HOOKDESK_TOKEN" placeholder:"TOKEN" help:"API token; empty: HOOKDESK_ADMIN_TOKEN."`
	Admin     string `env:"HOOKDESK_ADMIN_TOKEN" hidden:""`
	Workspace string `env:"HOOKDESK_WORKSPACE" placeholder:"NAME" help:"Workspace; empty: the token's own."`
}

// Client returns a client of the server.
func (r *Remote) Client() (*client.Client, error) {
	if !strings.HasPrefix(r.Server, "http://") && !strings.HasPrefix(r.Server, "https://") {
		return nil, usage("--server is %q; want a URL such as http://127.0.0.1:8080", r.Server)
	}
	token := or(r.Token, r.Admin)
	if token == "" {
		return nil, withHint(usage("no token is given; want --token or HOOKDESK_TOKEN"), "hookdesk token create makes one; demo prints its own")
	}
	return &client.Client{Base: r.Server, Token: token, Workspace: r.Workspace}, nil
}

// explain adds to an error of the API what to do about it.
func (r *Remote) explain(err error) error {
	var problem *client.Problem
	switch {
	case errors.Is(err, client.ErrUnreachable):
		return withHint(err, "is a server running at %s? --server names another", r.Server)
	case errors.As(err, &problem) && problem.Status == 401:
		return withHint(err, "check --token or HOOKDESK_TOKEN")
	}
	return err
}

// LogCmd searches the execution log of a server.
type LogCmd struct {
	Remote
	LogFlags

	Oldest bool `help:"Oldest first."`
	Limit  int  `short:"n" default:"50" help:"Rows at most; 0 prints all."`
	Follow bool `short:"f" help:"Go on and print what happens, until Ctrl-C."`
	JSON   bool `name:"json" help:"Print each row as a line of JSON."`
}

// pageSize is the most rows that one request asks for.
const pageSize = 200

// Run prints the rows that match, newest first unless told otherwise; with
// --follow those that come after them, as they come.
func (c *LogCmd) Run(ctx context.Context, std Std) error {
	filter, err := c.filter(time.Now())
	if err != nil {
		return err
	}
	filter.Oldest = c.Oldest
	api, err := c.Client()
	if err != nil {
		return err
	}
	printer := NewPrinter(std.Out)
	if !c.JSON {
		printer.ExecutionHead()
	}
	if !c.Follow {
		return c.explain(c.search(ctx, api, filter, printer, std.Err))
	}
	lost := func(why error) { fmt.Fprintf(std.Err, "hint: %s; going on from there\n", why) }
	return c.explain(api.Follow(ctx, filter, lost, func(row client.Execution) error {
		c.print(printer, row)
		return nil
	}))
}

func (c *LogCmd) search(ctx context.Context, api *client.Client, filter client.LogFilter, printer *Printer, notes io.Writer) error {
	left, cursor, found := c.Limit, "", false
	for {
		size := pageSize
		if c.Limit > 0 {
			size = min(size, left)
		}
		page, err := api.Executions(ctx, filter, size, cursor)
		if err != nil {
			return err
		}
		for _, row := range page.Items {
			c.print(printer, row)
		}
		found = found || len(page.Items) > 0
		left -= len(page.Items)
		cursor = page.NextCursor
		if cursor == "" && !found {
			c.nothing(notes)
		}
		if cursor == "" || (c.Limit > 0 && left <= 0) {
			return nil
		}
	}
}

// nothing says that no row matches, beside the output, which stays empty for
// programs. An error quotes the beginning of what the receiver answered; what
// is not found there may stand further on.
func (c *LogCmd) nothing(notes io.Writer) {
	text := "no attempt matches"
	if c.Error != "" && c.Response == "" {
		text += "; an error has the beginning of the answer, --response looks through all of it"
	}
	fmt.Fprintln(notes, text)
}

func (c *LogCmd) print(printer *Printer, row client.Execution) {
	if !c.JSON {
		printer.Execution(row)
		return
	}
	if line, err := json.Marshal(row); err == nil {
		printer.Printf("%s\n", line)
	}
}

// ExecutionHead writes the names of the columns of Execution.
func (p *Printer) ExecutionHead() {
	p.Printf("%s\n", p.paint(faint, column("TIME", 19)+" "+column("SYSTEM", widthSystem)+" "+column("EVENT", widthEvent)+" "+
		column("TICKET", widthTicket)+" TRY "+column("OUTCOME", 9)+" STATUS       MS"))
}

// Execution writes one row of the execution log as a line.
func (p *Printer) Execution(row client.Execution) {
	status, code := "none", red
	if row.HTTPStatus != 0 {
		status = fmt.Sprint(row.HTTPStatus)
	}
	if row.Outcome == "succeeded" {
		code = green
	}
	reason := ""
	if row.Error != "" {
		reason = "  " + p.paint(faint, visible(row.Error))
	}
	p.Printf("%s %s %s %s %3d %s %s %8.1f%s\n",
		row.At.Local().Format("2006-01-02 15:04:05"), column(row.System, widthSystem), column(row.Event, widthEvent),
		column(row.Ticket, widthTicket), row.Number, p.paint(code, column(row.Outcome, 9)), column(status, 6), row.DurationMS, reason)
}
