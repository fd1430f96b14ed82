package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/hookdesk/hookdesk"

// layers is who may import whom inside the module, outermost first. The first
// line whose pattern fits a package holds for it; * is one path element, a
// trailing /** the folder and all below it.
var layers = []struct {
	pkg     string
	imports []string
}{
	{"cmd/**", []string{"cmd/**", "web/**", "dispatcher/**", "triggers/**", "signing", "executionlog/**"}},
	{"web/console/consoletest", []string{"web/**", "dispatcher/**", "triggers/**", "signing", "executionlog/**"}},
	{"web/**", []string{"web/**", "dispatcher", "dispatcher/**", "triggers/**", "signing", "executionlog"}},

	{"dispatcher/systems/systemtest", []string{"dispatcher/systems/**", "triggers/ticket", "signing"}},
	{"dispatcher/systems/all", []string{"dispatcher/systems/*", "dispatcher/systems"}},
	{"dispatcher/systems/*", []string{"dispatcher/systems", "triggers/ticket"}},
	{"dispatcher/systems", []string{"triggers/ticket"}},
	{"dispatcher/sender", []string{"signing", "executionlog"}},
	{"dispatcher/redisqueue", []string{"dispatcher", "executionlog"}},
	{"dispatcher/alerts", []string{"dispatcher", "dispatcher/sender", "dispatcher/systems", "triggers/**", "signing", "executionlog"}},
	{"dispatcher/config/**", []string{"dispatcher", "dispatcher/config/**", "dispatcher/sender", "dispatcher/systems", "triggers/**", "signing", "executionlog"}},
	{"dispatcher", []string{"dispatcher/sender", "dispatcher/systems", "triggers/**", "signing", "executionlog"}},

	{"triggers/id", nil},
	{"triggers/invalid", nil},
	{"triggers/jsontree", nil},
	{"triggers/ticket", []string{"triggers/jsontree"}},
	{"triggers/condition", []string{"triggers/ticket"}},
	{"triggers", []string{"triggers/ticket", "triggers/condition"}},
	{"triggers/**", []string{"triggers", "triggers/ticket", "triggers/condition"}},

	{"signing", nil},
	{"executionlog", nil},
	{"executionlog/**", []string{"executionlog/**"}},

	{"deploy/**", []string{"cmd/**", "web/**", "dispatcher/**", "executionlog/**"}},
}

// leaves may be imported by everybody.
var leaves = []string{"triggers/id", "triggers/invalid"}

// owners is which folders may import a library whose use is kept in one place.
var owners = map[string][]string{
	"github.com/hibiken/asynq":      {"dispatcher/redisqueue", "cmd/**"},
	"github.com/redis/go-redis":     {"dispatcher/redisqueue", "cmd/**"},
	"github.com/alicebob/miniredis": {"dispatcher/redisqueue", "cmd/**"},
	"github.com/jackc/pgx":          {"executionlog/**"},
	"modernc.org/sqlite":            {"executionlog/**"},
	"github.com/pressly/goose":      {"executionlog/**"},
	"github.com/gorilla/mux":        {"web/**", "cmd/**"},
	"github.com/danielgtaylor/huma": {"web/**"},
	"github.com/yuin/goldmark":      {"web/**"},
	"github.com/alecthomas/kong":    {"cmd/**"},
	"go.opentelemetry.io":           {"cmd/hookdesk/tracing"},
	"code.dny.dev/ssrf":             {"dispatcher/sender"},
	"github.com/cenkalti/backoff":   {"dispatcher/**"},
	"github.com/wneessen/go-mail":   {"dispatcher/alerts"},
	// Packages of tests for others to run end in test.
	"github.com/standard-webhooks":    {"**test"},
	"github.com/chromedp":             {"**test"},
	"github.com/google/go-cmp":        {"**test"},
	"github.com/rogpeppe/go-internal": {"**test"},
	"testing":                         {"**test"},
}

