package signing

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Errors of Keyring.Open.
var (
	// ErrUnknownKey: sealed with a key that the keyring does not hold.
	ErrUnknownKey = errors.New("sealed with an unknown key")
	// ErrSealed: damaged, moved from its owner, or never sealed.
	ErrSealed = errors.New("sealed secret cannot be opened")
)

const (
	sealVersion = "v1"
	keySize     = 32
	// minPassphrase is the least length of a passphrase, in characters.
	minPassphrase = 16
	// passphraseRounds of PBKDF2 make guessing passphrases slow. They are run
	// when a keyring is made, not when it seals.
	passphraseRounds = 600_000
)

// Keyring encrypts the secrets that are kept: AES-256-GCM under the current
// key, bound to the owner that is named. It opens what its previous keys
// sealed. It is safe for concurrent use.
type Keyring struct {
	current string
	keys    map[string]cipher.AEAD // by key id
}

// NewKeyring makes a keyring out of the key to seal with and earlier keys that
// may still be needed. A key is the standard base64 of 32 bytes, as
// GenerateKey makes it, or a passphrase of at least 16 characters. Making one
// out of a passphrase takes a good part of a second.
func NewKeyring(current string, previous ...string) (*Keyring, error) {
	ring := &Keyring{keys: make(map[string]cipher.AEAD)}
	for i, text := range append([]string{current}, previous...) {
		id, aead, err := newKey(text)
		if err != nil {
			return nil, fmt.Errorf("read key %d of the keyring: %w", i+1, err)
		}
		if i == 0 {
			ring.current = id
		}
		ring.keys[id] = aead
	}
	return ring, nil
}

// GenerateKey makes a random key for NewKeyring.
func GenerateKey() string { return base64.StdEncoding.EncodeToString(randomBytes(keySize)) }

// KeyID names the key that seals. It tells nothing about the key.
func (k *Keyring) KeyID() string { return k.current }

// Seal encrypts plain for its owner, whose id is aad: only Open with the same
// aad returns it, so that a sealed secret copied to another owner is useless.
func (k *Keyring) Seal(plain, aad string) (string, error) {
	box := k.keys[k.current].Seal(nil, nil, []byte(plain), sealedData(k.current, aad))
	return sealVersion + "." + k.current + "." + base64.RawURLEncoding.EncodeToString(box), nil
}

// Open decrypts what Seal returned. Its error wraps ErrUnknownKey or
// ErrSealed and repeats nothing of the input.
func (k *Keyring) Open(sealed, aad string) (string, error) {
	id, box, ok := splitSealed(sealed)
	if !ok {
		return "", fmt.Errorf("open secret: %w: it has not the form of one", ErrSealed)
	}
	aead := k.keys[id]
	if aead == nil {
		return "", fmt.Errorf("open secret: %w", ErrUnknownKey)
	}
	plain, err := aead.Open(nil, nil, box, sealedData(id, aad))
	if err != nil {
		return "", fmt.Errorf("open secret: %w: it is damaged or belongs to another owner", ErrSealed)
	}
	return string(plain), nil
}

// NeedsReseal reports whether sealed was made with a key other than the
// current one, and should be opened and sealed anew.
func (k *Keyring) NeedsReseal(sealed string) bool {
	id, _, ok := splitSealed(sealed)
	return ok && id != k.current
}

func sealedData(id, aad string) []byte {
	return []byte("hookdesk secret " + sealVersion + "\x00" + id + "\x00" + aad)
}

func splitSealed(sealed string) (id string, box []byte, ok bool) {
	version, rest, _ := strings.Cut(sealed, ".")
	id, text, found := strings.Cut(rest, ".")
	if version != sealVersion || !found || id == "" {
		return "", nil, false
	}
	box, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return id, box, err == nil
}

// newKey derives the cipher and its id from a key's text.
func newKey(text string) (id string, aead cipher.AEAD, err error) {
	material, err := keyMaterial(text)
	if err != nil {
		return "", nil, err
	}
	idBytes, err := hkdf.Key(sha256.New, material, nil, "hookdesk key id", 4)
	if err != nil {
		return "", nil, fmt.Errorf("derive key id: %w", err)
	}
	key, err := hkdf.Key(sha256.New, material, nil, "hookdesk secret encryption", keySize)
	if err != nil {
		return "", nil, fmt.Errorf("derive key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", nil, fmt.Errorf("make cipher: %w", err)
	}
	aead, err = cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return "", nil, fmt.Errorf("make cipher: %w", err)
	}
	return hex.EncodeToString(idBytes), aead, nil
}

func keyMaterial(text string) ([]byte, error) {
	if key, err := base64.StdEncoding.DecodeString(text); err == nil && len(key) == keySize {
		return key, nil
	}
	if utf8.RuneCountInString(text) < minPassphrase {
		return nil, fmt.Errorf("expected %d bytes in standard base64, or a passphrase of at least %d characters", keySize, minPassphrase)
	}
	// The salt is fixed because the keyring has nowhere to keep one; what is
	// slow to guess is slow for every installation alike.
	material, err := pbkdf2.Key(sha256.New, text, []byte("hookdesk keyring v1"), passphraseRounds, keySize)
	if err != nil {
		return nil, fmt.Errorf("derive key from passphrase: %w", err)
	}
	return material, nil
}
