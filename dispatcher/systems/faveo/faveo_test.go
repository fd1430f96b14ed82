package faveo_test

import (
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher/systems/faveo"
	"github.com/hookdesk/hookdesk/dispatcher/systems/systemtest"
)

func TestSystem(t *testing.T) { systemtest.Run(t, faveo.New(), "testdata") }

func FuzzRender(f *testing.F) { systemtest.Fuzz(f, faveo.New()) }

func BenchmarkRender(b *testing.B) { systemtest.Benchmark(b, faveo.New()) }
