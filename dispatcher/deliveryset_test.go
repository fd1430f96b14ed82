package dispatcher

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// A set knows what was added to it, in whichever order and however often.
func TestDeliverySet(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var set deliverySet
	want := map[string]bool{}
	for n := range int64(3 * setRun) {
		// About in order, with some that come again and some that come late.
		delivery := id.Format(id.Delivery, 1<<40+(n-random.Int64N(500))*1024*(1+random.Int64N(3)%2))
		if set.add(delivery) == want[delivery] {
			t.Fatalf("%s is new: %t", delivery, want[delivery])
		}
		want[delivery] = true
	}
	if set.len() != len(want) || len(set.runs) == 0 {
		t.Errorf("holds %d in %d runs, want %d", set.len(), len(set.runs), len(want))
	}
	if set.add("att_0000000000001") {
		t.Error("an attempt is a delivery")
	}
}

// numberless is a log without end: each page leads to a next one.
type numberless struct {
	executionlog.Ledger
	pages int
}

func (l *numberless) Executions(context.Context, executionlog.Filter, int, string) (executionlog.Page[*executionlog.Attempt], error) {
	l.pages++
	row := &executionlog.Attempt{Delivery: id.Format(id.Delivery, int64(l.pages))}
	return executionlog.Page[*executionlog.Attempt]{Items: []*executionlog.Attempt{row, row}, Next: fmt.Sprint(l.pages)}, nil
}

// Counting stops somewhere, and says so.
func TestACountIsBounded(t *testing.T) {
	ledger := &numberless{}
	d := &Dispatcher{options: Options{Ledger: ledger}}
	counted, err := d.CountReplay(t.Context(), executionlog.Filter{})
	if err != nil || counted != (ReplayCount{Deliveries: countTurn, AtLeast: true}) || ledger.pages != countTurn {
		t.Errorf("counted %+v in %d pages (%v)", counted, ledger.pages, err)
	}
}
