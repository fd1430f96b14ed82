package signing

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// canaries are secrets, good and bad, that must not show anywhere.
func canaries() []string {
	list := []string{
		"kanarienvogel", "whsec_kanarienvogel", "whsec_!kanarienvogel!", "v1,whsec_kanarienvogel", "whsk_kanarienvogel",
		"whpk_kanarienvogel", "kanarienvogel\n", " kanarienvogel", "kanarien\x00vogel", "kanarien", strings.Repeat("kanarienvogel", 100),
	}
	for _, scheme := range signingSchemes() {
		list = append(list, scheme.NewSecret())
	}
	return list
}

// No secret is in an error of the package, nor in what the doctor says.
func TestNoSecretInErrors(t *testing.T) {
	check := func(what, secret string, errs ...error) {
		t.Helper()
		bare := strings.TrimPrefix(strings.TrimPrefix(secret, "whsec_"), "whsk_")
		for _, err := range errs {
			if err != nil && strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err.Error()), bare) {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	body := []byte(`{"a":1}`)
	for _, secret := range canaries() {
		for _, scheme := range All() {
			name := scheme.Describe().Name
			_, signErr := scheme.Sign(testMessage(), []string{secret}, Options{})
			_, secondErr := scheme.Sign(testMessage(), []string{scheme.NewSecret(), secret}, Options{})
			check(name, secret, signErr, secondErr, scheme.CheckSecret(secret))

			signed, err := scheme.Sign(testMessage(), []string{scheme.NewSecret()}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			headers := []http.Header{headerOf(signed), {}}
			for _, h := range signed {
				// A receiver that mixes up its variables sends the secret.
				leaky := headerOf(signed)
				leaky.Set(h.Name, secret)
				headers = append(headers, leaky)
			}
			for _, header := range headers {
				check(name, secret, scheme.Verify(header, body, []string{secret}, VerifyOptions{Now: testTime}))
				d := Diagnose(Capture{Scheme: name, Header: header, Body: append([]byte(secret), body...), Secrets: []string{secret}, Now: testTime})
				assertHidden(t, d, secret, secret[:min(len(secret), 50)])
			}
		}
		_, err := PublicKey(secret)
		check("PublicKey", secret, err)
		_, err = NewKeyring(secret[:min(len(secret), 15)])
		check("NewKeyring", secret, err)
		ring := newRing(t, GenerateKey())
		_, err = ring.Open(secret, secret)
		check("Open", secret, err)
		_, err = ring.Open(mustSeal(t, newRing(t, GenerateKey()), secret, "ep_1"), "ep_1")
		check("Open with another key", secret, err)
	}
}

func TestMask(t *testing.T) {
	for secret, want := range map[string]string{
		"whsec_abc": "whsec_••••", "whsk_abc": "whsk_••••", "whpk_abc": "whpk_••••", "geheim": "••••", "": "••••",
	} {
		if got := Mask(secret); got != want {
			t.Errorf("Mask(%q) = %q, want %q", secret, got, want)
		}
	}
}

// The parts that the doctor knows of a scheme make what its Sign makes.
func TestFormsAgreeWithTheSchemes(t *testing.T) {
	if n := len(patients()) + 1; n != len(signingSchemes()) { // v1a has a test of its own
		t.Errorf("%d of %d schemes are tested here", n, len(signingSchemes()))
	}
	for _, p := range patients() {
		form := formOf(p.scheme, Options{})
		key, err := form.key(p.secret)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := p.signWith(key).Get(form.header), p.sign(t).Get(form.header); got != want {
			t.Errorf("%s: the form makes %s, the scheme %s", p.scheme, got, want)
		}
		if got := Guess(p.sign(t), Options{}); got != p.scheme {
			t.Errorf("%s is taken for %q", p.scheme, got)
		}
	}
	if got := Guess(mustSign(t, standardV1a{}, testMessage(), standardV1a{}.NewSecret()), Options{}); got != "standard-v1a" {
		t.Errorf("standard-v1a is taken for %q", got)
	}
	if got := Guess(http.Header{"X-Mine": {"W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="}}, Options{Header: "X-Mine"}); got != "hmac-base64" {
		t.Errorf("a chosen header is taken for %q", got)
	}
}

func FuzzVerify(f *testing.F) {
	for _, p := range patients() {
		form := formOf(p.scheme, Options{})
		f.Add(p.scheme, form.encode(make([]byte, 32)), "msg_1", "1614265330", []byte(ticketBody))
	}
	f.Add("standard-v1a", "v1a,AAAA v1,AAAA", "", "-1", []byte(nil))
	f.Add("agency", "t=1,s=,t", "", "", []byte("{"))
	f.Fuzz(func(t *testing.T, name, signature, id, at string, body []byte) {
		scheme, ok := Lookup(name)
		if !ok || scheme.Describe().Name == None {
			return
		}
		name = scheme.Describe().Name
		header := http.Header{}
		header.Set(standardID, id)
		header.Set(standardTimestamp, at)
		header.Set(formOf(name, Options{}).header, signature)
		// The secret is made here: whatever the input, it cannot be signed.
		if err := scheme.Verify(header, body, []string{scheme.NewSecret()}, VerifyOptions{}); err == nil {
			t.Errorf("%s verifies %q over %q", name, signature, body)
		}
	})
}

func FuzzDiagnose(f *testing.F) {
	for _, p := range patients() {
		form := formOf(p.scheme, Options{})
		f.Add(p.scheme, form.header, form.encode(make([]byte, 32)), "1614265330", []byte(ticketBody), p.secret)
	}
	f.Add("", "Webhook-Signature", "v1a,x v1,\xff", "1", []byte("a=b&c[d]=%zz\r\n"), "v1,whsec_\n")
	f.Add("standard", "Webhook-Id", "", "99999999999999999999", []byte(strings.Repeat("[", 1000)), "\"")
	f.Fuzz(func(t *testing.T, scheme, name, value, at string, body []byte, secret string) {
		header := http.Header{name: {value}, "Webhook-Id": {"msg_1"}, "Webhook-Timestamp": {at}, "Content-Length": {at}}
		d := Diagnose(Capture{Scheme: scheme, Header: header, Body: body, Secrets: []string{secret, ""}, Now: testTime, Tolerance: time.Minute, Computed: value})
		if d.Explanation == "" || d.Verified != (d.Cause == CauseNone) {
			t.Errorf("%+v", d)
		}
	})
}
