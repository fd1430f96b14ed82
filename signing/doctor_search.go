package signing

import (
	"crypto/hmac"
	"crypto/md5"  //nolint:gosec // to recognise signatures made with it
	"crypto/sha1" //nolint:gosec // to recognise signatures made with it
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strconv"
)

// maxPairBody is the largest body, in bytes, for which mistakes are tried by
// the thousand: in pairs, and with every timestamp near by. It bounds a search
// that finds nothing to about a second.
const maxPairBody = 128 << 10

// variant is something that may have stood in the place of what stands there
// now, with the finding that it would be.
type variant[T any] struct {
	value T
	finding
}

// searcher tries mistakes against the received signatures.
type searcher struct {
	form    form
	sums    [][]byte
	content content
	secrets []string
	keys    [][]byte // of the secrets as they should be used
}

// search returns the mistake that reproduces a received signature. err is
// what Verify said.
func search(form form, received received, capture Capture, err error) finding {
	s := &searcher{
		form: form, sums: received.sums, secrets: capture.Secrets,
		content: content{received.id, received.seconds, capture.Body},
	}
	for _, secret := range capture.Secrets {
		if key, keyErr := form.key(secret); keyErr == nil {
			s.keys = append(s.keys, key)
		}
	}
	if len(s.sums) > 0 {
		if form.matches(received, capture) {
			return wrongForm(form, received, err)
		}
		for _, try := range []func(*searcher) (finding, bool){
			(*searcher).bodyAlone, (*searcher).secretAlone, (*searcher).envelope,
			(*searcher).algorithm, (*searcher).composition, (*searcher).pair,
		} {
			if found, ok := try(s); ok {
				return found
			}
		}
	}
	if other, ok := otherScheme(form, capture); ok {
		return other
	}
	return s.unexplained(capture, err)
}

// fits reports whether some key makes a received signature over a content.
func (s *searcher) fits(keys [][]byte, message []byte) bool {
	return slices.ContainsFunc(keys, func(key []byte) bool { return s.form.signs(s.sums, key, message) })
}

func (s *searcher) bodyAlone() (finding, bool) {
	for body := range bodyVariants(s.content.body) {
		if s.fits(s.keys, s.form.bytes(content{s.content.id, s.content.seconds, body.value})) {
			return body.finding, true
		}
	}
	return finding{}, false
}

func (s *searcher) secretAlone() (finding, bool) {
	message := s.form.bytes(s.content)
	for _, secret := range s.secrets {
		for _, key := range secretVariants(s.form, secret) {
			if s.fits([][]byte{key.value}, message) {
				return key.finding, true
			}
		}
	}
	return finding{}, false
}

// envelope tries other ids and timestamps.
func (s *searcher) envelope() (finding, bool) {
	if s.form.hasID {
		for _, id := range idVariants(s.content.body) {
			if s.fits(s.keys, s.form.bytes(content{id.value, s.content.seconds, s.content.body})) {
				return id.finding, true
			}
		}
	}
	at, err := strconv.ParseInt(s.content.seconds, 10, 64)
	if !s.form.hasTime || err != nil {
		return finding{}, false
	}
	candidates := []int64{at * 1000, at / 1000}
	if len(s.content.body) <= maxPairBody {
		for off := range int64(600) {
			candidates = append(candidates, at-off, at+off)
		}
	}
	for _, candidate := range candidates {
		seconds := strconv.FormatInt(candidate, 10)
		if s.fits(s.keys, s.form.bytes(content{s.content.id, seconds, s.content.body})) {
			return finding{
				CauseOtherTimestamp,
				fmt.Sprintf("The signature was made with the timestamp %s, but the header says %s.", seconds, shorten(s.content.seconds)),
				"Sign with exactly the text that the timestamp header carries: whole Unix seconds of this attempt.",
			}, true
		}
	}
	return finding{}, false
}

func (s *searcher) algorithm() (finding, bool) {
	if s.form.asymmetric {
		return finding{}, false
	}
	message := s.form.bytes(s.content)
	for _, algorithm := range []struct {
		name string
		hash func() hash.Hash
	}{{"SHA-1", sha1.New}, {"SHA-512", sha512.New}, {"SHA-384", sha512.New384}, {"MD5", md5.New}} {
		for _, key := range s.keys {
			digest := hmac.New(algorithm.hash, key)
			digest.Write(message)
			expected := digest.Sum(nil)
			if slices.ContainsFunc(s.sums, func(sum []byte) bool { return hmac.Equal(sum, expected) }) {
				return finding{
					CauseAlgorithm,
					"The signature was made with HMAC-" + algorithm.name + ", but the scheme uses HMAC-SHA256.",
					"Use SHA-256.",
				}, true
			}
		}
	}
	return finding{}, false
}

