package signing

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"
)

// patient is a request as it was signed, before something goes wrong.
type patient struct {
	scheme  string
	message Message
	secret  string
}

const ticketBody = `{"id":"evt_9","subject":"Größe <p>a/b</p> & mehr","tags":["x","y"],"n":{"b":1.50,"a":null}}`

// patients is one request for each scheme that has a shared secret.
func patients() []patient {
	message := Message{ID: "msg_1", Timestamp: testTime, Body: []byte(ticketBody)}
	const text = "geheim-geheim-0123"
	return []patient{
		{"standard", message, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
		{"superoffice", message, text},
		{"agency", message, text},
		{"github", message, text},
		{"hmac-hex", message, text},
		{"hmac-base64", message, text},
	}
}

// sign signs as the scheme does.
func (p patient) sign(t *testing.T) http.Header {
	t.Helper()
	scheme, _ := Lookup(p.scheme)
	return mustSign(t, scheme, p.message, p.secret)
}

// signWith signs the right content with a key of the test's choice.
func (p patient) signWith(key []byte) http.Header {
	form := formOf(p.scheme, Options{})
	c := content{p.message.ID, unix(p.message.Timestamp), p.message.Body}
	return p.headers(form.encode(mac(key, form.bytes(c))))
}

// headers puts a signature into the scheme's headers.
func (p patient) headers(signature string) http.Header {
	header := make(http.Header)
	form := formOf(p.scheme, Options{})
	switch {
	case form.hasID:
		header.Set(standardID, p.message.ID)
		header.Set(standardTimestamp, unix(p.message.Timestamp))
	case form.hasTime:
		signature = "t=" + unix(p.message.Timestamp) + ",s=" + signature
	}
	header.Set(form.header, signature)
	return header
}

func wantCause(t *testing.T, d Diagnosis, want Cause) {
	t.Helper()
	if d.Cause != want || d.Verified != (want == CauseNone) {
		t.Errorf("cause %q, verified %v, want %q\n%s", d.Cause, d.Verified, want, d.Explanation)
	}
	if d.Explanation == "" || (d.Advice == "") != (want == CauseNone) {
		t.Errorf("explanation %q, advice %q", d.Explanation, d.Advice)
	}
	if len(d.Steps) == 0 {
		t.Error("no steps")
	}
	failed := false
	for _, step := range d.Steps {
		if step.Title == "" || step.Detail == "" {
			t.Errorf("an empty step: %+v", step)
		}
		failed = failed || !step.OK
	}
	if failed != (want != CauseNone) {
		t.Errorf("cause %q with the steps %+v", want, d.Steps)
	}
}

func TestHealthy(t *testing.T) {
	for _, p := range patients() {
		for _, named := range []string{"", p.scheme} {
			d := Diagnose(Capture{
				Scheme: named, Header: p.sign(t), Body: p.message.Body,
				Secrets: []string{p.secret}, Now: testTime.Add(time.Minute),
			})
			wantCause(t, d, CauseNone)
			if d.Scheme != p.scheme {
				t.Errorf("scheme %q, want %q", d.Scheme, p.scheme)
			}
		}
	}
}

// Each change of the body is found in every scheme.
func TestChangedBodies(t *testing.T) {
	latin1, err := charmap.ISO8859_1.NewEncoder().String(ticketBody)
	if err != nil {
		t.Fatal(err)
	}
	mojibake, err := charmap.ISO8859_1.NewDecoder().String(ticketBody)
	if err != nil {
		t.Fatal(err)
	}
	const indented = "{\n  \"a\": 1,\n  \"b\": [\n    \"é\",\n    {}\n  ]\n}"
	tests := []struct {
		name, signed, seen string
		want               Cause
	}{
		{"newline added", ticketBody, ticketBody + "\n", CauseTrailingNewline},
		{"CRLF added", ticketBody, ticketBody + "\r\n", CauseTrailingNewline},
		{"newline stripped", ticketBody + "\n", ticketBody, CauseTrailingNewline},
		{"CRLF stripped", ticketBody + "\r\n", ticketBody, CauseTrailingNewline},
		{"spaces around", ticketBody, "  " + ticketBody + " \n\n", CauseTrailingNewline},
		{"LF to CRLF", "a\nb\nc", "a\r\nb\r\nc", CauseLineEndings},
		{"CRLF to LF", "a\r\nb\r\nc", "a\nb\nc", CauseLineEndings},
		{"mark added", ticketBody, "\ufeff" + ticketBody, CauseCharset},
		{"mark lost", "\ufeff" + ticketBody, ticketBody, CauseCharset},
		{"UTF-8 to Latin-1", ticketBody, latin1, CauseCharset},
		{"Latin-1 to UTF-8", latin1, ticketBody, CauseCharset},
		{"UTF-8 twice", ticketBody, mojibake, CauseCharset},
		{"UTF-8 to Windows-1252", `{"price":"5 €"}`, "{\"price\":\"5 \x80\"}", CauseCharset},
		{"indented", `{"a":1,"b":["é",{}]}`, indented, CauseReserialized},
		{"compacted", indented, `{"a":1,"b":["é",{}]}`, CauseReserialized},
		{"Python's spaces", `{"a":1,"b":["x","y"]}`, `{"a": 1, "b": ["x", "y"]}`, CauseReserialized},
		{"from Python's spaces", `{"a": 1, "b": ["x", "y"]}`, `{"a":1,"b":["x","y"]}`, CauseReserialized},
		{"from Python's escapes", `{"a": "\u00e9\ud83d\ude00"}`, `{"a":"é😀"}`, CauseReserialized},
		{"Python's escapes", `{"a":"é😀"}`, `{"a": "\u00e9\ud83d\ude00"}`, CauseReserialized},
		{"Go's escapes", `{"a":"<p>&"}`, `{"a":"\u003cp\u003e\u0026"}`, CauseReserialized},
		{"PHP's slashes", `{"a":"http://x"}`, `{"a":"http:\/\/x"}`, CauseReserialized},
		{"from PHP's slashes", `{"a":"http:\/\/x\u00e9"}`, `{"a":"http://xé"}`, CauseReserialized},
		{"from sorted names", `{"a":1,"b":{"c":2,"d":3}}`, `{"b":{"d":3,"c":2},"a":1}`, CauseReserialized},
		{"form decoded", "a=x+y&b%5Bc%5D=%C3%A9", "a=x y&b[c]=é", CauseURLDecoded},
		{"form with brackets decoded", "a[b]=x+y", "a[b]=x y", CauseURLDecoded},
		{"form with %20", "a=x%20y", "a=x+y", CauseURLDecoded},
		{"form encoded", "a=x y", "a=x+y", CauseURLDecoded},
		{"form brackets", "a%5Bb%5D=1&c=2", "a[b]=1&c=2", CauseURLDecoded},
	}
	for _, p := range patients() {
		for _, test := range tests {
			p.message.Body = []byte(test.signed)
			d := Diagnose(Capture{
				Scheme: p.scheme, Header: p.sign(t), Body: []byte(test.seen),
				Secrets: []string{p.secret}, Now: testTime,
			})
			t.Run(p.scheme+"/"+test.name, func(t *testing.T) { wantCause(t, d, test.want) })
		}
	}
}

func TestMistakenSecrets(t *testing.T) {
	const raw = "31f290f6bf0629 8aab4f08d43c3f082cf648a362da2da4b0"
	const bare = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	decoded, _ := base64.StdEncoding.DecodeString(bare)
	const text = "c2VjcmV0IGluIGJhc2U2NCE=" // is base64 too
	textDecoded, _ := base64.StdEncoding.DecodeString(text)
	const digits = "00112233445566778899aabbccddeeff"
	digitsDecoded, _ := hex.DecodeString(digits)
	tests := []struct {
		name, scheme string
		key          []byte // that signed
		secret       string // that the receiver has
		want         Cause
	}{
		{"characters as key", "standard", []byte("whsec_" + bare), "whsec_" + bare, CauseSecretNotDecoded},
		{"characters without label", "standard", []byte(bare), "whsec_" + bare, CauseSecretNotDecoded},
		{"v1 inside the secret", "standard", decoded, "v1,whsec_" + bare, CauseSecretPrefix},
		{"no label", "standard", decoded, bare, CauseSecretPrefix},
		{"newline behind", "standard", decoded, "whsec_" + bare + "\n", CauseSecretSpace},
		{"quotes", "standard", decoded, `"whsec_` + bare + `"`, CauseSecretSpace},
		{"hexadecimal for base64", "standard", digitsDecoded, "whsec_" + digits, CauseEncoding},
		{"wrong", "standard", []byte(raw), "whsec_" + bare, CauseWrongSecret},
		{"none of the scheme", "standard", decoded, "hunter2hunter2", CauseWrongSecret},
		{"base64 decoded", "superoffice", textDecoded, text, CauseSecretDecoded},
		{"hexadecimal decoded", "github", digitsDecoded, digits, CauseSecretDecoded},
		{"whsec_ decoded", "hmac-hex", decoded, "whsec_" + bare, CauseSecretDecoded},
		{"whsec_ left off", "hmac-hex", []byte(bare), "whsec_" + bare, CauseSecretPrefix},
		{"whsec_ too many", "hmac-hex", []byte("whsec_" + bare), bare, CauseSecretPrefix},
		{"v1 inside a text", "agency", []byte("a plain secret"), "v1,a plain secret", CauseSecretPrefix},
		{"newline in a file", "superoffice", []byte("a plain secret"), "a plain secret\n", CauseSecretSpace},
		{"signer's newline", "superoffice", []byte("a plain secret\n"), "a plain secret", CauseSecretSpace},
		{"encoded once more", "superoffice", []byte(base64.StdEncoding.EncodeToString([]byte("a plain secret"))), "a plain secret", CauseEncoding},
		{"wrong", "superoffice", []byte("correct horse battery"), "a plain secret", CauseWrongSecret},
		{"wrong", "agency", []byte("correct horse battery"), "a plain secret", CauseWrongSecret},
	}
	for _, test := range tests {
		t.Run(test.scheme+"/"+test.name, func(t *testing.T) {
			p := patient{scheme: test.scheme, message: testMessage()}
			d := Diagnose(Capture{Header: p.signWith(test.key), Body: p.message.Body, Secrets: []string{test.secret}, Now: testTime})
			wantCause(t, d, test.want)
			assertHidden(t, d, test.secret, string(test.key))
		})
	}
}

// assertHidden fails when a diagnosis holds a secret.
func assertHidden(t *testing.T, d Diagnosis, secrets ...string) {
	t.Helper()
	texts := []string{d.Explanation, d.Advice}
	for _, step := range d.Steps {
		texts = append(texts, step.Title, step.Detail)
	}
	for _, text := range texts {
		for _, secret := range secrets {
			if secret = strings.TrimPrefix(strings.TrimSpace(secret), "whsec_"); len(secret) > 6 && strings.Contains(text, secret) {
				t.Errorf("a secret is shown: %s", text)
			}
		}
	}
}

func TestMistakenEnvelopes(t *testing.T) {
	message := testMessage()
	message.Body = []byte(ticketBody)
	secret := "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	key, _ := decodeStandardSecret(secret)
	sum := func(content string) http.Header {
		p := patient{scheme: "standard", message: message}
		return p.headers("v1," + base64.StdEncoding.EncodeToString(mac(key, []byte(content))))
	}
	tests := []struct {
		name, content string
		want          Cause
	}{
		{"id of the body", "evt_9.1614265330." + ticketBody, CauseOtherID},
		{"no id", ".1614265330." + ticketBody, CauseOtherID},
		{"milliseconds", message.ID + ".1614265330000." + ticketBody, CauseOtherTimestamp},
		{"time of an earlier attempt", message.ID + ".1614265270." + ticketBody, CauseOtherTimestamp},
		{"body alone", ticketBody, CauseOtherBytes},
		{"empty body", message.ID + ".1614265330.", CauseOtherBytes},
		{"no timestamp", message.ID + "." + ticketBody, CauseOtherBytes},
		{"no id nor full stop", "1614265330." + ticketBody, CauseOtherBytes},
		{"no full stops", message.ID + "1614265330" + ticketBody, CauseOtherBytes},
		{"timestamp first", "1614265330." + message.ID + "." + ticketBody, CauseOtherBytes},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wantCause(t, Diagnose(Capture{Header: sum(test.content), Body: message.Body, Secrets: []string{secret}, Now: testTime}), test.want)
		})
	}
	p := patient{"agency", message, "geheim-geheim"}
	header := p.headers(hex.EncodeToString(mac([]byte(p.secret), message.Body)))
	wantCause(t, Diagnose(Capture{Header: header, Body: message.Body, Secrets: []string{p.secret}, Now: testTime}), CauseOtherBytes)
}

