package signing

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// standardV1a is Standard Webhooks v1a, ed25519: the receiver holds a public
// key and cannot sign itself.
type standardV1a struct{}

func (standardV1a) Describe() Description {
	return Description{
		Name:  Asymmetric,
		Title: "Standard Webhooks, asymmetric (v1a)",
		Text: "An ed25519 signature over the id, a full stop, the timestamp, a full stop and the exact body, in standard base64 behind v1a,. The sender holds the private key (whsk_), the receiver the public one (whpk_). " +
			"webhook-id is the same for every attempt, webhook-timestamp (Unix seconds) is the attempt's; a receiver refuses one more than five minutes away. " +
			"While a key is being rotated the header lists one signature for each, newest first, with a space between them.",
		Source:  standardSource,
		Headers: []string{standardID, standardTimestamp, standardSignature},
		Secret:  "whsk_ followed by the 64 bytes of an ed25519 private key in standard base64; receivers verify with whpk_ and the 32 bytes of the public key",
	}
}

func (standardV1a) Sign(message Message, keys []string, _ Options) ([]Header, error) {
	return signStandard(message, keys, func(key string, parts ...[]byte) (string, error) {
		private, err := decodePrivateKey(key)
		if err != nil {
			return "", err
		}
		sum := ed25519.Sign(private, bytes.Join(parts, nil))
		return "v1a," + base64.StdEncoding.EncodeToString(sum), nil
	})
}

// Verify accepts public keys (whpk_) and private ones (whsk_).
func (standardV1a) Verify(header http.Header, body []byte, keys []string, options VerifyOptions) error {
	sent, err := parseStandard(header, "v1a", ed25519.SignatureSize)
	if err != nil {
		return err
	}
	signed := bytes.Join(sent.parts(body), nil)
	mismatch, found := ErrMismatch, false
	for _, key := range keys {
		public, err := decodePublicKey(key)
		if err != nil { // another key may still fit
			mismatch = fmt.Errorf("%w: %w", ErrMismatch, err)
			continue
		}
		for _, sum := range sent.sums {
			if ed25519.Verify(public, signed, sum) {
				found = true
			}
		}
	}
	if !found {
		return mismatch
	}
	return checkTime(sent.at, options)
}

func (standardV1a) CheckSecret(secret string) error {
	_, err := decodePrivateKey(secret)
	return err
}

func (standardV1a) NewSecret() string {
	private := ed25519.NewKeyFromSeed(randomBytes(ed25519.SeedSize))
	return "whsk_" + base64.StdEncoding.EncodeToString(private)
}

// PublicKey returns the whpk_ key that belongs to a whsk_ key: what a receiver
// is given.
func PublicKey(private string) (string, error) {
	key, err := decodePublicKey(private)
	if err != nil {
		return "", fmt.Errorf("derive public key: %w", err)
	}
	return "whpk_" + base64.StdEncoding.EncodeToString(key), nil
}

func decodePrivateKey(secret string) (ed25519.PrivateKey, error) {
	text, ok := strings.CutPrefix(secret, "whsk_")
	if !ok {
		return nil, errors.New("the secret must begin with whsk_")
	}
	key, err := strictBase64(text)
	if err != nil || len(key) != ed25519.PrivateKeySize {
		return nil, errors.New("the secret must hold the 64 bytes of an ed25519 private key in standard base64 behind whsk_")
	}
	private := ed25519.NewKeyFromSeed(key[:ed25519.SeedSize])
	if !bytes.Equal(private, key) {
		return nil, errors.New("the secret's two halves, private and public, do not belong together")
	}
	return private, nil
}

func decodePublicKey(key string) (ed25519.PublicKey, error) {
	text, ok := strings.CutPrefix(key, "whpk_")
	if !ok {
		private, err := decodePrivateKey(key)
		if err != nil {
			return nil, err
		}
		return private.Public().(ed25519.PublicKey), nil
	}
	public, err := strictBase64(text)
	if err != nil || len(public) != ed25519.PublicKeySize {
		return nil, errors.New("the key must hold the 32 bytes of an ed25519 public key in standard base64 behind whpk_")
	}
	return public, nil
}
