package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/client"
)

// ReplayID names a replay of a server.
type ReplayID struct {
	Remote
	ID string `arg:"" help:"The replay's id, as list shows it."`
}

// ask makes a call about the replay.
func (c *ReplayID) ask(ctx context.Context, call func(*client.Client, context.Context, string) (client.ReplayView, error)) (*client.Client, client.ReplayView, error) {
	api, err := c.Client()
	if err != nil {
		return nil, client.ReplayView{}, err
	}
	job, err := call(api, ctx, c.ID)
	return api, job, c.explain(err)
}

// ReplayListCmd lists the replays.
type ReplayListCmd struct {
	Remote
	JSON bool `name:"json" help:"Print each replay as a line of JSON."`
}

// Run lists the replays that the server keeps, newest first.
func (c *ReplayListCmd) Run(ctx context.Context, std Std) error {
	api, err := c.Client()
	if err != nil {
		return err
	}
	printer := NewPrinter(std.Out)
	if !c.JSON {
		printer.Printf("%s\n", printer.paint(faint, column("ID", 18)+" "+column("STATE", 9)+" "+column("STARTED", 16)+" "+column("BY", 14)+"     DONE    TOTAL FILTER"))
	}
	for cursor := ""; ; {
		page, err := api.ListReplays(ctx, "limit", strconv.Itoa(pageSize), "cursor", cursor)
		if err != nil {
			return c.explain(err)
		}
		for _, job := range page.Items {
			if c.JSON {
				if err := json.NewEncoder(std.Out).Encode(job); err != nil {
					return fmt.Errorf("encode replay: %w", err)
				}
				continue
			}
			printer.Printf("%s %s %s %s %8d %8d %s\n", column(job.ID, 18), column(job.State, 9), day(job.CreatedAt), column(job.Actor, 14),
				job.Done, job.Total, visible(filterText(job.Filter)))
		}
		if cursor = page.NextCursor; cursor == "" {
			return nil
		}
	}
}

// filterText writes a filter as its members, such as outcome=failed.
func filterText(filter client.FilterView) string {
	text, err := json.Marshal(filter)
	if err != nil {
		return fmt.Sprint(err)
	}
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		return fmt.Sprint(err)
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		parts = append(parts, fmt.Sprintf("%s=%v", name, members[name]))
	}
	return strings.Join(parts, " ")
}

// ReplayStatusCmd says how far a replay is.
type ReplayStatusCmd struct {
	ReplayID
	JSON bool `name:"json" help:"Print JSON."`
}

// Run prints how far it is.
func (c *ReplayStatusCmd) Run(ctx context.Context, std Std) error {
	api, job, err := c.ask(ctx, (*client.Client).GetReplay)
	if err != nil {
		return err
	}
	return c.explain(printReplay(ctx, api, &job, std.Out, c.JSON))
}

// ReplayWatchCmd watches a replay.
type ReplayWatchCmd struct {
	ReplayID
	JSON bool `name:"json" help:"Print the replay as JSON when it is over."`
}

// Run shows on standard error how the replay goes on until it is over.
func (c *ReplayWatchCmd) Run(ctx context.Context, std Std) error {
	api, job, err := c.ask(ctx, (*client.Client).GetReplay)
	if err != nil {
		return err
	}
	return c.explain(followReplay(ctx, api, job, std, false, c.JSON))
}

// ReplayCancelCmd stops a replay.
type ReplayCancelCmd struct {
	ReplayID
	JSON bool `name:"json" help:"Print JSON."`
}

// Run stops it.
func (c *ReplayCancelCmd) Run(ctx context.Context, std Std) error {
	api, job, err := c.ask(ctx, (*client.Client).CancelReplay)
	if err != nil {
		return err
	}
	if err := printReplay(ctx, api, &job, std.Out, c.JSON); err != nil {
		return c.explain(err)
	}
	fmt.Fprintf(std.Err, "hint: hookdesk replay resume %s goes on with it\n", c.ID)
	return nil
}

// ReplayResumeCmd goes on with a replay.
type ReplayResumeCmd struct {
	ReplayID
	Detach bool `help:"Do not wait for its end."`
	JSON   bool `name:"json" help:"Print JSON."`
}

// Run goes on with it, and shows how far it is until it is over.
func (c *ReplayResumeCmd) Run(ctx context.Context, std Std) error {
	api, job, err := c.ask(ctx, (*client.Client).ResumeReplay)
	if err != nil {
		return err
	}
	return c.explain(followReplay(ctx, api, job, std, c.Detach, c.JSON))
}

// followReplay watches a replay to its end, unless detached, and prints it.
// The error says that it did not come to a good end.
func followReplay(ctx context.Context, api *client.Client, job client.ReplayView, std Std, detached, asJSON bool) error {
	if detached {
		if asJSON {
			return json.NewEncoder(std.Out).Encode(job)
		}
		_, err := fmt.Fprintln(std.Out, job.ID)
		return err
	}
	progress := newProgressLine(std.Err)
	job, err := watchReplay(ctx, api, job, progress)
	progress.end()
	if ctx.Err() != nil {
		fmt.Fprintf(std.Err, "%s goes on without you: hookdesk replay watch %[1]s shows it, hookdesk replay cancel %[1]s stops it\n", job.ID)
		return &quietError{}
	}
	if err != nil {
		return withHint(err, "hookdesk replay watch %s goes on watching", job.ID)
	}
	if err := printReplay(ctx, api, &job, std.Out, asJSON); err != nil {
		return err
	}
	switch job.State {
	case "cancelled":
		return withHint(errors.New("the replay was cancelled"), "hookdesk replay resume %s goes on with it", job.ID)
	case "failed":
		return withHint(fmt.Errorf("the replay failed: %s", visible(job.Error)), "hookdesk replay resume %s goes on with it", job.ID)
	}
	return nil
}

const (
	// silencePatience is how long a server may be away while it is watched.
	silencePatience = 2 * time.Minute
	// stillPatience is after how long without progress the reader is told why
	// that may be.
	stillPatience = 15 * time.Second
)

// watchReplay shows a replay's progress until it is over, or ctx ends. A
// server that restarts is waited for: the replay goes on when it is back.
func watchReplay(ctx context.Context, api *client.Client, job client.ReplayView, show *progressLine) (client.ReplayView, error) {
	pause, answered, moved, told := askSoon, time.Now(), time.Now(), false
	text := replayProgress(&job)
	for job.State == "counting" || job.State == "running" {
		show.tell(text)
		select {
		case <-ctx.Done():
			return job, nil
		case <-time.After(pause):
		}
		pause = min(askLater, pause*3/2)
		read, err := api.GetReplay(ctx, job.ID)
		var problem *client.Problem
		switch {
		case err == nil:
			if !read.UpdatedAt.Equal(job.UpdatedAt) {
				moved, told = time.Now(), false
			}
			job, answered, text = read, time.Now(), replayProgress(&read)
		case ctx.Err() != nil:
		case errors.As(err, &problem) && problem.Status/100 == 4, time.Since(answered) > silencePatience:
			return job, err
		default:
			text = "the server does not answer; waiting for it"
		}
		if !told && err == nil && time.Since(moved) > stillPatience {
			told = true
			show.note("no progress for %s: is a server running that delivers, with --role all or worker?", stillPatience)
		}
	}
	show.tell(text)
	return job, nil
}

// replayProgress says how far a replay is, and how long it will take.
func replayProgress(job *client.ReplayView) string {
	if job.State == "counting" {
		return stateOf(job)
	}
	text := fmt.Sprintf("%d of %d deliveries", job.Done, job.Total)
	if left := float64(job.Total - job.Done); left > 0 && job.State == "running" && job.RatePerSecond > 0 {
		if ends := time.Duration(left / job.RatePerSecond * float64(time.Second)); ends >= 2*time.Second {
			text += fmt.Sprintf(", about %s left", ends.Round(time.Second))
		}
	}
	return text
}