func TestClockSkew(t *testing.T) {
	tests := []struct {
		off  time.Duration
		want Cause
		says string
	}{
		{4 * time.Minute, CauseNone, ""},
		{6 * time.Minute, CauseClockSkew, "NTP"},
		{-6 * time.Minute, CauseClockSkew, "NTP"},
		{2 * time.Hour, CauseClockSkew, "UTC"},
		{-time.Hour, CauseClockSkew, "UTC"},
		{5*time.Hour + 30*time.Minute, CauseClockSkew, "UTC"},
		{80 * time.Hour, CauseClockSkew, "NTP"},
	}
	for _, p := range patients() {
		if !formOf(p.scheme, Options{}).hasTime {
			continue
		}
		for _, test := range tests {
			d := Diagnose(Capture{Header: p.sign(t), Body: p.message.Body, Secrets: []string{p.secret}, Now: testTime.Add(test.off)})
			wantCause(t, d, test.want)
			if !strings.Contains(d.Advice, test.says) {
				t.Errorf("%s: advice %q", test.off, d.Advice)
			}
		}
	}
}

func TestMistakenHeaders(t *testing.T) {
	for _, p := range patients() {
		form := formOf(p.scheme, Options{})
		diagnose := func(header http.Header) Diagnosis {
			return Diagnose(Capture{Scheme: p.scheme, Header: header, Body: p.message.Body, Secrets: []string{p.secret}, Now: testTime})
		}
		message := form.bytes(content{p.message.ID, unix(p.message.Timestamp), p.message.Body})
		key, err := form.key(p.secret)
		if err != nil {
			t.Fatal(err)
		}
		sum := mac(key, message)
		t.Run(p.scheme, func(t *testing.T) {
			wantCause(t, diagnose(http.Header{}), CauseMissingHeader)
			wantCause(t, diagnose(p.headers("nonsense")), CauseMalformedHeader)

			other := base64.StdEncoding.EncodeToString(sum)
			if !form.hex {
				other = hex.EncodeToString(sum)
			}
			wantCause(t, diagnose(p.headers(form.prefix+other)), CauseEncoding)
			if !form.hex {
				wantCause(t, diagnose(p.headers(form.prefix+base64.RawURLEncoding.EncodeToString(sum))), CauseEncoding)
			}
			if form.prefix != "" {
				wantCause(t, diagnose(p.headers(strings.TrimPrefix(form.encode(sum), form.prefix))), CauseMalformedHeader)
			}
			wantCause(t, diagnose(p.headers(`"`+form.encode(sum)+`"`)), CauseMalformedHeader)

			for _, digest := range [][]byte{
				sumOf(hmac.New(sha1.New, key), message), sumOf(hmac.New(sha512.New, key), message),
			} {
				wantCause(t, diagnose(p.headers(form.encode(digest))), CauseAlgorithm)
			}

			d := Diagnose(Capture{Header: p.sign(t), Body: p.message.Body, Now: testTime})
			wantCause(t, d, CauseNoSecret)
		})
	}
	wantCause(t, Diagnose(Capture{Header: http.Header{"X-Other": {"a"}}}), CauseUnknownScheme)
	wantCause(t, Diagnose(Capture{Scheme: "rot13", Header: http.Header{}}), CauseUnknownScheme)
}

