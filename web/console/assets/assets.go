// Package assets holds the style sheet, the scripts and the icon that the
// console and the documentation share, embedded and served with a name that
// changes with their content, so that browsers may keep them for good.
package assets

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
)

//go:embed files/console.css files/console.js files/icon.svg files/htmx/htmx.min.js
var embedded embed.FS

// Prefix is the path below which Handler serves the files.
const Prefix = "/assets/"

type file struct {
	content     []byte
	contentType string
	version     string
}

var files = map[string]file{
	"console.css": load("files/console.css", "text/css; charset=utf-8"),
	"console.js":  load("files/console.js", "text/javascript; charset=utf-8"),
	"htmx.js":     load("files/htmx/htmx.min.js", "text/javascript; charset=utf-8"),
	"icon.svg":    load("files/icon.svg", "image/svg+xml"),
}

func load(name, contentType string) file {
	content, err := fs.ReadFile(embedded, name)
	if err != nil {
		panic(fmt.Sprintf("assets: read embedded %s: %v", name, err))
	}
	sum := sha256.Sum256(content)
	return file{content, contentType, base64.RawURLEncoding.EncodeToString(sum[:9])}
}

// URL returns the address of a file, such as console.css, with its version.
func URL(name string) string { return Prefix + name + "?v=" + files[name].version }

// Handler serves the files below Prefix.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		found, ok := files[strings.TrimPrefix(r.URL.Path, Prefix)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		header := w.Header()
		header.Set("Content-Type", found.contentType)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("ETag", `"`+found.version+`"`)
		if r.URL.Query().Get("v") == found.version {
			header.Set("Cache-Control", "public, max-age=31536000, immutable")
		} else {
			header.Set("Cache-Control", "no-cache")
		}
		if strings.Contains(r.Header.Get("If-None-Match"), found.version) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write(found.content)
	})
}
