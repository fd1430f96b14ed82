package dispatcher

import (
	"container/heap"
	"time"
)

// wakes are the lanes that want to be looked at, by when. A lane is among them
// once at most, while its wakeAt is set.
type wakes []*lane

// next returns when the first lane wants to be looked at, zero for none.
func (w wakes) next() time.Time {
	if len(w) == 0 {
		return time.Time{}
	}
	return w[0].wakeAt
}

// add makes a lane wanted at a time, unless it is sooner. Zero adds nothing.
func (w *wakes) add(l *lane, at time.Time) {
	switch {
	case at.IsZero():
	case l.wakeAt.IsZero():
		l.wakeAt = at
		heap.Push(w, l)
	case at.Before(l.wakeAt):
		l.wakeAt = at
		heap.Fix(w, l.wakeNth)
	}
}

// remove forgets when a lane is wanted.
func (w *wakes) remove(l *lane) {
	if !l.wakeAt.IsZero() {
		heap.Remove(w, l.wakeNth)
		l.wakeAt = time.Time{}
	}
}

// The methods of heap.Interface.

func (w wakes) Len() int           { return len(w) }
func (w wakes) Less(i, j int) bool { return w[i].wakeAt.Before(w[j].wakeAt) }

func (w wakes) Swap(i, j int) {
	w[i], w[j] = w[j], w[i]
	w[i].wakeNth, w[j].wakeNth = i, j
}

func (w *wakes) Push(x any) {
	l := x.(*lane) //nolint:forcetypeassert // by add alone
	l.wakeNth = len(*w)
	*w = append(*w, l)
}

func (w *wakes) Pop() any {
	old := *w
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*w = old[:len(old)-1]
	return last
}
