package assets

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
)

// All assets together must stay small enough for a slow line.
func TestSize(t *testing.T) {
	size := 0
	for _, f := range files {
		size += len(f.content)
	}
	if size > 100*1024 {
		t.Errorf("assets are %d bytes, want at most 100 KiB", size)
	}
}

func TestHtmxDigest(t *testing.T) {
	readme, err := os.ReadFile("files/htmx/README.md")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(files["htmx.js"].content)
	if digest := hex.EncodeToString(sum[:]); !strings.Contains(string(readme), digest) {
		t.Errorf("README.md does not name the digest %s of htmx.min.js", digest)
	}
}

// No style sheet or script of ours may point to another origin.
func TestNoForeignAddress(t *testing.T) {
	for _, name := range []string{"console.css", "console.js"} {
		text := strings.ReplaceAll(string(files[name].content), "http://www.w3.org/2000/svg", "")
		if strings.Contains(text, "http://") || strings.Contains(text, "https://") {
			t.Errorf("%s names a foreign address", name)
		}
	}
}

// The dark palette stands twice: as somebody chose it, and as their browser
// prefers it.
func TestDarkPalettesAreAlike(t *testing.T) {
	css := string(files["console.css"].content)
	palette := func(selector string) []string {
		_, block, found := strings.Cut(css, selector+" {")
		block, _, closed := strings.Cut(block, "}")
		if !found || !closed {
			t.Fatalf("console.css has no %s", selector)
		}
		return strings.Fields(block)
	}
	chosen, preferred := palette(`:root[data-theme="dark"]`), palette(`:root:not([data-theme="light"])`)
	if len(chosen) < 20 || !slices.Equal(chosen, preferred) {
		t.Errorf("chosen: %v\npreferred: %v", chosen, preferred)
	}
}

func TestHandler(t *testing.T) {
	get := func(url, match string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, url, nil)
		r.Header.Set("If-None-Match", match)
		w := httptest.NewRecorder()
		Handler().ServeHTTP(w, r)
		return w
	}
	tests := []struct {
		name, url, match string
		status           int
		cache            string
	}{
		{"with its version", URL("console.css"), "", 200, "public, max-age=31536000, immutable"},
		{"without a version", Prefix + "console.js", "", 200, "no-cache"},
		{"known already", URL("icon.svg"), `"` + files["icon.svg"].version + `"`, 304, "public, max-age=31536000, immutable"},
		{"unknown", Prefix + "other.css", "", 404, ""},
		{"outside", Prefix + "../assets.go", "", 404, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := get(tt.url, tt.match)
			if got.Code != tt.status || got.Header().Get("Cache-Control") != tt.cache {
				t.Errorf("status %d, Cache-Control %q", got.Code, got.Header().Get("Cache-Control"))
			}
		})
	}
}
