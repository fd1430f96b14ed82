package agency_test

import (
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher/systems/agency"
	"github.com/hookdesk/hookdesk/dispatcher/systems/systemtest"
)

func TestSystem(t *testing.T) {
	systemtest.Suite{
		System: agency.New(), Golden: "testdata",
		Settings: map[string]string{"endpoint_id": "9ab698f5-99de-4ff6-8bfc-a7dcb973d177"},
		// The event ids of the vendor's page.
		Deliveries: map[string]string{
			agency.Created:  "whev_o48n74r1vsv642vex",
			agency.Updated:  "whev_o49pxqxd3bv642zyk",
			agency.Assigned: "whev_d8egm7pgoure9gz7g",
			agency.Resolved: "whev_ydxpy1n9whgqkxm3q",
		},
	}.Run(t)
}

func FuzzRender(f *testing.F) { systemtest.Fuzz(f, agency.New()) }

func BenchmarkRender(b *testing.B) { systemtest.Benchmark(b, agency.New()) }
