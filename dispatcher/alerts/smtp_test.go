package alerts

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"
)

// mailServer is an SMTP server of a few commands, on loopback.
type mailServer struct {
	addr     string
	roots    *x509.CertPool
	config   *tls.Config
	implicit bool
	// reject returns the answer to RCPT for an address, "" to take it.
	reject func(to string) string
	mails  chan received
	hello  func() // before it greets

	mu    sync.Mutex
	known []net.Conn
	auth  string // user and password of the last AUTH PLAIN
}

// received is a mail as it came.
type received struct {
	from, to  string
	header    textproto.MIMEHeader
	text      string
	encrypted bool
}

func startMailServer(t *testing.T, change func(*mailServer)) *mailServer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	s := &mailServer{
		roots: x509.NewCertPool(), mails: make(chan received, 10),
		config: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}},
	}
	s.roots.AddCert(certificate)
	if change != nil {
		change(s)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = listener.Addr().String()
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.known = append(s.known, conn)
			s.mu.Unlock()
			serving.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		s.mu.Lock()
		for _, conn := range s.known {
			_ = conn.Close()
		}
		s.mu.Unlock()
		serving.Wait()
	})
	return s
}

func (s *mailServer) serve(conn net.Conn) {
	defer conn.Close()
	encrypted := s.implicit
	if s.implicit {
		conn = tls.Server(conn, s.config)
	}
	if s.hello != nil {
		s.hello()
	}
	var mail received
	text := textproto.NewConn(conn)
	_ = text.PrintfLine("220 test ready")
	for {
		line, err := text.ReadLine()
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			if !encrypted {
				_ = text.PrintfLine("250-test")
				_ = text.PrintfLine("250 STARTTLS")
			} else {
				_ = text.PrintfLine("250-test")
				_ = text.PrintfLine("250 AUTH PLAIN")
			}
		case "STARTTLS":
			_ = text.PrintfLine("220 go on")
			conn, encrypted = tls.Server(conn, s.config), true
			text = textproto.NewConn(conn)
		case "AUTH":
			_, secret, _ := strings.Cut(rest, " ")
			plain, _ := base64.StdEncoding.DecodeString(secret)
			s.mu.Lock()
			s.auth = strings.ReplaceAll(string(plain), "\x00", "/")
			s.mu.Unlock()
			_ = text.PrintfLine("235 welcome")
		case "MAIL":
			mail = received{from: rest, encrypted: encrypted}
			_ = text.PrintfLine("250 ok")
		case "RCPT":
			mail.to += rest
			answer := "250 ok"
			if s.reject != nil && s.reject(rest) != "" {
				answer = s.reject(rest)
			}
			_ = text.PrintfLine("%s", answer)
		case "DATA":
			_ = text.PrintfLine("354 go on")
			body, err := text.ReadDotBytes()
			if err != nil {
				return
			}
			reader := textproto.NewReader(bufio.NewReader(strings.NewReader(string(body))))
			mail.header, _ = reader.ReadMIMEHeader()
			rest := new(strings.Builder)
			_, _ = reader.R.WriteTo(rest)
			mail.text = rest.String()
			select {
			case s.mails <- mail:
			default: // more than anybody looks at
			}
			_ = text.PrintfLine("250 kept")
		case "QUIT":
			_ = text.PrintfLine("221 bye")
			return
		default:
			_ = text.PrintfLine("250 ok")
		}
	}
}
