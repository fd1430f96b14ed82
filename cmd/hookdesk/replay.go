package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/client"
)

// ReplayCmd delivers again what a filter of the log finds.
type ReplayCmd struct {
	Start  ReplayStartCmd  `cmd:"" default:"withargs" help:"Deliver again what a filter finds. It may be left out: hookdesk replay --outcome failed."`
	List   ReplayListCmd   `cmd:"" help:"List the replays, newest first."`
	Status ReplayStatusCmd `cmd:"" help:"Say how far a replay is, and what became of its deliveries."`
	Watch  ReplayWatchCmd  `cmd:"" help:"Show how a replay goes on, until it is over."`
	Cancel ReplayCancelCmd `cmd:"" help:"Stop a replay; what it has made stays."`
	Resume ReplayResumeCmd `cmd:"" help:"Go on with a replay that was cancelled or failed, where it was."`
}

// ReplayStartCmd starts a replay.
type ReplayStartCmd struct {
	Remote
	LogFlags

	All    bool    `help:"Everything in the log, instead of a filter."`
	Rate   float64 `placeholder:"NUMBER" help:"Deliveries per second at most; 0: the server's own, which is 100."`
	DryRun bool    `help:"Count, and deliver nothing."`
	Yes    bool    `short:"y" help:"Do not ask."`
	Detach bool    `help:"Print the replay's id and do not wait for its end."`
	JSON   bool    `name:"json" help:"Print JSON."`
}

// startPatience is how long the server may take to start a replay.
const startPatience = 30 * time.Second

// Run counts what the filter finds, asks, and shows on standard error how far
// the replay is. Ctrl-C ends the watching only.
func (c *ReplayStartCmd) Run(ctx context.Context, std Std) error {
	only := c.Delivery != "" && c.LogFlags == LogFlags{Delivery: c.Delivery}
	none := c.LogFlags == LogFlags{}
	switch {
	case none && !c.All:
		return withHint(usage("nothing to replay; want a filter such as --outcome failed or --delivery, or --all"), "hookdesk log, with the same filter, shows what it finds")
	case c.All && !none:
		return usage("--all stands beside a filter; want one of the two")
	}
	filter, err := c.filter(time.Now())
	if err != nil {
		return err
	}
	api, err := c.Client()
	if err != nil {
		return err
	}
	if only && !c.DryRun {
		return c.explain(c.redeliver(ctx, api, std))
	}
	body := filter.Replay()
	body.RatePerSecond = c.Rate
	agreed, err := c.agree(ctx, api, &body, std)
	if err != nil || !agreed {
		return c.explain(err)
	}
	// Ctrl-C that comes just now must not hide a replay that has started.
	starting, stop := context.WithTimeout(context.WithoutCancel(ctx), startPatience)
	defer stop()
	job, err := api.StartReplay(starting, body)
	if err != nil {
		return c.explain(err)
	}
	return c.explain(followReplay(ctx, api, job, std, c.Detach, c.JSON))
}

// agree counts what a replay would deliver and asks whether it shall. body
// gets the time up to which it was counted, so that the answer is about what
// was counted: what fails meanwhile is not in it.
func (c *ReplayStartCmd) agree(ctx context.Context, api *client.Client, body *client.ReplayBody, std Std) (bool, error) {
	order := *body
	order.DryRun = true
	counted, err := api.StartReplay(ctx, order)
	if err != nil {
		return false, err
	}
	if c.DryRun && c.JSON {
		return false, json.NewEncoder(std.Out).Encode(counted)
	}
	body.To = counted.Filter.To.Format(time.RFC3339Nano)
	told := std.Err
	if c.DryRun {
		told = std.Out
	}
	fmt.Fprintf(told, "%s found\n", deliveries(counted.Count, counted.AtLeast))
	switch {
	case counted.Count == 0 && !counted.AtLeast:
		return false, nil
	case c.DryRun || c.Yes:
		return c.Yes && !c.DryRun, nil
	}
	return ask(ctx, std, "Deliver them again?")
}

// deliveries says how many, such as "at least 2 deliveries".
func deliveries(count int, atLeast bool) string {
	noun, prefix := "deliveries", ""
	if count == 1 {
		noun = "delivery"
	}
	if atLeast {
		prefix = "at least "
	}
	return fmt.Sprintf("%s%d %s", prefix, count, noun)
}

// ask puts a question that y or yes agrees to. The error says that nobody did.
func ask(ctx context.Context, std Std, question string) (bool, error) {
	fmt.Fprintf(std.Err, "%s [y/N] ", question)
	answers := make(chan string, 1) // a terminal is read on after ctx has ended
	go func() {
		line, err := bufio.NewReader(std.In).ReadString('\n')
		if err != nil && line == "" {
			line = "eof"
		}
		answers <- strings.ToLower(strings.TrimSpace(line))
	}()
	var answer string
	select {
	case <-ctx.Done():
		fmt.Fprintln(std.Err)
	case answer = <-answers:
	}
	switch answer {
	case "y", "yes":
		return true, nil
	case "eof":
		fmt.Fprintln(std.Err)
		return false, withHint(usage("nobody answers; nothing was delivered"), "--yes agrees beforehand")
	}
	return false, errors.New("nothing was delivered")
}

