package alerts

import (
	"bytes"
	"io"
	"log/slog"
	"mime"
	"mime/quotedprintable"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
	"github.com/hookdesk/hookdesk/triggers"
)

// record is a log that tests read while it is written.
type record struct {
	written chan struct{} // holds a value while something new may be read

	mu   sync.Mutex
	text bytes.Buffer
}

// await waits until the log contains a text.
func (r *record) await(t *testing.T, text string) {
	t.Helper()
	patience := time.After(10 * time.Second)
	for !strings.Contains(r.String(), text) {
		select {
		case <-r.written:
		case <-patience:
			t.Fatalf("the log does not say %q:\n%s", text, r)
		}
	}
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case r.written <- struct{}{}:
	default:
	}
	return r.text.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

func (s *mailServer) way(to ...string) *Mail {
	return &Mail{
		Addr: s.addr, User: "desk", Password: "pass-5ac1e", From: "hookdesk@example.com", TLS: StartTLS, To: to, Roots: s.roots,
		Console: func(id string) string { return "https://hooks.example.com/endpoints/" + id },
	}
}

// mailing starts a Sender with mail only, about one endpoint.
func mailing(t *testing.T, m *Mail, endpoint *triggers.Endpoint, pauses ...time.Duration) (*Sender, *record) {
	t.Helper()
	log := &record{written: make(chan struct{}, 1)}
	s := New(Options{
		Mail: m, Systems: all.Registry(), Pauses: append([]time.Duration{}, pauses...),
		Endpoint: func(string) *triggers.Endpoint { return endpoint }, Logger: slog.New(slog.NewTextHandler(log, nil)),
	})
	running(t, s)
	return s, log
}

func warning() dispatcher.StateChange {
	return dispatcher.StateChange{
		ID: "evt_1", Workspace: "default", Endpoint: "ep_1", State: dispatcher.StateWarning, Failures: 5, DisabledAt: 9,
		Reason: "5 attempts in a row failed, the last with: HTTP 500", At: time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC),
	}
}

func next(t *testing.T, s *mailServer) received {
	t.Helper()
	select {
	case mail := <-s.mails:
		return mail
	case <-time.After(10 * time.Second):
		t.Fatal("no mail came")
		return received{}
	}
}

