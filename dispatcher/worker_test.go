package dispatcher_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/triggers"
)

// One attempt that hangs keeps one place of its endpoint's window, and neither
// the records of those sent with it nor the turns of those behind.
func TestAnAttemptThatHangsHoldsUpNoOther(t *testing.T) {
	release := make(chan struct{})
	var hanging string
	var later atomic.Bool
	began := make(chan struct{})
	receiver := newReceiver(t, func(event string, _ int) int {
		if later.CompareAndSwap(false, true) {
			hanging = event
			close(began)
			<-release
		}
		return 200
	})
	endpoint := receiver.endpoint("slow", func(e *triggers.Endpoint) { e.MaxInFlight, e.TimeoutSeconds = 4, 30 })
	let := sync.OnceFunc(func() { close(release) })
	t.Cleanup(let)
	ledger := memory.New()
	names := add(t, ledger, newIDs(), endpoint, 40, 40)
	run(t, ledger, newConfiguration(endpoint), "")

	<-began
	others := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == hanging })
	settled(t, ledger, others, 20*time.Second)
	let()
	settled(t, ledger, names, 20*time.Second)
}
