package signing

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const agencyHeader = "Signature"

// agency signs with a timestamp, in the form t=…,s=….
type agency struct{}

func (agency) Describe() Description {
	return Description{
		Name:  "agency",
		Title: "Agency tickets (Tamio)",
		Text: "The header has the form t=<Unix seconds>,s=<signature>. The signature is the lower-case hexadecimal HMAC-SHA256 over the timestamp, a full stop and the exact body. " +
			"The key is the secret's characters in UTF-8. A receiver refuses timestamps more than five minutes away. " +
			"There is one signature: while a secret is being rotated the newest one signs.",
		Source:  "Tamio's documentation gives the form and the five minutes; the header's name, what is signed and the encoding are our assumptions.",
		Headers: []string{agencyHeader},
		Secret:  "any text of 1 to 512 characters, used as it stands; make it long and random where you choose it",
	}
}

func (agency) Sign(message Message, keys []string, _ Options) ([]Header, error) {
	if len(keys) == 0 {
		return nil, errNoKey
	}
	at := unix(message.Timestamp)
	sum := mac([]byte(keys[0]), []byte(at), []byte("."), message.Body)
	return []Header{{agencyHeader, "t=" + at + ",s=" + hex.EncodeToString(sum)}}, nil
}

func (agency) Verify(header http.Header, body []byte, keys []string, options VerifyOptions) error {
	value, err := headerValue(header, agencyHeader)
	if err != nil {
		return err
	}
	at, seconds, sum, err := parseAgency(value)
	if err != nil {
		return err
	}
	if err := matchText(sum, keys, []byte(seconds), []byte("."), body); err != nil {
		return err
	}
	return checkTime(at, options)
}

// parseAgency reads t=…,s=… in any order, each exactly once.
func parseAgency(value string) (at time.Time, seconds string, sum []byte, err error) {
	var signature string
	for part := range strings.SplitSeq(value, ",") {
		name, text, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch {
		case name == "t" && seconds == "":
			seconds = text
		case name == "s" && signature == "":
			signature = text
		default:
			return at, "", nil, fmt.Errorf("%w: expected t=<Unix seconds>,s=<hexadecimal>", ErrMalformed)
		}
	}
	if at, err = parseUnix(seconds); err != nil {
		return at, "", nil, err
	}
	sum, err = decodeHex(signature)
	return at, seconds, sum, err
}

func (agency) CheckSecret(secret string) error { return checkTextSecret(secret) }

func (agency) NewSecret() string { return textSecret() }
