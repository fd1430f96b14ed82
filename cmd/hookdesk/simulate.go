package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/client"
)

// SimulateCmd tries a trigger or a draft on stored changes.
type SimulateCmd struct {
	Remote
	Trigger string `arg:"" optional:"" help:"Trigger to try, or to compare the draft with, by id or name."`
	Draft   string `short:"d" placeholder:"FILE" help:"Draft of a trigger, in YAML or JSON, or a file of configuration with one trigger; - reads standard input."`
	From    string `placeholder:"TIME" help:"Changes not before: a date, a time (RFC 3339), or how long ago, such as 2h or 3d."`
	To      string `placeholder:"TIME" help:"Changes before: as --from."`
	Ticket  string `placeholder:"NUMBER" help:"Only changes of this ticket."`
	System  string `placeholder:"NAME" help:"Only changes that are an event of this system."`
	Limit   int    `short:"n" default:"10" help:"Changes of each kind to list at most."`
	JSON    bool   `name:"json" help:"Print the simulation as JSON."`
}

// How often a simulation is asked for its progress, at first and later, and
// how long to wait for what a cancelled one found.
const (
	askSoon    = 100 * time.Millisecond
	askLater   = time.Second
	lastAnswer = 5 * time.Second
)

// simulationOrder is what starts a simulation; the draft is sent as written.
type simulationOrder struct {
	Trigger string          `json:"trigger,omitempty"`
	Draft   json.RawMessage `json:"draft,omitempty"`
	From    string          `json:"from,omitempty"`
	To      string          `json:"to,omitempty"`
	Ticket  string          `json:"ticket,omitempty"`
	System  string          `json:"system,omitempty"`
}

// Run starts the simulation, shows on standard error how far it is, and prints
// what came of it. Ctrl-C cancels it and prints what came of it until then.
func (c *SimulateCmd) Run(ctx context.Context, std Std) error {
	order := simulationOrder{Ticket: c.Ticket, System: c.System}
	var err error
	if order.From, err = moment(time.Now(), c.From); err != nil {
		return usage("--from is %q; %w", c.From, err)
	}
	if order.To, err = moment(time.Now(), c.To); err != nil {
		return usage("--to is %q; %w", c.To, err)
	}
	if c.Trigger == "" && c.Draft == "" {
		return usage("nothing to simulate; want a trigger, --draft or both")
	}
	api, err := c.Client()
	if err != nil {
		return err
	}
	var draft *draftFile
	wanted := c.Trigger
	if c.Draft != "" {
		if draft, err = readDraft(c.Draft, std.In); err != nil {
			return err
		}
		order.Draft = draft.trigger
	}
	if wanted == "" && draft.name != "" {
		order.Trigger, err = triggerNamed(ctx, api, draft.name)
		err = ignoreUnknown(err)
	} else if wanted != "" {
		order.Trigger, err = triggerNamed(ctx, api, wanted)
	}
	if err != nil {
		return c.explain(err)
	}
	var job client.SimulationView
	if err := api.Do(ctx, http.MethodPost, "/simulations", order, &job); err != nil {
		return c.explain(draft.locate(err))
	}
	if job, err = watch(ctx, api, job, std.Err); err != nil {
		return c.explain(err)
	}
	if c.JSON {
		err = json.NewEncoder(std.Out).Encode(job)
	} else {
		c.print(NewPrinter(std.Out), &job)
	}
	switch {
	case err != nil:
		return err
	case job.State == "cancelled":
		return fmt.Errorf("cancelled after %d of %d changes", job.Considered, job.Total)
	case job.Error != "":
		return errors.New(job.Error)
	}
	return nil
}

// errUnknownTrigger: no trigger has that id or name.
var errUnknownTrigger = errors.New("no trigger has this id or name")

// ignoreUnknown lets a draft be new.
func ignoreUnknown(err error) error {
	if errors.Is(err, errUnknownTrigger) {
		return nil
	}
	return err
}

// triggerNamed returns the id of a trigger by its id or name.
func triggerNamed(ctx context.Context, api *client.Client, name string) (string, error) {
	cursor := ""
	for {
		page, err := api.ListTriggers(ctx, "limit", strconv.Itoa(pageSize), "cursor", cursor)
		if err != nil {
			return "", err
		}
		for _, t := range page.Items {
			if t.ID == name || t.Name == name {
				return t.ID, nil
			}
		}
		if cursor = page.NextCursor; cursor == "" {
			return "", withHint(fmt.Errorf("%w: %s", errUnknownTrigger, name), "hookdesk export prints the triggers")
		}
	}
}

// watch shows a simulation's progress until it is over. When ctx ends it
// cancels the simulation.
func watch(ctx context.Context, api *client.Client, job client.SimulationView, progress io.Writer) (client.SimulationView, error) {
	show := newProgressLine(progress)
	defer show.end()
	pause := askSoon
	for job.State == "running" {
		show.tell(progressOf(&job))
		select {
		case <-ctx.Done():
			return cancel(context.WithoutCancel(ctx), api, job)
		case <-time.After(pause):
		}
		pause = min(askLater, pause*3/2)
		read, err := api.GetSimulation(ctx, job.ID)
		switch {
		case err == nil:
			job = read
		case ctx.Err() == nil:
			return job, err
		}
	}
	show.tell(progressOf(&job))
	return job, nil
}

