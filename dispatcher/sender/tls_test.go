package sender

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// authority signs certificates for tests.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  string
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{cert, key, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))}
}

// issue makes a certificate for a host that is valid until a time.
func (a *authority) issue(t *testing.T, host string, until time.Time) (certPEM, keyPEM string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: host},
		NotBefore: until.Add(-48 * time.Hour), NotAfter: until,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
}

// serveTLS starts a receiver that answers with the common name of the client
// certificate.
func serveTLS(t *testing.T, certPEM, keyPEM string, change func(*tls.Config)) string {
	t.Helper()
	pair, err := tls.X509KeyPair([]byte(certPEM), []byte(keyPEM))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 {
			t.Errorf("spoken to in %s", r.Proto)
		}
		if len(r.TLS.PeerCertificates) > 0 {
			_, _ = io.WriteString(w, r.TLS.PeerCertificates[0].Subject.CommonName)
		}
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	if change != nil {
		change(server.TLS)
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

func TestTLSFaults(t *testing.T) {
	ours, theirs := newAuthority(t, "ours"), newAuthority(t, "theirs")
	soon := time.Now().Add(24 * time.Hour)
	start := func(a *authority, host string, until time.Time, change func(*tls.Config)) string {
		cert, key := a.issue(t, host, until)
		return serveTLS(t, cert, key, change)
	}
	wantsClient := func(config *tls.Config) {
		config.ClientAuth = tls.RequireAndVerifyClientCert
		config.ClientCAs = x509.NewCertPool()
		config.ClientCAs.AddCert(ours.cert)
	}
	good := start(ours, "127.0.0.1", soon, nil)
	tests := []struct {
		name, url, ca string
		insecure      bool
		want          Code
	}{
		{"trusted", good, ours.pem, false, OK},
		{"unknown authority", good, "", false, TLSUnknownAuthority},
		{"another authority", good, theirs.pem, false, TLSUnknownAuthority},
		{"insecure", good, "", true, OK},
		{"expired", start(ours, "127.0.0.1", time.Now().Add(-time.Hour), nil), ours.pem, false, TLSExpired},
		{"not yet valid", start(ours, "127.0.0.1", time.Now().Add(96*time.Hour), nil), ours.pem, false, TLSExpired},
		{"another host", start(ours, "other.example", soon, nil), ours.pem, false, TLSHostname},
		{"client certificate, TLS 1.3", start(ours, "127.0.0.1", soon, wantsClient), ours.pem, false, TLSClientCertificate},
		{"client certificate, TLS 1.2", start(ours, "127.0.0.1", soon, func(c *tls.Config) { wantsClient(c); c.MaxVersion = tls.VersionTLS12 }), ours.pem, false, TLSClientCertificate}, // it says no more than "handshake failure"
		{"TLS 1.1", start(ours, "127.0.0.1", soon, func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }), ours.pem, false, TLSHandshake},
		{"no TLS", "https" + strings.TrimPrefix(serve(t, func(http.ResponseWriter, *http.Request) {}), "http"), ours.pem, false, TLSHandshake},
		{"nonsense", "https://" + serveRaw(t, answer("nonsense, and some more of it\n")), ours.pem, false, TLSHandshake},
		{"closed", "https://" + serveRaw(t, answer("")), ours.pem, false, ConnectionReset},
	}
	c := newClient(t, Options{})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			exchange := c.Do(t.Context(), &Post{URL: test.url, CA: test.ca, InsecureTLS: test.insecure, Endpoint: test.name, Timeout: 5 * time.Second})
			wantCode(t, exchange, test.want)
			switch test.want {
			case OK:
				if exchange.TLSVersion != "TLS 1.3" || exchange.CertExpiry != soon.UTC().Format(time.RFC3339) || exchange.Timings.TLS == 0 {
					t.Errorf("TLS %q, expiry %q, timings %+v", exchange.TLSVersion, exchange.CertExpiry, exchange.Timings)
				}
			case TLSExpired, TLSUnknownAuthority, TLSHostname:
				if exchange.CertExpiry == "" {
					t.Error("the certificate's expiry is missing")
				}
			}
		})
	}
}

