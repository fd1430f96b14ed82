package sender

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"
)

// maxSpecial is how many endpoints with TLS material of their own keep
// connections; beyond it the one that has not been used for longest gives
// them up.
const maxSpecial = 1000

// pool keeps transports: one for all endpoints without TLS material, and one
// for each endpoint that has some, so that a client certificate or a relaxed
// check never serves another endpoint.
type pool struct {
	dialer     *net.Dialer
	tlsTimeout time.Duration
	shared     *http.Transport
	closed     context.Context // ends dialling
	closeNow   context.CancelFunc

	mu      sync.Mutex
	special map[string]*special // by endpoint
	uses    uint64
}

type special struct {
	material  [sha256.Size]byte
	transport *http.Transport
	used      uint64
}

func newPool(dialer *net.Dialer, tlsTimeout time.Duration) *pool {
	p := &pool{dialer: dialer, tlsTimeout: tlsTimeout, special: make(map[string]*special)}
	p.closed, p.closeNow = context.WithCancel(context.Background())
	p.shared = p.newTransport(&tls.Config{MinVersion: tls.VersionTLS12})
	return p
}

// newTransport makes a transport of HTTP/1.1 with many idle connections in
// all and enough for each host: with the defaults (100 and 2) most requests
// to many receivers, or to one busy receiver, dial anew.
func (p *pool) newTransport(config *tls.Config) *http.Transport {
	config.ClientSessionCache = tls.NewLRUClientSessionCache(256)
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  nil,
		DialContext:            p.dial,
		DialTLSContext:         p.dialTLS(config),
		DisableCompression:     true, // a response is stored as it came, and a bomb stays small
		MaxIdleConns:           0,    // no limit over all hosts
		MaxIdleConnsPerHost:    256,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: MaxHeader,
		ReadBufferSize:         4 << 10,
		WriteBufferSize:        8 << 10,
		Protocols:              &protocols,
	}
}

// deadlineKey is the key of an exchange's deadline in its context. The
// transport dials apart from the exchange, without its deadline, so that
// another may use the connection; the value still comes through.
type deadlineKey struct{}

// bounded ends dialling with the exchange that it was begun for, and with the
// pool: a receiver that keeps connections waiting must not gather them.
func (p *pool) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Value(deadlineKey{}).(time.Time)
	if !ok {
		deadline = time.Now().Add(DefaultTimeout)
	}
	ctx, cancel := context.WithDeadline(ctx, deadline)
	stop := context.AfterFunc(p.closed, cancel)
	return ctx, func() { stop(); cancel() }
}

func (p *pool) dial(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := p.bounded(ctx)
	defer cancel()
	conn, err := p.dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return newPatientConn(conn), nil
}

// dialTLS dials and shakes hands. net/http would do the latter itself, but
// without the bounds.
func (p *pool) dialTLS(config *tls.Config) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := p.dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			_ = conn.Close()
			return nil, fmt.Errorf("split address: %w", err)
		}
		named := config.Clone()
		named.ServerName = host
		var asked bool
		named.GetClientCertificate = func(request *tls.CertificateRequestInfo) (*tls.Certificate, error) {
			asked = true
			for i := range config.Certificates {
				if request.SupportsCertificate(&config.Certificates[i]) == nil {
					return &config.Certificates[i], nil
				}
			}
			return new(tls.Certificate), nil // none: the receiver decides
		}
		secured := tls.Client(conn, named)
		if trace := httptrace.ContextClientTrace(ctx); trace != nil && trace.TLSHandshakeStart != nil {
			trace.TLSHandshakeStart()
		}
		ctx, cancel := p.bounded(ctx)
		defer cancel()
		ctx, cancelHandshake := context.WithTimeout(ctx, p.tlsTimeout)
		defer cancelHandshake()
		if err := secured.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			if asked {
				err = &askedError{err}
			}
			return nil, fmt.Errorf("shake hands: %w", err)
		}
		return secured, nil
	}
}

// askedError is a failed handshake in which the receiver asked for a client
// certificate. TLS 1.2 has no alert of its own for the lack of one.
type askedError struct{ error }

func (e *askedError) Unwrap() error { return e.error }

// transport returns the transport for a post. Its error is a sentence about
// the TLS material.
func (p *pool) transport(post *Post) (*http.Transport, error) {
	if post.CA == "" && post.Cert == "" && post.Key == "" && !post.InsecureTLS {
		return p.shared, nil
	}
	material := materialOf(post)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.uses++
	known := p.special[post.Endpoint]
	if known != nil && known.material == material {
		known.used = p.uses
		return known.transport, nil
	}
	config, err := tlsConfig(post)
	if err != nil {
		return nil, err
	}
	if known != nil {
		known.transport.CloseIdleConnections()
	} else if len(p.special) >= maxSpecial {
		p.evict()
	}
	made := &special{material: material, transport: p.newTransport(config), used: p.uses}
	p.special[post.Endpoint] = made
	return made.transport, nil
}

func (p *pool) evict() {
	var oldest string
	least := p.uses + 1
	for endpoint, s := range p.special {
		if s.used < least {
			oldest, least = endpoint, s.used
		}
	}
	if s := p.special[oldest]; s != nil {
		s.transport.CloseIdleConnections()
		delete(p.special, oldest)
	}
}

func (p *pool) close() {
	p.closeNow()
	p.shared.CloseIdleConnections()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.special {
		s.transport.CloseIdleConnections()
	}
	clear(p.special)
}

func materialOf(post *Post) [sha256.Size]byte {
	digest := sha256.New()
	if post.InsecureTLS {
		digest.Write([]byte("insecure"))
	}
	for _, part := range []string{post.CA, post.Cert, post.Key} {
		digest.Write([]byte{0})
		digest.Write([]byte(part))
	}
	return [sha256.Size]byte(digest.Sum(nil))
}

func tlsConfig(post *Post) (*tls.Config, error) {
	config := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: post.InsecureTLS, //nolint:gosec // an administrator's switch for development
	}
	if post.CA != "" {
		roots, err := x509.SystemCertPool()
		if err != nil {
			roots = x509.NewCertPool()
		}
		if !roots.AppendCertsFromPEM([]byte(post.CA)) {
			return nil, errors.New("the endpoint's certificate authority is not a PEM certificate")
		}
		config.RootCAs = roots
	}
	if post.Cert != "" || post.Key != "" {
		certificate, err := tls.X509KeyPair([]byte(post.Cert), []byte(post.Key))
		if err != nil {
			return nil, errors.New("the endpoint's client certificate and key are not a matching pair in PEM")
		}
		config.Certificates = []tls.Certificate{certificate}
	}
	return config, nil
}

// CheckTLS returns an error, a sentence, when the PEM of a certificate
// authority or of a client certificate with its key cannot be used. All may be
// empty.
func CheckTLS(ca, cert, key string) error {
	_, err := tlsConfig(&Post{CA: ca, Cert: cert, Key: key})
	return err
}
