package main

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/client"
	"github.com/hookdesk/hookdesk/cmd/hookdesk/receiver"
	"github.com/hookdesk/hookdesk/cmd/hookdesk/story"
	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
)

// play is one performance of the story against a server.
type play struct {
	story   *story.Story
	printer *Printer
	api     *client.Client
	now     func() time.Time

	servers []*http.Server

	mu      sync.Mutex
	missing []story.Expectation // not arrived yet
	wrong   int                 // signatures that did not hold
	refused int                 // answers that were no success
	arrived chan struct{}       // closed and replaced at each arrival
}

// pause is how long a step waits for its webhooks before the next one, so
// that lines stand below what caused them.
const pause = 400 * time.Millisecond

// tell plays everything. It returns whether every webhook arrived, with a
// signature that holds.
func (p *play) tell(ctx context.Context, timeout time.Duration) (complete bool, err error) {
	started := p.now()
	p.missing = p.story.Expected()
	p.arrived = make(chan struct{})
	total := len(p.missing)

	if err := p.fresh(ctx); err != nil {
		return false, err
	}
	p.printer.Heading("Five receivers, each with an endpoint and a trigger")
	p.printer.WebhookHead()
	for i := range p.story.Receivers {
		if err := p.receive(ctx, &p.story.Receivers[i]); err != nil {
			return false, err
		}
	}
	for _, step := range p.story.Steps {
		if err := p.step(ctx, &step); err != nil {
			return false, err
		}
	}
	if left := timeout - p.now().Sub(started); left > 0 {
		p.printer.Heading("What is still being retried")
		p.wait(ctx, left, func() bool { return len(p.missing) == 0 })
	}
	notes := p.notes(ctx)
	if err := p.look(ctx); err != nil {
		return false, err
	}
	return p.sum(total, notes, p.now().Sub(started)), nil
}

// fresh returns an error where the story has been told before: tickets cannot
// be created twice.
func (p *play) fresh(ctx context.Context) error {
	told, err := p.api.ListTickets(ctx, "limit", "1")
	if err != nil {
		return fmt.Errorf("look for tickets: %w", err)
	}
	if len(told.Items) == 0 {
		return nil
	}
	return withHint(usage("the data folder or database holds tickets already; want an empty one"),
		"HOOKDESK_DEV=1 hookdesk serve opens what is there")
}

// receive starts a receiver, and makes an endpoint and a trigger for it.
func (p *play) receive(ctx context.Context, spec *story.Receiver) error {
	system := all.Registry().Lookup(spec.System)
	if system == nil {
		return fmt.Errorf("the story names no system %q", spec.System)
	}
	name := system.Sheet().Signing
	if spec.Signing != nil {
		name = spec.Signing.Scheme
	}
	scheme, err := schemeNamed(name)
	if err != nil || scheme == nil {
		return fmt.Errorf("receiver of %s: it needs a signature scheme: %w", spec.System, err)
	}
	secret := scheme.NewSecret()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: receiver.New(receiver.Options{
		Guide: receiver.NewGuide(all.Registry()), System: spec.System, Scheme: scheme, Keys: []string{secret},
		Token: spec.Settings["verify_token"], Report: p.report,
		Refuse: func(got *receiver.Received) bool { return spec.Fail > 0 && got.Event != "test" && p.count(&spec.Fail) },
	})}
	p.servers = append(p.servers, server)
	go func() { _ = server.Serve(listener) }()

	target := "http://" + listener.Addr().String() + "/" + spec.System
	if spec.Query != "" {
		target += "?" + spec.Query
	}
	endpoint := map[string]any{
		"name": spec.System + " receiver", "system": spec.System, "url": target, "secret": secret,
		"signing": map[string]any{"scheme": name},
	}
	if spec.Ordered != "" {
		endpoint["ordered"] = spec.Ordered
	}
	if spec.Retry != nil {
		endpoint["retry"] = spec.Retry
	}
	if spec.Settings != nil {
		endpoint["settings"] = spec.Settings
	}
	var made struct {
		ID string `json:"id"`
	}
	if err := p.api.Do(ctx, http.MethodPost, "/endpoints", endpoint, &made); err != nil {
		return fmt.Errorf("make endpoint of %s: %w", spec.System, err)
	}
	trigger := map[string]any{"system": spec.System}
	maps.Copy(trigger, spec.Trigger)
	actions, _ := trigger["then"].([]any)
	trigger["then"] = append([]any{map[string]any{"webhook": map[string]any{"endpoint": made.ID}}}, actions...)
	if err := p.api.Do(ctx, http.MethodPost, "/triggers", trigger, nil); err != nil {
		return fmt.Errorf("make trigger of %s: %w", spec.System, err)
	}
	p.printer.Printf("  %s %s\n", column(spec.System, widthSystem), p.printer.paint(faint, target+" signed by scheme "+name))
	return nil
}

// count takes one off a number, if there is any left.
func (p *play) count(left *int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if *left == 0 {
		return false
	}
	*left--
	return true
}

