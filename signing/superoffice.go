package signing

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
)

const superOfficeHeader = "X-SuperOffice-Signature"

// superOffice signs the body as SuperOffice CRM does.
type superOffice struct{}

func (superOffice) Describe() Description {
	return Description{
		Name:  "superoffice",
		Title: "SuperOffice CRM",
		Text: "The header is the standard base64, with padding, of HMAC-SHA256 over the exact body. The key is the secret's characters in UTF-8. " +
			"There is one signature: while a secret is being rotated the newest one signs.",
		Source:  "SuperOffice developer documentation, Webhooks",
		Headers: []string{superOfficeHeader},
		Secret:  "any text of 1 to 512 characters, used as it stands; make it long and random where you choose it",
	}
}

func (superOffice) Sign(message Message, keys []string, _ Options) ([]Header, error) {
	if len(keys) == 0 {
		return nil, errNoKey
	}
	sum := mac([]byte(keys[0]), message.Body)
	return []Header{{superOfficeHeader, base64.StdEncoding.EncodeToString(sum)}}, nil
}

func (superOffice) Verify(header http.Header, body []byte, keys []string, _ VerifyOptions) error {
	value, err := headerValue(header, superOfficeHeader)
	if err != nil {
		return err
	}
	sum, err := decodeBase64(value, sha256.Size)
	if err != nil {
		return err
	}
	return matchText(sum, keys, body)
}

func (superOffice) CheckSecret(secret string) error { return checkTextSecret(secret) }

func (superOffice) NewSecret() string { return textSecret() }
