package signing

import (
	"crypto/ed25519"
	"crypto/hmac"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"
)

// form is what the doctor knows about a scheme beside its Sign and Verify: the
// parts that a mistake can concern one at a time.
type form struct {
	name       string
	header     string // of the signature
	prefix     string // before each signature
	hex        bool   // else base64
	hasID      bool   // id and timestamp are signed and have headers
	hasTime    bool   // the timestamp is signed
	decodesKey bool   // the key is the decoded secret
	asymmetric bool
}

func formOf(name string, options Options) form {
	switch name {
	case "standard":
		return form{name: name, header: standardSignature, prefix: "v1,", hasID: true, hasTime: true, decodesKey: true}
	case Asymmetric:
		return form{name: name, header: standardSignature, prefix: "v1a,", hasID: true, hasTime: true, decodesKey: true, asymmetric: true}
	case "agency":
		return form{name: name, header: agencyHeader, hex: true, hasTime: true}
	case "superoffice":
		return form{name: name, header: superOfficeHeader}
	case "github":
		return form{name: name, header: githubHeader, prefix: "sha256=", hex: true}
	default:
		return form{name: name, header: plain{}.header(options), hex: name == plainHex.name}
	}
}

// Guess names the scheme whose headers a request carries, or returns "".
// options name the header for schemes whose header the user chooses.
func Guess(header http.Header, options Options) string {
	first := func(name string) string {
		if values := headerValues(header, name); len(values) > 0 {
			return values[0]
		}
		return ""
	}
	if list := first(standardSignature); list != "" {
		if strings.Contains(list, "v1a,") && !strings.Contains(list, "v1,") {
			return Asymmetric
		}
		return "standard"
	}
	switch {
	case first(superOfficeHeader) != "":
		return "superoffice"
	case first(githubHeader) != "":
		return "github"
	case strings.Contains(first(agencyHeader), "s="):
		return "agency"
	}
	if value := first(plain{}.header(options)); value != "" {
		if _, encoding := decodeAny(value); encoding == encodingHex {
			return plainHex.name
		}
		return plainBase64.name
	}
	return ""
}

// content is what is signed, before it is put together.
type content struct {
	id, seconds string
	body        []byte
}

// bytes puts the content together as the scheme does.
func (f form) bytes(c content) []byte {
	switch {
	case f.hasID:
		return slices.Concat([]byte(c.id+"."+c.seconds+"."), c.body)
	case f.hasTime:
		return slices.Concat([]byte(c.seconds+"."), c.body)
	default:
		return c.body
	}
}

// key returns the bytes that the secret stands for in this scheme.
func (f form) key(secret string) ([]byte, error) {
	switch {
	case f.asymmetric:
		return decodePublicKey(secret)
	case f.decodesKey:
		return decodeStandardSecret(secret)
	case secret == "":
		return nil, errors.New("the secret is empty")
	default:
		return []byte(secret), nil
	}
}

// signs reports whether a key makes one of the signatures over some bytes.
func (f form) signs(sums [][]byte, key, message []byte) bool {
	if f.asymmetric {
		return len(key) == ed25519.PublicKeySize && slices.ContainsFunc(sums, func(sum []byte) bool {
			return ed25519.Verify(key, message, sum)
		})
	}
	expected := mac(key, message)
	return slices.ContainsFunc(sums, func(sum []byte) bool { return hmac.Equal(sum, expected) })
}

// matches reports whether one of the secrets makes one of the signatures.
func (f form) matches(r received, capture Capture) bool {
	for _, secret := range capture.Secrets {
		key, err := f.key(secret)
		if err == nil && f.signs(r.sums, key, f.bytes(content{r.id, r.seconds, capture.Body})) {
			return true
		}
	}
	return false
}

// encode writes a signature as the scheme does.
func (f form) encode(sum []byte) string {
	if f.hex {
		return f.prefix + hex.EncodeToString(sum)
	}
	return f.prefix + base64.StdEncoding.EncodeToString(sum)
}

// received is what the headers say, read leniently: a signature in the wrong
// encoding is still a signature to find the cause of.
type received struct {
	id, seconds string
	raw         string // the signature header
	sums        [][]byte
	encoding    string // of the signatures
}

func (r received) with(other received) received {
	r.raw, r.sums, r.encoding = other.raw, other.sums, other.encoding
	return r
}

// read reads the headers. Its error wraps ErrMissing or ErrMalformed.
func (f form) read(header http.Header) (received, error) {
	value, err := headerValue(header, f.header)
	if err != nil {
		return received{}, err
	}
	r := f.decode(value)
	if f.hasID {
		if r.id, err = headerValue(header, standardID); err != nil {
			return r, err
		}
		if r.seconds, err = headerValue(header, standardTimestamp); err != nil {
			return r, err
		}
	}
	if len(r.sums) == 0 {
		return r, ErrMalformed
	}
	return r, nil
}

// decode finds the signatures in a header's value.
func (f form) decode(value string) received {
	r := received{raw: value}
	texts := []string{value}
	switch {
	case f.hasID:
		texts = strings.Fields(value)
	case f.hasTime:
		texts = nil
		for part := range strings.SplitSeq(value, ",") {
			name, text, found := strings.Cut(strings.TrimSpace(part), "=")
			switch {
			case name == "t":
				r.seconds = text
			case name == "s" || name == "v1":
				texts = append(texts, text)
			case !found || len(part) > 32:
				texts = append(texts, part)
			}
		}
	}
	for _, text := range texts[:min(len(texts), maxSignatures)] {
		text = strings.Trim(text, " \t\"'")
		if sum, encoding := decodeAny(stripLabel(text)); sum != nil {
			r.sums, r.encoding = append(r.sums, sum), encoding
		}
	}
	return r
}

// stripLabel takes a version or algorithm off a signature.
func stripLabel(text string) string {
	for _, label := range []string{"v1a,", "v1,", "v1=", "sha256=", "sha1=", "sha512=", "s="} {
		if rest, ok := strings.CutPrefix(text, label); ok {
			return rest
		}
	}
	return text
}

// The encodings of a signature.
const (
	encodingHex       = "hexadecimal"
	encodingBase64    = "base64"
	encodingBase64URL = "URL-safe or unpadded base64"
)

// decodeAny decodes a signature of 16 to 64 bytes in whatever encoding. Only
// hexadecimal digits at a digest's length are hexadecimal, although they would
// be base64 too.
func decodeAny(text string) (sum []byte, encoding string) {
	if sum, err := hex.DecodeString(text); err == nil && slices.Contains(digestSizes, len(sum)) {
		return sum, encodingHex
	}
	if sum, err := base64.StdEncoding.DecodeString(text); err == nil && slices.Contains(digestSizes, len(sum)) {
		return sum, encodingBase64
	}
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	if sum, err := base64.RawStdEncoding.DecodeString(text); err == nil && slices.Contains(digestSizes, len(sum)) {
		return sum, encodingBase64URL
	}
	return nil, ""
}

// digestSizes of MD5, SHA-1, SHA-256, SHA-384, and SHA-512 or ed25519.
var digestSizes = []int{16, 20, 32, 48, 64}