// redeliver repeats the one delivery that was named, and says what became of
// its first attempt.
func (c *ReplayStartCmd) redeliver(ctx context.Context, api *client.Client, std Std) error {
	again, err := api.Redeliver(ctx, c.Delivery)
	if err != nil {
		return err
	}
	if c.Detach {
		if c.JSON {
			return json.NewEncoder(std.Out).Encode(again)
		}
		_, err = fmt.Fprintln(std.Out, again.ID)
		return err
	}
	waiting, stop := context.WithTimeout(ctx, attemptPatience)
	defer stop()
	var detail client.DeliveryDetail
	for pause := askSoon; ; {
		read, err := api.GetDelivery(waiting, again.ID)
		if err != nil && waiting.Err() == nil {
			return err
		}
		if err == nil {
			detail = read
		}
		if waiting.Err() != nil || detail.Outcome != "pending" || detail.AttemptCount > 0 {
			break
		}
		select {
		case <-waiting.Done():
		case <-time.After(pause):
		}
		pause = min(askLater, pause*3/2)
	}
	switch {
	case c.JSON && detail.ID == "": // nobody could say more in time
		err = json.NewEncoder(std.Out).Encode(again)
	case c.JSON:
		err = json.NewEncoder(std.Out).Encode(detail)
	default:
		_, err = fmt.Fprintf(std.Out, "%s repeats %s: %s\n", again.ID, c.Delivery, becameOf(&detail))
	}
	if err == nil && detail.Error != "" {
		return &quietError{} // it was said what became of it
	}
	return err
}

// attemptPatience is how long a single redelivery is watched.
const attemptPatience = 15 * time.Second

// becameOf says how a delivery fared.
func becameOf(d *client.DeliveryDetail) string {
	text := or(d.Outcome, "pending")
	if d.HTTPStatus != 0 {
		text += fmt.Sprintf(", status %d", d.HTTPStatus)
	}
	if d.Error != "" {
		text += ", " + visible(d.Error)
	}
	switch {
	case text == "pending":
		text += "; " + or(visible(d.Held), "no attempt has ended yet")
	case d.Outcome == "pending":
		text += "; tried again at " + d.DueAt.Local().Format("15:04:05")
	}
	return text
}

// printReplay prints a replay as JSON, or what became of it.
func printReplay(ctx context.Context, api *client.Client, job *client.ReplayView, out io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(job)
	}
	if _, err := fmt.Fprintf(out, "%s %s: %s\n", job.ID, job.State, stateOf(job)); err != nil {
		return err
	}
	if job.Done == 0 {
		return nil
	}
	fates, err := fatesOf(ctx, api, job)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "of these %s\n", fates)
	return err
}

// stateOf says how far a replay is.
func stateOf(job *client.ReplayView) string {
	if job.State == "counting" {
		return fmt.Sprintf("%d deliveries counted so far", job.Total)
	}
	text := fmt.Sprintf("%d of %s made", job.Done, deliveries(job.Total, false))
	if left := job.Total - job.Done; left > 0 && job.State == "done" {
		text += fmt.Sprintf("; %d left out: pending, repeated already, or without an endpoint by now", left)
	}
	return text
}

// fatesCounted is how many deliveries of one outcome are counted.
const fatesCounted = 1000

// fatesOf says what has become of a replay's deliveries until now.
func fatesOf(ctx context.Context, api *client.Client, job *client.ReplayView) (string, error) {
	counts, exact := map[string]int{}, true
	var parts []string
	for _, outcome := range []string{"failed", "pending", "cancelled"} {
		count, cursor := 0, ""
		for {
			page, err := api.ListDeliveries(ctx, "replay", job.ID, "outcome", outcome, "limit", fmt.Sprint(pageSize), "cursor", cursor)
			if err != nil {
				return "", err
			}
			count += len(page.Items)
			if cursor = page.NextCursor; cursor == "" || count >= fatesCounted {
				break
			}
		}
		counts[outcome] = count
		more := ""
		if cursor != "" {
			more, exact = "at least ", false
		}
		if count > 0 || outcome == "failed" {
			parts = append(parts, fmt.Sprintf("%s%d %s", more, count, outcome))
		}
	}
	if exact {
		rest := max(0, job.Done-counts["failed"]-counts["pending"]-counts["cancelled"])
		parts = append([]string{fmt.Sprintf("%d succeeded", rest)}, parts...)
	}
	return strings.Join(parts, ", "), nil
}
