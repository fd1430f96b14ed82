package docs

import (
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/triggers/condition"
	"github.com/hookdesk/hookdesk/web/console"
)

const openAPI = `{"info":{"title":"hookdesk","version":"1"},"paths":{"/api/v1/things/{id}":{
	"get":{"operationId":"get-thing","summary":"One <thing>","parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
		"responses":{"200":{"description":"OK","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Thing"}}}}}},
	"parameters":[]}},
	"components":{"schemas":{"Thing":{"type":"object","properties":{"list":{"type":"array","items":{"$ref":"#/components/schemas/Thing"}},"kind":{"enum":["a","b"]},"maybe":{"type":["string","null"]}}}}}}`

func handler(t *testing.T) http.Handler {
	t.Helper()
	h, err := Handler(Options{Systems: all.Registry(), OpenAPI: func() ([]byte, error) { return []byte(openAPI), nil }, Version: "1.2.3"})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

var hrefs = regexp.MustCompile(`href="(/docs[^"]*)"`)

// Every page that any page links to is there, with its place.
func TestPagesAndLinks(t *testing.T) {
	h := handler(t)
	bodies := map[string]string{}
	todo := []string{"/docs"}
	for len(todo) > 0 {
		link := todo[0]
		todo = todo[1:]
		path, place, _ := strings.Cut(link, "#")
		if _, seen := bodies[path]; !seen {
			got := get(h, path)
			if got.Code != http.StatusOK {
				t.Fatalf("%s: status %d", path, got.Code)
			}
			if got.Header().Get("Content-Security-Policy") != console.Policy {
				t.Errorf("%s: has not the policy", path)
			}
			bodies[path] = got.Body.String()
			for _, found := range hrefs.FindAllStringSubmatch(bodies[path], -1) {
				todo = append(todo, found[1])
			}
		}
		if place != "" && !strings.Contains(bodies[path], `id="`+place+`"`) {
			t.Errorf("%s has no place %s", path, place)
		}
		if len(todo) > 20000 {
			t.Fatal("the pages link without end")
		}
	}
	const least = 18
	if len(bodies) < least {
		t.Errorf("only %d pages are linked", len(bodies))
	}
	for path, body := range bodies {
		if strings.Count(body, "<h1") != 1 || strings.Contains(body, "ZgotmplZ") {
			t.Errorf("%s: not one heading, or a link that was not safe", path)
		}
	}
}

// The reference has everything that the program knows.
func TestReferenceIsWhole(t *testing.T) {
	h := handler(t)
	want := map[string][]string{}
	for _, f := range condition.Fields() {
		want["/docs/conditions"] = append(want["/docs/conditions"], "<code>"+html.EscapeString(f.Name)+"</code>")
	}
	for _, o := range condition.Operators() {
		want["/docs/conditions"] = append(want["/docs/conditions"], "<code>"+o.Name+"</code>")
	}
	for _, name := range signing.Names() {
		want["/docs/signing"] = append(want["/docs/signing"], `id="`+name+`"`)
	}
	for _, code := range sender.Codes() {
		want["/docs/errors"] = append(want["/docs/errors"], `id="`+string(code)+`"`)
	}
	for _, system := range all.Registry().All() {
		sheet := system.Sheet()
		want["/docs/systems"] = append(want["/docs/systems"], "/docs/systems/"+sheet.Name)
		for _, event := range sheet.Events {
			want["/docs/systems/"+sheet.Name] = append(want["/docs/systems/"+sheet.Name], "<code>"+event.Name+"</code>")
		}
	}
	for path, parts := range want {
		body := get(h, path).Body.String()
		for _, part := range parts {
			if !strings.Contains(body, part) {
				t.Errorf("%s lacks %s", path, part)
			}
		}
	}
}

func TestAPIPage(t *testing.T) {
	body := get(handler(t), "/docs/api").Body.String()
	for _, want := range []string{"/api/v1/things/{id}", "One &lt;thing&gt;", `href="#schema-thing"`, "list of Thing", "one of a, b", "string or null"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestBrokenDescription(t *testing.T) {
	h, err := Handler(Options{Systems: all.Registry(), OpenAPI: func() ([]byte, error) { return []byte("{"), nil }})
	if err != nil {
		t.Fatal(err)
	}
	if got := get(h, "/docs/api"); got.Code != http.StatusInternalServerError {
		t.Errorf("status %d", got.Code)
	}
}

func TestReadOnly(t *testing.T) {
	w := httptest.NewRecorder()
	handler(t).ServeHTTP(w, httptest.NewRequest(http.MethodPut, "/docs/signing", nil))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("status %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

func TestUnknownPage(t *testing.T) {
	if got := get(handler(t), "/docs/none"); got.Code != http.StatusNotFound || !strings.Contains(got.Body.String(), "No such page") {
		t.Errorf("status %d", got.Code)
	}
}

func TestTheme(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/docs", nil)
	r.AddCookie(&http.Cookie{Name: "hookdesk_theme", Value: "dark"})
	w := httptest.NewRecorder()
	handler(t).ServeHTTP(w, r)
	if !strings.Contains(w.Body.String(), `data-theme="dark"`) {
		t.Error("the page is not dark")
	}
}
