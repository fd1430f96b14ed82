package superoffice

import (
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher/systems/systemtest"
)

func TestSystem(t *testing.T) {
	systemtest.Suite{
		System:     New(),
		Golden:     "testdata",
		Undetected: []string{eventTest, eventStarted, eventStopped, eventErrors},
	}.Run(t)
}

func FuzzRender(f *testing.F) { systemtest.Fuzz(f, New()) }
