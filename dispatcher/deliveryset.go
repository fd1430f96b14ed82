package dispatcher

import (
	"slices"

	"github.com/hookdesk/hookdesk/triggers/id"
)

// setRun is how many deliveries a run of a deliverySet holds.
const setRun = 1 << 15

// deliverySet is a set of deliveries: eight bytes for each, so that a replay
// of ten million takes 80 MB. Most deliveries are added in the order of their
// ids, so that their runs overlap little and few of them are looked at.
type deliverySet struct {
	recent map[int64]struct{}
	runs   []run
}

// run is a sorted part of a deliverySet.
type run []int64

// add adds a delivery, and says whether it was not there. What is no id of a
// delivery is not added: the ledger holds none.
func (s *deliverySet) add(delivery string) bool {
	number, err := id.Parse(id.Delivery, delivery)
	if err != nil || s.holds(number) {
		return false
	}
	if s.recent == nil {
		s.recent = map[int64]struct{}{}
	}
	s.recent[number] = struct{}{}
	if len(s.recent) == setRun {
		s.settle()
	}
	return true
}

func (s *deliverySet) holds(number int64) bool {
	if _, ok := s.recent[number]; ok {
		return true
	}
	for i := len(s.runs) - 1; i >= 0; i-- {
		one := s.runs[i]
		if number < one[0] || number > one[len(one)-1] {
			continue
		}
		if _, ok := slices.BinarySearch(one, number); ok {
			return true
		}
	}
	return false
}

// settle makes a run of those that were added last.
func (s *deliverySet) settle() {
	one := make(run, 0, len(s.recent))
	for number := range s.recent {
		one = append(one, number)
	}
	slices.Sort(one)
	s.runs = append(s.runs, one)
	clear(s.recent)
}

func (s *deliverySet) len() int {
	total := len(s.recent)
	for _, one := range s.runs {
		total += len(one)
	}
	return total
}
