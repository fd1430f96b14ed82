package signing

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Cause names, in one word, why a signature does not verify.
type Cause string

// The causes that the doctor tells apart.
const (
	CauseNone             Cause = ""                   // it verifies
	CauseUnknownScheme    Cause = "unknown_scheme"     // no scheme is named or recognised
	CauseMissingHeader    Cause = "missing_header"     // a header of the scheme is not there
	CauseMalformedHeader  Cause = "malformed_header"   // a header has not the scheme's form
	CauseEncoding         Cause = "encoding"           // hexadecimal where base64 belongs, or the reverse
	CauseAlgorithm        Cause = "algorithm"          // another hash than SHA-256
	CauseOtherScheme      Cause = "other_scheme"       // signed, rightly, by another scheme
	CauseNoSecret         Cause = "no_secret"          // there is nothing to verify with
	CauseWrongSecret      Cause = "wrong_secret"       // no secret given fits
	CauseSecretNotDecoded Cause = "secret_not_decoded" // characters used where the decoded bytes are the key
	CauseSecretDecoded    Cause = "secret_decoded"     // decoded bytes used where the characters are the key
	CauseSecretPrefix     Cause = "secret_prefix"      // a label such as v1, or whsec_ too many or too few
	CauseSecretSpace      Cause = "secret_space"       // white space or quotes around the secret
	CauseClockSkew        Cause = "clock_skew"         // right, but too old or from the future
	CauseOtherID          Cause = "other_id"           // signed with another id than the header has
	CauseOtherTimestamp   Cause = "other_timestamp"    // signed with another timestamp than the header has
	CauseReserialized     Cause = "reserialized_json"  // the JSON was parsed and written anew
	CauseTrailingNewline  Cause = "trailing_newline"   // a newline at the end was added or lost
	CauseLineEndings      Cause = "line_endings"       // CRLF for LF, or the reverse
	CauseCharset          Cause = "charset"            // the text was converted, or has a byte order mark more or less
	CauseTruncated        Cause = "truncated_body"     // the end of the body is missing
	CauseURLDecoded       Cause = "url_decoded"        // a form body was decoded or encoded anew
	CauseOtherBytes       Cause = "other_bytes"        // something else than the scheme's content was signed
)

// Capture is a request as it was received, with what it should be verified by.
type Capture struct {
	Scheme  string // empty: guessed from the headers
	Options Options
	Header  http.Header
	Body    []byte
	// Sent is the body as the sender has it, where that is known; the doctor
	// then says how Body differs from it.
	Sent    []byte
	Secrets []string
	// Now is when it was received; zero leaves timestamps unchecked.
	Now       time.Time
	Tolerance time.Duration // zero: DefaultTolerance
	// Computed is the signature that the receiver's own code worked out, if
	// known. The doctor then explains that value instead of the received one.
	Computed string
}

// Diagnosis is what the doctor found.
type Diagnosis struct {
	Verified    bool   `json:"verified"`
	Scheme      string `json:"scheme,omitempty"`
	Cause       Cause  `json:"cause,omitempty"`
	Explanation string `json:"explanation"`
	Advice      string `json:"advice,omitempty"`
	Steps       []Step `json:"steps"`
}

// Step is one step of a verification. No detail contains a secret.
type Step struct {
	Title  string `json:"title"`
	Detail string `json:"detail"`
	OK     bool   `json:"ok"`
}

// Diagnose verifies a captured request, and where that fails finds out what
// went wrong by trying the usual mistakes: whichever reproduces the received
// signature is the cause.
func Diagnose(capture Capture) Diagnosis {
	d := diagnose(capture)
	d.hide(capture.Secrets)
	return d
}

// hide masks the secrets, which a captured body or header may hold.
func (d *Diagnosis) hide(secrets []string) {
	d.Explanation, d.Advice = hidden(d.Explanation, secrets), hidden(d.Advice, secrets)
	for i := range d.Steps {
		d.Steps[i].Detail = hidden(d.Steps[i].Detail, secrets)
	}
}

// hidden masks secrets in a text, whole, without what is around them, and cut
// off by shorten.
func hidden(text string, secrets []string) string {
	for _, secret := range secrets {
		trimmed := strings.TrimSpace(secret)
		for _, form := range []string{secret, shown(secret), trimmed, shown(trimmed), strings.TrimPrefix(trimmed, "whsec_")} {
			if len(form) < minHidden {
				continue
			}
			text = strings.ReplaceAll(text, form, Mask(form))
			before, cut := strings.CutSuffix(text, "…")
			for end := min(len(form), len(before)); cut && end >= minHidden; end-- {
				if rest, found := strings.CutSuffix(before, form[:end]); found {
					text = rest + Mask(form) + "…"
					break
				}
			}
		}
	}
	return text
}

