package sqlstore

import (
	"sync"
	"time"
)

const (
	// defaultStep is how many rows one transaction of retention removes at
	// most, and smallestStep how many it removes however long they take: after
	// as many it looks whether the aim is reached, and ends there.
	defaultStep  = 500
	smallestStep = 20
	// aim is how long a step should hold up those who write, a quarter of
	// slowest, which is what it may.
	aim     = 25 * time.Millisecond
	slowest = 100 * time.Millisecond
)

// pace says how many rows the next step removes, by how long the last one
// took: the database's own work, such as moving the log of its writes into
// the file, is part of that and comes at times of its own.
type pace struct {
	most, asked int
	rows        float64
}

func newPace(most int) pace {
	if most <= 0 {
		most = defaultStep
	}
	return pace{most: most, rows: float64(min(most, 5*smallestStep))}
}

// next returns how many rows the next step asks for.
func (p *pace) next() int {
	p.asked = max(1, min(p.most, int(p.rows)))
	return p.asked
}

// took tells it how many rows the last step removed, and how long it took. One
// that was too long makes the next as small as it should have been; short ones
// let it grow again slowly.
func (p *pace) took(rows int, d time.Duration) {
	fits := float64(rows) * float64(aim) / float64(max(d, time.Microsecond))
	if rows < p.asked && d < aim {
		return // there was no more to do: it says little
	}
	p.rows = max(min(fits, p.rows*1.5, float64(p.most)), smallestStep)
}

// resweep is after how long retention goes through everything again.
const resweep = 24 * time.Hour

// places remembers how far retention has gone through what.
type places struct {
	mu    sync.Mutex
	begun time.Time
	known map[string]int64
	now   func() time.Time // measures steps; nil is time.Now
}

func (p *places) time() time.Time {
	if p.now == nil {
		return time.Now()
	}
	return p.now()
}

// from returns where a sweep goes on.
func (p *places) from(place string, now time.Time) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if age := now.Sub(p.begun); p.known == nil || age >= resweep || age < 0 {
		p.begun, p.known = now, map[string]int64{}
	}
	return p.known[place]
}

func (p *places) set(place string, from int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known[place] = from
}