func sumOf(hash interface {
	Write([]byte) (int, error)
	Sum([]byte) []byte
}, message []byte,
) []byte {
	_, _ = hash.Write(message)
	return hash.Sum(nil)
}

func TestOtherScheme(t *testing.T) {
	p := patients()[1] // superoffice
	header := p.sign(t)
	header.Set(githubHeader, "sha256="+strings.Repeat("ab", 32))
	d := Diagnose(Capture{Scheme: "github", Header: header, Body: p.message.Body, Secrets: []string{p.secret}})
	wantCause(t, d, CauseOtherScheme)
	d = Diagnose(Capture{Scheme: "github", Header: p.sign(t), Body: p.message.Body, Secrets: []string{p.secret}})
	wantCause(t, d, CauseMissingHeader)
	if !strings.Contains(d.Explanation, "superoffice") {
		t.Errorf("does not name the scheme whose header is there: %s", d.Explanation)
	}
}

func TestLostBytes(t *testing.T) {
	p := patients()[0]
	length := func(header http.Header, value string) http.Header {
		header.Set("Content-Length", value)
		return header
	}
	tests := []struct {
		name   string
		header http.Header
		body   string
		want   Cause
	}{
		{"shorter than its length", length(p.sign(t), "95"), "{}", CauseTruncated},
		{"nothing of it", p.sign(t), "", CauseTruncated},
		{"JSON that breaks off", p.sign(t), ticketBody[:40], CauseTruncated},
		{"longer than its length", length(p.sign(t), "5"), `{"something":"else"}`, CauseOtherBytes},
		{"replacement characters", p.sign(t), strings.ReplaceAll(ticketBody, "ö", "\ufffd"), CauseCharset},
		{"something else", p.sign(t), `{"something":"else"}`, CauseWrongSecret},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wantCause(t, Diagnose(Capture{Header: test.header, Body: []byte(test.body), Secrets: []string{p.secret}, Now: testTime}), test.want)
		})
	}
}

