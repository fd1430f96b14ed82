package console

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/hookdesk/hookdesk/dispatcher/config"
)

//go:embed templates/*.html
var templateFiles embed.FS

// pages are the parsed templates by the name of their page.
type pages struct {
	byName map[string]*template.Template
}

// parsePages parses every template. Files that begin with an underscore are
// parts that all pages may use; each other one is a page.
func parsePages(now func() time.Time) *pages {
	shared := template.New("").Funcs(functions(now))
	names, err := templateFiles.ReadDir("templates")
	if err != nil {
		panic(fmt.Sprintf("console: list embedded templates: %v", err))
	}
	shared = template.Must(shared.ParseFS(templateFiles, "templates/_*.html"))
	parsed := &pages{byName: map[string]*template.Template{}}
	for _, entry := range names {
		if strings.HasPrefix(entry.Name(), "_") {
			continue
		}
		page := template.Must(template.Must(shared.Clone()).ParseFS(templateFiles, path.Join("templates", entry.Name())))
		parsed.byName[strings.TrimSuffix(entry.Name(), ".html")] = page
	}
	return parsed
}

// frame is what the frame around a page shows; Page is the page's own struct.
type frame struct {
	Title   string
	Section string // of the navigation
	Page    any
	Refresh int // where there is no script the page loads itself again after so many seconds, if not 0

	Dev       bool
	Version   string
	Theme     string
	Workspace string
	Actor     string
	Admin     bool
	ReadOnly  bool   // who is signed in may change nothing
	Here      string // the address, for coming back
	Flash     *flash
}

// render answers with a page.
func (r *request) render(status int, name string, f frame) error {
	f.Dev, f.Version, f.Theme = r.Dev, r.Version, Theme(r.Request)
	f.Workspace, f.Actor, f.Admin = r.session.Workspace, r.session.Name, r.session.Admin
	f.ReadOnly = f.Workspace != "" && !r.session.Allows(config.ScopeWrite)
	f.Here = r.here()
	f.Flash = r.takeFlash()
	root := "frame"
	if f.Workspace == "" {
		root = "door"
	}
	text, err := r.pages.execute(name, root, f)
	if err != nil {
		return err
	}
	if f.ReadOnly {
		text = locked(text)
	}
	return r.write(status, text)
}

// here returns the address that shows a page like this one again: of a form
// that was sent the nearest one above it that can be opened.
func (r *request) here() string {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return r.URL.RequestURI()
	}
	for at := *r.URL; len(at.Path) > 1; at.Path, at.RawPath = path.Dir(at.Path), "" {
		var match mux.RouteMatch
		if r.router.Match(&http.Request{Method: http.MethodGet, URL: &at}, &match) && match.MatchErr == nil {
			return at.EscapedPath()
		}
	}
	return "/"
}

// show answers with a page and status 200.
func (r *request) show(name, section, title string, page any) error {
	return r.render(http.StatusOK, name, frame{Title: title, Section: section, Page: page})
}

// execute renders one template of a page into memory, so that an error in it
// never leaves half a page behind.
func (p *pages) execute(page, root string, data any) ([]byte, error) {
	found, ok := p.byName[page]
	if !ok {
		return nil, fmt.Errorf("render page: no template %q", page)
	}
	var text bytes.Buffer
	if err := found.ExecuteTemplate(&text, root, data); err != nil {
		return nil, fmt.Errorf("render page %s: %w", page, err)
	}
	return text.Bytes(), nil
}

func (r *request) write(status int, text []byte) error {
	header := r.w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Add("Vary", "Cookie")
	r.w.WriteHeader(status)
	_, _ = r.w.Write(text) // a reader who went away is no error of the page
	return nil
}

// redirect leads to another page after a form was accepted.
func (r *request) redirect(to string) error {
	if r.Header.Get("HX-Request") != "" { // a script would put the page into its own
		r.w.Header().Set("HX-Redirect", to)
		r.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(r.w, r.Request, to, http.StatusSeeOther)
	return nil
}

// Theme returns the look that a request's cookie asks for: light, dark or auto.
func Theme(r *http.Request) string {
	if c, err := r.Cookie(themeCookie); err == nil && (c.Value == "light" || c.Value == "dark") {
		return c.Value
	}
	return "auto"
}
