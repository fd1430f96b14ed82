package triggers

import (
	"slices"
	"strings"
	"sync"

	"github.com/hookdesk/hookdesk/triggers/condition"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// index finds the rules that come into question for a change. For each event
// that it listens to, a rule is filed under the rarest of the things that must
// be so for it to match.
type index struct {
	systems map[string]*shelf
}

// shelf holds the rules of one system.
type shelf struct {
	always *drawer            // rules that listen to every event
	events map[string]*drawer // rules that name their events
}

// drawer holds rules that listen to the same event.
type drawer struct {
	all    []int // every rule
	loose  []int // those without a clause
	fields []*file
	custom map[string]*file // by the custom field's id
}

// file holds the rules whose predicate is on one field.
type file struct {
	field     *condition.Field
	all       []int
	values    map[string][]int
	changedTo map[string][]int
	changed   []int
	touched   []int
}

func buildIndex(rules []rule) index {
	ix := index{systems: map[string]*shelf{}}
	chosen := choose(rules)
	for i := range rules {
		t := rules[i].trigger
		if !t.Enabled {
			continue
		}
		s := ix.systems[t.System]
		if s == nil {
			s = &shelf{always: newDrawer(), events: map[string]*drawer{}}
			ix.systems[t.System] = s
		}
		if len(t.On) == 0 {
			s.always.put(i, chosen[i])
		}
		for _, event := range slices.Compact(slices.Sorted(slices.Values(t.On))) {
			if s.events[event] == nil {
				s.events[event] = newDrawer()
			}
			s.events[event].put(i, chosen[i])
		}
	}
	return ix
}

// choose picks each rule's clause: the one that it shares with the fewest
// others. Nil where it has none.
func choose(rules []rule) []condition.Clause {
	type place struct {
		field  string
		demand condition.Demand
		key    string
	}
	shared := map[place]int{}
	each := func(clause condition.Clause, do func(at place)) {
		for _, p := range clause {
			if len(p.Keys) == 0 {
				do(place{p.Field.Name, p.Demand, ""})
			}
			for _, key := range p.Keys {
				do(place{p.Field.Name, p.Demand, key})
			}
		}
	}
	clauses := make([][]condition.Clause, len(rules))
	for i := range rules {
		if rules[i].when == nil {
			continue
		}
		clauses[i] = rules[i].when.Clauses()
		for _, clause := range clauses[i] {
			each(clause, func(at place) { shared[at]++ })
		}
	}
	chosen := make([]condition.Clause, len(rules))
	for i := range rules {
		least := 0
		for _, clause := range clauses[i] {
			cost := 0
			each(clause, func(at place) {
				// A value is held far more often than it is reached.
				if at.demand == condition.DemandValue {
					cost += 3 * shared[at]
				}
				cost += shared[at]
			})
			if chosen[i] == nil || cost < least {
				chosen[i], least = clause, cost
			}
		}
	}
	return chosen
}

func newDrawer() *drawer { return &drawer{custom: map[string]*file{}} }

func (d *drawer) put(i int, clause condition.Clause) {
	d.all = append(d.all, i)
	if len(clause) == 0 {
		d.loose = append(d.loose, i)
	}
	for _, p := range clause {
		d.file(p.Field).put(i, p)
	}
}

func (f *file) put(i int, p condition.Predicate) {
	f.all = append(f.all, i)
	switch p.Demand {
	case condition.DemandValue:
		for _, key := range p.Keys {
			f.values[key] = append(f.values[key], i)
		}
	case condition.DemandChangedTo:
		for _, key := range p.Keys {
			f.changedTo[key] = append(f.changedTo[key], i)
		}
	case condition.DemandChanged:
		f.changed = append(f.changed, i)
	case condition.DemandTouched:
		f.touched = append(f.touched, i)
	}
}

func (d *drawer) file(field *condition.Field) *file {
	id, custom := strings.CutPrefix(field.Name, condition.CustomPrefix)
	if custom {
		if f := d.custom[id]; f != nil {
			return f
		}
	} else if i := slices.IndexFunc(d.fields, func(f *file) bool { return f.field.Name == field.Name }); i >= 0 {
		return d.fields[i]
	}
	f := &file{field: field, values: map[string][]int{}, changedTo: map[string][]int{}}
	if custom {
		d.custom[id] = f
	} else {
		d.fields = append(d.fields, f)
	}
	return f
}

// search gathers the places of candidates for one change.
type search struct {
	change *ticket.Change
	wide   bool // the change is not wholly known: everything comes into question
	found  []int
	keys   []string
}

// candidates returns the places of the rules that come into question, in
// order and each once. Every rule that is left out does not match, whatever
// else is so.
func (ix *index) candidates(change *ticket.Change, detected map[string][]string) []int {
	s := searches.Get().(*search)
	defer s.done()
	s.change, s.wide = change, !condition.WhollyKnown(change)
	for system, events := range detected {
		shelf := ix.systems[system]
		if shelf == nil || len(events) == 0 {
			continue
		}
		s.open(shelf.always)
		for _, event := range events {
			s.open(shelf.events[event])
		}
	}
	slices.Sort(s.found)
	return slices.Clone(slices.Compact(s.found))
}

// searches are used again, since one is made for each change.
var searches = sync.Pool{New: func() any { return new(search) }}

// mostKept is how long a list may be for a search to keep it.
const mostKept = 1024

// done drops what the search holds of the change.
func (s *search) done() {
	clear(s.keys[:cap(s.keys)])
	s.change, s.found, s.keys = nil, s.found[:0], s.keys[:0]
	if cap(s.found) > mostKept || cap(s.keys) > mostKept {
		s.found, s.keys = nil, nil
	}
	searches.Put(s)
}

func (s *search) open(d *drawer) {
	if d == nil {
		return
	}
	if s.wide {
		s.found = append(s.found, d.all...)
		return
	}
	s.found = append(s.found, d.loose...)
	for _, f := range d.fields {
		s.read(f)
	}
	if len(d.custom) == 0 {
		return
	}
	for id := range s.change.After.CustomFields {
		s.readCustom(d, id)
	}
	if s.change.Before != nil {
		for id := range s.change.Before.CustomFields {
			if _, seen := s.change.After.CustomFields[id]; !seen {
				s.readCustom(d, id)
			}
		}
	}
	for _, name := range s.change.Touched {
		if id, ok := strings.CutPrefix(name, condition.CustomPrefix); ok && d.custom[id] != nil {
			s.found = append(s.found, d.custom[id].touched...)
		}
	}
}

func (s *search) readCustom(d *drawer, id string) {
	if f := d.custom[id]; f != nil {
		s.read(f)
	}
}

func (s *search) read(f *file) {
	if len(f.touched) > 0 && f.field.Touched(s.change) {
		s.found = append(s.found, f.touched...)
	}
	changed := (len(f.changed) > 0 || len(f.changedTo) > 0) && f.field.Changed(s.change)
	if changed {
		s.found = append(s.found, f.changed...)
	}
	if len(f.values) == 0 && !(changed && len(f.changedTo) > 0) {
		return
	}
	keys, wide := f.field.AppendKeys(s.keys[:0], s.change)
	s.keys = keys
	if wide {
		s.found = append(s.found, f.all...)
		return
	}
	for _, key := range keys {
		s.found = append(s.found, f.values[key]...)
		if changed {
			s.found = append(s.found, f.changedTo[key]...)
		}
	}
}
