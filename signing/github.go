package signing

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
)

const githubHeader = "X-Hub-Signature-256"

// github signs the body as GitHub's webhooks do.
type github struct{}

func (github) Describe() Description {
	return Description{
		Name:  "github",
		Title: "GitHub",
		Text: "The header is sha256= followed by the lower-case hexadecimal HMAC-SHA256 over the exact body. The key is the secret's characters in UTF-8. " +
			"There is one signature: while a secret is being rotated the newest one signs.",
		Source:  "GitHub documentation, Validating webhook deliveries",
		Headers: []string{githubHeader},
		Secret:  "any text of 1 to 512 characters, used as it stands; make it long and random where you choose it",
	}
}

func (github) Sign(message Message, keys []string, _ Options) ([]Header, error) {
	if len(keys) == 0 {
		return nil, errNoKey
	}
	return []Header{{githubHeader, "sha256=" + hex.EncodeToString(mac([]byte(keys[0]), message.Body))}}, nil
}

func (github) Verify(header http.Header, body []byte, keys []string, _ VerifyOptions) error {
	value, err := headerValue(header, githubHeader)
	if err != nil {
		return err
	}
	digits, ok := strings.CutPrefix(value, "sha256=")
	if !ok {
		return fmt.Errorf("%w: expected sha256=<hexadecimal>", ErrMalformed)
	}
	sum, err := decodeHex(digits)
	if err != nil {
		return err
	}
	return matchText(sum, keys, body)
}

func (github) CheckSecret(secret string) error { return checkTextSecret(secret) }

func (github) NewSecret() string { return textSecret() }
