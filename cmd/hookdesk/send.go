package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/sample"
	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/triggers/condition"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// SendCmd sends a sample webhook without a server.
type SendCmd struct {
	System string `arg:"" help:"System to send as: faveo, agency, superoffice, supportservice or socialboards."`
	Event  string `arg:"" optional:"" help:"Event to send; empty lists the system's events."`

	To        string            `placeholder:"URL" help:"Where to send it."`
	Set       []string          `sep:"none" placeholder:"PATH=VALUE" help:"Change a member of the sample's ticket, reply, note or actor, such as status=closed, custom.7=yes or reply.body=Hello."`
	Revision  string            `placeholder:"NAME" help:"Revision of the format; empty: the system's default."`
	Setting   map[string]string `mapsep:"none" placeholder:"NAME=VALUE" help:"Setting of the endpoint, such as community_name=acme."`
	Condition []string          `placeholder:"FIELD:OP" help:"Condition that fired the trigger, for systems that send it, such as status:changed_to."`
	Secret    []string          `env:"HOOKDESK_SEND_SECRET" sep:"none" placeholder:"SECRET" help:"Secret to sign with; repeat it to sign with several."`
	Scheme    string            `placeholder:"NAME" help:"Signature scheme; empty: the system's own."`
	Header    string            `placeholder:"NAME" help:"Header of the signature, for schemes that leave it open."`
	Tries     int               `help:"Number of earlier attempts to claim, for systems that send it."`
	Timeout   time.Duration     `default:"15s" help:"How long the receiver may take."`
	Insecure  bool              `help:"Accept any certificate."`
	DryRun    bool              `help:"Print the request and send nothing."`
}

// Validate checks the command line.
func (c *SendCmd) Validate() error {
	if c.Tries < 0 {
		return fmt.Errorf("--tries is %d; want 0 or more", c.Tries)
	}
	if c.Timeout <= 0 {
		return fmt.Errorf("--timeout is %s; want more than 0, such as 15s", c.Timeout)
	}
	return nil
}

// Run sends one webhook.
func (c *SendCmd) Run(ctx context.Context, std Std) error {
	system := all.Registry().Lookup(c.System)
	if system == nil {
		return &usageError{knownSystem(c.System)}
	}
	if c.Event == "" {
		listEvents(NewPrinter(std.Out), system.Sheet())
		return nil
	}
	spec, err := c.spec(system)
	if err != nil {
		return &usageError{err}
	}
	body, header, err := sample.Make(spec)
	if _, known := system.Sheet().Event(c.Event); err != nil && !known {
		return withHint(&usageError{err}, "hookdesk send %s lists its events", c.System)
	}
	if err != nil {
		return &usageError{err}
	}
	if err := c.note(std.Err, spec); err != nil {
		return err
	}
	if c.DryRun {
		printRequest(NewPrinter(std.Out), spec.URL, header, body)
		return nil
	}
	client := sender.New(sender.Options{AllowLoopback: true, AllowNetworks: everywhere(), UserAgent: userAgent()})
	defer client.Close()
	exchange := client.Do(ctx, &sender.Post{
		URL: spec.URL, Header: header, Body: body, Timeout: c.Timeout, AllowHTTP: true, InsecureTLS: c.Insecure,
	})
	return c.outcome(NewPrinter(std.Out), exchange)
}

// note says which parts of the command line have no effect.
func (c *SendCmd) note(w io.Writer, spec sample.Spec) error {
	idle, err := sample.Idle(spec)
	if err != nil {
		return &usageError{err}
	}
	for _, path := range idle {
		fmt.Fprintf(w, "note: --set %s changes nothing in what %s %s sends\n", path, c.System, c.Event)
	}
	single, err := sample.OneSignature(spec)
	if err == nil && single && len(spec.Keys) > 1 {
		fmt.Fprintf(w, "note: scheme %s has one signature, which is made with the first --secret\n", spec.Scheme.Describe().Name)
	}
	return err
}

func (c *SendCmd) spec(system systems.System) (sample.Spec, error) {
	sheet := system.Sheet()
	spec := sample.Spec{
		System: system, Event: c.Event, Revision: c.Revision, URL: c.To, Settings: c.Setting, Set: c.Set,
		Tries: c.Tries, Header: c.Header, Keys: c.Secret, Now: time.Now(),
	}
	if c.To == "" && !c.DryRun {
		return spec, errors.New("--to is missing; want the receiver's URL, such as http://localhost:9000/hook, or --dry-run")
	}
	if c.To != "" {
		target, err := sender.CheckURL(c.To, true)
		if err != nil {
			return spec, fmt.Errorf("--to: %w", err)
		}
		spec.URL = target
	}
	if event, ok := sheet.Event(c.Event); ok {
		spec.Matched = event.SampleMatched
	}
	if len(c.Condition) > 0 {
		spec.Matched = nil
	}
	for _, text := range c.Condition {
		matched, err := readCondition(text)
		if err != nil {
			return spec, fmt.Errorf("--condition %s; %w", text, err)
		}
		spec.Matched = append(spec.Matched, matched)
	}
	return spec, c.sign(&spec, sheet)
}

