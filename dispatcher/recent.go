package dispatcher

import (
	"sync"

	"github.com/hookdesk/hookdesk/executionlog"
)

// recentBytes bounds the bodies that recent keeps.
const recentBytes = 32 << 20

// recent keeps deliveries between their commit and their first attempt, so
// that the usual one, sent at once by the process that accepted it, is not
// read back from the ledger. What it holds was pending and without an attempt;
// a later attempt is never taken from here. Where another process may make the
// first attempt, nothing is kept.
type recent struct {
	mu    sync.Mutex
	kept  map[string]*executionlog.Outgoing
	bytes int
}

func (r *recent) put(list []*executionlog.NewDelivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept == nil {
		r.kept = map[string]*executionlog.Outgoing{}
	}
	for _, n := range list {
		if n.Request == nil {
			continue
		}
		for id, old := range r.kept { // any of them: the map's order is random
			if r.bytes+len(n.Request.Body) <= recentBytes {
				break
			}
			r.remove(id, old)
		}
		r.kept[n.ID] = &executionlog.Outgoing{Delivery: n.Delivery, Request: *n.Request}
		r.bytes += len(n.Request.Body)
	}
}

// take returns a delivery and forgets it, nil where it is not kept.
func (r *recent) take(id string) *executionlog.Outgoing {
	r.mu.Lock()
	defer r.mu.Unlock()
	delivery := r.kept[id]
	if delivery != nil {
		r.remove(id, delivery)
	}
	return delivery
}

func (r *recent) remove(id string, delivery *executionlog.Outgoing) {
	delete(r.kept, id)
	r.bytes -= len(delivery.Request.Body)
}