// report notes what a receiver got.
func (p *play) report(got *receiver.Received) {
	p.printer.Webhook(got)
	p.mu.Lock()
	defer p.mu.Unlock()
	if got.Verdict == receiver.Wrong || got.Verdict == receiver.Unsigned && got.Note != "handshake" {
		p.wrong++
	}
	if got.Status/100 != 2 {
		p.refused++
		return
	}
	for i, want := range p.missing {
		if want.System == got.System && want.Ticket == got.Ticket && (want.Event == "*" || want.Event == got.Event) {
			p.missing = append(p.missing[:i:i], p.missing[i+1:]...)
			break
		}
	}
	close(p.arrived)
	p.arrived = make(chan struct{})
}

// wait returns when done holds, after so long, or when ctx ends. It calls
// done with the lock held.
func (p *play) wait(ctx context.Context, most time.Duration, done func() bool) {
	deadline := time.After(most)
	for {
		p.mu.Lock()
		finished, arrived := done(), p.arrived
		p.mu.Unlock()
		if finished {
			return
		}
		select {
		case <-arrived:
		case <-deadline:
			return
		case <-ctx.Done():
			return
		}
	}
}

// step plays one step and waits a moment for its webhooks.
func (p *play) step(ctx context.Context, step *story.Step) error {
	p.printer.Heading("%s", step.Title)
	p.mu.Lock()
	before := len(p.missing)
	p.mu.Unlock()
	method, path := step.Request()
	if err := p.api.Do(ctx, method, path, step.Body, nil); err != nil {
		return fmt.Errorf("%s: %w", step.Title, err)
	}
	if len(step.Expect) == 0 {
		p.printer.Printf("  %s\n", p.printer.paint(faint, "no trigger fires for this"))
		return nil
	}
	p.wait(ctx, pause, func() bool { return len(p.missing) <= before-len(step.Expect) })
	for _, want := range p.outstanding(step.Expect) {
		p.printer.Printf("  %s\n", p.printer.paint(faint, want.Event+" is yet to arrive: it is retried, or waits behind one that is"))
	}
	return nil
}

// outstanding returns those of some webhooks that have not arrived.
func (p *play) outstanding(expected []story.Expectation) []story.Expectation {
	p.mu.Lock()
	defer p.mu.Unlock()
	var left []story.Expectation
	for _, want := range expected {
		if slices.Contains(p.missing, want) {
			left = append(left, want)
		}
	}
	return left
}

// notes looks for the notes that triggers should have written, and returns
// whether they are there.
func (p *play) notes(ctx context.Context) bool {
	found := true
	for _, step := range p.story.Steps {
		if step.Note == nil {
			continue
		}
		here := false
		if stored, err := p.api.GetTicket(ctx, step.Note.Ticket); err == nil {
			for _, note := range stored.Notes {
				if strings.HasPrefix(note.Body, step.Note.StartsWith) {
					here = true
					p.printer.Heading("The trigger's note on ticket %s", step.Note.Ticket)
					p.printer.Printf("  %s\n", note.Body)
				}
			}
		}
		found = found && here
	}
	return found
}

// look searches the execution log, as people do.
func (p *play) look(ctx context.Context) error {
	for _, search := range p.story.Searches {
		p.printer.Heading("The execution log, %s: %s", search.Title, or(search.Ticket, search.Error))
		p.printer.ExecutionHead()
		filter := client.LogFilter{Ticket: search.Ticket, Error: search.Error}
		page, err := p.search(ctx, filter)
		if err != nil {
			return fmt.Errorf("search log: %w", err)
		}
		for _, row := range page.Items {
			p.printer.Execution(row)
		}
	}
	return nil
}

// search looks until the log has a row for each webhook that is known to have
// come: a receiver sees its request a moment before the attempt is recorded.
func (p *play) search(ctx context.Context, filter client.LogFilter) (client.Page[client.Execution], error) {
	p.mu.Lock()
	least := p.refused
	if filter.Ticket != "" {
		least = 0
		for _, e := range p.story.Expected() {
			if e.Ticket == filter.Ticket && !slices.Contains(p.missing, e) {
				least++
			}
		}
	}
	p.mu.Unlock()
	for try := 0; ; try++ {
		page, err := p.api.Executions(ctx, filter, pageSize, "")
		if err != nil || len(page.Items) >= least || try == 50 {
			return page, err
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return page, ctx.Err()
		}
	}
}

// sum prints how it went and returns whether all is well.
func (p *play) sum(total int, notes bool, took time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	arrived := total - len(p.missing)
	good := arrived == total && p.wrong == 0 && notes
	code := green
	if !good {
		code = red
	}
	p.printer.Heading("%s", p.printer.paint(code, fmt.Sprintf("%d of %d webhooks arrived", arrived, total)))
	p.printer.Printf("  in %.1f s, after %d refusals that were retried; %d signatures wrong\n", took.Seconds(), p.refused, p.wrong)
	for _, e := range p.missing {
		p.printer.Printf("  missing: %s %s of ticket %s\n", e.System, e.Event, e.Ticket)
	}
	if !notes {
		p.printer.Printf("  missing: the note of a trigger\n")
	}
	return good
}

func (p *play) close() {
	for _, server := range p.servers {
		_ = server.Close()
	}
}
