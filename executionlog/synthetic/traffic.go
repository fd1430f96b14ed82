package synthetic

import (
	"math/rand/v2"
	"sort"
	"time"
)

// hours is how much happens in each hour of a working day, in UTC, compared
// with the others; weekends have a third of it.
var hours = [24]float64{1, 1, 1, 1, 1, 2, 4, 8, 13, 15, 14, 12, 10, 12, 14, 14, 12, 9, 6, 4, 3, 2, 2, 1}

// rhythm spreads attempts over a time as a help desk's day goes.
type rhythm struct {
	from, to time.Time
	begins   []time.Time // of each hour
	share    []float64   // of what happens before it ends, up to 1
}

func newRhythm(from, to time.Time) *rhythm {
	r := &rhythm{from: from, to: to}
	sum := 0.0
	for at := from; at.Before(to); {
		next := at.Truncate(time.Hour).Add(time.Hour)
		if next.After(to) {
			next = to
		}
		weight := hours[at.UTC().Hour()] * next.Sub(at).Hours()
		if day := at.UTC().Weekday(); day == time.Saturday || day == time.Sunday {
			weight /= 3
		}
		sum += weight
		r.begins, r.share = append(r.begins, at), append(r.share, sum)
		at = next
	}
	for i := range r.share {
		r.share[i] /= sum
	}
	return r
}

// at returns the time at which a share of everything, from 0 up to 1, has
// happened.
func (r *rhythm) at(share float64) time.Time {
	i := min(sort.SearchFloat64s(r.share, share), len(r.share)-1)
	before, end := 0.0, r.to
	if i > 0 {
		before = r.share[i-1]
	}
	if i+1 < len(r.begins) {
		end = r.begins[i+1]
	}
	part := 0.0
	if width := r.share[i] - before; width > 0 {
		part = min(1, max(0, (share-before)/width))
	}
	return r.begins[i].Add(time.Duration(part * float64(end.Sub(r.begins[i]))))
}

// usual is the share of attempts that fail for no lasting reason; duringOutage
// that of those which meet a receiver on a bad day. What such a day breaks is
// tried again: reattempts is how many attempts a failing delivery has on
// average.
const (
	usual        = 0.015
	duringOutage = 0.85
	reattempts   = 2.6
)

// outage is a time in which a receiver answers badly.
type outage struct {
	from, to time.Time
	kind     int
}

// outages gives a receiver bad hours, together about a share of the time.
func outages(random *rand.Rand, from, to time.Time, share float64) []outage {
	var list []outage
	span := to.Sub(from)
	count := 1 + random.IntN(5)
	for range count {
		length := time.Duration((0.5 + random.Float64()) * share / float64(count) * float64(span))
		begin := from.Add(time.Duration(random.Float64() * float64(span-length)))
		list = append(list, outage{begin, begin.Add(length), random.IntN(len(causes))})
	}
	return list
}

func outageAt(list []outage, at time.Time) *outage {
	for i := range list {
		if !at.Before(list[i].from) && at.Before(list[i].to) {
			return &list[i]
		}
	}
	return nil
}
