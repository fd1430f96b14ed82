package sender

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

// Options configure a Client.
type Options struct {
	// AllowLoopback lets requests go to this machine: development mode.
	AllowLoopback bool
	// AllowNetworks are networks that may be posted to although they are
	// private or reserved.
	AllowNetworks []netip.Prefix
	// AllowPorts are the only ports that may be posted to. nil allows any
	// port, which is what hookdesk does: receivers listen on all sorts.
	AllowPorts []uint16
	// UserAgent is sent where a Post has no User-Agent of its own.
	UserAgent string
	// ConnectTimeout bounds resolving and connecting together, TLSTimeout the
	// handshake; zero is 10 seconds. The timeout of a Post bounds all of it.
	ConnectTimeout time.Duration
	TLSTimeout     time.Duration

	Resolver *net.Resolver    // nil: the system's
	Now      func() time.Time // for Retry-After dates; nil: time.Now
}

// Client sends Posts. It is safe for concurrent use, and keeps connections
// open between exchanges.
type Client struct {
	options Options
	guard   guard
	pool    *pool
}

// New makes a Client. It ignores proxy variables of the environment: a proxy
// would resolve names itself, out of reach of the address check.
func New(options Options) *Client {
	if options.ConnectTimeout <= 0 {
		options.ConnectTimeout = 10 * time.Second
	}
	if options.TLSTimeout <= 0 {
		options.TLSTimeout = 10 * time.Second
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.UserAgent == "" {
		options.UserAgent = "hookdesk"
	}
	c := &Client{
		options: options,
		guard:   newGuard(options.AllowLoopback, options.AllowNetworks, options.AllowPorts),
	}
	dialer := &net.Dialer{
		Timeout:  options.ConnectTimeout,
		Resolver: options.Resolver,
		Control:  c.guard.control, // ControlContext must stay unset: it would replace Control
	}
	c.pool = newPool(dialer, options.TLSTimeout)
	return c
}

// RefusedHost is the function RefusedHost with what this Client allows.
func (c *Client) RefusedHost(host string) error { return c.guard.refused(host) }

// Close closes the idle connections and ends dialling. Exchanges that have
// their connection go on; the Client must not be used for others.
func (c *Client) Close() { c.pool.close() }

// Do carries out one exchange, within the post's timeout. It never returns
// nil; what went wrong is in the Exchange. When ctx ends first, the code is
// Cancelled.
func (c *Client) Do(ctx context.Context, post *Post) *Exchange {
	exchange := new(Exchange)
	if post == nil {
		return exchange.fail(Internal, "there was nothing to send")
	}
	if err := ctx.Err(); err != nil {
		return exchange.fail(Cancelled, "the attempt was stopped before it began")
	}
	request, err := c.request(post)
	if err != nil {
		return exchange.fail(InvalidURL, err.Error())
	}
	transport, err := c.pool.transport(post)
	if err != nil {
		return exchange.fail(InvalidRequest, err.Error())
	}
	timeout := post.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	trace := &trace{start: time.Now()}
	bounded, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	deadline, _ := bounded.Deadline()
	traced := httptrace.WithClientTrace(context.WithValue(bounded, deadlineKey{}, deadline), trace.hooks())
	request = request.WithContext(traced)

	response, err := transport.RoundTrip(request)
	if err == nil {
		trace.enter(stageBody)
		err = c.receive(exchange, response, cancel)
	}
	reached, address, timings := trace.finish()
	exchange.Address, exchange.Timings = address, timings
	failure := failure{err: err, stage: reached, post: post, host: request.URL.Hostname(), timeout: timeout, options: &c.options}
	switch {
	case err == nil || refuses(exchange.Status) && ctx.Err() == nil:
		exchange.Code = Classify(exchange.Status)
		exchange.Error = statusText(exchange, response.Header.Get("Location"))
		if err != nil {
			exchange.Error += " (the body behind it did not come whole)"
		}
	case ctx.Err() != nil || c.pool.closed.Err() != nil && errors.Is(err, context.Canceled):
		exchange.fail(Cancelled, "the attempt was stopped "+during[reached])
	case bounded.Err() != nil || !time.Now().Before(deadline):
		exchange.fail(failure.deadline())
	default:
		exchange.fail(failure.classify())
		exchange.certificate(err)
	}
	return exchange
}

// refuses says whether a status alone makes an attempt a failure: a receiver
// that answers 410 or 429 is believed even where the body behind it is cut
// off, drips past the deadline, or is not valid.
func refuses(status int) bool { return status >= 300 && status <= 599 }

func (e *Exchange) fail(code Code, text string) *Exchange {
	e.Code, e.Error = code, text
	return e
}

// request makes the HTTP request. Its errors are sentences about the URL.
func (c *Client) request(post *Post) (*http.Request, error) {
	parsed, err := parseURL(post.URL, post.AllowHTTP)
	if err != nil {
		return nil, err
	}
	if parsed.RawPath != "" {
		parsed.RawPath = exactPath(parsed.RawPath)
	}
	request := &http.Request{
		Method:        post.Method,
		URL:           parsed,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        make(http.Header, len(post.Header)+1),
		Host:          parsed.Host,
		ContentLength: int64(len(post.Body)),
		Body:          http.NoBody,
	}
	if request.Method == "" {
		request.Method = http.MethodPost
	}
	if len(post.Body) > 0 {
		request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(post.Body)), nil }
		request.Body, _ = request.GetBody()
	}
	userAgent := false
	for _, header := range post.Header {
		if slices.ContainsFunc(connectionHeaders, func(name string) bool { return strings.EqualFold(name, header.Name) }) {
			continue
		}
		// Not Set, which would change the casing of the name.
		request.Header[header.Name] = append(request.Header[header.Name], header.Value)
		userAgent = userAgent || strings.EqualFold(header.Name, "User-Agent")
	}
	if !userAgent {
		request.Header["User-Agent"] = []string{c.options.UserAgent}
	} else if request.Header["User-Agent"] == nil {
		// Written in another casing: keeps net/http from adding its own.
		request.Header["User-Agent"] = []string{}
	}
	return request, nil
}

// receive reads a response into the exchange. An error means that the
// response did not come whole.
func (c *Client) receive(exchange *Exchange, response *http.Response, cancel context.CancelFunc) error {
	defer response.Body.Close()
	exchange.Status = response.StatusCode
	exchange.ResponseHeader = headerLines(response.Header)
	exchange.secured(response.TLS)
	if exchange.Status < 200 || exchange.Status > 299 {
		exchange.RetryAfter = retryAfter(response.Header.Get("Retry-After"), c.options.Now())
	}
	if exchange.Status == http.StatusSwitchingProtocols {
		cancel() // what follows is no body, and never ends
		return nil
	}
	if response.Body == http.NoBody {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, MaxBody+1))
	if len(body) > MaxBody {
		body, exchange.Truncated = body[:MaxBody], true
		// Ends the connection; otherwise closing the body might read on.
		cancel()
		err = nil
	}
	if len(body) > 0 {
		exchange.ResponseBody = body
	}
	return err
}

func headerLines(header http.Header) []executionlog.Header {
	if len(header) == 0 {
		return nil
	}
	names := make([]string, 0, len(header))
	for name := range header {
		names = append(names, name)
	}
	slices.Sort(names)
	lines := make([]executionlog.Header, 0, len(names))
	for _, name := range names {
		for _, value := range header[name] {
			lines = append(lines, executionlog.Header{Name: name, Value: value})
		}
	}
	return lines
}
