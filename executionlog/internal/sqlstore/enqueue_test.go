package sqlstore

import "time"

// SmallestStep is how many rows a step of retention removes before it looks
// at the time.
const SmallestStep = smallestStep

// SetNow has steps of retention measured by another clock.
func (s *Store) SetNow(now func() time.Time) { s.swept.now = now }

// Enqueue puts a write in the writer's queue. What it returns is closed when
// that is written.
func (s *Store) Enqueue() <-chan struct{} {
	j := &job{items: []item{{apply: func(*batch) error { return nil }}}, done: make(chan struct{})}
	s.writer.jobs <- j
	return j.done
}
