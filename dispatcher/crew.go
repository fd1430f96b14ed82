package dispatcher

import "sync/atomic"

// crewIdle is how many goroutines of a crew wait for work at most.
const crewIdle = 256

// crew runs attempts in goroutines that are used again. A new goroutine begins
// with a small stack; making it large enough for an HTTP request took as long
// as signing.
type crew struct {
	work chan func()
	over chan struct{}
	idle atomic.Int32
}

func newCrew() *crew { return &crew{work: make(chan func()), over: make(chan struct{})} }

// run runs a task in a goroutine of its own.
func (c *crew) run(task func()) {
	select {
	case c.work <- task:
	default:
		go c.serve(task)
	}
}

func (c *crew) serve(task func()) {
	for {
		task()
		if c.idle.Add(1) > crewIdle {
			c.idle.Add(-1)
			return
		}
		select {
		case task = <-c.work:
			c.idle.Add(-1)
		case <-c.over:
			return
		}
	}
}

// dismiss ends the goroutines that wait, and others after their task. Tasks
// that come later run all the same.
func (c *crew) dismiss() { close(c.over) }
