package systems

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
)

// Alphabets of the vendors' identifiers.
const (
	LowerAlphanumeric = "0123456789abcdefghijklmnopqrstuvwxyz"
	Hexadecimal       = "0123456789abcdef"
)

// UUID derives a lower-case UUID from the parts. It has the shape of a random
// one (version 4), and the same parts always give the same UUID.
func UUID(parts ...string) string {
	sum := digest(0, parts)
	b := sum[:16]
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// UUIDOf returns an id that is a UUID already, in lower case; another one is
// turned into a UUID derived from kind and id, "" stays "".
func UUIDOf(kind, id string) string {
	switch {
	case id == "":
		return ""
	case isUUID(id):
		return strings.ToLower(id)
	default:
		return UUID(kind, id)
	}
}

func isUUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i := range len(text) {
		c := text[i]
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F') {
				return false
			}
		}
	}
	return true
}

// Token derives n characters of an alphabet of at most 256 characters from
// the parts: the same parts always give the same token. An empty alphabet
// gives an empty token.
func Token(alphabet string, n int, parts ...string) string {
	if alphabet == "" || n <= 0 {
		return ""
	}
	token := make([]byte, 0, n)
	// Bytes beyond the largest multiple are dropped, so that every character
	// is as likely as any other.
	limit := 256 - 256%len(alphabet)
	for block := uint64(0); len(token) < n; block++ {
		for _, b := range digest(block, parts) {
			if int(b) < limit && len(token) < n {
				token = append(token, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(token)
}

// digest hashes the parts with their lengths, so that ("ab", "c") and
// ("a", "bc") differ.
func digest(block uint64, parts []string) [sha256.Size]byte {
	var input []byte
	input = binary.BigEndian.AppendUint64(input, block)
	for _, part := range parts {
		input = binary.BigEndian.AppendUint64(input, uint64(len(part)))
		input = append(input, part...)
	}
	return sha256.Sum256(input)
}
