// Package id makes and reads the identifiers of hookdesk: prefixed, unique and
// sortable by time, such as dlv_01c3vq0rk8g7a.
//
// An identifier is a 63-bit number, microseconds since the Unix epoch times
// 1024 plus the node that made it, written with a prefix that names its kind
// and thirteen digits of Crockford's base 32. Text order is time order, and a
// store may keep the number alone.
package id

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// Prefixes name the kind of thing an identifier belongs to.
const (
	Change     = "chg"
	Delivery   = "dlv"
	Attempt    = "att"
	Trigger    = "trg"
	Endpoint   = "ep"
	Replay     = "rpl"
	Simulation = "sim"
	Token      = "tok"
	Calendar   = "cal"
	Search     = "sea"
	Audit      = "aud"
	Note       = "not"
	Reply      = "rep"
	Chain      = "chn"
	Signature  = "key"
	Event      = "evt" // about an endpoint
)

// Nodes is how many processes can make identifiers at the same time.
const Nodes = 1024

const (
	alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
	width    = 13
)

// Source makes identifiers. It is safe for concurrent use, and each of its
// numbers is greater than the one before.
type Source struct {
	node int64
	now  func() time.Time

	mu   sync.Mutex
	last int64 // microseconds of the newest number
}

// NewSource returns a Source for one node, from 0 to Nodes-1. Two processes
// that share a store must have different nodes.
func NewSource(node int, now func() time.Time) *Source {
	return &Source{node: int64(((node % Nodes) + Nodes) % Nodes), now: now}
}

// Above makes all further numbers greater than one, such as the highest that a
// store holds: the clock may have been set back since. It returns the Source.
func (s *Source) Above(number int64) *Source {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = max(s.last, number/Nodes)
	return s
}

// Next returns a new number.
func (s *Source) Next() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	micros := s.now().UnixMicro()
	if micros <= s.last {
		micros = s.last + 1
	}
	s.last = micros
	return micros*Nodes + s.node
}

// New returns a new identifier with the given prefix.
func (s *Source) New(prefix string) string { return Format(prefix, s.Next()) }

// Format writes number with a prefix.
func Format(prefix string, number int64) string {
	var digits [width]byte
	rest := uint64(number)
	for i := width - 1; i >= 0; i-- {
		digits[i] = alphabet[rest&31]
		rest >>= 5
	}
	return prefix + "_" + string(digits[:])
}

// Parse reads an identifier that must carry the given prefix and returns its
// number.
func Parse(prefix, text string) (int64, error) {
	digits, ok := strings.CutPrefix(text, prefix+"_")
	if !ok || len(digits) != width {
		return 0, fmt.Errorf("%q is not an identifier: want %s_ and %d letters and digits", text, prefix, width)
	}
	var number uint64
	for i := range len(digits) {
		value := strings.IndexByte(alphabet, digits[i])
		if value < 0 || (i == 0 && value > 7) {
			return 0, fmt.Errorf("%q is not an identifier: unexpected %q", text, digits[i])
		}
		number = number<<5 | uint64(value)
	}
	return int64(number), nil
}

// Time returns when a number was made, to the microsecond.
func Time(number int64) time.Time { return time.UnixMicro(number / Nodes).UTC() }

// First returns the smallest number that could have been made at t.
func First(t time.Time) int64 { return t.UnixMicro() * Nodes }
