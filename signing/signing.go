// Package signing signs webhook requests and verifies them: each scheme's Sign
// stands beside its Verify, with the test vectors its authors publish.
//
// Around the schemes stand the Keyring, which encrypts the secrets that are
// kept, and Diagnose, which finds out why a signature does not verify.
//
// A further scheme is one file, a line in the list of registry.go, and its
// parts in formOf, by which the doctor takes it to pieces.
package signing

import (
	"net/http"
	"time"
)

// Message is what a scheme signs.
type Message struct {
	ID        string    // the event id, the same for every attempt
	Timestamp time.Time // of the attempt
	Body      []byte    // the exact bytes sent
}

// Header is one header line, in the casing that goes on the wire.
type Header struct{ Name, Value string }

// Options choose what a scheme leaves to its user.
type Options struct {
	Header string // the header's name, for schemes whose header the user chooses
}

// Scheme is one way to sign.
type Scheme interface {
	// Describe returns the scheme's data sheet.
	Describe() Description
	// Sign returns the headers for message, signed with every key: newest
	// first, at least one. An error means that a key is no secret of the
	// scheme; it never contains the key.
	Sign(message Message, keys []string, options Options) ([]Header, error)
	// Verify checks a received request against the keys. It returns nil when
	// one of them made the signature. An error wraps ErrMissing, ErrMalformed,
	// ErrMismatch or ErrTimestamp.
	Verify(header http.Header, body []byte, keys []string, options VerifyOptions) error
	// CheckSecret returns an error that says what is wrong with a secret
	// chosen by the user, without repeating it.
	CheckSecret(secret string) error
	// NewSecret makes a random secret.
	NewSecret() string
}

// VerifyOptions say how strictly to verify.
type VerifyOptions struct {
	Options
	Now       time.Time     // zero: timestamps are not checked
	Tolerance time.Duration // zero: the scheme's own, usually five minutes
}

// Description is a scheme's data sheet.
type Description struct {
	Name         string   `json:"name"`
	Title        string   `json:"title"`
	Text         string   `json:"text"`          // what is signed and how, for readers of the docs
	Source       string   `json:"source"`        // where this is specified
	Headers      []string `json:"headers"`       // the headers it writes
	CustomHeader bool     `json:"custom_header"` // whether the user chooses the header
	Secret       string   `json:"secret"`        // the form of a secret, in words; empty: it has none
}
