// Package receiver is a receiver of webhooks as somebody would write one:
// it verifies what it gets, answers as told, and reports every request. The
// command listen and the demonstration use it.
package receiver

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/hookdesk/hookdesk/signing"
)

// MaxBody is the largest body that a Receiver reads, in bytes.
const MaxBody = 32 << 20

// Options say what a Receiver expects and how it answers.
type Options struct {
	Guide *Guide
	// System names the system of what arrives; empty: guessed.
	System string
	// Scheme verifies what arrives; nil: the one whose headers are there.
	Scheme signing.Scheme
	// Schemes are those to guess from.
	Schemes []signing.Scheme
	// Header is the header's name for schemes whose user chooses it.
	Header string
	// Keys are the secrets that may have signed; none: nothing is verified.
	Keys []string
	// Token is what a handshake's verifyToken must be; empty: any.
	Token string

	Status    int           // of the answer; 0 is 200
	Delay     time.Duration // before the answer
	Drop      bool          // closes the connection without an answer
	FailFirst int           // answers so many requests with FailWith
	FailWith  int           // 0 is 503
	// Refuse says whether to refuse a request, beside FailFirst; nil: none.
	Refuse func(*Received) bool

	Now    func() time.Time // time.Now if nil
	Report func(*Received)  // called once for each request, when it is answered
}

// Receiver is an http.Handler that takes webhooks.
type Receiver struct {
	options Options

	mu   sync.Mutex
	seen int
}

// Verdict says what became of a signature.
type Verdict string

// The verdicts on a signature.
const (
	Verified  Verdict = "verified"
	Unsigned  Verdict = "unsigned"  // there is none
	Unchecked Verdict = "unchecked" // no secret to check it with
	Wrong     Verdict = "wrong"
)

// Received is one request and what was made of it.
type Received struct {
	Number  int // from 1
	At      time.Time
	Method  string
	URL     string
	Header  http.Header
	Body    []byte
	System  string // empty where it is not known
	Event   string
	Ticket  string
	Scheme  string
	Verdict Verdict
	Cause   string // why the signature is wrong
	Note    string // such as that it was a handshake
	Status  int    // answered; 0: dropped
	Took    time.Duration
}

// New returns a Receiver.
func New(options Options) *Receiver {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Status == 0 {
		options.Status = http.StatusOK
	}
	if options.FailWith == 0 {
		options.FailWith = http.StatusServiceUnavailable
	}
	if options.Report == nil {
		options.Report = func(*Received) {}
	}
	return &Receiver{options: options}
}

// ServeHTTP takes one request.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	started := r.options.Now()
	body, err := io.ReadAll(http.MaxBytesReader(w, request.Body, MaxBody))
	if err != nil {
		r.options.Report(&Received{
			At: started, Method: request.Method, URL: redact(request.URL), Header: request.Header.Clone(), System: r.options.System,
			Verdict: Unchecked, Note: "its body is too large, or was cut off", Status: http.StatusRequestEntityTooLarge,
		})
		http.Error(w, "body too large or cut off", http.StatusRequestEntityTooLarge)
		return
	}
	if challenge := request.URL.Query().Get("challenge"); request.Method == http.MethodGet && challenge != "" {
		r.shake(w, request, challenge, started)
		return
	}
	got := r.examine(request, body)
	got.At = started
	status, drop := r.answer(got)
	if r.options.Delay > 0 {
		select {
		case <-time.After(r.options.Delay):
		case <-request.Context().Done():
		}
	}
	got.Took = r.options.Now().Sub(started)
	if drop {
		got.Note = "dropped without an answer"
		r.options.Report(got)
		panic(http.ErrAbortHandler)
	}
	got.Status = status
	// Reported first, so that whoever waits for the answer finds the report.
	r.options.Report(got)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	if status/100 == 2 {
		_, _ = io.WriteString(w, "ok\n")
	} else {
		_, _ = fmt.Fprintf(w, "the receiver was told to answer %d\n", status)
	}
}

