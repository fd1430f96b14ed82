package sender

import (
	"net"
	"sync"
	"time"
)

// answerWait is how long an answer may take to be read after the receiver
// stopped reading the request.
const answerWait = 50 * time.Millisecond

// patientConn holds back the error of a write for a moment: a receiver that
// answers and hangs up before it has read the request has said why, and
// net/http would give up on the error without reading that.
type patientConn struct {
	net.Conn
	closed sync.Once
	done   chan struct{}
}

func newPatientConn(conn net.Conn) *patientConn {
	return &patientConn{Conn: conn, done: make(chan struct{})}
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
	case <-c.done:
	}
	return n, err
}

func (c *patientConn) Close() error {
	c.closed.Do(func() { close(c.done) })
	return c.Conn.Close()
}
