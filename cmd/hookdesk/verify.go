package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/signing"
)

// VerifyCmd is the signature doctor: it verifies a captured request and says
// why it does not verify.
type VerifyCmd struct {
	Request string   `type:"existingfile" placeholder:"FILE" help:"Captured request: header lines, an empty line, the body; a request line may stand first."`
	Header  []string `short:"H" sep:"none" placeholder:"NAME: VALUE" help:"Header of the request; repeat it."`
	Body    string   `placeholder:"FILE" help:"Body of the request, byte for byte; - reads standard input."`

	Secret          []string      `env:"HOOKDESK_VERIFY_SECRET" sep:"none" placeholder:"SECRET" help:"Secret to verify with; repeat it for several."`
	Scheme          string        `placeholder:"NAME" help:"Signature scheme; empty: guessed from the headers."`
	SignatureHeader string        `placeholder:"NAME" help:"Header of the signature, for schemes that leave it open."`
	At              string        `placeholder:"TIME" help:"When it was received (RFC 3339, or now): checks its timestamp; empty leaves that unchecked."`
	Tolerance       time.Duration `help:"How far the timestamp may be off; 0: the scheme's own."`
	Computed        string        `placeholder:"SIGNATURE" help:"What your own code works out, to have that explained."`
	JSON            bool          `name:"json" help:"Print JSON."`

	Delivery string `placeholder:"ID" help:"A delivery of a server, instead of a request: how it was signed, or with --computed, --body or --secret why your receiver finds otherwise."`
	Remote   `group:"The server of --delivery:"`
}

// Run prints the diagnosis; a request that does not verify is exit status 1.
func (c *VerifyCmd) Run(ctx context.Context, std Std) error {
	found, err := c.diagnose(ctx, std.In)
	if err != nil {
		return err
	}
	if c.JSON {
		encoder := json.NewEncoder(std.Out)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(found); err != nil {
			return fmt.Errorf("encode diagnosis: %w", err)
		}
	} else {
		printDiagnosis(NewPrinter(std.Out), found)
	}
	if !found.Verified {
		return &quietError{}
	}
	return nil
}

func (c *VerifyCmd) diagnose(ctx context.Context, stdin io.Reader) (signing.Diagnosis, error) {
	if c.Delivery != "" {
		return c.diagnoseDelivery(ctx, stdin)
	}
	capture, err := c.capture(stdin, time.Now())
	if err != nil {
		return signing.Diagnosis{}, err
	}
	return signing.Diagnose(capture), nil
}

func printDiagnosis(printer *Printer, found signing.Diagnosis) {
	if found.Verified {
		printer.Printf("%s by scheme %s\n", printer.paint(green, "verified"), found.Scheme)
	} else {
		printer.Printf("%s: %s\n", printer.paint(red, "not verified"), found.Cause)
	}
	if found.Explanation != "" {
		printer.Printf("%s\n", found.Explanation)
	}
	if found.Advice != "" {
		printer.Printf("hint: %s\n", found.Advice)
	}
	for _, step := range found.Steps {
		mark := printer.paint(green, "ok ")
		if !step.OK {
			mark = printer.paint(red, "no ")
		}
		printer.Printf("  %s %s  %s\n", mark, column(step.Title, 28), step.Detail)
	}
}

// capture puts the request together from what the command line names.
func (c *VerifyCmd) capture(stdin io.Reader, now time.Time) (signing.Capture, error) {
	capture := signing.Capture{
		Scheme: c.Scheme, Options: signing.Options{Header: c.SignatureHeader}, Header: http.Header{},
		Secrets: c.Secret, Tolerance: c.Tolerance, Computed: c.Computed,
	}
	if c.Request == "" && len(c.Header) == 0 {
		return capture, withHint(usage("there is nothing to verify; want --request FILE, or --header and --body"),
			"hookdesk listen --body prints requests as they come")
	}
	if _, err := schemeNamed(c.Scheme); err != nil {
		return capture, &usageError{err}
	}
	if c.Request != "" {
		content, err := os.ReadFile(c.Request)
		if err != nil {
			return capture, fmt.Errorf("read request: %w", err)
		}
		if capture.Header, capture.Body, err = parseRequest(content); err != nil {
			return capture, &usageError{fmt.Errorf("--request %s: %w", c.Request, err)}
		}
	}
	for _, line := range c.Header {
		if err := addHeader(capture.Header, line); err != nil {
			return capture, &usageError{err}
		}
	}
	if err := c.readBody(stdin, &capture); err != nil {
		return capture, err
	}
	switch c.At {
	case "":
	case "now":
		capture.Now = now
	default:
		at, err := time.Parse(time.RFC3339, c.At)
		if err != nil {
			return capture, usage("--at is %q; want now or a time such as 2024-05-07T11:15:58Z", c.At)
		}
		capture.Now = at
	}
	return capture, nil
}

func (c *VerifyCmd) readBody(stdin io.Reader, capture *signing.Capture) error {
	var err error
	switch c.Body {
	case "":
		return nil
	case "-":
		capture.Body, err = io.ReadAll(stdin)
	default:
		capture.Body, err = os.ReadFile(c.Body)
	}
	if err != nil {
		return withHint(fmt.Errorf("read body: %w", err), "--body names a file, or - for standard input")
	}
	return nil
}

// parseRequest reads a captured request. Lines may end in CRLF or LF. A body
// that is longer than its Content-Length says is cut: editors like to add a
// newline.
func parseRequest(content []byte) (http.Header, []byte, error) {
	head, body := content, []byte(nil)
	for i := range content {
		if content[i] != '\n' {
			continue
		}
		rest := content[i+1:]
		if bytes.HasPrefix(rest, []byte("\n")) {
			head, body = content[:i], rest[1:]
			break
		}
		if bytes.HasPrefix(rest, []byte("\r\n")) {
			head, body = content[:i], rest[2:]
			break
		}
	}
	header := http.Header{}
	lines := strings.Split(string(head), "\n")
	for i, line := range lines {
		line = strings.TrimSuffix(line, "\r")
		if line == "" || (i == 0 && isRequestLine(line)) {
			continue
		}
		if err := addHeader(header, line); err != nil {
			return nil, nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	if len(header) == 0 {
		return nil, nil, errors.New("has no header lines; want NAME: VALUE lines, an empty line, the body")
	}
	if length, err := strconv.Atoi(header.Get("Content-Length")); err == nil && length >= 0 && length < len(body) {
		body = body[:length]
	}
	return header, body, nil
}

func isRequestLine(line string) bool {
	words := strings.Fields(line)
	return len(words) >= 2 && words[0] == strings.ToUpper(words[0]) && !strings.HasSuffix(words[0], ":")
}

func addHeader(header http.Header, line string) error {
	name, value, ok := strings.Cut(line, ":")
	name = strings.TrimSpace(name)
	if !ok || name == "" || strings.ContainsAny(name, " \t") {
		return fmt.Errorf("%q is no header; want NAME: VALUE", line)
	}
	header.Add(name, strings.TrimSpace(value))
	return nil
}