// minHidden is the length from which text is recognised as the secret; a
// shorter one would mask ordinary words.
const minHidden = 6

func diagnose(capture Capture) Diagnosis {
	var d Diagnosis
	name := capture.Scheme
	if name == "" {
		name = Guess(capture.Header, capture.Options)
	}
	scheme, ok := Lookup(name)
	if !ok || name == "" || name == None {
		d.conclude(finding{
			CauseUnknownScheme, "The request carries no signature header of a scheme that is known here, and none was named.",
			"Name the scheme, and check that the signature header reaches your code: proxies and frameworks drop headers that they do not know.",
		})
		d.step("Scheme", "none recognised in the headers", false)
		return d
	}
	d.Scheme = name
	if capture.Scheme == "" {
		d.step("Scheme", scheme.Describe().Title+", recognised by its headers", true)
	} else {
		d.step("Scheme", scheme.Describe().Title, true)
	}
	form := formOf(name, capture.Options)
	err := scheme.Verify(capture.Header, capture.Body, capture.Secrets, VerifyOptions{
		Options: capture.Options, Now: capture.Now, Tolerance: capture.Tolerance,
	})
	received, parseErr := form.read(capture.Header)
	d.showVerification(form, received, parseErr, capture, err)
	switch {
	case err == nil:
		d.Verified = true
		d.Explanation = "The signature is right: the body, the headers and the secret belong together."
	case errors.Is(err, ErrMissing):
		d.conclude(missing(err, capture, name))
	case errors.Is(err, ErrTimestamp):
		d.conclude(skewed(err, received, capture.Now))
	case len(capture.Secrets) == 0:
		d.conclude(finding{CauseNoSecret, "There is no secret to verify with.", "Give the endpoint's secret; it is shown once, when it is made."})
	default:
		d.conclude(search(form, received, capture, err))
	}
	if capture.Computed != "" && (d.Verified || d.Cause == CauseClockSkew) {
		d.compareComputed(form, received, capture)
	}
	return d
}

// finding is a cause with its sentences.
type finding struct {
	cause               Cause
	explanation, advice string
}

func (d *Diagnosis) conclude(f finding) {
	d.Cause, d.Explanation, d.Advice = f.cause, f.explanation, f.advice
}

// compareComputed explains the receiver's own result where the request itself
// is in order.
func (d *Diagnosis) compareComputed(form form, received received, capture Capture) {
	computed := form.decode(capture.Computed)
	if len(computed.sums) > 0 && form.matches(received.with(computed), capture) {
		d.step("Your result", "equal to the received signature", true)
		return
	}
	d.Verified = false
	d.step("Your result", shorten(capture.Computed)+" differs from the received signature", false)
	found := search(form, received.with(computed), capture, ErrMismatch)
	if found.cause == CauseWrongSecret {
		found.explanation = "The request is in order, but your code worked out another signature, and none of the usual mistakes explains it."
		found.advice = "Compare the steps above with your code one by one: the bytes that are signed, the key's bytes, the encoding."
	} else {
		found.explanation = "The request is in order; it is your code's result that differs. " + found.explanation
	}
	d.conclude(found)
}

func missing(err error, capture Capture, name string) finding {
	_, header, _ := strings.Cut(err.Error(), ": ")
	f := finding{
		cause:       CauseMissingHeader,
		explanation: fmt.Sprintf("The request has no header %s.", header),
		advice:      "Check that signing is switched on for the endpoint, and that no proxy or framework drops the header.",
	}
	if other := Guess(capture.Header, Options{}); other != "" && other != name {
		f.explanation += fmt.Sprintf(" It carries the header of the scheme %s.", other)
		f.advice = "Verify with the scheme that the endpoint signs by."
	}
	return f
}

func skewed(err error, received received, now time.Time) finding {
	f := finding{
		cause:       CauseClockSkew,
		explanation: "The signature is right, but its " + err.Error() + ".",
		advice:      "Set both clocks by NTP. A request that was captured earlier is always too old: verify it as of the time it arrived.",
	}
	if at, parseErr := parseUnix(received.seconds); parseErr == nil {
		off := now.Sub(at).Abs()
		if rest := off % (30 * time.Minute); off < 15*time.Hour && off >= 30*time.Minute && (rest < time.Minute || rest > 29*time.Minute) {
			f.advice = "The difference is close to whole hours or half hours: one side takes local time for UTC. Unix seconds have no time zone."
		}
	}
	return f
}
