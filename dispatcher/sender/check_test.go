package sender

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestCheckURL(t *testing.T) {
	tests := []struct {
		raw, want string // an empty want is refused
		http      bool
	}{
		{raw: "https://example.com", want: "https://example.com"},
		{raw: "https://example.com/", want: "https://example.com/"},
		{raw: "HTTPS://Example.COM/Hook", want: "https://example.com/Hook"},
		{raw: "https://example.com:8443/a/../b?x=%2f&y=a+b&z", want: "https://example.com:8443/a/../b?x=%2f&y=a+b&z"},
		{raw: "https://example.com?token=A%2FB==", want: "https://example.com?token=A%2FB=="},
		{raw: "https://example.com/h?", want: "https://example.com/h?"},
		{raw: "https://example.com/%7Euser/ä", want: "https://example.com/%7Euser/ä"},
		{raw: "https://Bücher.example/ü?q=ü", want: "https://xn--bcher-kva.example/ü?q=ü"},
		{raw: "https://xn--bcher-kva.example/", want: "https://xn--bcher-kva.example/"},
		{raw: "https://my_service:9000/x", want: "https://my_service:9000/x"},
		{raw: "https://example.com./x", want: "https://example.com./x"},
		{raw: "https://①②⑦.⓪.⓪.①/", want: "https://127.0.0.1/"},
		{raw: "https://[2001:DB8:0::1]:8443/x", want: "https://[2001:db8::1]:8443/x"},
		{raw: "http://localhost:3000/hook", want: "http://localhost:3000/hook", http: true},
		{raw: "http://localhost:3000/hook"},
		{raw: ""},
		{raw: "example.com/hook"},
		{raw: "//example.com/hook"},
		{raw: "ftp://example.com", http: true},
		{raw: "file:///etc/passwd", http: true},
		{raw: "gopher://example.com", http: true},
		{raw: "https:example.com"},
		{raw: "https://"},
		{raw: "https:///path"},
		{raw: "https://:443/"},
		{raw: "https://example.com:"},
		{raw: "https://example.com:0/"},
		{raw: "https://example.com:65536/"},
		{raw: "https://example.com:http/"},
		{raw: "https://user@example.com/"},
		{raw: "https://user:geheim@example.com/"},
		{raw: "https://example.com/#part"},
		{raw: "https://example.com/a b"},
		{raw: "https://example.com/?q=a b"},
		{raw: "https://example.com/\r\nX-Evil: 1"},
		{raw: " https://example.com/"},
		{raw: "https://example.com/%zz"},
		{raw: "https://exa mple.com/"},
		{raw: "https://example..com/"},
		{raw: "https://ex*mple.com/"},
		{raw: "https://" + strings.Repeat("a", 64) + ".com/"},
		{raw: "https://" + strings.Repeat("a.", 127) + "com/"},
		{raw: "https://[::1/"},
		{raw: "https://[fe80::1%25eth0]/"},
		{raw: "https://[nonsense]/"},
		{raw: "https://2130706433/"},
		{raw: "https://0x7f.1/"},
		{raw: "https://127.1/"},
		{raw: "https://0177.0.0.1/"},
		{raw: "https://1.2.3.256/"},
		{raw: "https://example.com/" + strings.Repeat("x", 2048)},
	}
	for _, test := range tests {
		got, err := CheckURL(test.raw, test.http)
		if (err == nil) != (test.want != "") || got != test.want {
			t.Errorf("%.80q: got %q, %v; want %q", test.raw, got, err, test.want)
		}
		if err != nil && strings.Contains(err.Error(), "geheim") {
			t.Errorf("the error repeats the password: %v", err)
		}
	}
	if _, err := CheckURL("https://example.com/"+strings.Repeat("x", 2048-len("https://example.com/")), false); err != nil {
		t.Errorf("2 KiB exactly: %v", err)
	}
}

