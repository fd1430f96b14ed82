package signing

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
)

// DefaultHeader is the header of the schemes whose header the user chooses,
// where none is chosen.
const DefaultHeader = "X-Signature"

// plain signs the body and nothing else, in a header of the user's choice.
type plain struct {
	name, title, encoding string
	encode                func([]byte) string
	decode                func(string) ([]byte, error)
}

var plainHex = plain{
	name:     "hmac-hex",
	title:    "HMAC-SHA256, hexadecimal",
	encoding: "lower-case hexadecimal",
	encode:   hex.EncodeToString,
	decode:   decodeHex,
}

var plainBase64 = plain{
	name:     "hmac-base64",
	title:    "HMAC-SHA256, base64",
	encoding: "standard base64, with padding,",
	encode:   base64.StdEncoding.EncodeToString,
	decode:   func(text string) ([]byte, error) { return decodeBase64(text, sha256.Size) },
}

func (p plain) Describe() Description {
	return Description{
		Name:  p.name,
		Title: p.title,
		Text: "The header, whose name you choose, is the " + p.encoding + " of HMAC-SHA256 over the exact body. The key is the secret's characters in UTF-8. " +
			"There is one signature: while a secret is being rotated the newest one signs.",
		Source:       "A common form; for receivers that expect no particular vendor's.",
		Headers:      []string{DefaultHeader},
		CustomHeader: true,
		Secret:       "any text of 1 to 512 characters, used as it stands; make it long and random where you choose it",
	}
}

func (plain) header(options Options) string {
	if options.Header == "" {
		return DefaultHeader
	}
	return options.Header
}

func (p plain) Sign(message Message, keys []string, options Options) ([]Header, error) {
	if len(keys) == 0 {
		return nil, errNoKey
	}
	return []Header{{p.header(options), p.encode(mac([]byte(keys[0]), message.Body))}}, nil
}

func (p plain) Verify(header http.Header, body []byte, keys []string, options VerifyOptions) error {
	value, err := headerValue(header, p.header(options.Options))
	if err != nil {
		return err
	}
	sum, err := p.decode(value)
	if err != nil {
		return err
	}
	return matchText(sum, keys, body)
}

func (plain) CheckSecret(secret string) error { return checkTextSecret(secret) }

func (plain) NewSecret() string { return textSecret() }
