package systemtest

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
)

var update = flag.Bool("update", false, "write the golden files anew")

// testGolden compares the request of every event in every revision with its
// golden file, and finds golden files of events that are no more.
func (s Suite) testGolden(t *testing.T) {
	known := map[string]bool{vendorFile: true}
	for _, event := range s.System.Sheet().Events {
		if event.Sample == nil {
			continue
		}
		name := fileName(event.Name)
		known[name] = true
		t.Run(event.Name, func(t *testing.T) {
			got := &txtar.Archive{}
			for _, revision := range s.System.Sheet().Revisions {
				request := render(t, s.System, s.occasion(event, revision.Name))
				got.Files = append(got.Files, txtar.File{Name: revision.Name, Data: append(wireBytes(s.System, request), '\n')})
			}
			compare(t, filepath.Join(s.Golden, name), got)
		})
	}
	files, err := filepath.Glob(filepath.Join(s.Golden, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !known[filepath.Base(file)] {
			t.Errorf("golden file %s belongs to no event", file)
		}
	}
}

func compare(t *testing.T, path string, got *txtar.Archive) {
	t.Helper()
	old, err := os.ReadFile(path)
	if err == nil {
		got.Comment = txtar.Parse(old).Comment
	}
	text := txtar.Format(got)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if err != nil {
		t.Fatalf("%v; run the test with -update to write it", err)
	}
	if diff := cmp.Diff(string(old), string(text)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// wireBytes is a request as the first attempt sends it, without what the
// transport adds.
func wireBytes(system systems.System, request *systems.Request) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "POST\nContent-Type: %s\n", request.ContentType)
	for _, header := range append(append([]systems.Header{}, request.Header...), system.AttemptHeaders(0)...) {
		fmt.Fprintf(&out, "%s: %s\n", header.Name, header.Value)
	}
	out.WriteString("\n")
	out.Write(request.Body)
	return out.Bytes()
}

func fileName(event string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\{}:*?"<>| `, r) {
			return '_'
		}
		return r
	}, event) + ".txtar"
}