func TestTwoMistakesAtOnce(t *testing.T) {
	p := patient{scheme: "standard", message: testMessage()}
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	d := Diagnose(Capture{
		Header: p.signWith([]byte(secret)), Body: append(bytes.Clone(p.message.Body), '\n'),
		Secrets: []string{secret}, Now: testTime,
	})
	wantCause(t, d, CauseSecretNotDecoded)
	if !strings.Contains(d.Explanation, "newline") {
		t.Errorf("names one of two mistakes: %s", d.Explanation)
	}
}

// The request is in order; what the receiver's code computed is explained.
func TestComputed(t *testing.T) {
	p := patients()[0]
	key, _ := decodeStandardSecret(p.secret)
	prefix := p.message.ID + "." + unix(testTime) + "."
	encode := func(key []byte, content string) string {
		return base64.StdEncoding.EncodeToString(mac(key, []byte(content)))
	}
	tests := []struct {
		name, computed string
		want           Cause
	}{
		{"right", encode(key, prefix+ticketBody), CauseNone},
		{"right with label", "v1," + encode(key, prefix+ticketBody), CauseNone},
		{"not decoded", encode([]byte(p.secret), prefix+ticketBody), CauseSecretNotDecoded},
		{"body alone", encode(key, ticketBody), CauseOtherBytes},
		{"newline", encode(key, prefix+ticketBody+"\n"), CauseTrailingNewline},
		{"anything", encode([]byte("x"), "y"), CauseWrongSecret},
		{"nonsense", "?", CauseWrongSecret},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := Diagnose(Capture{Header: p.sign(t), Body: p.message.Body, Secrets: []string{p.secret}, Now: testTime, Computed: test.computed})
			wantCause(t, d, test.want)
		})
	}
}

