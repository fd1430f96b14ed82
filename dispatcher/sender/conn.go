package sender

import (
	"net"
	"sync"
	"time"
)

// answerWait is how long an answer may take to be read after the receiver
// stopped reading the request. Nobody waits for that long unless the machine is
// busy: the receiver hung up, so that reading ends, too.
const answerWait = 250 * time.Millisecond

// patientConn holds back the error of a write while something may be read: a
// receiver that answers and hangs up before it has read the request has said
// why, and net/http would give up on the error without reading that.
type patientConn struct {
	net.Conn
	remote net.Addr // written out once, not for every exchange
	once   sync.Once
	silent chan struct{} // closed when nothing more will be read
}

func newPatientConn(conn net.Conn) *patientConn {
	remote := conn.RemoteAddr()
	return &patientConn{Conn: conn, remote: writtenAddr{remote, remote.String()}, silent: make(chan struct{})}
}

// writtenAddr is an address with its text.
type writtenAddr struct {
	net.Addr
	text string
}

func (a writtenAddr) String() string { return a.text }

func (c *patientConn) RemoteAddr() net.Addr { return c.remote }

func (c *patientConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err != nil {
		c.end()
	}
	return n, err
}

func (c *patientConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	if err == nil {
		return n, nil
	}
	wait := time.NewTimer(answerWait)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-c.silent:
	}
	return n, err
}

func (c *patientConn) Close() error {
	c.end()
	return c.Conn.Close()
}

func (c *patientConn) end() { c.once.Do(func() { close(c.silent) }) }