func fits(pattern, pkg string) bool {
	if folder, ok := strings.CutSuffix(pattern, "/**"); ok {
		return pkg == folder || strings.HasPrefix(pkg, folder+"/")
	}
	if suffix, ok := strings.CutPrefix(pattern, "**"); ok {
		return strings.HasSuffix(pkg, suffix)
	}
	matched, _ := path.Match(pattern, pkg)
	return matched
}

func anyFits(patterns []string, pkg string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return fits(p, pkg) })
}

// TestImports reads every import of the module's code and holds it against
// the two tables: calls go down, and a library stays in the folder it belongs
// to. Tests may import what they like.
func TestImports(t *testing.T) {
	root := filepath.Join("..", "..")
	seen := 0
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if name == "testdata" || name == "dist" || (strings.HasPrefix(name, ".") && file != root) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		seen++
		relative, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		checkFile(t, filepath.ToSlash(relative), file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen == 0 {
		t.Fatal("found no code to check")
	}
}

func checkFile(t *testing.T, name, file string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), name, content, parser.ImportsOnly)
	if err != nil {
		t.Errorf("parse %s: %v", name, err)
		return
	}
	pkg := path.Dir(name)
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if reason := refuse(pkg, imported); reason != "" {
			t.Errorf("%s imports %s: %s", name, imported, reason)
		}
	}
}

// refuse returns why a package may not import another, or "".
func refuse(pkg, imported string) string {
	for library, folders := range owners {
		if (imported == library || strings.HasPrefix(imported, library+"/")) && !anyFits(folders, pkg) {
			return "only " + strings.Join(append(folders, "tests"), ", ") + " may"
		}
	}
	inner, own := strings.CutPrefix(imported, module+"/")
	if !own {
		if pkg == "triggers/ticket" && strings.Contains(strings.Split(imported, "/")[0], ".") {
			return "the ticket model uses the standard library only"
		}
		return ""
	}
	if slices.Contains(leaves, inner) {
		return ""
	}
	for _, layer := range layers {
		if !fits(layer.pkg, pkg) {
			continue
		}
		if anyFits(layer.imports, inner) {
			return ""
		}
		return pkg + " may import " + strings.Join(append(layer.imports, leaves...), ", ")
	}
	return "no line of the table is about " + pkg
}

func TestRefuse(t *testing.T) {
	for _, c := range []struct {
		pkg, imported string
		refused       bool
	}{
		{"dispatcher", module + "/web/api", true},
		{"dispatcher", module + "/signing", false},
		{"web/api", module + "/dispatcher", false},
		{"web/api", module + "/cmd/hookdesk/client", true},
		{"triggers", module + "/dispatcher", true},
		{"triggers", module + "/triggers/condition", false},
		{"triggers/condition", module + "/triggers", true},
		{"triggers/ticket", "golang.org/x/text/cases", true},
		{"triggers/ticket", module + "/triggers/invalid", false},
		{"executionlog/sqlite", module + "/executionlog", false},
		{"executionlog", module + "/dispatcher", true},
		{"executionlog/sqlite", module + "/triggers/ticket", true},
		{"dispatcher/systems/faveo", module + "/dispatcher/systems", false},
		{"dispatcher/systems/faveo", module + "/dispatcher/systems/agency", true},
		{"dispatcher/systems/all", module + "/dispatcher/systems/agency", false},
		{"web/console", "github.com/hibiken/asynq", true},
		{"dispatcher/redisqueue", "github.com/hibiken/asynq", false},
		{"dispatcher", "go.opentelemetry.io/otel/trace", true},
		{"newfolder", module + "/signing", true},
	} {
		if reason := refuse(c.pkg, c.imported); (reason != "") != c.refused {
			t.Errorf("%s imports %s: refused %q, want refused %v", c.pkg, c.imported, reason, c.refused)
		}
	}
}
