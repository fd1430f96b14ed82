package sender

import (
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// brokenConn can be written to no more.
type brokenConn struct{ net.Conn }

func (brokenConn) Write([]byte) (int, error) { return 0, errBroken }

var errBroken = errors.New("broken")

// The error of a write is held back for as long as an answer may be read, and
// no longer.
func TestPatientConn(t *testing.T) {
	for name, test := range map[string]struct {
		meanwhile func(c *patientConn, there net.Conn)
		want      time.Duration
	}{
		"the receiver says nothing": {func(*patientConn, net.Conn) {}, answerWait},
		"an answer comes": {func(c *patientConn, there net.Conn) {
			go func() { _, _ = there.Write([]byte("x")) }()
			if n, err := c.Read(make([]byte, 1)); n != 1 || err != nil {
				t.Errorf("read %d bytes: %v", n, err)
			}
		}, answerWait},
		"the receiver hangs up": {func(c *patientConn, there net.Conn) {
			_ = there.Close()
			if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
				t.Errorf("read: %v", err)
			}
		}, time.Millisecond},
		"the exchange ends": {func(c *patientConn, _ net.Conn) { _ = c.Close() }, time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				here, there := net.Pipe()
				c := newPatientConn(brokenConn{here})
				time.AfterFunc(time.Millisecond, func() { test.meanwhile(c, there) })
				began := time.Now()
				if _, err := c.Write([]byte("request")); !errors.Is(err, errBroken) {
					t.Errorf("wrote: %v", err)
				}
				if waited := time.Since(began); waited != test.want {
					t.Errorf("it was held back for %s, want %s", waited, test.want)
				}
			})
		})
	}
}
