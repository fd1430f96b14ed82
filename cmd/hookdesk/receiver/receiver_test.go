package receiver

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/sample"
	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
	"github.com/hookdesk/hookdesk/signing"
)

var now = time.Date(2024, 5, 7, 11, 15, 58, 0, time.UTC)

// request makes the webhook that a system sends for an event.
func request(t *testing.T, spec sample.Spec) *http.Request {
	t.Helper()
	spec.Now = now
	body, header, err := sample.Make(spec)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/hook?token=abcdef", bytes.NewReader(body))
	for _, h := range header {
		r.Header.Set(h.Name, h.Value)
	}
	return r
}

// take lets a receiver take a request and returns what it reports.
func take(t *testing.T, receiver *Receiver, r *http.Request, reported *[]*Received) (*Received, *httptest.ResponseRecorder) {
	t.Helper()
	*reported = nil
	w := httptest.NewRecorder()
	receiver.ServeHTTP(w, r)
	if len(*reported) != 1 {
		t.Fatalf("%d reports of one request", len(*reported))
	}
	return (*reported)[0], w
}

func newReceiver(options Options) (*Receiver, *[]*Received) {
	reported := &[]*Received{}
	options.Guide = NewGuide(all.Registry())
	options.Schemes = signing.All()
	options.Now = func() time.Time { return now }
	options.Report = func(got *Received) { *reported = append(*reported, got) }
	return New(options), reported
}

// TestGuess lets every event and revision of every system be recognised.
func TestGuess(t *testing.T) {
	receiver, reported := newReceiver(Options{})
	for _, system := range all.Registry().All() {
		sheet := system.Sheet()
		for _, event := range sheet.Events {
			if event.Sample == nil {
				continue
			}
			for _, revision := range sheet.Revisions {
				spec := sample.Spec{System: system, Event: event.Name, Revision: revision.Name, Matched: event.SampleMatched}
				spec.Now = now
				if _, _, err := sample.Make(spec); err != nil {
					continue // an event that changes of tickets do not make
				}
				got, _ := take(t, receiver, request(t, spec), reported)
				if got.System != sheet.Name || got.Event != event.Name {
					t.Errorf("%s %s (%s) was taken for %s %s", sheet.Name, event.Name, revision.Name, got.System, got.Event)
				}
				if got.Verdict != Unsigned || got.Status != http.StatusOK {
					t.Errorf("%s %s: verdict %s, status %d", sheet.Name, event.Name, got.Verdict, got.Status)
				}
			}
		}
	}
}

func TestGuessTicket(t *testing.T) {
	receiver, reported := newReceiver(Options{})
	for _, c := range []struct{ system, event, ticket string }{
		{"faveo", "ticket_created", "HDSK-AAAA-0122"},
		{"faveo", "ticket_due_date_updated", "HDSK-AAAA-0122"},
		{"agency", "whitelabel-ticket-created", "fbaddbf8-e290-4fa4-a3ed-fbb4837dabe1"},
		{"superoffice", "ticket.created", "527331"},
		{"socialboards", "ticket_status_change", "4478963"},
	} {
		got, _ := take(t, receiver, request(t, sample.Spec{System: all.Registry().Lookup(c.system), Event: c.event}), reported)
		if got.Ticket != c.ticket {
			t.Errorf("%s %s: ticket %q, want %q", c.system, c.event, got.Ticket, c.ticket)
		}
	}
}

func TestUnknown(t *testing.T) {
	receiver, reported := newReceiver(Options{})
	for _, body := range []string{"", "null", "[1]", `{"a":1}`, "\xff", `{"Id":`} {
		got, _ := take(t, receiver, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)), reported)
		if got.System != "" || got.Event != "" || got.Verdict != Unsigned {
			t.Errorf("%q was taken for %s %s, %s", body, got.System, got.Event, got.Verdict)
		}
	}
}

// TestVerify signs with each scheme that can be guessed and verifies with the
// right key, a wrong one and none.
func TestVerify(t *testing.T) {
	system := all.Registry().Lookup("superoffice")
	for _, scheme := range signing.All() {
		sheet := scheme.Describe()
		if sheet.CustomHeader || len(sheet.Headers) == 0 {
			continue
		}
		right, wrong := scheme.NewSecret(), scheme.NewSecret()
		spec := sample.Spec{System: system, Event: "ticket.created", Scheme: scheme, Keys: []string{right}}
		for _, c := range []struct {
			name    string
			keys    []string
			verdict Verdict
		}{
			{"right", []string{wrong, right}, Verified},
			{"wrong", []string{wrong}, Wrong},
			{"none", nil, Unchecked},
		} {
			receiver, reported := newReceiver(Options{Keys: c.keys})
			got, _ := take(t, receiver, request(t, spec), reported)
			if got.Verdict != c.verdict {
				t.Errorf("%s with the %s key: %s (%s)", sheet.Name, c.name, got.Verdict, got.Cause)
			}
			if c.verdict == Verified && got.Scheme != sheet.Name {
				t.Errorf("%s was taken for %s", sheet.Name, got.Scheme)
			}
			if strings.Contains(got.Cause, right) || strings.Contains(got.Cause, wrong) {
				t.Errorf("%s: the cause repeats a secret", sheet.Name)
			}
		}
	}
}