// A client certificate is shown for its own endpoint only, and at once after
// it was replaced, though connections are kept open.
func TestClientCertificateStaysWithItsEndpoint(t *testing.T) {
	ca := newAuthority(t, "ca")
	soon := time.Now().Add(24 * time.Hour)
	cert, key := ca.issue(t, "127.0.0.1", soon)
	url := serveTLS(t, cert, key, func(config *tls.Config) { config.ClientAuth = tls.RequestClientCert })
	first, firstKey := ca.issue(t, "first", soon)
	second, secondKey := ca.issue(t, "second", soon)
	c := newClient(t, Options{})
	tests := []struct{ endpoint, cert, key, want string }{
		{"ep_1", first, firstKey, "first"},
		{"ep_2", second, secondKey, "second"},
		{"ep_3", "", "", ""},
		{"ep_1", first, firstKey, "first"},
		{"ep_1", second, secondKey, "second"},
		{"ep_1", "", "", ""},
	}
	for i, test := range tests {
		exchange := c.Do(t.Context(), &Post{URL: url, Endpoint: test.endpoint, CA: ca.pem, Cert: test.cert, Key: test.key})
		if exchange.Code != OK || string(exchange.ResponseBody) != test.want {
			t.Errorf("%d: %s got %q (%s), want %q", i, test.endpoint, exchange.ResponseBody, exchange.Error, test.want)
		}
	}
	if n := len(c.pool.special); n != 3 {
		t.Errorf("%d endpoints keep connections, want 3", n)
	}
}

func TestManySpecialEndpointsAreEvicted(t *testing.T) {
	p := newPool(&net.Dialer{}, time.Second)
	for i := range maxSpecial + 10 {
		if _, err := p.transport(&Post{Endpoint: strings.Repeat("e", i), InsecureTLS: true}); err != nil {
			t.Fatal(err)
		}
	}
	if len(p.special) != maxSpecial {
		t.Errorf("%d kept, want %d", len(p.special), maxSpecial)
	}
	if p.special[strings.Repeat("e", 9)] != nil || p.special[strings.Repeat("e", 10)] == nil {
		t.Error("not the ones unused for longest were given up")
	}
	p.close()
}

func TestCheckTLS(t *testing.T) {
	ca := newAuthority(t, "ca")
	cert, key := ca.issue(t, "client", time.Now().Add(time.Hour))
	_, otherKey := ca.issue(t, "other", time.Now().Add(time.Hour))
	tests := []struct {
		name, ca, cert, key string
		ok                  bool
	}{
		{"nothing", "", "", "", true},
		{"all", ca.pem, cert, key, true},
		{"no key", "", cert, "", false},
		{"no certificate", "", "", key, false},
		{"another key", "", cert, otherKey, false},
		{"no PEM", "nonsense", "", "", false},
	}
	for _, test := range tests {
		if err := CheckTLS(test.ca, test.cert, test.key); (err == nil) != test.ok {
			t.Errorf("%s: %v, want ok=%v", test.name, err, test.ok)
		}
	}
	exchange := newClient(t, Options{}).Do(t.Context(), &Post{URL: "https://127.0.0.1:1", CA: "nonsense"})
	wantCode(t, exchange, InvalidRequest)
}

// A certificate that is neither expired nor from an unknown authority is
// refused with the reason, since the address alone leaves whoever mends it
// with a guess.
func TestUnusableCertificates(t *testing.T) {
	for reason, words := range unusable {
		err := fmt.Errorf("shake hands: %w", &tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: reason}})
		code, text := failure{err: err, stage: stageTLS, host: "receiver.example"}.classify()
		if code != TLSHandshake || !strings.Contains(text, "receiver.example") || !strings.Contains(text, words) {
			t.Errorf("reason %d: %s (%s)", reason, code, text)
		}
	}
}
