package main

import (
	"fmt"
	"io"
)

// progressLine shows progress: on a terminal as one line that changes, else as
// a line for each change.
type progressLine struct {
	w    io.Writer
	live bool
	last string
}

func newProgressLine(w io.Writer) *progressLine {
	return &progressLine{w: w, live: isTerminal(w)}
}

func (p *progressLine) tell(text string) {
	if text == p.last {
		return
	}
	p.last = text
	if p.live {
		_, _ = fmt.Fprintf(p.w, "\r%-60s", text)
		return
	}
	_, _ = fmt.Fprintln(p.w, text)
}

// note writes a line of its own.
func (p *progressLine) note(format string, args ...any) {
	p.end()
	_, _ = fmt.Fprintf(p.w, format+"\n", args...)
}

// end leaves the line that changes.
func (p *progressLine) end() {
	if p.live && p.last != "" {
		_, _ = fmt.Fprintln(p.w)
		p.last = ""
	}
}