// TestNamedScheme verifies a scheme that cannot be guessed.
func TestNamedScheme(t *testing.T) {
	for _, scheme := range signing.All() {
		if !scheme.Describe().CustomHeader {
			continue
		}
		secret := scheme.NewSecret()
		receiver, reported := newReceiver(Options{Scheme: scheme, Header: "X-Mine", Keys: []string{secret}})
		spec := sample.Spec{System: all.Registry().Lookup("faveo"), Event: "ticket_created", Scheme: scheme, Header: "X-Mine", Keys: []string{secret}}
		if got, _ := take(t, receiver, request(t, spec), reported); got.Verdict != Verified {
			t.Errorf("%s: %s (%s)", scheme.Describe().Name, got.Verdict, got.Cause)
		}
		spec.Scheme = nil
		if got, _ := take(t, receiver, request(t, spec), reported); got.Verdict != Unsigned {
			t.Errorf("%s: a request without a signature is %s", scheme.Describe().Name, got.Verdict)
		}
	}
}

func TestAnswers(t *testing.T) {
	post := func() *http.Request { return httptest.NewRequest(http.MethodPost, "/", strings.NewReader("{}")) }

	receiver, reported := newReceiver(Options{Status: http.StatusAccepted, FailFirst: 2, FailWith: http.StatusBadGateway})
	for i, want := range []int{http.StatusBadGateway, http.StatusBadGateway, http.StatusAccepted, http.StatusAccepted} {
		got, w := take(t, receiver, post(), reported)
		if w.Code != want || got.Status != want || got.Number != i+1 {
			t.Errorf("request %d: answered %d, reported %d as number %d; want %d", i+1, w.Code, got.Status, got.Number, want)
		}
	}

	receiver, reported = newReceiver(Options{Refuse: func(got *Received) bool { return got.Number == 2 }})
	for i, want := range []int{http.StatusOK, http.StatusServiceUnavailable, http.StatusOK} {
		if _, w := take(t, receiver, post(), reported); w.Code != want {
			t.Errorf("request %d: answered %d, want %d", i+1, w.Code, want)
		}
	}

	receiver, reported = newReceiver(Options{Drop: true})
	server := httptest.NewServer(receiver)
	if response, err := http.Post(server.URL, "application/json", strings.NewReader("{}")); err == nil {
		_ = response.Body.Close()
		t.Errorf("a dropped request was answered with %d", response.StatusCode)
	}
	server.Close()
	if len(*reported) == 0 || (*reported)[0].Status != 0 {
		t.Error("a dropped request is not reported as such")
	}
}

func TestHandshake(t *testing.T) {
	receiver, reported := newReceiver(Options{Token: "paws"})
	shake := func(query string) (*Received, *httptest.ResponseRecorder) {
		return take(t, receiver, httptest.NewRequest(http.MethodGet, "/hook?"+query, nil), reported)
	}
	if got, w := shake("challenge=12345&verifyToken=paws"); w.Code != http.StatusOK || w.Body.String() != "12345" || got.Note != "handshake" {
		t.Errorf("answered %d %q, reported %+v", w.Code, w.Body, got)
	}
	if got, w := shake("challenge=12345&verifyToken=claws"); w.Code != http.StatusForbidden || strings.Contains(w.Body.String(), "12345") || got.Verdict != Wrong {
		t.Errorf("a wrong token: answered %d %q, reported %s", w.Code, w.Body, got.Verdict)
	}
	if _, w := shake("challenge=<script>7</script>&verifyToken=paws"); w.Body.String() != "7" {
		t.Errorf("a challenge with markup is answered with %q", w.Body)
	}
}

// TestRedact looks for the values of a query, which may be tokens.
func TestRedact(t *testing.T) {
	receiver, reported := newReceiver(Options{})
	got, _ := take(t, receiver, request(t, sample.Spec{System: all.Registry().Lookup("faveo"), Event: "ticket_created"}), reported)
	if got.URL != "/hook?token=abc…" {
		t.Errorf("the URL is reported as %q", got.URL)
	}
}

func TestTooLarge(t *testing.T) {
	receiver, reported := newReceiver(Options{})
	got, w := take(t, receiver, httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(make([]byte, MaxBody+1))), reported)
	if w.Code != http.StatusRequestEntityTooLarge || got.Status != w.Code || !strings.Contains(got.Note, "too large") {
		t.Errorf("status %d, reported %+v", w.Code, got)
	}
}

func FuzzGuess(f *testing.F) {
	guide := NewGuide(all.Registry())
	f.Add("application/json", []byte(`{"TicketId":1,"Events":[]}`))
	f.Add("application/x-www-form-urlencoded", []byte("event=ticket_created&ticket%5Bticket_number%5D=7&a%5B%5D=1"))
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		guess := guide.Guess(http.Header{"Content-Type": {contentType}}, body, "")
		if guess.System != "" && all.Registry().Lookup(guess.System) == nil {
			t.Errorf("guessed a system that does not exist: %q", guess.System)
		}
		if guess.Event != "" {
			if _, ok := all.Registry().Lookup(guess.System).Sheet().Event(guess.Event); !ok {
				t.Errorf("guessed %q, which %s does not have", guess.Event, guess.System)
			}
		}
	})
}
