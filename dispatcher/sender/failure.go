package sender

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// failure is an error of the transport with what is known around it. Its
// sentences are made here rather than taken from the error: errors quote what
// a stranger sent, who may echo a token or a signature.
type failure struct {
	err     error
	stage   stage
	post    *Post
	host    string
	timeout time.Duration // of the post
	options *Options
}

var during = map[stage]string{
	stageStart:   "before it began",
	stageDNS:     "while the host name was resolved",
	stageConnect: "while connecting",
	stageTLS:     "during the TLS handshake",
	stageWrite:   "while the request was sent",
	stageHeaders: "while waiting for the answer",
	stageBody:    "while the answer was read",
}

// deadline is the failure of an exchange whose whole time is over.
func (f failure) deadline() (Code, string) { return f.late(f.timeout) }

// late names the stage in which the time was over. Like the other failures of
// the network, the sentence begins with the words that people search the log
// for, because every other program says them.
func (f failure) late(after time.Duration) (Code, string) {
	within := after.String()
	switch f.stage {
	case stageDNS:
		return DNSTimeout, fmt.Sprintf("timeout: %s was not resolved within %s", f.host, within)
	case stageConnect:
		return TimeoutConnect, fmt.Sprintf("timeout: no connection to %s within %s", f.host, within)
	case stageTLS:
		return TimeoutTLS, fmt.Sprintf("timeout: the TLS handshake with %s was not done within %s", f.host, within)
	case stageHeaders:
		return TimeoutHeaders, fmt.Sprintf("timeout: no answer from %s within %s", f.host, within)
	case stageBody:
		return TimeoutBody, fmt.Sprintf("timeout: the answer of %s did not end within %s", f.host, within)
	default:
		return TimeoutTotal, fmt.Sprintf("timeout: the request was not sent to %s within %s", f.host, within)
	}
}

// classify turns an error of the transport into a code and a sentence.
func (f failure) classify() (Code, string) {
	if refused, ok := errors.AsType[*addressError](f.err); ok {
		return AddressRefused, f.refused(refused)
	}
	for _, classify := range []func(failure) (Code, string){
		failure.dns, failure.certificate, failure.tls, failure.network, failure.http,
	} {
		if code, text := classify(f); code != OK {
			return code, text
		}
	}
	if f.stage == stageStart || f.stage == stageWrite {
		return Internal, "the request could not be sent"
	}
	return InvalidResponse, fmt.Sprintf("the answer of %s is not valid HTTP", f.host)
}

// refused names the host as well where it is a name: the log is searched for
// what stands in the endpoint's URL.
func (f failure) refused(by *addressError) string {
	if f.host == by.address || strings.HasPrefix(by.address, f.host+":") || strings.HasPrefix(by.address, "["+f.host+"]:") {
		return "address refused: " + by.Error()
	}
	return fmt.Sprintf("address refused: %s leads to %s, which is %s", f.host, by.address, by.reason)
}

func (f failure) dns() (Code, string) {
	var failed *net.DNSError
	if !errors.As(f.err, &failed) {
		return OK, ""
	}
	switch {
	case failed.IsNotFound:
		return DNSNotFound, fmt.Sprintf("no such host: there is none named %s", f.host)
	case failed.IsTimeout:
		return DNSTimeout, fmt.Sprintf("timeout: %s was not resolved in time", f.host)
	default:
		return DNSFailed, fmt.Sprintf("%s could not be resolved", f.host)
	}
}

// unusable says why a certificate is refused that is neither expired nor from
// an unknown authority.
var unusable = map[x509.InvalidReason]string{
	x509.NotAuthorizedToSign:           "it was issued by a certificate that may not issue others",
	x509.CANotAuthorizedForThisName:    "its authority may not issue certificates for this name",
	x509.TooManyIntermediates:          "its chain has too many intermediates",
	x509.IncompatibleUsage:             "it is not meant for servers (extended key usage)",
	x509.NameMismatch:                  "its issuer is not the certificate sent behind it",
	x509.UnconstrainedName:             "its authority may not issue certificates for this name",
	x509.TooManyConstraints:            "its chain has too many name constraints",
	x509.CANotAuthorizedForExtKeyUsage: "its authority may not issue certificates for servers",
}

// certificate covers a receiver's certificate that was not accepted.
func (f failure) certificate() (Code, string) {
	var (
		invalid   x509.CertificateInvalidError
		hostname  x509.HostnameError
		authority x509.UnknownAuthorityError
		rejected  *tls.CertificateVerificationError
	)
	switch {
	case errors.As(f.err, &invalid) && invalid.Reason == x509.Expired:
		return TLSExpired, fmt.Sprintf("certificate expired or not yet valid: that of %s is valid from %s to %s",
			f.host, invalid.Cert.NotBefore.UTC().Format(time.RFC3339), invalid.Cert.NotAfter.UTC().Format(time.RFC3339))
	case errors.As(f.err, &hostname):
		return TLSHostname, fmt.Sprintf("the certificate is not for %s", f.host)
	case errors.As(f.err, &authority):
		return TLSUnknownAuthority, fmt.Sprintf("the certificate of %s is signed by an unknown authority", f.host)
	case errors.As(f.err, &invalid) && unusable[invalid.Reason] != "":
		return TLSHandshake, fmt.Sprintf("the certificate of %s cannot be used: %s", f.host, unusable[invalid.Reason])
	case errors.As(f.err, &rejected):
		return TLSHandshake, fmt.Sprintf("the certificate of %s cannot be used", f.host)
	}
	return OK, ""
}

