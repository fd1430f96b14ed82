package sender

// Code names what became of an exchange. The codes are published: they are
// stored in the execution log, filtered by, and documented, so that a name
// never changes its meaning.
type Code string

// OK is the code of success: the receiver answered with a status of 200 to 299.
const OK Code = ""

// The codes of failure.
const (
	InvalidURL           Code = "invalid_url"
	InvalidRequest       Code = "invalid_request"
	DNSNotFound          Code = "dns_not_found"
	DNSTimeout           Code = "dns_timeout"
	DNSFailed            Code = "dns_failed"
	AddressRefused       Code = "address_refused"
	ConnectionRefused    Code = "connection_refused"
	ConnectionReset      Code = "connection_reset"
	HostUnreachable      Code = "host_unreachable"
	TLSExpired           Code = "tls_expired"
	TLSHostname          Code = "tls_hostname"
	TLSUnknownAuthority  Code = "tls_unknown_authority"
	TLSClientCertificate Code = "tls_client_certificate"
	TLSHandshake         Code = "tls_handshake"
	TimeoutConnect       Code = "timeout_connect"
	TimeoutTLS           Code = "timeout_tls"
	TimeoutHeaders       Code = "timeout_headers"
	TimeoutBody          Code = "timeout_body"
	TimeoutTotal         Code = "timeout_total"
	Redirect             Code = "redirect"
	HTTP4xx              Code = "http_4xx"
	HTTP5xx              Code = "http_5xx"
	Gone                 Code = "gone"
	Throttled            Code = "throttled"
	ResponseTooLarge     Code = "response_too_large"
	InvalidResponse      Code = "invalid_response"
	SigningFailed        Code = "signing_failed"
	BreakerOpen          Code = "breaker_open" // of what waits, without an attempt
	Cancelled            Code = "cancelled"
	Internal             Code = "internal"
)

type meaning struct {
	code          Code
	title, advice string
}

// meanings is the published taxonomy, in the order in which an exchange can
// fail.
var meanings = []meaning{
	{InvalidURL, "The URL cannot be posted to", "Correct the endpoint's URL: an absolute https URL without user name, at most 2 KiB."},
	{InvalidRequest, "The request cannot be sent", "Correct the endpoint's headers or TLS material; the error names which."},
	{SigningFailed, "The request could not be signed", "Rotate the endpoint's secret, and check that the server still has the key that secrets are encrypted with."},
	{BreakerOpen, "The endpoint is being spared", "It failed too often in a row. One attempt at a time tries whether the receiver is back; mend the receiver, or close the breaker by hand (on the page of the endpoint, or by close-breaker in the API)."},
	{DNSNotFound, "The host name does not exist", "Check the URL's spelling and that the name is published in DNS."},
	{DNSTimeout, "The host name was not resolved in time", "Check the name's DNS servers, and that this server reaches its own resolver."},
	{DNSFailed, "The host name could not be resolved", "The name's DNS servers answer with an error; ask whoever runs them."},
	{AddressRefused, "The address is not one to post to", "The host resolves to a private, local or reserved address. Use a public one, or have an administrator allow the network."},
	{ConnectionRefused, "The receiver does not listen", "Start the receiver, check the port in the URL and any firewall before it."},
	{ConnectionReset, "The receiver closed the connection", "It hung up without a whole answer: look into its log for a crash, and at proxies before it."},
	{HostUnreachable, "No route to the receiver", "Check the network between here and the receiver, and IPv6 if the host has such an address."},
	{TLSExpired, "The receiver's certificate is not valid now", "Renew the certificate, and check both clocks."},
	{TLSHostname, "The receiver's certificate is for another name", "Install a certificate that names the host in the URL."},
	{TLSUnknownAuthority, "The receiver's certificate is not trusted", "Install the whole chain with its intermediates, or give the endpoint the authority's certificate."},
	{TLSClientCertificate, "The receiver wants another client certificate", "Give the endpoint a client certificate and key that the receiver accepts."},
	{TLSHandshake, "No TLS connection came about", "Check that the port speaks TLS 1.2 or later."},
	{TimeoutConnect, "The receiver did not accept the connection in time", "Often a firewall that drops packets: check it and the port."},
	{TimeoutTLS, "The TLS handshake took too long", "The receiver accepts connections but does not go on: check its load, and that the port speaks TLS."},
	{TimeoutHeaders, "The receiver did not answer in time", "Answer first and work afterwards, or raise the endpoint's timeout."},
	{TimeoutBody, "The answer did not end in time", "End the response promptly; a short body or none is best."},
	{TimeoutTotal, "The request was not sent in time", "The receiver reads too slowly; check its load, or raise the endpoint's timeout."},
	{Redirect, "The receiver redirects", "Redirects are never followed. Put the final URL into the endpoint."},
	{Gone, "The receiver says the endpoint is gone (410)", "The endpoint gets nothing more until somebody enables it again."},
	{Throttled, "The receiver asks to slow down (429)", "Lower the endpoint's rate, or raise the receiver's limit."},
	{HTTP4xx, "The receiver refuses the request", "Look at the response: often a wrong path, credential or signature."},
	{HTTP5xx, "The receiver failed", "Look into the receiver's log for the time of the attempt."},
	{ResponseTooLarge, "The response header is too large", "Send less than 64 KiB of header; cookies are the usual cause."},
	{InvalidResponse, "The answer is not valid HTTP", "Check that the port belongs to a web server."},
	{Cancelled, "The attempt was stopped", "The server shut down or the attempt's lease ended; the delivery is tried again."},
	{Internal, "hookdesk failed", "This is a fault on this side; its log at the time of the attempt says more."},
}

// Codes lists every code of failure, in the order in which an exchange can
// meet them.
func Codes() []Code {
	codes := make([]Code, len(meanings))
	for i, m := range meanings {
		codes[i] = m.code
	}
	return codes
}

// Describe returns a code's title and one line of advice for whoever mends
// it. Both are empty for OK; a code that is not published describes itself as
// unknown.
func Describe(code Code) (title, advice string) {
	if code == OK {
		return "", ""
	}
	for _, m := range meanings {
		if m.code == code {
			return m.title, m.advice
		}
	}
	return "Unknown error", "This version does not know the code; a newer one wrote it."
}

// Classify returns the code for a final HTTP status.
func Classify(status int) Code {
	switch {
	case status >= 200 && status <= 299:
		return OK
	case status >= 300 && status <= 399:
		return Redirect
	case status == 410:
		return Gone
	case status == 429:
		return Throttled
	case status >= 400 && status <= 499:
		return HTTP4xx
	case status >= 500 && status <= 599:
		return HTTP5xx
	default:
		return InvalidResponse
	}
}
