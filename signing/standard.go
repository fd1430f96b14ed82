package signing

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Headers of Standard Webhooks, for both of its versions.
const (
	standardID        = "webhook-id"
	standardTimestamp = "webhook-timestamp"
	standardSignature = "webhook-signature"

	standardSource = "Standard Webhooks specification, https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md"
)

// maxSignatures bounds the list in one header.
const maxSignatures = 32

// standard is Standard Webhooks v1, HMAC-SHA256.
type standard struct{}

func (standard) Describe() Description {
	return Description{
		Name:  "standard",
		Title: "Standard Webhooks (v1)",
		Text: "HMAC-SHA256 over the id, a full stop, the timestamp, a full stop and the exact body, in standard base64 behind v1,. The key is the bytes behind whsec_, decoded from base64. " +
			"webhook-id is the same for every attempt, webhook-timestamp (Unix seconds) is the attempt's; a receiver refuses one more than five minutes away. " +
			"While a secret is being rotated the header lists one signature for each, newest first, with a space between them.",
		Source:  standardSource,
		Headers: []string{standardID, standardTimestamp, standardSignature},
		Secret:  "whsec_ followed by 24 to 64 bytes in standard base64",
	}
}

func (standard) Sign(message Message, keys []string, _ Options) ([]Header, error) {
	return signStandard(message, keys, func(key string, parts ...[]byte) (string, error) {
		secret, err := decodeStandardSecret(key)
		if err != nil {
			return "", err
		}
		return "v1," + base64.StdEncoding.EncodeToString(mac(secret, parts...)), nil
	})
}

func (standard) Verify(header http.Header, body []byte, keys []string, options VerifyOptions) error {
	sent, err := parseStandard(header, "v1", sha256.Size)
	if err != nil {
		return err
	}
	mismatch, found := ErrMismatch, false
	for _, key := range keys {
		secret, err := decodeStandardSecret(key)
		if err != nil { // another key may still fit
			mismatch = fmt.Errorf("%w: %w", ErrMismatch, err)
			continue
		}
		expected := mac(secret, sent.parts(body)...)
		for _, sum := range sent.sums {
			if hmac.Equal(sum, expected) {
				found = true
			}
		}
	}
	if !found {
		return mismatch
	}
	return checkTime(sent.at, options)
}

func (standard) CheckSecret(secret string) error {
	_, err := decodeStandardSecret(secret)
	return err
}

func (standard) NewSecret() string {
	return "whsec_" + base64.StdEncoding.EncodeToString(randomBytes(secretSize))
}

func decodeStandardSecret(secret string) ([]byte, error) {
	text, ok := strings.CutPrefix(secret, "whsec_")
	if !ok {
		return nil, errors.New("the secret must begin with whsec_")
	}
	key, err := strictBase64(text)
	if err != nil {
		return nil, errors.New("the secret must be standard base64, with padding, behind whsec_")
	}
	if len(key) < 24 || len(key) > 64 {
		return nil, errors.New("the secret must hold 24 to 64 bytes behind whsec_")
	}
	return key, nil
}

// signStandard writes the three headers, with one signature for each key.
func signStandard(message Message, keys []string, sign func(key string, parts ...[]byte) (string, error)) ([]Header, error) {
	if len(keys) == 0 {
		return nil, errNoKey
	}
	at := unix(message.Timestamp)
	signatures := make([]string, len(keys))
	for i, key := range keys {
		signature, err := sign(key, []byte(message.ID), []byte("."), []byte(at), []byte("."), message.Body)
		if err != nil {
			return nil, fmt.Errorf("sign message: %w", err)
		}
		signatures[i] = signature
	}
	return []Header{
		{standardID, message.ID},
		{standardTimestamp, at},
		{standardSignature, strings.Join(signatures, " ")},
	}, nil
}

// standardSent is what the three headers say.
type standardSent struct {
	id, seconds string
	at          time.Time
	sums        [][]byte // the signatures of the wanted version
}

func (s *standardSent) parts(body []byte) [][]byte {
	return [][]byte{[]byte(s.id), []byte("."), []byte(s.seconds), []byte("."), body}
}

// parseStandard reads the three headers. Signatures of other versions are
// passed over; without one of the wanted version the header is malformed.
func parseStandard(header http.Header, version string, size int) (*standardSent, error) {
	var sent standardSent
	var list string
	for _, field := range []struct {
		name string
		to   *string
	}{{standardID, &sent.id}, {standardTimestamp, &sent.seconds}, {standardSignature, &list}} {
		value, err := headerValue(header, field.name)
		if err != nil {
			return nil, err
		}
		*field.to = value
	}
	var err error
	if sent.at, err = parseUnix(sent.seconds); err != nil {
		return nil, err
	}
	entries := strings.Fields(list)
	if len(entries) > maxSignatures {
		return nil, fmt.Errorf("%w: more than %d signatures", ErrMalformed, maxSignatures)
	}
	for _, entry := range entries {
		found, text, _ := strings.Cut(entry, ",")
		if found != version {
			continue
		}
		sum, err := decodeBase64(text, size)
		if err != nil {
			return nil, err
		}
		sent.sums = append(sent.sums, sum)
	}
	if len(sent.sums) == 0 {
		return nil, fmt.Errorf("%w: %s has no signature that begins with %s,", ErrMalformed, standardSignature, version)
	}
	return &sent, nil
}
