package main

import (
	"bytes"
	"log"
	"log/slog"
	"strings"
)

// strays takes what libraries write to the standard log, which net/http does
// for want of another: lines of its own form among those of the server.
type strays struct{ logger *slog.Logger }

// gather makes a logger the place for such lines.
func (s strays) gather() {
	log.SetFlags(0)
	log.SetOutput(s)
}

// Write implements io.Writer, for one line. net/http quotes what a receiver
// sends behind its answer, who may echo a credential or fill the log: that is
// left out.
func (s strays) Write(line []byte) (int, error) {
	if bytes.HasPrefix(line, []byte("Unsolicited response received")) {
		s.logger.Debug("a receiver sent more than its answer; the connection is closed")
	} else {
		s.logger.Warn("a library wrote to the log", "text", strings.TrimSpace(string(line)))
	}
	return len(line), nil
}