func TestCheckHeader(t *testing.T) {
	reserved := []string{"X-SuperOffice-Signature"}
	tests := []struct {
		name, value string
		ok          bool
	}{
		{"X-Token", "abc", true},
		{"x-token", "", true},
		{"X_Under.Score!", "ä latin or UTF-8", true},
		{"X-Long", strings.Repeat("x", 4096), true},
		{"X-Long", strings.Repeat("x", 4097), false},
		{strings.Repeat("X", 129), "", false},
		{"", "abc", false},
		{"X Token", "abc", false},
		{"X-Token:", "abc", false},
		{"X-Tokén", "abc", false},
		{"X-Token", "geheim\r\nX-Evil: 1", false},
		{"X-Token", "geheim\x00", false},
		{"X-Token", " geheim", false},
		{"Host", "example.com", false},
		{"content-length", "1", false},
		{"Connection", "close", false},
		{"TE", "trailers", false},
		{"Transfer-Encoding", "chunked", false},
		{"x-superoffice-signature", "geheim", false},
		{"Authorization", "Bearer abc", true},
	}
	for _, test := range tests {
		err := CheckHeader(test.name, test.value, reserved)
		if (err == nil) != test.ok {
			t.Errorf("%.40q: %.40q: %v, want ok=%v", test.name, test.value, err, test.ok)
		}
		if err != nil && strings.Contains(err.Error(), "geheim") {
			t.Errorf("the error repeats the value: %v", err)
		}
	}
}

func TestCodes(t *testing.T) {
	codes := Codes()
	if len(codes) < 18 {
		t.Errorf("only %d codes", len(codes))
	}
	for i, code := range codes {
		title, advice := Describe(code)
		if code == OK || title == "" || advice == "" || strings.ContainsAny(title+advice, "\n") {
			t.Errorf("%q is described as %q, %q", code, title, advice)
		}
		if strings.Trim(string(code), "abcdefghijklmnopqrstuvwxyz_0123456789") != "" {
			t.Errorf("%q is no snake_case word", code)
		}
		if slices.Contains(codes[:i], code) {
			t.Errorf("%q stands there twice", code)
		}
	}
	if title, advice := Describe(OK); title != "" || advice != "" {
		t.Errorf("success is described as %q, %q", title, advice)
	}
	if title, _ := Describe("of_the_future"); title == "" {
		t.Error("an unknown code has no title")
	}
	// What Classify returns is published.
	for status := range 1000 {
		if code := Classify(status); code != OK && !slices.Contains(codes, code) {
			t.Fatalf("Classify(%d) = %q", status, code)
		} else if (code == OK) != (status >= 200 && status < 300) {
			t.Fatalf("Classify(%d) = %q", status, code)
		}
	}
}

// Whatever is accepted is accepted again unchanged, keeps its query, and can
// be sent.
func FuzzCheckURL(f *testing.F) {
	for _, seed := range []string{
		"https://example.com/hook?token=a%2Fb", "HTTPS://Bücher.example:8443", "https://[::1]:80/?", "https://①②⑦.⓪.⓪.①/", "https://a?b#c", "https://x/\x00",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := CheckURL(raw, true)
		if err != nil {
			if got != "" {
				t.Errorf("an error and %q", got)
			}
			return
		}
		again, err := CheckURL(got, true)
		if err != nil || again != got {
			t.Errorf("%q becomes %q, then %q (%v)", raw, got, again, err)
		}
		before, _, _ := strings.Cut(raw, "?")
		if query := raw[len(before):]; !strings.HasSuffix(got, query) {
			t.Errorf("%q: the query became %q", raw, got)
		}
		if parsed, err := url.Parse(got); err != nil || parsed.Host == "" || parsed.User != nil {
			t.Errorf("%q: %v", got, err)
		}
	})
}

// Whatever is accepted can be sent.
func FuzzCheckHeader(f *testing.F) {
	f.Add("X-Token", "abc")
	f.Add("X-Ä", "a\r\nb")
	f.Add("te", "\x7f")
	f.Fuzz(func(t *testing.T, name, value string) {
		if CheckHeader(name, value, nil) != nil {
			return
		}
		if len(name) > maxHeaderName || len(value) > maxHeaderValue || strings.ContainsAny(name+value, "\r\n\x00") || strings.ContainsAny(name, " :") {
			t.Errorf("%q: %q is accepted", name, value)
		}
	})
}
