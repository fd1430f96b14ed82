package signing

import (
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

var testTime = time.Unix(1614265330, 0)

func testMessage() Message {
	return Message{ID: "msg_p5jXN8AQM9LWM0D4loKWxJek", Timestamp: testTime, Body: []byte(`{"test": 2432232314}`)}
}

// headerOf puts signed headers into the map in which a receiver sees them.
func headerOf(headers []Header) http.Header {
	made := make(http.Header)
	for _, h := range headers {
		made.Add(h.Name, h.Value)
	}
	return made
}

func mustSign(t *testing.T, scheme Scheme, message Message, keys ...string) http.Header {
	t.Helper()
	headers, err := scheme.Sign(message, keys, Options{})
	if err != nil {
		t.Fatalf("Sign: %v", err)
	}
	return headerOf(headers)
}

// signingSchemes are all schemes but none.
func signingSchemes() []Scheme {
	return slices.DeleteFunc(All(), func(s Scheme) bool { return s.Describe().Name == None })
}

func TestPublishedVectors(t *testing.T) {
	tests := []struct {
		scheme, secret, header, want, source string
		message                              Message
	}{
		{
			scheme: "standard", secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", message: testMessage(),
			header: "webhook-signature", want: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
			source: "Standard Webhooks libraries",
		},
		{
			scheme: "standard-v1a", message: testMessage(),
			secret: "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==",
			header: "webhook-signature",
			want:   "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==",
			source: "Standard Webhooks specification",
		},
		{
			scheme: "github", secret: "It's a Secret to Everybody", message: Message{Body: []byte("Hello, World!")},
			header: "X-Hub-Signature-256", want: "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
			source: "GitHub documentation, Validating webhook deliveries",
		},
		{
			scheme: "hmac-hex", secret: "Jefe", message: Message{Body: []byte("what do ya want for nothing?")},
			header: "X-Signature", want: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
			source: "RFC 4231, test case 2",
		},
		{
			scheme: "superoffice", secret: "Jefe", message: Message{Body: []byte("what do ya want for nothing?")},
			header: "X-SuperOffice-Signature", want: "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=",
			source: "RFC 4231, test case 2, in base64",
		},
	}
	for _, test := range tests {
		t.Run(test.scheme, func(t *testing.T) {
			scheme, ok := Lookup(test.scheme)
			if !ok {
				t.Fatal("no such scheme")
			}
			header := mustSign(t, scheme, test.message, test.secret)
			if got := header.Get(test.header); got != test.want {
				t.Errorf("got  %s\nwant %s (%s)", got, test.want, test.source)
			}
			if err := scheme.Verify(header, test.message.Body, []string{test.secret}, VerifyOptions{}); err != nil {
				t.Errorf("Verify: %v", err)
			}
		})
	}
}

func TestV1aVerifiesWithThePublicKey(t *testing.T) {
	const private = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
	public, err := PublicKey(private)
	if want := "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="; err != nil || public != want {
		t.Fatalf("PublicKey = %q, %v, want %q", public, err, want)
	}
	header := mustSign(t, standardV1a{}, testMessage(), private)
	if err := (standardV1a{}).Verify(header, testMessage().Body, []string{public}, VerifyOptions{}); err != nil {
		t.Errorf("Verify with the public key: %v", err)
	}
	if _, err := PublicKey("whsec_AAAA"); err == nil {
		t.Error("PublicKey accepts a v1 secret")
	}
}

// The authors' own library must accept what we sign, with one key and with two.
func TestOfficialLibraryVerifiesV1(t *testing.T) {
	older, newer := standard{}.NewSecret(), standard{}.NewSecret()
	message := Message{ID: "evt_1", Timestamp: time.Now(), Body: []byte("{\"subject\":\"Grüße <p>\"}")}
	header := mustSign(t, standard{}, message, newer, older)
	for _, secret := range []string{older, newer} {
		webhook, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		if err := webhook.Verify(message.Body, header); err != nil {
			t.Errorf("the official library refuses: %v", err)
		}
		theirs, err := webhook.Sign(message.ID, message.Timestamp, message.Body)
		if err != nil || !strings.Contains(header.Get("webhook-signature"), theirs) {
			t.Errorf("the official library signs %q (%v), we signed %q", theirs, err, header.Get("webhook-signature"))
		}
	}
}

func TestEverySchemeRoundTrips(t *testing.T) {
	for _, scheme := range signingSchemes() {
		t.Run(scheme.Describe().Name, func(t *testing.T) {
			older, newer, other := scheme.NewSecret(), scheme.NewSecret(), scheme.NewSecret()
			for _, secret := range []string{older, newer} {
				if err := scheme.CheckSecret(secret); err != nil {
					t.Fatalf("CheckSecret refuses what NewSecret made: %v", err)
				}
			}
			if older == newer {
				t.Fatal("two new secrets are equal")
			}
			message := testMessage()
			options := VerifyOptions{Now: testTime.Add(time.Minute)}
			header := mustSign(t, scheme, message, newer, older)
			verify := func(header http.Header, body []byte, keys ...string) error {
				return scheme.Verify(header, body, keys, options)
			}

			if err := verify(header, message.Body, newer); err != nil {
				t.Errorf("newest key: %v", err)
			}
			if err := verify(header, message.Body, other, older, newer); err != nil {
				t.Errorf("any of several keys: %v", err)
			}
			if err := verify(header, message.Body, "", "whsec_?", newer); err != nil {
				t.Errorf("beside keys that are none: %v", err)
			}
			if err := verify(header, message.Body, other); !errors.Is(err, ErrMismatch) {
				t.Errorf("wrong key: %v, want ErrMismatch", err)
			}
			if err := verify(header, message.Body); !errors.Is(err, ErrMismatch) {
				t.Errorf("no key: %v, want ErrMismatch", err)
			}
			if err := verify(header, append(slices.Clone(message.Body), '\n'), newer); !errors.Is(err, ErrMismatch) {
				t.Errorf("other body: %v, want ErrMismatch", err)
			}
			if err := verify(http.Header{}, message.Body, newer); !errors.Is(err, ErrMissing) {
				t.Errorf("no header: %v, want ErrMissing", err)
			}
			for name := range header {
				broken := header.Clone()
				broken.Set(name, "nonsense")
				if err := verify(broken, message.Body, newer); err == nil {
					t.Errorf("%s: nonsense verifies", name)
				}
				doubled := header.Clone()
				doubled.Add(name, header.Get(name))
				if err := verify(doubled, message.Body, newer); !errors.Is(err, ErrMalformed) {
					t.Errorf("%s twice: %v, want ErrMalformed", name, err)
				}
			}
			if _, err := scheme.Sign(message, nil, Options{}); err == nil {
				t.Error("Sign without keys succeeds")
			}
		})
	}
}

func TestHeadersAreThoseOfTheSheet(t *testing.T) {
	for _, scheme := range All() {
		sheet := scheme.Describe()
		headers, err := scheme.Sign(testMessage(), []string{scheme.NewSecret()}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, h := range headers {
			names = append(names, h.Name)
		}
		if !slices.Equal(names, sheet.Headers) {
			t.Errorf("%s writes %q, its sheet says %q", sheet.Name, names, sheet.Headers)
		}
		if sheet.Title == "" || sheet.Text == "" || sheet.Source == "" || (sheet.Secret == "") != (sheet.Name == None) {
			t.Errorf("%s: the sheet has gaps: %+v", sheet.Name, sheet)
		}
		if got := HeadersOf(scheme, Options{}); !slices.Equal(got, sheet.Headers) {
			t.Errorf("HeadersOf(%s) = %q", sheet.Name, got)
		}
	}
}

func TestCustomHeader(t *testing.T) {
	for _, name := range []string{"hmac-hex", "hmac-base64"} {
		scheme, _ := Lookup(name)
		options := Options{Header: "X-My-MAC"}
		headers, err := scheme.Sign(testMessage(), []string{"a shared secret"}, options)
		if err != nil || len(headers) != 1 || headers[0].Name != "X-My-MAC" {
			t.Fatalf("%s: %v, %v", name, headers, err)
		}
		header := headerOf(headers)
		if err := scheme.Verify(header, testMessage().Body, []string{"a shared secret"}, VerifyOptions{Options: options}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := scheme.Verify(header, testMessage().Body, []string{"a shared secret"}, VerifyOptions{}); !errors.Is(err, ErrMissing) {
			t.Errorf("%s with the default header: %v, want ErrMissing", name, err)
		}
		if got := HeadersOf(scheme, options); !slices.Equal(got, []string{"X-My-MAC"}) {
			t.Errorf("HeadersOf = %q", got)
		}
	}
}

func TestTimestampTolerance(t *testing.T) {
	for _, name := range []string{"standard", "standard-v1a", "agency"} {
		scheme, _ := Lookup(name)
		secret := scheme.NewSecret()
		header := mustSign(t, scheme, testMessage(), secret)
		tests := []struct {
			now       time.Time
			tolerance time.Duration
			ok        bool
		}{
			{testTime, 0, true},
			{testTime.Add(5 * time.Minute), 0, true},
			{testTime.Add(5*time.Minute + time.Second), 0, false},
			{testTime.Add(-5 * time.Minute), 0, true},
			{testTime.Add(-5*time.Minute - time.Second), 0, false},
			{testTime.Add(time.Hour), 2 * time.Hour, true},
			{testTime.Add(11 * time.Second), 10 * time.Second, false},
			{time.Time{}, 0, true},
		}
		for _, test := range tests {
			err := scheme.Verify(header, testMessage().Body, []string{secret}, VerifyOptions{Now: test.now, Tolerance: test.tolerance})
			if test.ok && err != nil || !test.ok && !errors.Is(err, ErrTimestamp) {
				t.Errorf("%s at %v, tolerance %v: %v", name, test.now.Sub(testTime), test.tolerance, err)
			}
		}
		// A forged timestamp must fail as a mismatch, not as too old.
		err := scheme.Verify(header, []byte("other"), []string{secret}, VerifyOptions{Now: testTime.Add(time.Hour)})
		if !errors.Is(err, ErrMismatch) {
			t.Errorf("%s: other body, old: %v, want ErrMismatch", name, err)
		}
	}
}

func TestMalformedHeaders(t *testing.T) {
	const good = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
	const good64 = "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="
	tests := []struct {
		scheme, header string
		values         []string
	}{
		{"superoffice", "X-SuperOffice-Signature", []string{good, "W9zB", good64[:43], "!" + good64[1:], good64[:20] + "\n" + good64[20:]}},
		{"hmac-hex", "X-Signature", []string{good64, good[:62], good + "00", "sha256=" + good, "zz" + good[2:]}},
		{"hmac-base64", "X-Signature", []string{good, good64[1:], good64 + "="}},
		{"github", "X-Hub-Signature-256", []string{good, "sha1=" + good, "sha256=", "sha256=" + good64}},
		{"agency", "Signature", []string{
			"t=1,s=", "s=" + good, "t=1614265330", "t=x,s=" + good, "t=01,s=" + good, "t=-1,s=" + good, "t=1,t=2,s=" + good,
			"t=99999999999999999999,s=" + good, "t=1614265330;s=" + good, "t=1,s=" + good + ",u=3", "t=1,s=" + good64,
		}},
	}
	for _, test := range tests {
		scheme, _ := Lookup(test.scheme)
		for _, value := range test.values {
			err := scheme.Verify(http.Header{http.CanonicalHeaderKey(test.header): {value}}, nil, []string{"Jefe"}, VerifyOptions{})
			if !errors.Is(err, ErrMalformed) {
				t.Errorf("%s %q: %v, want ErrMalformed", test.scheme, value, err)
			}
		}
	}
}

func TestMalformedStandardHeaders(t *testing.T) {
	secret := standard{}.NewSecret()
	good := mustSign(t, standard{}, testMessage(), secret)
	tests := []struct {
		header, value string
		want          error
	}{
		{"webhook-id", "", ErrMissing},
		{"webhook-timestamp", "soon", ErrMalformed},
		{"webhook-timestamp", "1614265330.5", ErrMalformed},
		{"webhook-timestamp", "2021-02-25T15:02:10Z", ErrMalformed},
		{"webhook-timestamp", "999999999999999", ErrMalformed},
		{"webhook-signature", "", ErrMissing},
		{"webhook-signature", "v1", ErrMalformed},
		{"webhook-signature", "v1,", ErrMalformed},
		{"webhook-signature", "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", ErrMalformed},
		{"webhook-signature", strings.Repeat("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= ", maxSignatures+1), ErrMalformed},
	}
	for _, test := range tests {
		header := good.Clone()
		header.Set(test.header, test.value)
		if err := (standard{}).Verify(header, testMessage().Body, []string{secret}, VerifyOptions{}); !errors.Is(err, test.want) {
			t.Errorf("%s: %q: %v, want %v", test.header, test.value, err, test.want)
		}
	}
	header := good.Clone()
	header.Set("webhook-signature", "v1a,AAAA v2,x "+good.Get("webhook-signature"))
	if err := (standard{}).Verify(header, testMessage().Body, []string{secret}, VerifyOptions{}); err != nil {
		t.Errorf("beside unknown versions: %v", err)
	}
}

func TestCheckSecret(t *testing.T) {
	encode := func(n int) string { return base64.StdEncoding.EncodeToString(make([]byte, n)) }
	tests := []struct {
		scheme, secret string
		ok             bool
	}{
		{"standard", "whsec_" + encode(24), true},
		{"standard", "whsec_" + encode(64), true},
		{"standard", "whsec_" + encode(23), false},
		{"standard", "whsec_" + encode(65), false},
		{"standard", encode(32), false},
		{"standard", "whsec_not base64!", false},
		{"standard-v1a", "whsk_" + encode(64), false}, // halves do not match
		{"standard-v1a", "whsk_" + encode(32), false},
		{"standard-v1a", "whpk_" + encode(32), false},
		{"superoffice", "x", true},
		{"superoffice", "", false},
		{"superoffice", " 12345678", false},
		{"superoffice", "1234\n5678", false},
		{"superoffice", strings.Repeat("x", 512), true},
		{"superoffice", strings.Repeat("x", 513), false},
		{"agency", "pässword with spaces", true},
		{"none", "", true},
	}
	for _, test := range tests {
		scheme, _ := Lookup(test.scheme)
		err := scheme.CheckSecret(test.secret)
		if (err == nil) != test.ok {
			t.Errorf("%s, %d characters: %v, want ok=%v", test.scheme, len(test.secret), err, test.ok)
		}
		if err != nil && test.secret != "" && strings.Contains(err.Error(), test.secret) {
			t.Errorf("%s: the error repeats the secret", test.scheme)
		}
	}
}

func TestRegistry(t *testing.T) {
	want := []string{"none", "standard", "standard-v1a", "superoffice", "agency", "github", "hmac-hex", "hmac-base64"}
	if got := Names(); !slices.Equal(got, want) {
		t.Errorf("Names() = %q", got)
	}
	for i, scheme := range All() {
		if got := scheme.Describe().Name; got != want[i] {
			t.Errorf("All()[%d] is %s, want %s", i, got, want[i])
		}
		if found, ok := Lookup(want[i]); !ok || found.Describe().Name != want[i] {
			t.Errorf("Lookup(%s) fails", want[i])
		}
	}
	if scheme, ok := Lookup(""); !ok || scheme.Describe().Name != None {
		t.Error("the empty name is not none")
	}
	if _, ok := Lookup("md5"); ok {
		t.Error("Lookup finds a scheme that is none")
	}
}

func TestVerifyFindsHeadersInAnyCasing(t *testing.T) {
	secret := standard{}.NewSecret()
	headers, err := standard{}.Sign(testMessage(), []string{secret}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	raw := make(http.Header)
	for i, h := range headers {
		name := h.Name
		if i == 0 {
			name = strings.ToUpper(name)
		}
		raw[name] = []string{h.Value} // as a capture file has them
	}
	if err := (standard{}).Verify(raw, testMessage().Body, []string{secret}, VerifyOptions{}); err != nil {
		t.Error(err)
	}
}

func BenchmarkSign(b *testing.B) {
	message := testMessage()
	message.Body = []byte(strings.Repeat("x", 2048))
	for _, scheme := range signingSchemes() {
		keys := []string{scheme.NewSecret()}
		b.Run(scheme.Describe().Name, func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				message.ID = strconv.Itoa(i)
				if _, err := scheme.Sign(message, keys, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestSchemesAreFoundByOtherNames(t *testing.T) {
	for other, name := range map[string]string{
		"": None, "NONE": None, "Standard-Webhooks": "standard", "standard_webhooks": "standard", "v1": "standard",
		"standard_v1a": "standard-v1a", "hmac_sha256_hex": "hmac-hex", "hmac_base64": "hmac-base64", "SuperOffice": "superoffice",
	} {
		if scheme, ok := Lookup(other); !ok || scheme.Describe().Name != name {
			t.Errorf("%q is %v, want %s", other, scheme, name)
		}
	}
	for _, other := range []string{"md5", "v2", "hmac", " standard"} {
		if scheme, ok := Lookup(other); ok {
			t.Errorf("%q is %s", other, scheme.Describe().Name)
		}
	}
	for other, name := range alsoCalled {
		if scheme, ok := Lookup(name); !ok || scheme.Describe().Name != name {
			t.Errorf("%q is called %q, which is no scheme", name, other)
		}
	}
}
