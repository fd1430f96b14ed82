// Package docs serves the documentation at /docs: pages in Markdown that are
// embedded, and reference pages generated from what the program itself knows,
// so that they cannot fall behind it.
package docs

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"slices"
	"strings"

	"github.com/gorilla/mux"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/web/console"
	"github.com/hookdesk/hookdesk/web/console/assets"
)

//go:embed pages/*.md
var pageFiles embed.FS

//go:embed templates/*.html
var templateFiles embed.FS

// Options are what the documentation is generated from.
type Options struct {
	Systems *systems.Registry
	// OpenAPI returns the description of the REST API as JSON; nil leaves its
	// page out.
	OpenAPI func() ([]byte, error)
	Dev     bool
	Version string
}

// page is one page of the navigation.
type page struct {
	Path, Title, Group string
	// body returns the page's content.
	body func() (template.HTML, error)
}

// site is the handler behind Handler.
type site struct {
	Options
	pages     []page
	pictures  pictures
	templates *template.Template
}

// Handler returns the documentation, to be mounted at /docs and below it. It
// fails only for templates and pages that are broken.
func Handler(options Options) (http.Handler, error) { return newHandler(options, pictureFiles) }

func newHandler(options Options, files fs.FS) (http.Handler, error) {
	s := &site{Options: options}
	var err error
	if s.pictures, err = loadPictures(files); err != nil {
		return nil, err
	}
	s.templates, err = template.New("").Funcs(template.FuncMap{
		"asset": assets.URL, "json": indent, "path": pathOf, "provenance": provenanceText, "anchor": anchor, "words": words,
	}).ParseFS(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse documentation templates: %w", err)
	}
	if err := s.addPages(); err != nil {
		return nil, err
	}
	r := mux.NewRouter()
	r.HandleFunc("/docs", s.serve).Methods(http.MethodGet, http.MethodHead)
	r.PathPrefix(picturePrefix).Handler(s.pictures).Methods(http.MethodGet, http.MethodHead)
	r.PathPrefix("/docs/").HandlerFunc(s.serve).Methods(http.MethodGet, http.MethodHead)
	r.MethodNotAllowedHandler = http.HandlerFunc(readOnly)
	return r, nil
}

// readOnly answers every method that does not read.
func readOnly(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Allow", "GET, HEAD")
	http.Error(w, "the documentation can only be read", http.StatusMethodNotAllowed)
}

// written are the pages in Markdown, in the order of the navigation.
var written = []struct{ file, path, title, group string }{
	{"index.md", "/docs", "Overview", "Start"},
	{"teams.md", "/docs/teams", "For ticketing teams", "Start"},
	{"receivers.md", "/docs/receivers", "For receiver developers", "Start"},
	{"triggers.md", "/docs/triggers", "Triggers", "Concepts"},
	{"explain.md", "/docs/explain", "Why did it fire, or not?", "Concepts"},
	{"guarantees.md", "/docs/guarantees", "What is guaranteed", "Concepts"},
	{"security.md", "/docs/security", "Security", "Concepts"},
	{"operations.md", "/docs/operations", "Running it", "Operating"},
	{"sizing.md", "/docs/sizing", "Sizing and tuning", "Operating"},
}

func (s *site) addPages() error {
	for _, w := range written {
		source, err := fs.ReadFile(pageFiles, "pages/"+w.file)
		if err != nil {
			return fmt.Errorf("read documentation page: %w", err)
		}
		html, err := s.render(source)
		if err != nil {
			return fmt.Errorf("render %s: %w", w.file, err)
		}
		s.add(w.group, w.path, w.title, func() (template.HTML, error) { return html, nil })
	}
	s.add("Reference", "/docs/conditions", "Fields and operators", s.generate("conditions", conditions()))
	s.add("Reference", "/docs/signing", "Signatures", s.generate("signing", signatures()))
	s.add("Reference", "/docs/errors", "Error codes", s.generate("errors", errorCodes()))
	if s.OpenAPI != nil {
		s.add("Reference", "/docs/api", "REST API", s.apiPage)
	}
	s.add("Systems", "/docs/systems", "All systems", s.generate("systems", s.sheets()))
	for _, system := range s.Systems.All() {
		sheet := system.Sheet()
		s.add("Systems", "/docs/systems/"+sheet.Name, sheet.Title, s.generate("system", systemReference(system)))
	}
	return nil
}

func (s *site) add(group, path, title string, body func() (template.HTML, error)) {
	s.pages = append(s.pages, page{Path: path, Title: title, Group: group, body: body})
}

// generate returns the body of a page that a template makes out of data.
func (s *site) generate(name string, data any) func() (template.HTML, error) {
	return func() (template.HTML, error) {
		var text bytes.Buffer
		if err := s.templates.ExecuteTemplate(&text, name, data); err != nil {
			return "", fmt.Errorf("render documentation page %s: %w", name, err)
		}
		return template.HTML(text.String()), nil //nolint:gosec // made by html/template
	}
}

// render turns Markdown into HTML. HTML inside Markdown is left out, as
// goldmark does unless told otherwise.
func (s *site) render(source []byte) (template.HTML, error) {
	markdown := goldmark.New(goldmark.WithExtensions(extension.Table), goldmark.WithParserOptions(parser.WithAutoHeadingID()))
	var text bytes.Buffer
	if err := markdown.Convert(source, &text); err != nil {
		return "", fmt.Errorf("convert Markdown: %w", err)
	}
	html := strings.NewReplacer(
		"<table>", `<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>`, "</table>", "</table></div>",
		"<pre>", `<pre tabindex="0">`, "<th>", `<th scope="col">`,
	).Replace(s.pictures.place(text.String()))
	return template.HTML(html), nil //nolint:gosec // our own pages, without raw HTML
}

// view is what the frame shows.
type view struct {
	Title, Path, Theme, Version string
	Dev                         bool
	Groups                      []group
	Body                        template.HTML
}

// group is a part of the navigation.
type group struct {
	Name  string
	Pages []page
}

func (s *site) serve(w http.ResponseWriter, r *http.Request) {
	console.Headers(w.Header())
	at := strings.TrimSuffix(r.URL.Path, "/")
	i := slices.IndexFunc(s.pages, func(p page) bool { return p.Path == at })
	v := view{Path: at, Theme: console.Theme(r), Version: s.Version, Dev: s.Dev, Groups: s.groups()}
	status := http.StatusOK
	if i < 0 {
		status, v.Title = http.StatusNotFound, "No such page"
		v.Body = `<h1>No such page</h1><p><a href="/docs">To the overview of the documentation</a></p>`
	} else {
		body, err := s.pages[i].body()
		if err != nil {
			http.Error(w, "This page cannot be shown.", http.StatusInternalServerError)
			return
		}
		v.Title, v.Body = s.pages[i].Title, body
	}
	var text bytes.Buffer
	if err := s.templates.ExecuteTemplate(&text, "docs", v); err != nil {
		http.Error(w, "This page cannot be shown.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Add("Vary", "Cookie")
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes()) // a reader who went away is no error of the page
}

func (s *site) groups() []group {
	var groups []group
	for _, p := range s.pages {
		i := slices.IndexFunc(groups, func(g group) bool { return g.Name == p.Group })
		if i < 0 {
			groups = append(groups, group{Name: p.Group})
			i = len(groups) - 1
		}
		groups[i].Pages = append(groups[i].Pages, p)
	}
	return groups
}
