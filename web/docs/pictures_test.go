package docs

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
)

func pngOf(t *testing.T, width, height int) *fstest.MapFile {
	t.Helper()
	var text bytes.Buffer
	if err := png.Encode(&text, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: text.Bytes()}
}

func handlerWith(t *testing.T, files fstest.MapFS) http.Handler {
	t.Helper()
	h, err := newHandler(Options{Systems: all.Registry()}, files)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

var sources = regexp.MustCompile(`src="(/docs/pictures/[^"]+)"`)

// A page shows the pictures that the program was built with, in both looks,
// at their size, and they are served for good.
func TestPicturesArePlaced(t *testing.T) {
	h := handlerWith(t, fstest.MapFS{
		"pictures/README.md": {}, "pictures/overview.png": pngOf(t, 12, 8), "pictures/overview-dark.png": pngOf(t, 12, 9), "pictures/log.png": pngOf(t, 3, 3),
	})
	body := get(h, "/docs/teams").Body.String()
	for _, want := range []string{`<img class="light" src="/docs/pictures/overview.png?v=`, `<img class="dark" src="/docs/pictures/overview-dark.png?v=`, `width="12" height="9"`, "<figcaption>"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	found := sources.FindAllStringSubmatch(body, -1)
	if len(found) < 2 {
		t.Fatalf("%d pictures", len(found))
	}
	for _, source := range found {
		got := get(h, source[1])
		if got.Code != http.StatusOK || got.Header().Get("Content-Type") != "image/png" || !strings.Contains(got.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: status %d, %v", source[1], got.Code, got.Header())
		}
	}
	if got := get(h, "/docs/pictures/other.png"); got.Code != http.StatusNotFound {
		t.Errorf("a picture that is not there: status %d", got.Code)
	}
}

// A program that was built without pictures says nothing of them.
func TestPagesWithoutPictures(t *testing.T) {
	h := handlerWith(t, fstest.MapFS{})
	for _, w := range written {
		body := get(h, w.path).Body.String()
		if strings.Contains(body, "<img") || strings.Contains(body, "<figure") || strings.Contains(body, "pictures/") {
			t.Errorf("%s has a picture that is not there", w.path)
		}
	}
}

func TestBrokenPicture(t *testing.T) {
	if _, err := loadPictures(fstest.MapFS{"pictures/log.png": {Data: []byte("no picture")}}); err == nil || !strings.Contains(err.Error(), "log.png") {
		t.Errorf("error %v", err)
	}
}
