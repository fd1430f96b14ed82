package docs

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"image/png"
	"io/fs"
	"net/http"
	"regexp"
	"strings"
)

// The folder holds pictures only where make screenshots was run before the
// program was built.
//
//go:embed pictures
var pictureFiles embed.FS

// picturePrefix is the path below which pictures are served.
const picturePrefix = "/docs/pictures/"

// pictures are the PNG files of a folder, by their name without its ending.
type pictures map[string]picture

type picture struct {
	content       []byte
	version       string // changes with the content
	width, height int    // in pixels
}

// loadPictures reads the folder pictures of a file system.
func loadPictures(from fs.FS) (pictures, error) {
	names, err := fs.Glob(from, "pictures/*.png")
	if err != nil {
		return nil, fmt.Errorf("list pictures: %w", err)
	}
	found := pictures{}
	for _, name := range names {
		content, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, fmt.Errorf("read picture: %w", err)
		}
		size, err := png.DecodeConfig(bytes.NewReader(content))
		if err != nil {
			return nil, fmt.Errorf("read picture %s: %w", name, err)
		}
		sum := sha256.Sum256(content)
		short := strings.TrimSuffix(strings.TrimPrefix(name, "pictures/"), ".png")
		found[short] = picture{content, base64.RawURLEncoding.EncodeToString(sum[:9]), size.Width, size.Height}
	}
	return found, nil
}

// imageParagraph is what Markdown makes of a picture that stands alone.
var imageParagraph = regexp.MustCompile(`<p><img src="pictures/([a-z-]+)\.png" alt="([^"]*)"\s*/?></p>\n?`)

// place puts the pictures that there are into a page, in both looks, and
// leaves out the others.
func (p pictures) place(page string) string {
	return imageParagraph.ReplaceAllStringFunc(page, func(image string) string {
		parts := imageParagraph.FindStringSubmatch(image)
		light, ok := p.element(parts[1], parts[2], "light")
		if !ok {
			return ""
		}
		dark, ok := p.element(parts[1]+"-dark", parts[2], "dark")
		if !ok {
			light = strings.Replace(light, ` class="light"`, "", 1)
		}
		return `<figure class="picture">` + light + dark + "<figcaption>" + parts[2] + "</figcaption></figure>\n"
	})
}

// element returns the img of one picture; its text is escaped already.
func (p pictures) element(name, text, look string) (html string, ok bool) {
	found, ok := p[name]
	if !ok {
		return "", false
	}
	return fmt.Sprintf(`<img class="%s" src="%s%s.png?v=%s" width="%d" height="%d" loading="lazy" alt="%s">`,
		look, picturePrefix, template.HTMLEscapeString(name), found.version, found.width, found.height, text), true
}

// ServeHTTP serves one picture, for good where its address has its version.
func (p pictures) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	found, ok := p[strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, picturePrefix), ".png")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "image/png")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-cache")
	if r.URL.Query().Get("v") == found.version {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	_, _ = w.Write(found.content) // a reader who went away is no error of the page
}