func (m received) body(t *testing.T) string {
	t.Helper()
	text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(m.text)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (m received) subject(t *testing.T) string {
	t.Helper()
	text, err := new(mime.WordDecoder).DecodeHeader(m.header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestMailArrivesEncrypted(t *testing.T) {
	for _, way := range []string{StartTLS, ImplicitTLS} {
		t.Run(way, func(t *testing.T) {
			server := startMailServer(t, func(s *mailServer) { s.implicit = way == ImplicitTLS })
			m := server.way("operator@example.com")
			m.TLS = way
			s, log := mailing(t, m, &triggers.Endpoint{ID: "ep_1", Name: "Warehouse", System: "superoffice"})
			s.Tell(warning())
			mail := next(t, server)
			if !mail.encrypted || !strings.Contains(mail.from, "<hookdesk@example.com>") || !strings.Contains(mail.to, "<operator@example.com>") {
				t.Errorf("%+v", mail)
			}
			if got := mail.subject(t); got != "[hookdesk] Warehouse is failing (5 of 9)" {
				t.Errorf("subject %q", got)
			}
			body := mail.body(t)
			for _, want := range []string{"ep_1", "superoffice", "the last with: HTTP 500", "https://hooks.example.com/endpoints/ep_1", "after 9 the endpoint is disabled"} {
				if !strings.Contains(body, want) {
					t.Errorf("no %q in\n%s", want, body)
				}
			}
			server.mu.Lock()
			defer server.mu.Unlock()
			if server.auth != "/desk/pass-5ac1e" {
				t.Errorf("signed in as %q", server.auth)
			}
			if strings.Contains(body, "pass-5ac1e") || log.String() != "" {
				t.Errorf("log %s", log)
			}
		})
	}
}

// Whom the endpoint names hears of what goes wrong with it, each in a mail of
// their own; who is named twice gets one.
func TestAnEndpointsOwnAddresses(t *testing.T) {
	server := startMailServer(t, nil)
	endpoint := &triggers.Endpoint{ID: "ep_1", Name: "W", System: "superoffice", Settings: map[string]string{"errors_email": "crm@example.com, OPERATOR@example.com"}}
	s, _ := mailing(t, server.way("operator@example.com"), endpoint)
	s.Tell(warning())
	for _, want := range []string{"<operator@example.com>", "<crm@example.com>"} {
		if mail := next(t, server); !strings.Contains(mail.to, want) || strings.Count(mail.to, "@") != 1 {
			t.Errorf("to %q, want %s alone", mail.to, want)
		}
	}
	back := warning()
	back.State = dispatcher.StateActive
	s.Tell(back)
	off := warning()
	off.State = dispatcher.StateDisabled
	s.Tell(off)
	for _, want := range []string{"enabled again", "disabled", "disabled"} {
		if mail := next(t, server); !strings.Contains(mail.subject(t), want) {
			t.Errorf("subject %q, want %q", mail.subject(t), want)
		}
	}
}

// Whoever names an endpoint, or answers as its receiver, writes into the mail,
// and never into its headers.
func TestStrangersWriteNoHeaders(t *testing.T) {
	server := startMailServer(t, nil)
	const evil = "W\r\nBcc: victim@example.com\r\n\r\nEvil\u2028text é"
	s, _ := mailing(t, server.way("operator@example.com"), &triggers.Endpoint{ID: "ep_1", Name: evil, System: "superoffice"})
	change := warning()
	change.Reason = "the receiver said:\r\n.\r\nMAIL FROM:<x@example.com>\r\n" + strings.Repeat("long ", 1000)
	s.Tell(change)
	mail := next(t, server)
	if len(mail.header["Bcc"]) > 0 || strings.Count(mail.to, "@") != 1 {
		t.Errorf("%+v", mail)
	}
	if got := mail.subject(t); !strings.Contains(got, "Bcc: victim@example.com Evil text é") || strings.ContainsAny(got, "\r\n") {
		t.Errorf("subject %q", got)
	}
	body := mail.body(t)
	if strings.Contains(body, "\n.\r\n") || strings.Contains(body, "\nMAIL") || len(body) > 2000 {
		t.Errorf("body\n%s", body)
	}
}

func TestMailIsTriedAgain(t *testing.T) {
	var tries atomic.Int64
	server := startMailServer(t, func(s *mailServer) {
		s.reject = func(string) string {
			if tries.Add(1) <= 2 { // reject is asked twice for each RCPT that it refuses
				return "451 try again later"
			}
			return ""
		}
	})
	s, log := mailing(t, server.way("operator@example.com"), nil, time.Millisecond, time.Millisecond)
	s.Tell(warning())
	if mail := next(t, server); mail.header.Get("Message-Id") == "" {
		t.Errorf("%+v", mail.header)
	}
	if log.String() != "" {
		t.Error(log)
	}
}

// What the server refuses for good is not tried again; the log says so, and
// holds no password although the server repeats it. The next mail goes out.
func TestMailThatIsRefused(t *testing.T) {
	var tries atomic.Int64
	server := startMailServer(t, func(s *mailServer) {
		s.reject = func(to string) string {
			if strings.Contains(to, "nobody") {
				tries.Add(1)
				return "550 5.1.1 nobody with pass-5ac1e here"
			}
			return ""
		}
	})
	s, log := mailing(t, server.way("nobody@example.com", "operator@example.com"), nil, time.Millisecond, time.Millisecond)
	s.Tell(warning())
	next(t, server)
	s.Tell(warning())
	next(t, server)
	if n := tries.Load(); n != 4 { // two for each of two alerts
		t.Errorf("asked %d times", n)
	}
	if text := log.String(); !strings.Contains(text, "an alert failed") || strings.Contains(text, "pass-5ac1e") {
		t.Error(text)
	}
}

// Where encryption was asked for and cannot be had, nothing is sent and no
// password shown.
func TestNoMailWithoutTheEncryptionThatWasAskedFor(t *testing.T) {
	server := startMailServer(t, nil)
	m := server.way("operator@example.com")
	m.Roots = nil // nobody knows the server's authority
	s, log := mailing(t, m, nil)
	s.Tell(warning())
	log.await(t, "an alert failed")
	server.mu.Lock()
	defer server.mu.Unlock()
	if server.auth != "" || len(server.mails) > 0 {
		t.Errorf("it signed in as %q", server.auth)
	}
}

// A server that does not greet holds up nobody who tells.
func TestNobodyWaitsForMail(t *testing.T) {
	release := make(chan struct{})
	server := startMailServer(t, func(s *mailServer) { s.hello = func() { <-release } })
	s, log := mailing(t, server.way("operator@example.com"), nil)
	for range waiting + 1 {
		s.Tell(warning())
	}
	if !strings.Contains(log.String(), "an alert was dropped") {
		t.Error("none was dropped, and there is no room for all")
	}
	close(release)
	next(t, server)
}
