package dispatcher_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// stuck is a ledger that accepts nothing of one ticket until it is let go.
type stuck struct {
	executionlog.Ledger
	number string
	begun  chan struct{} // closed when it waits
	letGo  chan struct{}
	once   sync.Once
}

func (s *stuck) Accept(ctx context.Context, list []*executionlog.Acceptance) []error {
	for _, acceptance := range list {
		if acceptance.Ticket.Number == s.number {
			s.once.Do(func() { close(s.begun) })
			<-s.letGo
		}
	}
	return s.Ledger.Accept(ctx, list)
}

// Changes of one ticket wait for each other, however many they are, and changes
// of others do not wait for them.
func TestManyChangesOfOneTicketHoldUpNoOther(t *testing.T) {
	ledger := &stuck{Ledger: memory.New(), number: "hot", begun: make(chan struct{}), letGo: make(chan struct{})}
	d := run(t, ledger, newConfiguration(), "")
	letGo := sync.OnceFunc(func() { close(ledger.letGo) })
	t.Cleanup(letGo)
	many := 100*runtime.GOMAXPROCS(0) + 100
	var hot sync.WaitGroup
	for n := range many {
		in := input(t, fmt.Sprintf(`{"ticket": {"number": "hot", "subject": "%d"}}`, n))
		hot.Go(func() {
			if err := d.Submit(t.Context(), workspace, []*ticket.Input{in})[0].Err; err != nil {
				t.Error(err)
			}
		})
	}
	<-ledger.begun
	for range 20 { // by then the others have come to wait
		runtime.Gosched()
	}
	accepted(t, d, created) // of another ticket, or the test never ends
	letGo()
	hot.Wait()
	row, err := ledger.Ticket(t.Context(), workspace, "hot")
	if err != nil || row.Version != int64(many) {
		t.Errorf("%d changes made version %d: %v", many, row.Version, err)
	}
}
