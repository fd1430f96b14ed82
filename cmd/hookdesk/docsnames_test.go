package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
	"github.com/hookdesk/hookdesk/web/api"
)

// The names that documentation may get wrong, each with the part that matters
// as its only group.
var (
	namedFile      = regexp.MustCompile("`((?:cmd|deploy|dispatcher|executionlog|signing|triggers|web|\\.ci)/[\\w./-]*)`")
	namedSetting   = regexp.MustCompile(`\b(HOOKDESK_\w*[A-Z])\b`)
	namedMetric    = regexp.MustCompile(`\b(hookdesk_[a-z_]+)\b`)
	namedOperation = regexp.MustCompile(`\b((?:GET|POST|PUT|PATCH|DELETE) /api/v1/[\w{}./-]+)`)
)

// TestNamesInDocs holds the files, settings, metrics and operations of the API
// that the documentation names against those that there are.
func TestNamesInDocs(t *testing.T) {
	root := filepath.Join("..", "..")
	settings, metrics, operations := settingsOf(t), sourceOf(t, "metrics"), operationsOf(t)
	exists := func(file string) bool {
		_, err := os.Stat(filepath.Join(root, file))
		return !errors.Is(err, fs.ErrNotExist) || strings.HasPrefix(file, "dispatcher/systems/acme/") // the example of CONTRIBUTING
	}
	for _, names := range []struct {
		what  string
		named *regexp.Regexp
		known func(name string) bool
		least int // so many are found at least
	}{
		{"file", namedFile, exists, 30},
		{"setting", namedSetting, func(name string) bool { return slices.Contains(settings, name) }, 20},
		{"metric", namedMetric, func(name string) bool { return strings.Contains(metrics, `"`+name+`"`) }, 3},
		{"operation", namedOperation, func(name string) bool {
			return slices.ContainsFunc(operations, func(o *regexp.Regexp) bool { return o.MatchString(name) })
		}, 10},
	} {
		found := map[string]bool{}
		for file, text := range documentation(t, root) {
			for _, match := range names.named.FindAllStringSubmatch(text, -1) {
				found[match[1]] = true
				if !names.known(match[1]) {
					t.Errorf("%s: there is no %s %s", file, names.what, match[1])
				}
			}
		}
		if len(found) < names.least {
			t.Errorf("only %d names of a %s were found", len(found), names.what)
		}
	}
}

// documentation returns the texts that people read, by file.
func documentation(t *testing.T, root string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, pattern := range []string{"*.md", "web/docs/pages/*.md"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			texts[file] = string(content)
		}
	}
	return texts
}

// settingsOf lists the environment variables of all commands.
func settingsOf(t *testing.T) []string {
	t.Helper()
	parser, err := kong.New(&CLI{}, defaults())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	var visit func(node *kong.Node)
	visit = func(node *kong.Node) {
		for _, flag := range node.Flags {
			names = append(names, flag.Envs...)
		}
		for _, child := range node.Children {
			visit(child)
		}
	}
	visit(parser.Model.Node)
	return names
}

// sourceOf returns the code of a folder.
func sourceOf(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(content)
	}
	return code.String()
}

// operationsOf returns what matches an operation of the API, such as
// GET /api/v1/tickets/{number}, with any value for the parameter.
func operationsOf(t *testing.T) []*regexp.Regexp {
	t.Helper()
	var document struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	if err := json.Unmarshal(api.OpenAPI(api.Options{Systems: all.Registry(), Metrics: http.NotFoundHandler()}), &document); err != nil {
		t.Fatal(err)
	}
	parameter := regexp.MustCompile(`\\\{\w+\\\}`)
	var list []*regexp.Regexp
	for path, methods := range document.Paths {
		pattern := parameter.ReplaceAllString(regexp.QuoteMeta(path), `[^/]+`)
		for method := range methods {
			list = append(list, regexp.MustCompile("^"+strings.ToUpper(method)+" "+pattern+"$"))
		}
	}
	return list
}
