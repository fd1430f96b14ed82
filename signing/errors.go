package signing

import "errors"

// Why a signature does not verify. Every error of Verify wraps one of these.
var (
	// ErrMissing: the request lacks a header of the scheme.
	ErrMissing = errors.New("signature header is missing")
	// ErrMalformed: a header is there, but has not the scheme's form.
	ErrMalformed = errors.New("signature header is malformed")
	// ErrMismatch: the signature was made with another key or over other bytes.
	ErrMismatch = errors.New("signature does not match")
	// ErrTimestamp: the signature is right, but too old or from the future.
	ErrTimestamp = errors.New("timestamp is outside the tolerance")
)

// errNoKey is returned by Sign without keys.
var errNoKey = errors.New("sign message: no secret is set")
