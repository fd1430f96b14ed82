package all_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
)

func TestRegistryHoldsTheFiveSystemsInOrder(t *testing.T) {
	want := []string{"faveo", "agency", "superoffice", "supportservice", "socialboards"}
	registry := all.Registry()
	if got := registry.Names(); !slices.Equal(got, want) {
		t.Fatalf("names %q, want %q", got, want)
	}
	for i, name := range want {
		if got := registry.Lookup(name); got != registry.All()[i] {
			t.Errorf("Lookup(%q) = %v, want the system number %d", name, got, i)
		}
	}
	if registry.Lookup("zendesk") != nil {
		t.Error("a system that is not there was found")
	}
}

// A change means something to every system: none of them may take offence at
// what another one puts into extra.
func TestSamplesOfOneSystemRenderInTheOthers(t *testing.T) {
	for _, from := range all.Registry().All() {
		for _, sample := range from.Sheet().Events {
			if sample.Sample == nil {
				continue
			}
			for _, to := range all.Registry().All() {
				for _, name := range to.Detect(sample.Sample()) {
					_, err := to.Render(systems.Occasion{Event: name, Change: sample.Sample(), Delivery: "dlv_1"})
					if err != nil {
						t.Errorf("the sample %s of %s as %s of %s: %v", sample.Name, from.Sheet().Name, name, to.Sheet().Name, err)
					}
				}
			}
		}
	}
}

// Each system's folder holds a golden request for each of its samples and the
// vendor's own examples: proof that its tests run the suite.
func TestEverySystemHasItsGoldenFiles(t *testing.T) {
	for _, system := range all.Registry().All() {
		name := system.Sheet().Name
		files, err := filepath.Glob(filepath.Join("..", name, "testdata", "*.txtar"))
		if err != nil {
			t.Fatal(err)
		}
		samples := 0
		for _, event := range system.Sheet().Events {
			if event.Sample != nil {
				samples++
			}
		}
		if len(files) != samples+1 {
			t.Errorf("%s has %d archives for %d samples and the vendor's examples: %q", name, len(files), samples, files)
		}
		if !slices.Contains(files, filepath.Join("..", name, "testdata", "vendor.txtar")) {
			t.Errorf("%s has no examples of its vendor", name)
		}
	}
}
