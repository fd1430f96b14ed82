package signing

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
)

func (d *Diagnosis) step(title, detail string, ok bool) {
	d.Steps = append(d.Steps, Step{title, detail, ok})
}

// showVerification notes the steps by which the received request is verified.
func (d *Diagnosis) showVerification(form form, received received, parseErr error, capture Capture, err error) {
	if errors.Is(parseErr, ErrMissing) {
		d.step("Headers", parseErr.Error(), false)
		return
	}
	d.step("Headers", form.header+": "+shorten(received.raw), !errors.Is(err, ErrMalformed))
	c := content{received.id, received.seconds, capture.Body}
	d.Steps = append(d.Steps, form.contentSteps(c)...)
	if len(capture.Secrets) == 0 {
		d.step("Key", "no secret was given", false)
		return
	}
	matched := false
	for _, secret := range capture.Secrets {
		key, keyErr := form.key(secret)
		if keyErr != nil {
			d.step("Key", Mask(secret)+": "+keyErr.Error(), false)
			continue
		}
		d.step("Key", form.keyWords(secret, key), true)
		ok := form.signs(received.sums, key, form.bytes(c))
		matched = matched || ok
		if !form.asymmetric {
			d.step("Expected signature", form.encode(mac(key, form.bytes(c))), ok)
		}
	}
	if matched {
		d.step("Comparison", "a received signature is equal", !errors.Is(err, ErrMalformed))
	} else {
		d.step("Comparison", "no received signature is equal: "+shorten(received.raw), false)
	}
	if at, timeErr := parseUnix(received.seconds); form.hasTime && timeErr == nil {
		d.timeStep(at, capture)
	}
}

func (d *Diagnosis) timeStep(at time.Time, capture Capture) {
	detail := at.UTC().Format(time.RFC3339)
	if capture.Now.IsZero() {
		d.step("Timestamp", detail+", not checked", true)
		return
	}
	err := checkTime(at, VerifyOptions{Now: capture.Now, Tolerance: capture.Tolerance})
	if err == nil {
		d.step("Timestamp", detail+", within the tolerance", true)
	} else {
		d.step("Timestamp", detail+": "+err.Error(), false)
	}
}

// contentSteps say what is signed.
func (f form) contentSteps(c content) []Step {
	digest := sha256.Sum256(c.body)
	steps := []Step{{"Body", fmt.Sprintf("%d bytes, SHA-256 %x", len(c.body), digest), true}}
	message := f.bytes(c)
	return append(steps, Step{"Signed content", fmt.Sprintf("%s, %d bytes: %s", f.words(), len(message), shorten(string(message))), true})
}

// words name what the scheme signs.
func (f form) words() string {
	switch {
	case f.hasID:
		return "the id, a full stop, the timestamp, a full stop and the body"
	case f.hasTime:
		return "the timestamp, a full stop and the body"
	default:
		return "the body"
	}
}

func (f form) example() string {
	switch {
	case f.asymmetric:
		return "v1a,<base64 of 64 bytes>"
	case f.name == "agency":
		return "t=<Unix seconds>,s=<64 hexadecimal digits>"
	case f.hex:
		return f.prefix + "<64 hexadecimal digits>"
	default:
		return f.prefix + "<base64 of 32 bytes>"
	}
}

func (f form) keyWords(secret string, key []byte) string {
	switch {
	case f.asymmetric:
		return fmt.Sprintf("%s, an ed25519 key", Mask(secret))
	case f.decodesKey:
		return fmt.Sprintf("%s, decoded from base64 to %d bytes", Mask(secret), len(key))
	default:
		return fmt.Sprintf("%s, its %d bytes as they stand", Mask(secret), len(key))
	}
}

// Mask returns a form of a secret that may be shown: its label, if it has one
// of the known, and dots.
func Mask(secret string) string {
	for _, label := range []string{"whsec_", "whsk_", "whpk_"} {
		if strings.HasPrefix(secret, label) {
			return label + "••••"
		}
	}
	return "••••"
}

// shorten makes a stranger's text fit for a line: printable, and not long.
func shorten(text string) string {
	const most = 160
	cut := len(text) > most
	if cut {
		text = text[:most]
	}
	text = shown(text)
	if cut {
		text += "…"
	}
	return text
}

// shown replaces what cannot be printed in a line.
func shown(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return '⏎'
		case !unicode.IsPrint(r) && r != ' ':
			return '·'
		}
		return r
	}, strings.ToValidUTF8(text, "·"))
}
