package sender

import (
	"testing"

	"go.uber.org/goleak"
)

// Neither receivers that hang nor cancelled exchanges may leave goroutines
// behind once the clients are closed.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