// tls covers everything else of the handshake, and the alert that a receiver
// sends about the client's certificate, which TLS 1.3 delivers later.
func (f failure) tls() (Code, string) {
	var (
		operation *net.OpError
		record    tls.RecordHeaderError
		text      = f.err.Error()
	)
	if errors.As(f.err, &operation) && operation.Op == "remote error" {
		alert := operation.Err.Error()
		if _, asked := errors.AsType[*askedError](f.err); asked && strings.Contains(alert, "handshake failure") {
			return TLSClientCertificate, fmt.Sprintf("%s asked for a client certificate and ended the TLS handshake (%s)", f.host, alert)
		}
		if strings.Contains(alert, "certificate") || strings.Contains(alert, "unknown certificate authority") {
			return TLSClientCertificate, fmt.Sprintf("%s does not accept the client certificate (%s)", f.host, alert)
		}
		return TLSHandshake, fmt.Sprintf("%s ended the TLS handshake (%s)", f.host, alert)
	}
	switch {
	case errors.As(f.err, &record):
		return TLSHandshake, fmt.Sprintf("%s does not speak TLS on this port", f.host)
	case errors.Is(f.err, context.DeadlineExceeded) && f.stage == stageTLS:
		return f.late(f.options.TLSTimeout)
	case strings.Contains(text, "tls: ") && f.stage <= stageTLS:
		return TLSHandshake, fmt.Sprintf("no TLS connection with %s", f.host)
	}
	return OK, ""
}

func (f failure) network() (Code, string) {
	var timeout net.Error
	switch {
	case errors.Is(f.err, syscall.ECONNREFUSED):
		return ConnectionRefused, fmt.Sprintf("connection refused: nothing listens on this port of %s", f.host)
	case errors.Is(f.err, syscall.EHOSTUNREACH), errors.Is(f.err, syscall.ENETUNREACH), errors.Is(f.err, syscall.EADDRNOTAVAIL):
		return HostUnreachable, fmt.Sprintf("there is no route to %s", f.host)
	case errors.Is(f.err, syscall.EMFILE), errors.Is(f.err, syscall.ENFILE):
		return Internal, "this server has no file descriptor left for a connection"
	case errors.As(f.err, &timeout) && timeout.Timeout():
		return f.late(f.options.ConnectTimeout)
	case f.hungUp():
		return ConnectionReset, fmt.Sprintf("connection reset: %s closed it %s", f.host, during[f.stage])
	}
	return OK, ""
}

func (f failure) hungUp() bool {
	return errors.Is(f.err, syscall.ECONNRESET) || errors.Is(f.err, syscall.EPIPE) ||
		errors.Is(f.err, io.EOF) || errors.Is(f.err, io.ErrUnexpectedEOF) ||
		strings.Contains(f.err.Error(), "server closed idle connection")
}

// http covers what net/http finds wrong; it has no error values for it.
func (f failure) http() (Code, string) {
	text := f.err.Error()
	switch {
	case strings.Contains(text, "response headers exceeded"), strings.Contains(text, "too many 1xx"):
		return ResponseTooLarge, fmt.Sprintf("the header of the answer of %s is larger than %d bytes", f.host, MaxHeader)
	case strings.Contains(text, "invalid header field name"):
		return InvalidRequest, "a header of the request has a name that HTTP does not allow"
	case strings.Contains(text, "invalid header field value"):
		return InvalidRequest, "a header of the request has a value that HTTP does not allow"
	case strings.Contains(text, "invalid method"):
		return InvalidRequest, "the request's method is none of HTTP"
	case strings.Contains(text, "unsupported protocol scheme"):
		return InvalidURL, "the URL must begin with https:// or http://"
	}
	return OK, ""
}

// statusText says in words why an answer is a failure; empty on success.
func statusText(exchange *Exchange, location string) string {
	if exchange.Code == OK {
		return ""
	}
	text := strconv.Itoa(exchange.Status)
	if name := http.StatusText(exchange.Status); name != "" {
		text += " " + name
	}
	switch exchange.Code {
	case Redirect:
		return "the receiver answered " + text + redirectTarget(location) + "; redirects are not followed"
	case Gone:
		return "the receiver answered " + text + ": it wants no more webhooks"
	case InvalidResponse:
		return "the receiver answered with the status " + text + ", which is no final answer"
	default:
		return "the receiver answered " + text
	}
}

// redirectTarget names the host of a Location, and nothing else of it: the
// rest may hold a token.
func redirectTarget(location string) string {
	if parsed, err := url.Parse(location); err == nil && parsed.Hostname() != "" && len(parsed.Hostname()) <= 253 {
		return " and points to " + parsed.Hostname()
	}
	return ""
}

// secured notes the TLS connection of an answer.
func (e *Exchange) secured(state *tls.ConnectionState) {
	if state == nil {
		return
	}
	e.TLSVersion = tls.VersionName(state.Version)
	if len(state.PeerCertificates) > 0 {
		e.CertExpiry = state.PeerCertificates[0].NotAfter.UTC().Format(time.RFC3339)
	}
}

// certificate notes the expiry of a certificate that was not accepted.
func (e *Exchange) certificate(err error) {
	var rejected *tls.CertificateVerificationError
	if errors.As(err, &rejected) && len(rejected.UnverifiedCertificates) > 0 {
		e.CertExpiry = rejected.UnverifiedCertificates[0].NotAfter.UTC().Format(time.RFC3339)
	}
}

// retryAfter reads a Retry-After header: seconds, or a date. What it does not
// understand, and what lies in the past, is 0.
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0
	}
	if strings.Trim(value, "0123456789") == "" {
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || seconds > int64(MaxRetryAfter/time.Second) {
			return MaxRetryAfter
		}
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(0, at.Sub(now)), MaxRetryAfter)
}