// readCondition reads what --condition gives. A name that nobody knows is an
// error: the systems would number it as they number what they have no number
// for, and a receiver would be written for that.
func readCondition(text string) (systems.Matched, error) {
	field, op, ok := strings.Cut(text, ":")
	if !ok {
		return systems.Matched{}, errors.New("want field:operator, such as status:changed_to")
	}
	if _, known := condition.LookupField(field); !known {
		var names []string
		for _, f := range condition.Fields() {
			names = append(names, f.Name)
		}
		return systems.Matched{}, fmt.Errorf("there is no field %q%s", field, invalid.Suggest(field, names))
	}
	if _, known := condition.LookupOperator(op); !known {
		var names []string
		for _, o := range condition.Operators() {
			names = append(names, o.Name)
		}
		return systems.Matched{}, fmt.Errorf("there is no operator %q%s", op, invalid.Suggest(op, names))
	}
	return systems.Matched{Field: field, Op: op}, nil
}

// sign chooses the scheme: the one asked for, else the system's own where a
// secret is given, else, for a system without one, Standard Webhooks.
func (c *SendCmd) sign(spec *sample.Spec, sheet *systems.Sheet) error {
	name := c.Scheme
	if name == "" && len(c.Secret) > 0 {
		if name = sheet.Signing; name == "" || name == signing.None {
			name = "standard"
		}
	}
	scheme, err := schemeNamed(name)
	if err != nil {
		return err
	}
	if err := c.checkHeader(scheme, sheet); err != nil || scheme == nil {
		return err
	}
	if len(c.Secret) == 0 && name != signing.None {
		return fmt.Errorf("--secret is missing; scheme %s needs one", name)
	}
	for _, secret := range c.Secret {
		err := scheme.CheckSecret(secret)
		if err != nil && c.Scheme == "" && name != sheet.Signing {
			return withHint(fmt.Errorf("%s has no signature of its own, and for scheme %s %w", sheet.Name, name, err),
				"choose another one with --scheme: %s", strings.Join(signing.Names(), ", "))
		}
		if err != nil {
			return withHint(fmt.Errorf("--secret: %w", err), "%s wants %s, such as %s", name, scheme.Describe().Secret, scheme.NewSecret())
		}
	}
	spec.Scheme = scheme
	return nil
}

// checkHeader refuses a header of the signature that would not be sent, or
// beside another one of the same name.
func (c *SendCmd) checkHeader(scheme signing.Scheme, sheet *systems.Sheet) error {
	if c.Header == "" {
		return nil
	}
	if scheme == nil || !scheme.Describe().CustomHeader {
		return withHint(fmt.Errorf("--header %s has no effect: the signature has its own header, or there is none", c.Header),
			"--scheme hmac-hex and hmac-base64 leave it open")
	}
	if err := sender.CheckHeader(c.Header, "", append([]string{"Content-Type"}, sheet.Writes...)); err != nil {
		return fmt.Errorf("--header: %w", err)
	}
	return nil
}

func (c *SendCmd) outcome(printer *Printer, exchange *sender.Exchange) error {
	took := time.Duration(exchange.Timings.Total) * time.Microsecond
	if exchange.Code == sender.OK {
		printer.Printf("%s %s to %s: %s in %s ms\n", c.System, c.Event, hostOf(c.To),
			printer.paint(green, fmt.Sprint(exchange.Status)), strings.TrimSpace(milliseconds(took)))
		return nil
	}
	err := fmt.Errorf("%s %s to %s: %s (%s)", c.System, c.Event, hostOf(c.To), exchange.Error, exchange.Code)
	if _, advice := sender.Describe(exchange.Code); advice != "" {
		return withHint(err, "%s", advice)
	}
	return err
}

// hostOf names a target without its path and query, which may hold a token.
func hostOf(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "the receiver"
	}
	return u.Scheme + "://" + u.Host
}

func listEvents(printer *Printer, sheet *systems.Sheet) {
	printer.Printf("%s: %s\n\nEvents:\n", sheet.Name, sheet.Summary)
	for _, event := range sheet.Events {
		printer.Printf("  %s  %s\n", column(event.Name, 30), event.Description)
	}
	printer.Printf("\nRevisions:\n")
	for _, revision := range sheet.Revisions {
		name := revision.Name
		if name == sheet.DefaultRevision {
			name += " (default)"
		}
		printer.Printf("  %s  %s\n", column(name, 30), revision.Description)
	}
}

func printRequest(printer *Printer, target string, header []executionlog.Header, body []byte) {
	printer.Printf("POST %s\n", or(target, "/"))
	for _, h := range header {
		printer.Printf("%s: %s\n", h.Name, h.Value)
	}
	printer.Printf("\n%s", body)
	if printer.terminal { // in a file the body ends where it was signed
		printer.Printf("\n")
	}
}
