package sender

import (
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

// stage is how far an exchange has come.
type stage int

const (
	stageStart stage = iota
	stageDNS
	stageConnect
	stageTLS
	stageWrite
	stageHeaders
	stageBody
)

// trace notes when each stage began. The transport may go on dialling in the
// background for an exchange that got another connection, hence the lock and
// the rule that a connection once got ends the dialling stages.
type trace struct {
	mu      sync.Mutex
	stage   stage
	got     bool // a connection
	address string
	timings executionlog.Timings

	start, dns, connect, handshake time.Time
}

func (t *trace) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { t.begin(stageDNS, &t.dns) },
		DNSDone:  func(httptrace.DNSDoneInfo) { t.end(&t.dns, &t.timings.DNS) },
		ConnectStart: func(_, address string) {
			t.begin(stageConnect, &t.connect)
			t.reach(address)
		},
		ConnectDone:       func(_, _ string, _ error) { t.end(&t.connect, &t.timings.Connect) },
		TLSHandshakeStart: func() { t.begin(stageTLS, &t.handshake) },
		TLSHandshakeDone: func(tls.ConnectionState, error) {
			t.end(&t.handshake, &t.timings.TLS)
		},
		GotConn: func(info httptrace.GotConnInfo) {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.got = true
			t.stage = stageWrite
			t.address = info.Conn.RemoteAddr().String()
			if info.Reused {
				// What dialling took belongs to another exchange.
				t.timings.DNS, t.timings.Connect, t.timings.TLS = 0, 0, 0
			}
		},
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			t.mu.Lock()
			defer t.mu.Unlock()
			if t.stage == stageWrite && info.Err == nil {
				t.stage = stageHeaders
			}
		},
		GotFirstResponseByte: func() {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.timings.FirstByte = micros(t.start)
		},
	}
}

func (t *trace) begin(s stage, at *time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.got {
		return
	}
	t.stage = s
	if at.IsZero() { // several addresses are tried; the first counts
		*at = time.Now()
	}
}

func (t *trace) end(since *time.Time, took *int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.got && !since.IsZero() {
		*took = micros(*since)
	}
}

func (t *trace) reach(address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.got {
		t.address = address
	}
}

func (t *trace) enter(s stage) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stage = s
}

// finish returns what was noted, once the exchange is over.
func (t *trace) finish() (stage, string, executionlog.Timings) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.got = true // late news of background dialling does not count
	t.unended()
	t.timings.Total = micros(t.start)
	return t.stage, t.address, t.timings
}

// unended counts the stage in which an exchange stopped: nobody says that a
// handshake ended that went wrong or hung.
func (t *trace) unended() {
	var since time.Time
	var took *int64
	switch t.stage {
	case stageDNS:
		since, took = t.dns, &t.timings.DNS
	case stageConnect:
		since, took = t.connect, &t.timings.Connect
	case stageTLS:
		since, took = t.handshake, &t.timings.TLS
	case stageStart, stageWrite, stageHeaders, stageBody:
		return
	}
	if *took == 0 && !since.IsZero() {
		*took = micros(since)
	}
}

// micros is the time since a moment, at least 1: 0 stands for a step that did
// not happen.
func micros(since time.Time) int64 { return max(1, time.Since(since).Microseconds()) }