// composition tries other contents made of the same parts.
func (s *searcher) composition() (finding, bool) {
	id, at, body := s.content.id, s.content.seconds, s.content.body
	join := func(text string) []byte { return slices.Concat([]byte(text), body) }
	digest := sha256.Sum256(body)
	type composed struct {
		bytes []byte
		what  string
	}
	list := []composed{
		{body, "the body alone"},
		{nil, "an empty body"},
		{s.form.bytes(content{id, at, nil}), "an empty body, which is what is left once something else has read the stream"},
		{digest[:], "the SHA-256 digest of the body"},
		{fmt.Appendf(nil, "%x", digest), "the hexadecimal SHA-256 digest of the body"},
		{fmt.Appendf(nil, "%q", body), "the body as a quoted string"},
	}
	if s.form.hasTime {
		list = append(list, composed{join(at + "."), "the timestamp and the body"}, composed{join(at), "the timestamp and the body without the full stop"},
			composed{join(at + ":"), "the timestamp and the body with a colon between them"}, composed{slices.Concat(body, []byte("."+at)), "the body and then the timestamp"})
	}
	if s.form.hasID {
		list = append(list, composed{join(id + "."), "the id and the body, without the timestamp"},
			composed{join(id + at), "id, timestamp and body without full stops"}, composed{join(at + "." + id + "."), "the timestamp before the id"})
	}
	for _, c := range list {
		if s.fits(s.keys, c.bytes) {
			return finding{
				CauseOtherBytes,
				"The signature was made over " + c.what + ".",
				"Sign exactly " + s.form.words() + ".",
			}, true
		}
	}
	return finding{}, false
}

// pair tries a mistake in the secret together with one in the body.
func (s *searcher) pair() (finding, bool) {
	if len(s.content.body) > maxPairBody {
		return finding{}, false
	}
	bodies := slices.Collect(bodyVariants(s.content.body))
	for _, secret := range s.secrets {
		for _, key := range secretVariants(s.form, secret) {
			for _, body := range bodies {
				if s.fits([][]byte{key.value}, s.form.bytes(content{s.content.id, s.content.seconds, body.value})) {
					return finding{key.cause, key.explanation + " Besides: " + body.explanation, key.advice + " " + body.advice}, true
				}
			}
		}
	}
	return finding{}, false
}

// wrongForm is for a signature that is right, but written in another form
// than the scheme's.
func wrongForm(form form, received received, err error) finding {
	expected := encodingBase64
	if form.hex {
		expected = encodingHex
	}
	if received.encoding != expected {
		return finding{
			CauseEncoding,
			fmt.Sprintf("The signature is right, but written in %s, where the scheme has %s.", received.encoding, expected),
			"Encode the 32 bytes of the HMAC itself, in " + expected + "; do not encode its hexadecimal text again.",
		}
	}
	return malformed(form, err)
}

func malformed(form form, err error) finding {
	return finding{
		CauseMalformedHeader,
		fmt.Sprintf("The header %s has not the scheme's form: %s.", form.header, err),
		"Write the header as the scheme does, such as " + form.example() + ".",
	}
}

// otherScheme tries the other schemes whose headers are there.
func otherScheme(form form, capture Capture) (finding, bool) {
	for _, scheme := range schemes {
		name := scheme.Describe().Name
		if name == None || name == form.name {
			continue
		}
		err := scheme.Verify(capture.Header, capture.Body, capture.Secrets, VerifyOptions{Options: capture.Options})
		if err == nil {
			return finding{
				CauseOtherScheme,
				fmt.Sprintf("The request is signed, rightly, by the scheme %s.", name),
				"Verify with that scheme, or choose another for the endpoint.",
			}, true
		}
	}
	return finding{}, false
}

// unexplained says the likeliest where nothing reproduced the signature.
func (s *searcher) unexplained(capture Capture, err error) finding {
	if found, ok := againstSent(s.form, capture); ok {
		return found
	}
	switch {
	case errors.Is(err, ErrMalformed):
		return malformed(s.form, err)
	case len(capture.Body) == 0:
		return finding{
			CauseTruncated,
			"The body is empty; what was signed hardly was.",
			"Verify before anything else reads the body: most frameworks let it be read once, and what parsed a form or JSON has read it already.",
		}
	case shorterThanSent(capture):
		return finding{
			CauseTruncated,
			fmt.Sprintf("The body has %d bytes, but Content-Length says %s.", len(capture.Body), capture.Header.Get("Content-Length")),
			"Read the body to its end before verifying, and raise the limit of whatever cuts it.",
		}
	case endsEarly(capture.Body):
		return finding{
			CauseTruncated,
			"The body is JSON that ends in the middle.",
			"Read the body to its end before verifying, and raise the limit of whatever cuts it.",
		}
	case hasReplacement(capture.Body):
		return finding{
			CauseCharset,
			"The body holds replacement characters (U+FFFD): some step decoded bytes that it took for another charset, and what they were is lost.",
			"Verify the raw bytes, before anything turns them into text.",
		}
	case longerThanSent(capture):
		return finding{
			CauseOtherBytes,
			fmt.Sprintf("The body has %d bytes, but Content-Length says %s: it was changed after it was received.", len(capture.Body), capture.Header.Get("Content-Length")),
			"Verify the raw bytes, before anything parses or changes them.",
		}
	case len(s.keys) == 0:
		_, keyErr := s.form.key(s.secrets[0])
		return finding{CauseWrongSecret, "The secret is none of this scheme: " + keyErr.Error() + ".", "Copy the secret of this endpoint as it was shown."}
	}
	return finding{
		CauseWrongSecret,
		"The signature was made with another secret, or the body was changed in a way that is none of the usual ones.",
		"Copy the secret of this very endpoint anew, or rotate it. If it is the right one, verify the raw bytes of the body, before anything parses them.",
	}
}
