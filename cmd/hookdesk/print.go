package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/receiver"
)

// Printer writes lines for people: in aligned columns, with colour on a
// terminal only. It is safe for concurrent use.
type Printer struct {
	mu       sync.Mutex
	w        io.Writer
	terminal bool
	colour   bool
}

// NewPrinter returns a Printer for w.
func NewPrinter(w io.Writer) *Printer {
	terminal := isTerminal(w)
	return &Printer{w: w, terminal: terminal, colour: terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// The colours, as ANSI codes.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	bold   = "1"
	faint  = "2"
)

func (p *Printer) paint(code, text string) string {
	if !p.colour || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// Printf writes one line or several.
func (p *Printer) Printf(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = fmt.Fprintf(p.w, format, args...)
}

// Heading writes a line that stands out.
func (p *Printer) Heading(format string, args ...any) {
	p.Printf("\n%s\n", p.paint(bold, fmt.Sprintf(format, args...)))
}

// visible makes what strangers wrote safe to print on a terminal: control
// characters, which could clear the screen or write over other lines, and
// characters without a width, which could turn its direction, become escapes.
func visible(text string) string {
	return escaped(text, "")
}

// visibleLines is visible for a text of several lines.
func visibleLines(text string) string { return escaped(text, "\n\t") }

func escaped(text, keep string) string {
	if !strings.ContainsFunc(text, hidden) && utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for rest := text; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, rest[0])
		case hidden(r) && !strings.ContainsRune(keep, r):
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		default:
			b.WriteString(rest[:size])
		}
		rest = rest[size:]
	}
	return b.String()
}

// hidden says whether a character does something else than being seen, or than
// joining those beside it.
func hidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) && r != '\u200c' && r != '\u200d'
}

// column fits text into a width: filled up with spaces, or cut off in its
// middle, so that both ends of an id can be read.
func column(text string, width int) string {
	text = visible(text)
	length := utf8.RuneCountInString(text)
	if length <= width {
		return text + strings.Repeat(" ", width-length)
	}
	runes := []rune(text)
	left := (width - 1) / 2
	return string(runes[:left]) + "…" + string(runes[length-(width-1-left):])
}

// The widths of the columns of a webhook.
const (
	widthSystem  = 14
	widthEvent   = 28
	widthTicket  = 18
	widthVerdict = 10
)

// WebhookHead writes the names of the columns of Webhook.
func (p *Printer) WebhookHead() {
	p.Printf("%s\n", p.paint(faint, "  "+column("SYSTEM", widthSystem)+" "+column("EVENT", widthEvent)+" "+
		column("TICKET", widthTicket)+" "+column("SIGNATURE", widthVerdict)+" STATUS       MS"))
}

// Webhook writes one received webhook as a line.
func (p *Printer) Webhook(got *receiver.Received) {
	verdict, code := string(got.Verdict), yellow
	switch got.Verdict {
	case receiver.Verified:
		code = green
	case receiver.Wrong:
		code = red
	}
	status, statusCode := "none", red
	if got.Status != 0 {
		status = fmt.Sprint(got.Status)
		if got.Status/100 == 2 {
			statusCode = green
		}
	}
	note := got.Note
	if got.Cause != "" {
		note = strings.TrimSpace(note + " " + got.Cause)
	}
	if note != "" {
		note = "  " + p.paint(faint, visible(note))
	}
	p.Printf("  %s %s %s %s %s %s%s\n",
		column(or(got.System, "?"), widthSystem), column(or(got.Event, got.Method+" "+got.URL), widthEvent),
		column(got.Ticket, widthTicket), p.paint(code, column(verdict, widthVerdict)),
		p.paint(statusCode, column(status, 6)), milliseconds(got.Took), note)
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%8.1f", float64(d.Microseconds())/1000)
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// Progress shows how far a long job is, on a terminal only: each call writes
// over the one before, and an empty text removes it.
func (p *Printer) Progress(format string, args ...any) {
	if p.colour {
		p.Printf("\r\x1b[K"+format, args...)
	}
}
