package systems

import (
	"strings"
	"testing"
)

func TestPlainText(t *testing.T) {
	tests := []struct{ name, html, want string }{
		{"plain text is left alone", "I want to take my cat to a vet", "I want to take my cat to a vet"},
		{"tags go", "<p>Hello <b>world</b></p>", "Hello world"},
		{"entities are resolved", "Fish &amp; chips &lt;3", "Fish & chips <3"},
		{"blocks start lines", "<p>one</p><p>two</p>three<br/>four", "one\n\ntwo\nthree\nfour"},
		{"attributes do not show", `<a href="https://example.com/?a=1&amp;b=2">link</a>`, "link"},
		{"scripts are no text", "before<script>alert(1 < 2)</script>after", "beforeafter"},
		{"comments are no text", "a<!-- <p>hidden</p> -->b", "ab"},
		{"less-than is text", "1 < 2 and 3 > 2", "1 < 2 and 3 > 2"},
		{"an unfinished tag is text", "cut <off", "cut <off"},
		{"end tag with a space", "<p>a</p >b", "a\nb"},
		{"nothing", "", ""},
		{"only tags", "<p></p>", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := PlainText(tt.html); got != tt.want {
				t.Errorf("PlainText(%q) = %q, want %q", tt.html, got, tt.want)
			}
		})
	}
}

func FuzzPlainText(f *testing.F) {
	for _, seed := range []string{"<p>a</p>", "<", "</", "<!--", "<!-->", "a<b", "<script>x", "&lt;p&gt;", "</ >"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, markup string) {
		if text := PlainText(markup); !strings.ContainsAny(markup, "<&") && text != markup {
			t.Errorf("text without markup changed from %q to %q", markup, text)
		}
	})
}