// cancel ends a simulation and returns it with what it has found.
func cancel(ctx context.Context, api *client.Client, job client.SimulationView) (client.SimulationView, error) {
	ctx, stop := context.WithTimeout(ctx, lastAnswer)
	defer stop()
	var problem *client.Problem
	cancelled, err := api.CancelSimulation(ctx, job.ID)
	if err != nil && !(errors.As(err, &problem) && problem.Status == http.StatusConflict) { // it may just have ended
		return job, err
	}
	if err == nil {
		job = cancelled
	}
	for job.Result == nil && job.Error == "" {
		read, err := api.GetSimulation(ctx, job.ID)
		if err != nil {
			return job, nil // it is cancelled; only what it found is missing
		}
		job = read
		select {
		case <-ctx.Done():
			return job, nil
		case <-time.After(askSoon):
		}
	}
	return job, nil
}

// progressOf says how far a simulation is.
func progressOf(job *client.SimulationView) string {
	text := fmt.Sprintf("%d of %d changes", job.Considered, job.Total)
	if left := job.Ends.Sub(job.UpdatedAt); !job.Ends.IsZero() && left > time.Second {
		text += fmt.Sprintf(", about %s left", left.Round(time.Second))
	}
	return text
}

func (c *SimulateCmd) print(printer *Printer, job *client.SimulationView) {
	r := job.Result
	if r == nil {
		return
	}
	what := "the trigger"
	if job.Draft != nil {
		what = "the draft"
	}
	printer.Printf("%d changes tried: %s fires on %d", r.Changes, what, r.Fired)
	if job.Draft != nil && job.Trigger != "" {
		printer.Printf(", the version in force on %d; gained %d, lost %d", r.Live, r.GainedCount, r.LostCount)
	}
	printer.Printf("\n")
	lists := []struct {
		title string
		rows  []client.DeskSimulatedVerdict
	}{{"only the draft fires", r.Gained}, {"only the version in force fires", r.Lost}}
	if len(r.Gained) == 0 {
		lists = append(lists, struct {
			title string
			rows  []client.DeskSimulatedVerdict
		}{"examples", r.Examples})
	}
	for _, list := range lists {
		if len(list.rows) > 0 && c.Limit > 0 {
			printer.Heading("%s", list.title)
		}
		for _, row := range list.rows[:min(len(list.rows), max(0, c.Limit))] {
			printer.Printf("  %s  %s  %s  %s\n", row.At.Local().Format("2006-01-02 15:04:05"), column(row.Ticket, widthTicket), row.Change, row.Verdict.Reason)
		}
	}
}

// draftFile is a file with a draft of a trigger.
type draftFile struct {
	name    string // of the trigger, or empty
	trigger json.RawMessage
	path    string // of the file
	text    []byte
	inside  string // where the trigger stands, such as $.triggers[0]
}

// readDraft reads a trigger, or a file of configuration that has one. What it
// does is left out: only whether it fires is simulated, and files name
// endpoints where the API wants their ids.
func readDraft(path string, stdin io.Reader) (*draftFile, error) {
	text, err := (&fileFlags{File: path}).read(stdin)
	if err != nil {
		return nil, err
	}
	f := &draftFile{path: path, text: text, inside: "$"}
	plain, err := yaml.YAMLToJSON(text)
	if err != nil {
		first, _, _ := strings.Cut(yaml.FormatError(err, false, false), "\n")
		return nil, usage("%s:%s", path, strings.TrimPrefix(strings.Replace(first, "] ", ": ", 1), "["))
	}
	var file struct {
		Triggers []json.RawMessage `json:"triggers"`
	}
	if json.Unmarshal(plain, &file) == nil && file.Triggers != nil {
		if len(file.Triggers) != 1 {
			return nil, usage("%s has %d triggers; want one", path, len(file.Triggers))
		}
		plain, f.inside = file.Triggers[0], "$.triggers[0]"
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(plain, &members); err != nil || len(members) == 0 {
		return nil, usage("%s holds no trigger; want its members, such as system, on and when", path)
	}
	delete(members, "then")
	_ = json.Unmarshal(members["name"], &f.name) // the server says what is wrong with it
	if f.trigger, err = json.Marshal(members); err != nil {
		return nil, fmt.Errorf("encode the draft: %w", err)
	}
	return f, nil
}

// locate turns the places of the server's complaints into those of the file.
func (f *draftFile) locate(err error) error {
	var problem *client.Problem
	if f == nil || !errors.As(err, &problem) {
		return err
	}
	var lines []string
	for _, e := range problem.Errors {
		if member, ok := strings.CutPrefix(e.Path, "draft."); ok {
			lines = append(lines, fmt.Sprintf("%s:%s%s: %s", f.path, f.place(member), member, e.Message))
		}
	}
	if len(lines) == 0 {
		return err
	}
	return errors.New(strings.Join(lines, "; "))
}

// place returns the line and column of a member such as when.all.0.op, or of
// what it is missing from, as "3:5: "; "" where it cannot be found.
func (f *draftFile) place(member string) string {
	parts := strings.Split(member, ".")
	for ; len(parts) > 0; parts = parts[:len(parts)-1] {
		var text strings.Builder
		text.WriteString(f.inside)
		for _, part := range parts {
			if _, err := strconv.Atoi(part); err == nil {
				text.WriteString("[" + part + "]")
			} else {
				text.WriteString("." + part)
			}
		}
		path, err := yaml.PathString(text.String())
		if err != nil {
			continue
		}
		node, err := path.ReadNode(strings.NewReader(string(f.text)))
		if err != nil || node == nil || node.GetToken() == nil {
			continue
		}
		at := node.GetToken().Position
		return fmt.Sprintf("%d:%d: ", at.Line, at.Column)
	}
	return ""
}
