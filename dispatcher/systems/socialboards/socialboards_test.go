package socialboards

import (
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher/systems/systemtest"
)

func TestSystem(t *testing.T) { systemtest.Run(t, New(), "testdata") }

func FuzzRender(f *testing.F) { systemtest.Fuzz(f, New()) }