func TestAsymmetric(t *testing.T) {
	scheme := standardV1a{}
	private := scheme.NewSecret()
	public, err := PublicKey(private)
	if err != nil {
		t.Fatal(err)
	}
	header := mustSign(t, scheme, testMessage(), private)
	tests := []struct {
		name, secret, body string
		want               Cause
	}{
		{"public key", public, string(testMessage().Body), CauseNone},
		{"private key", private, string(testMessage().Body), CauseNone},
		{"no label", strings.TrimPrefix(public, "whpk_"), string(testMessage().Body), CauseSecretPrefix},
		{"label of signatures", "v1a," + public, string(testMessage().Body), CauseSecretPrefix},
		{"newline in the key", public + "\n", string(testMessage().Body), CauseSecretSpace},
		{"newline in the body", public, string(testMessage().Body) + "\n", CauseTrailingNewline},
		{"rewritten", public, `{"test":2432232314}`, CauseReserialized},
		{"another key", scheme.NewSecret(), string(testMessage().Body), CauseWrongSecret},
		{"secret of v1", standard{}.NewSecret(), string(testMessage().Body), CauseWrongSecret},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := Diagnose(Capture{Header: header, Body: []byte(test.body), Secrets: []string{test.secret}, Now: testTime})
			wantCause(t, d, test.want)
			assertHidden(t, d, private, public)
		})
	}
}
