package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/receiver"
	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
	"github.com/hookdesk/hookdesk/signing"
)

// ListenCmd is a receiver of webhooks.
type ListenCmd struct {
	Addr   string   `default:"127.0.0.1:9000" help:"Address to listen on; port 0 takes a free one."`
	System string   `placeholder:"NAME" help:"System of what arrives; empty: guessed from headers and body."`
	Scheme string   `placeholder:"NAME" help:"Signature scheme to verify; empty: guessed from the headers."`
	Header string   `placeholder:"NAME" help:"Header of the signature, for schemes that leave it open."`
	Secret []string `env:"HOOKDESK_LISTEN_SECRET" placeholder:"SECRET" sep:"none" help:"Secret to verify with; repeat it for several."`

	VerifyToken string        `placeholder:"TOKEN" help:"verifyToken that a handshake must bring."`
	Status      int           `default:"200" help:"HTTP status to answer with."`
	Delay       time.Duration `help:"Time to wait before the answer."`
	Drop        bool          `help:"Close the connection without an answer."`
	FailFirst   int           `placeholder:"N" help:"Refuse the first N requests."`
	FailWith    int           `default:"503" help:"HTTP status of the refusals."`
	Count       int           `placeholder:"N" help:"Stop after N requests; 0 goes on until Ctrl-C."`
	Body        bool          `help:"Print headers and bodies too."`
	JSON        bool          `name:"json" help:"Print each request as a line of JSON."`
}

// Validate checks the command line.
func (c *ListenCmd) Validate() error {
	for name, status := range map[string]int{"status": c.Status, "fail-with": c.FailWith} {
		if status < 200 || status > 599 {
			return fmt.Errorf("--%s is %d; want an HTTP status from 200 to 599", name, status)
		}
	}
	if c.FailFirst < 0 || c.Count < 0 || c.Delay < 0 {
		return errors.New("--fail-first, --count and --delay must not be negative")
	}
	if err := knownSystem(c.System); err != nil {
		return err
	}
	_, err := schemeNamed(c.Scheme)
	return err
}

// Run listens until ctx ends or --count requests have come.
func (c *ListenCmd) Run(ctx context.Context, std Std) error {
	scheme, err := schemeNamed(c.Scheme)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return withHint(fmt.Errorf("listen: %w", err), "choose another address with --addr; port 0 takes a free one")
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	printer := NewPrinter(std.Out)
	handler := receiver.New(receiver.Options{
		Guide: receiver.NewGuide(all.Registry()), System: c.System, Scheme: scheme, Schemes: signing.All(),
		Header: c.Header, Keys: c.Secret, Token: c.VerifyToken,
		Status: c.Status, Delay: c.Delay, Drop: c.Drop, FailFirst: c.FailFirst, FailWith: c.FailWith,
		Report: func(got *receiver.Received) {
			c.print(printer, got)
			if got.Number == c.Count && c.Count > 0 {
				stop()
			}
		},
	})
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	if !c.JSON {
		printer.Printf("listening on http://%s\n", listener.Addr())
		printer.WebhookHead()
	}
	return serveUntil(ctx, server, listener, 5*time.Second)
}

func (c *ListenCmd) print(printer *Printer, got *receiver.Received) {
	if c.JSON {
		line, err := json.Marshal(listened{
			At: got.At, Method: got.Method, URL: got.URL, System: got.System, Event: got.Event, Ticket: got.Ticket,
			Scheme: got.Scheme, Signature: string(got.Verdict), Cause: got.Cause, Note: got.Note, Status: got.Status,
			DurationMS: float64(got.Took.Microseconds()) / 1000, Header: got.Header, Body: string(got.Body),
		})
		if err == nil {
			printer.Printf("%s\n", line)
		}
		return
	}
	printer.Webhook(got)
	if !c.Body {
		return
	}
	var text strings.Builder
	_ = got.Header.Write(&text)
	body := string(got.Body)
	if printer.terminal { // in a file the body is what was received, byte for byte
		body = visibleLines(body)
	}
	printer.Printf("%s\n%s\n\n", visibleLines(strings.ReplaceAll(text.String(), "\r\n", "\n")), body)
}

// listened is one request as --json prints it.
type listened struct {
	At         time.Time   `json:"at"`
	Method     string      `json:"method"`
	URL        string      `json:"url"`
	System     string      `json:"system"`
	Event      string      `json:"event"`
	Ticket     string      `json:"ticket"`
	Scheme     string      `json:"scheme"`
	Signature  string      `json:"signature"`
	Cause      string      `json:"cause,omitempty"`
	Note       string      `json:"note,omitempty"`
	Status     int         `json:"status"`
	DurationMS float64     `json:"duration_ms"`
	Header     http.Header `json:"header"`
	Body       string      `json:"body"`
}

// serveUntil serves until ctx ends, then lets requests under way finish for
// at most grace.
func serveUntil(ctx context.Context, server *http.Server, listener net.Listener, grace time.Duration) error {
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	select {
	case err := <-done:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := server.Shutdown(limited)
	if served := <-done; served != nil && !errors.Is(served, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", served)
	}
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("shut down: %w", err)
	}
	return nil
}

func knownSystem(name string) error {
	if name == "" || all.Registry().Lookup(name) != nil {
		return nil
	}
	return fmt.Errorf("%q is no system; want one of %s", name, strings.Join(all.Registry().Names(), ", "))
}

// schemeNamed returns a scheme by name, nil for the empty name.
func schemeNamed(name string) (signing.Scheme, error) {
	if name == "" {
		return nil, nil
	}
	scheme, ok := signing.Lookup(name)
	if !ok {
		return nil, fmt.Errorf("%q is no signature scheme; want one of %s", name, strings.Join(signing.Names(), ", "))
	}
	return scheme, nil
}
