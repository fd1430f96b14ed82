package sender

import (
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

// Limits of one exchange.
const (
	// DefaultTimeout is used where a Post names none.
	DefaultTimeout = 15 * time.Second
	// MaxBody is how much of a response body is read, in bytes. The
	// connection is closed where more would follow.
	MaxBody = 64 << 10
	// MaxHeader is how large a response's header may be, in bytes.
	MaxHeader = 64 << 10
	// MaxRetryAfter caps what a receiver may ask for.
	MaxRetryAfter = 24 * time.Hour
)

// Post is one request to send. Nothing in it is changed by sending it.
type Post struct {
	Method string // empty: POST
	URL    string // absolute, as CheckURL returns it
	// Header goes on the wire in the casing given, Content-Type and
	// User-Agent included. Names that belong to the connection (Host,
	// Content-Length, Connection and the like) are left out.
	Header []executionlog.Header
	Body   []byte
	// Timeout bounds the whole exchange, from resolving the name to the last
	// byte of the response. Zero: DefaultTimeout.
	Timeout time.Duration

	AllowHTTP   bool // permits a URL without TLS
	InsecureTLS bool // accepts any certificate

	// CA, Cert and Key are PEM: an additional certificate authority, and the
	// certificate with its key that the client shows.
	CA, Cert, Key string

	// Endpoint is the id of the endpoint. Connections of an endpoint with TLS
	// material of its own are never shared with another endpoint, and are
	// given up when the material changes.
	Endpoint string
}

// Exchange is what came of a Post.
type Exchange struct {
	Status         int // 0 without an answer
	ResponseHeader []executionlog.Header
	ResponseBody   []byte // at most MaxBody bytes
	Truncated      bool   // the body was longer

	Address    string // the resolved address with its port, if one was reached
	TLSVersion string // such as "TLS 1.3"; empty without TLS
	CertExpiry string // of the receiver's certificate, RFC 3339
	Timings    executionlog.Timings

	// RetryAfter is what the receiver asked for, at most MaxRetryAfter; 0 if
	// it did not ask.
	RetryAfter time.Duration

	Code  Code   // OK on success
	Error string // what happened, in words; empty on success
}
