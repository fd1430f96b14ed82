package signing

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// secretSize is the size of the secrets that NewSecret makes, in bytes before
// they are encoded.
const secretSize = 32

// mac is HMAC-SHA256 of the parts one after another.
func mac(key []byte, parts ...[]byte) []byte {
	hash := hmac.New(sha256.New, key)
	for _, part := range parts {
		hash.Write(part)
	}
	return hash.Sum(nil)
}

// randomBytes returns n bytes from the system's source, which never fails.
func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// textSecret makes a secret of letters and digits, for schemes that use the
// secret's characters as they stand.
func textSecret() string { return hex.EncodeToString(randomBytes(secretSize)) }

// checkTextSecret checks a secret whose characters are used as they stand. A
// short one is taken: it is often the receiver's, or the vendor's, and given.
func checkTextSecret(secret string) error {
	switch {
	case secret == "":
		return errors.New("the secret must not be empty")
	case len(secret) > 512:
		return errors.New("the secret must be at most 512 characters long")
	case strings.TrimSpace(secret) != secret:
		return errors.New("the secret must not begin or end with white space")
	case strings.ContainsFunc(secret, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0xfffd }):
		return errors.New("the secret must not contain control characters")
	}
	return nil
}

// decodeHex decodes a signature of 32 bytes in hexadecimal.
func decodeHex(text string) ([]byte, error) {
	sum, err := hex.DecodeString(text)
	if err != nil || len(sum) != sha256.Size {
		return nil, fmt.Errorf("%w: expected 64 hexadecimal digits", ErrMalformed)
	}
	return sum, nil
}

// strictBase64 decodes standard base64 with padding. Unlike the encoding
// itself it takes no line breaks: other libraries do not either.
func strictBase64(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, base64.CorruptInputError(strings.IndexAny(text, "\r\n"))
	}
	return base64.StdEncoding.DecodeString(text)
}

// decodeBase64 decodes a signature of size bytes in standard base64.
func decodeBase64(text string, size int) ([]byte, error) {
	sum, err := strictBase64(text)
	if err != nil || len(sum) != size {
		return nil, fmt.Errorf("%w: expected %d bytes in standard base64 with padding", ErrMalformed, size)
	}
	return sum, nil
}

// matchText compares a signature with the ones made with each key over parts,
// in constant time for each key.
func matchText(sum []byte, keys []string, parts ...[]byte) error {
	found := false
	for _, key := range keys {
		if hmac.Equal(sum, mac([]byte(key), parts...)) {
			found = true
		}
	}
	if !found {
		return ErrMismatch
	}
	return nil
}

// maxUnix is the end of the year 9999.
const maxUnix = 253402300799

// parseUnix reads Unix seconds as a header writes them: digits only.
func parseUnix(text string) (time.Time, error) {
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds < 0 || seconds > maxUnix || text != strconv.FormatInt(seconds, 10) {
		return time.Time{}, fmt.Errorf("%w: the timestamp is not Unix seconds", ErrMalformed)
	}
	return time.Unix(seconds, 0), nil
}

func unix(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }
