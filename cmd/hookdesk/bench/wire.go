package bench

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// The bench shares the machine with what it measures. net/http's server and
// client take more of it for a webhook than the webhook's way through Redis;
// here is as much of HTTP/1.1 as the bench's own two ends need: requests with
// a Content-Length, on connections that stay open.

var errWire = errors.New("not the HTTP that the bench speaks")

// maxWireBody bounds what is read of one body.
const maxWireBody = 16 << 20

// webhook is the part of a request that the bench looks at. Its slices are
// good until the next one is read.
type webhook struct {
	number []byte // of the header X-Bench-Number
	body   []byte
}

// wire reads webhooks from one connection.
type wire struct {
	in      *bufio.Reader
	webhook webhook
}

func newWire(connection net.Conn) *wire {
	return &wire{in: bufio.NewReaderSize(connection, 8<<10)}
}

var (
	contentLength    = []byte("content-length")
	benchNumber      = []byte("x-bench-number")
	transferEncoding = []byte("transfer-encoding")
)

// read reads the next webhook.
func (w *wire) read() (*webhook, error) {
	m := &w.webhook
	m.number = m.number[:0]
	if _, err := w.line(); err != nil { // method and path: there is only one
		return nil, err
	}
	length := 0
	for {
		line, err := w.line()
		if err != nil {
			return nil, err
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte{':'})
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, contentLength):
			if length, err = strconv.Atoi(string(value)); err != nil || length < 0 || length > maxWireBody {
				return nil, fmt.Errorf("%w: Content-Length is %q", errWire, value)
			}
		case bytes.EqualFold(name, benchNumber):
			m.number = append(m.number, value...)
		case bytes.EqualFold(name, transferEncoding):
			return nil, fmt.Errorf("%w: Transfer-Encoding is %q", errWire, value)
		}
	}
	if cap(m.body) < length {
		m.body = make([]byte, length)
	}
	m.body = m.body[:length]
	_, err := io.ReadFull(w.in, m.body)
	return m, err
}

func (w *wire) line() ([]byte, error) {
	line, err := w.in.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	return bytes.TrimRight(line, "\r\n"), nil
}

// poster posts on a connection of its own.
type poster struct {
	connection net.Conn
	in         *bufio.Reader
	head       []byte // of every request, up to the length
	out        []byte
}

func (b *Bench) poster(path string) (*poster, error) {
	base, err := url.Parse(b.target.Base)
	if err != nil {
		return nil, fmt.Errorf("connect to the server: %w", err)
	}
	connection, err := net.DialTimeout("tcp", base.Host, 10*time.Second)
	if err != nil {
		return nil, fmt.Errorf("connect to the server: %w", err)
	}
	return &poster{
		connection: connection, in: bufio.NewReader(connection),
		head: fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: ",
			path, base.Host, b.target.Token),
	}, nil
}

func (p *poster) close() { _ = p.connection.Close() }

// post sends a body; any answer but 2xx is an error.
func (p *poster) post(body []byte) error {
	p.out = append(p.out[:0], p.head...)
	p.out = strconv.AppendInt(p.out, int64(len(body)), 10)
	p.out = append(p.out, "\r\n\r\n"...)
	p.out = append(p.out, body...)
	if err := p.connection.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return err
	}
	if _, err := p.connection.Write(p.out); err != nil {
		return fmt.Errorf("post a change: %w", err)
	}
	answer, err := http.ReadResponse(p.in, nil)
	if err != nil {
		return fmt.Errorf("read the answer to a change: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, 300))
		return fmt.Errorf("a change was answered with %s: %s", answer.Status, text)
	}
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return fmt.Errorf("read the answer to a change: %w", err)
	}
	return nil
}