// answer decides the status and whether the connection is dropped.
func (r *Receiver) answer(got *Received) (status int, drop bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen++
	got.Number = r.seen
	switch {
	case r.options.Drop:
		return 0, true
	case r.seen <= r.options.FailFirst:
		got.Note = fmt.Sprintf("refusal %d of %d", r.seen, r.options.FailFirst)
		return r.options.FailWith, false
	case r.options.Refuse != nil && r.options.Refuse(got):
		got.Note = "refused on purpose"
		return r.options.FailWith, false
	default:
		return r.options.Status, false
	}
}

// shake answers the handshake by which a vendor tries an endpoint.
func (r *Receiver) shake(w http.ResponseWriter, request *http.Request, challenge string, started time.Time) {
	got := &Received{
		At: started, Method: request.Method, URL: redact(request.URL), Header: request.Header,
		System: r.options.System, Verdict: Unsigned, Note: "handshake", Status: http.StatusOK,
	}
	if r.options.Token != "" && request.URL.Query().Get("verifyToken") != r.options.Token {
		got.Status, got.Verdict, got.Cause = http.StatusForbidden, Wrong, "verifyToken is another"
		r.options.Report(got)
		http.Error(w, "verifyToken is another", http.StatusForbidden)
		return
	}
	r.options.Report(got)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, strings.Map(onlyDigits, challenge))
}

func onlyDigits(r rune) rune {
	if r >= '0' && r <= '9' || r == '-' {
		return r
	}
	return -1
}

// examine says what a request is and whether its signature holds.
func (r *Receiver) examine(request *http.Request, body []byte) *Received {
	got := &Received{
		Method: request.Method, URL: redact(request.URL), Header: request.Header.Clone(), Body: body,
	}
	hit := r.options.Guide.Guess(request.Header, body, r.options.System)
	got.System, got.Event, got.Ticket = hit.System, hit.Event, hit.Ticket
	schemes := []signing.Scheme{r.options.Scheme}
	if r.options.Scheme == nil {
		schemes = GuessSchemes(r.options.Schemes, request.Header, hit.Signing)
	}
	r.verify(got, schemes)
	return got
}

// verify checks the signature with each of the schemes that could have made
// it; the first one speaks where none holds.
func (r *Receiver) verify(got *Received, schemes []signing.Scheme) {
	if len(schemes) == 0 {
		got.Verdict = Unsigned
		return
	}
	got.Scheme = schemes[0].Describe().Name
	if len(r.options.Keys) == 0 {
		got.Verdict = Unchecked
		return
	}
	for i, scheme := range schemes {
		err := scheme.Verify(got.Header, got.Body, r.options.Keys, signing.VerifyOptions{
			Options: signing.Options{Header: r.options.Header}, Now: r.options.Now(),
		})
		if err == nil {
			got.Scheme, got.Verdict, got.Cause = scheme.Describe().Name, Verified, ""
			return
		}
		if i == 0 {
			got.Verdict, got.Cause = Wrong, err.Error()
			if errors.Is(err, signing.ErrMissing) {
				got.Verdict = Unsigned
			}
		}
	}
}

// GuessSchemes returns the schemes all of whose headers a request has, the
// one named prefer first. Schemes whose user chooses the header, and the one
// that does not sign, cannot be guessed.
func GuessSchemes(schemes []signing.Scheme, header http.Header, prefer string) []signing.Scheme {
	var found []signing.Scheme
	for _, scheme := range schemes {
		sheet := scheme.Describe()
		if sheet.CustomHeader || len(sheet.Headers) == 0 || !hasAll(header, sheet.Headers) {
			continue
		}
		if sheet.Name == prefer {
			found = append([]signing.Scheme{scheme}, found...)
		} else {
			found = append(found, scheme)
		}
	}
	return found
}

func hasAll(header http.Header, names []string) bool {
	for _, name := range names {
		if header.Get(name) == "" {
			return false
		}
	}
	return true
}

// redact returns path and query as received; values of the query may be
// tokens, of which only the beginning is shown.
func redact(u *url.URL) string {
	if u.RawQuery == "" {
		return u.Path
	}
	query := u.Query()
	for _, values := range query {
		for i, v := range values {
			if len(v) > 3 {
				values[i] = v[:3] + "…"
			}
		}
	}
	text, err := url.QueryUnescape(query.Encode())
	if err != nil {
		return u.Path
	}
	return u.Path + "?" + text
}
