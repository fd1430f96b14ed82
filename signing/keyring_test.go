package signing

import (
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"testing"
)

func newRing(t testing.TB, current string, previous ...string) *Keyring {
	t.Helper()
	ring, err := NewKeyring(current, previous...)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func mustSeal(t testing.TB, ring *Keyring, plain, aad string) string {
	t.Helper()
	sealed, err := ring.Seal(plain, aad)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestKeyringRoundTrip(t *testing.T) {
	ring := newRing(t, GenerateKey())
	for _, plain := range []string{"", "a", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "pässword\x00\n", strings.Repeat("x", 100_000)} {
		sealed := mustSeal(t, ring, plain, "ep_1")
		if len(plain) > 3 && strings.Contains(sealed, plain) {
			t.Error("the sealed text holds the plain one")
		}
		if sealed == mustSeal(t, ring, plain, "ep_1") {
			t.Error("sealing twice gives the same text")
		}
		opened, err := ring.Open(sealed, "ep_1")
		if err != nil || opened != plain {
			t.Errorf("opened %.20q, %v", opened, err)
		}
		if ring.NeedsReseal(sealed) {
			t.Error("what was just sealed needs resealing")
		}
	}
}

func TestKeyringBindsTheOwner(t *testing.T) {
	ring := newRing(t, GenerateKey())
	sealed := mustSeal(t, ring, "geheim", "ep_1")
	for _, aad := range []string{"ep_2", "", "ep_1 ", "ep_1\x00"} {
		if opened, err := ring.Open(sealed, aad); !errors.Is(err, ErrSealed) || opened != "" {
			t.Errorf("aad %q: %q, %v; want ErrSealed", aad, opened, err)
		}
	}
}

func TestKeyringRefusesDamage(t *testing.T) {
	ring := newRing(t, GenerateKey())
	sealed := mustSeal(t, ring, "geheim", "ep_1")
	id := ring.KeyID()
	for i := range len(sealed) {
		damaged := []byte(sealed)
		damaged[i] ^= 1
		if opened, err := ring.Open(string(damaged), "ep_1"); err == nil {
			t.Errorf("byte %d changed: opens as %q", i, opened)
		}
	}
	for _, text := range []string{"", "geheim", "v1", "v1.", "v1." + id, "v1." + id + ".", "v1." + id + ".AAAA", "v2" + sealed[2:], sealed[:len(sealed)-4], sealed + "AAAA", "v1..AAAA"} {
		if _, err := ring.Open(text, "ep_1"); !errors.Is(err, ErrSealed) {
			t.Errorf("%q: %v, want ErrSealed", text, err)
		}
		if strings.HasPrefix(text, "v2") && ring.NeedsReseal(text) {
			t.Error("what was never sealed needs resealing")
		}
	}
}

func TestKeyringRotation(t *testing.T) {
	first, second := GenerateKey(), GenerateKey()
	before := newRing(t, first)
	after := newRing(t, second, first)
	gone := newRing(t, second)
	sealed := mustSeal(t, before, "geheim", "ep_1")
	if opened, err := after.Open(sealed, "ep_1"); err != nil || opened != "geheim" {
		t.Errorf("with the previous key: %q, %v", opened, err)
	}
	if !after.NeedsReseal(sealed) || after.NeedsReseal(mustSeal(t, after, "geheim", "ep_1")) {
		t.Error("NeedsReseal does not tell old from new")
	}
	if _, err := gone.Open(sealed, "ep_1"); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("without the previous key: %v, want ErrUnknownKey", err)
	}
	if before.KeyID() == after.KeyID() || after.KeyID() != gone.KeyID() {
		t.Error("key ids do not follow the current key")
	}
}

func TestKeys(t *testing.T) {
	tests := []struct {
		key string
		ok  bool
	}{
		{GenerateKey(), true},
		{base64.StdEncoding.EncodeToString(make([]byte, 32)), true},
		{"a passphrase of some length", true},
		{"sechzehn Zeichen", true},
		{"fünfzehn Zeich.", false},
		{"", false},
		{"short", false},
		{"AAAAAAAAAAAAAAA=", true}, // 16 characters, though not of a key
	}
	for _, test := range tests {
		ring, err := NewKeyring(test.key)
		if (err == nil) != test.ok {
			t.Errorf("%q: %v, want ok=%v", test.key, err, test.ok)
		}
		if err != nil && (ring != nil || test.key != "" && strings.Contains(err.Error(), test.key)) {
			t.Errorf("%q: %v, %v", test.key, ring, err)
		}
	}
	if _, err := NewKeyring(GenerateKey(), "short"); err == nil {
		t.Error("a short previous key is accepted")
	}
	one, two := newRing(t, "a passphrase of some length"), newRing(t, "a passphrase of some length")
	if opened, err := two.Open(mustSeal(t, one, "geheim", "x"), "x"); err != nil || opened != "geheim" {
		t.Errorf("the same passphrase after a restart: %q, %v", opened, err)
	}
	if first, second := GenerateKey(), GenerateKey(); first == second {
		t.Error("two generated keys are equal")
	}
}

// A sealed text of an earlier version must open for ever.
func TestKeyringReadsWhatWasSealedBefore(t *testing.T) {
	key := base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef"))
	ring := newRing(t, key)
	const sealed = "v1.8b923f0a.w5ltNuPv1y6TA0vxeU0UBnKRrH6F7SSd33B35Cav1shE8Q"
	if opened, err := ring.Open(sealed, "ep_1"); err != nil || opened != "geheim" {
		t.Errorf("%q, %v; sealed today: %s", opened, err, mustSeal(t, ring, "geheim", "ep_1"))
	}
}

func TestKeyringConcurrently(t *testing.T) {
	ring := newRing(t, GenerateKey())
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 100 {
				sealed, err := ring.Seal("geheim", "ep_1")
				if err != nil {
					t.Error(err)
				}
				if opened, err := ring.Open(sealed, "ep_1"); err != nil || opened != "geheim" {
					t.Errorf("%q, %v", opened, err)
				}
			}
		})
	}
	wait.Wait()
}

func BenchmarkOpen(b *testing.B) {
	ring := newRing(b, GenerateKey())
	sealed := mustSeal(b, ring, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "ep_1")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ring.Open(sealed, "ep_1"); err != nil {
			b.Fatal(err)
		}
	}
}
