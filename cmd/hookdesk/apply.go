package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/client"
	"github.com/hookdesk/hookdesk/dispatcher/config/ascode"
)

// ExportCmd prints the configuration.
type ExportCmd struct {
	Remote
	Output string `short:"o" placeholder:"FILE" help:"Write to a file instead."`
}

// Run prints endpoints, calendars and triggers as YAML, secrets as references.
func (c *ExportCmd) Run(ctx context.Context, std Std) error {
	api, err := c.Client()
	if err != nil {
		return err
	}
	text, err := api.ExportConfiguration(ctx)
	if err != nil {
		return c.explain(err)
	}
	if c.Output == "" {
		_, err = std.Out.Write(text)
		return err
	}
	if err := os.WriteFile(c.Output, text, 0o600); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	return nil
}

// fileFlags name a file of configuration.
type fileFlags struct {
	Remote
	File  string `arg:"" help:"File of configuration, as export prints it; - reads standard input."`
	Prune bool   `help:"Remove what the sections of the file do not name."`
	JSON  bool   `name:"json" help:"Print JSON."`
}

// PlanCmd shows what a file would change.
type PlanCmd struct{ fileFlags }

// Run prints the differences and changes nothing.
func (c *PlanCmd) Run(ctx context.Context, std Std) error {
	return c.carry(std, func(api *client.Client, request client.ConfigurationRequest) (client.ConfigurationAnswer, error) {
		return api.PlanConfiguration(ctx, request)
	})
}

// ApplyCmd carries a file out.
type ApplyCmd struct {
	fileFlags
	SkipHandshake bool `help:"Save endpoints without trying them first."`
}

// Run makes the configuration that of the file, wholly or not at all, and
// prints what it did.
func (c *ApplyCmd) Run(ctx context.Context, std Std) error {
	skip := ""
	if c.SkipHandshake {
		skip = "true"
	}
	return c.carry(std, func(api *client.Client, request client.ConfigurationRequest) (client.ConfigurationAnswer, error) {
		return api.ApplyConfiguration(ctx, request, "skip_handshake", skip)
	})
}

// carry sends the file to the server and prints what it answers.
func (c *fileFlags) carry(std Std, send func(*client.Client, client.ConfigurationRequest) (client.ConfigurationAnswer, error)) error {
	api, err := c.Client()
	if err != nil {
		return err
	}
	text, err := c.read(std.In)
	if err != nil {
		return err
	}
	answer, err := send(api, client.ConfigurationRequest{File: string(text), Values: environmentOf(text, os.LookupEnv), Prune: c.Prune})
	if err != nil {
		return c.explain(c.locate(err))
	}
	if c.JSON {
		return json.NewEncoder(std.Out).Encode(answer)
	}
	printer := NewPrinter(std.Out)
	for _, name := range answer.Kept {
		printer.Printf("%s has no value here: what the server has in its place stays\n", name)
	}
	switch {
	case len(answer.Differences) > 0:
	case len(answer.Left) > 0:
		printer.Printf("nothing differs in what the file names\n")
	default:
		printer.Printf("nothing differs\n")
	}
	for _, d := range answer.Differences {
		printer.difference(d)
	}
	printer.left(answer.Left)
	return nil
}

func (c *fileFlags) read(stdin io.Reader) ([]byte, error) {
	if c.File == "-" {
		text, err := io.ReadAll(stdin)
		if err != nil {
			return nil, fmt.Errorf("read configuration: %w", err)
		}
		return text, nil
	}
	text, err := os.ReadFile(c.File)
	if err != nil {
		return nil, &usageError{fmt.Errorf("read configuration: %w", err)}
	}
	return text, nil
}

// locate turns the places of the server's complaints into those of the file.
func (c *fileFlags) locate(err error) error {
	var problem *client.Problem
	if !errors.As(err, &problem) {
		return err
	}
	var lines []string
	for _, e := range problem.Errors {
		if place, ok := strings.CutPrefix(e.Location, "body.file:"); ok {
			if e.Path != "" { // else it is about the file
				place += ": " + e.Path
			}
			lines = append(lines, fmt.Sprintf("%s:%s: %s", c.File, place, e.Message))
		}
	}
	if len(lines) == 0 {
		return err
	}
	return errors.New(strings.Join(lines, "; "))
}

// environmentOf returns the values of the variables that a file refers to and
// that are set: only those are sent to the server.
func environmentOf(text []byte, lookup func(string) (string, bool)) map[string]string {
	values := map[string]string{}
	names, _ := ascode.Variables(text) // what is wrong with the file, the server says
	for _, name := range names {
		if value, ok := lookup(name); ok {
			values[name] = value
		}
	}
	return values
}

// difference writes one difference, with a line for each member.
func (p *Printer) difference(d client.Difference) {
	mark, code := "~", yellow
	switch d.Action {
	case "created":
		mark, code = "+", green
	case "removed":
		mark, code = "-", red
	}
	p.Printf("%s %s %s\n", p.paint(code, mark), d.Kind, d.Name)
	if d.Action == "changed" {
		for _, f := range d.Fields {
			p.Printf("    %s: %s → %s\n", f.Path, inline(f.From), inline(f.To))
		}
	}
	if d.Secret != "" {
		p.Printf("    its secret, shown this once: %s\n", d.Secret)
	}
}

// left names what the server has and the file has not. It is no difference
// that applying the file would make; --prune would.
func (p *Printer) left(parts []client.Part) {
	if len(parts) == 0 {
		return
	}
	p.Printf("the server has what the file does not name; it stays, --prune removes it:\n")
	for _, part := range parts {
		p.Printf("%s %s %s\n", p.paint(faint, "="), part.Kind, part.Name)
	}
}

func inline(value any) string {
	if value == nil {
		return "none"
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}
