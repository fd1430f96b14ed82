package dispatcher

import (
	"cmp"
	"slices"
)

// order keeps the deliveries of each ticket one behind the other.
type order struct {
	busy    map[string]string // ticket: the delivery that goes first, ready, waiting or in flight
	behind  map[string][]item // ticket: those behind it, in order
	blocked map[string]bool   // ticket: an exhausted delivery holds back the rest
}

func newOrder() *order {
	return &order{busy: map[string]string{}, behind: map[string][]item{}, blocked: map[string]bool{}}
}

// enter says whether a delivery may go first for its ticket; else it stands
// behind the others, in the order of ids, which is that of acceptance.
func (o *order) enter(it item) bool {
	if first, ok := o.busy[it.ticket]; (!ok || first == it.id) && !o.blocked[it.ticket] {
		o.busy[it.ticket] = it.id
		return true
	}
	line := o.behind[it.ticket]
	at, _ := slices.BinarySearchFunc(line, it, func(a, b item) int { return cmp.Compare(a.id, b.id) })
	o.behind[it.ticket] = slices.Insert(line, at, it)
	return false
}

// release frees a ticket whose first delivery is no longer known.
func (o *order) release(ticket, id string) {
	if o.busy[ticket] == id {
		delete(o.busy, ticket)
	}
}

// next returns the delivery that goes first now.
func (o *order) next(ticket string) (item, bool) {
	line := o.behind[ticket]
	if len(line) == 0 {
		delete(o.behind, ticket)
		return item{}, false
	}
	first := line[0]
	if len(line) == 1 {
		delete(o.behind, ticket)
	} else {
		o.behind[ticket] = line[1:]
	}
	o.busy[ticket] = first.id
	return first, true
}

// block holds back a ticket; what stood behind is left to the ledger.
func (o *order) block(ticket string, known map[string]bool) {
	o.blocked[ticket] = true
	for _, it := range o.behind[ticket] {
		delete(known, it.id)
	}
	delete(o.behind, ticket)
}

// unblock lets a ticket go on and says whether it was blocked.
func (o *order) unblock(ticket string) bool {
	was := o.blocked[ticket]
	delete(o.blocked, ticket)
	return was
}
