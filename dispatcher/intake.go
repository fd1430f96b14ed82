package dispatcher

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/hookdesk/hookdesk/executionlog"
)

const (
	// intakePerProcessor is how many changes are taken in at a time for each
	// processor. More would not be taken in any faster, but hold memory and
	// run ahead of the deliveries, which then are read back from the ledger.
	intakePerProcessor = 50
	// intakeLeast is one batch of a usual size.
	intakeLeast = 100
	// intakeWait is how long changes wait for their turn.
	intakeWait = 30 * time.Second
)

// intake bounds how many changes are taken in at a time. Those who came first
// go first.
type intake struct {
	places  *semaphore.Weighted
	size    int
	waiting time.Duration
}

func newIntake() intake {
	size := max(intakeLeast, intakePerProcessor*runtime.GOMAXPROCS(0))
	return intake{semaphore.NewWeighted(int64(size)), size, intakeWait}
}

// enter waits for the places of so many changes; one batch may be larger than
// all there are. It returns the error of a context that was cancelled, or one that
// wraps ErrUnavailable.
func (i *intake) enter(ctx context.Context, changes int) (leave func(), err error) {
	taken := int64(min(changes, i.size))
	bounded, cancel := context.WithTimeout(ctx, i.waiting)
	defer cancel()
	err = i.places.Acquire(bounded, taken)
	switch {
	case err == nil:
		return func() { i.places.Release(taken) }, nil
	case errors.Is(ctx.Err(), context.Canceled):
		return nil, ctx.Err()
	default:
		return nil, fmt.Errorf("wait for changes that came before: %w", executionlog.ErrUnavailable)
	}
}
