package sender

import (
	"context"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// nameServer is a DNS server on the loopback interface.
type nameServer struct {
	// answer returns the address for the n-th question for an IPv4 address,
	// from 0, or a code of failure; nothing is answered for a negative one.
	answer func(n int64, name string) (netip.Addr, int)
	asked  atomic.Int64
	conn   net.PacketConn
}

const silent = -1

// startDNS starts a name server and returns a resolver that asks it.
func startDNS(t *testing.T, answer func(n int64, name string) (netip.Addr, int)) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &nameServer{answer: answer, conn: conn}
	done := make(chan struct{})
	go func() {
		defer close(done)
		server.run()
	}()
	// Go's resolver goes on asking for seconds after a lookup was given up;
	// without connections it stops.
	stopped, stop := context.WithCancel(context.Background())
	t.Cleanup(func() { stop(); _ = conn.Close(); <-done })
	return &net.Resolver{
		PreferGo: true,
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			if err := stopped.Err(); err != nil {
				return nil, err
			}
			var d net.Dialer
			asking, err := d.DialContext(ctx, "udp", conn.LocalAddr().String())
			if err == nil {
				context.AfterFunc(stopped, func() { _ = asking.Close() })
			}
			return asking, err
		},
	}
}

// resolveTo answers every question with one address.
func resolveTo(t *testing.T, address string) *net.Resolver {
	t.Helper()
	to := netip.MustParseAddr(address)
	return startDNS(t, func(int64, string) (netip.Addr, int) { return to, int(dnsmessage.RCodeSuccess) })
}

func (s *nameServer) run() {
	buffer := make([]byte, 1500)
	for {
		n, from, err := s.conn.ReadFrom(buffer)
		if err != nil {
			return
		}
		var question dnsmessage.Message
		if question.Unpack(buffer[:n]) != nil || len(question.Questions) != 1 {
			continue
		}
		if reply, ok := s.reply(&question); ok {
			_, _ = s.conn.WriteTo(reply, from)
		}
	}
}

func (s *nameServer) reply(question *dnsmessage.Message) ([]byte, bool) {
	q := question.Questions[0]
	reply := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: question.ID, Response: true, RecursionAvailable: true},
		Questions: question.Questions,
	}
	var n int64
	if q.Type == dnsmessage.TypeA {
		n = s.asked.Add(1) - 1
	}
	address, code := s.answer(n, q.Name.String())
	if code == silent {
		return nil, false
	}
	reply.RCode = dnsmessage.RCode(code)
	header := dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, TTL: 0}
	switch {
	case reply.RCode != dnsmessage.RCodeSuccess:
	case q.Type == dnsmessage.TypeA && address.Is4():
		reply.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AResource{A: address.As4()}}}
	case q.Type == dnsmessage.TypeAAAA && address.Is6():
		reply.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AAAAResource{AAAA: address.As16()}}}
	}
	packed, err := reply.Pack()
	return packed, err == nil
}
