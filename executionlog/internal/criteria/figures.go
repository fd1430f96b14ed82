package criteria

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// maxBuckets bounds a histogram: more bars than a month of minutes nobody
// looks at.
const maxBuckets = 50000

// Buckets returns the empty bars of a histogram from the step that holds from
// to the last one before to. Steps begin at multiples of step since the epoch.
func Buckets(from, to time.Time, step time.Duration) ([]executionlog.Bucket, error) {
	if step != time.Minute && step != time.Hour && step != 24*time.Hour {
		return nil, invalid.New("step", step.String(), "a minute, an hour or a day")
	}
	if from.IsZero() || to.IsZero() || !from.Before(to) {
		return nil, invalid.New("from", nil, "a beginning and, later, an end")
	}
	first := align(from, step)
	if count := to.Sub(first) / step; count >= maxBuckets {
		return nil, invalid.New("step", step.String(), "a longer step for so long a time")
	}
	var buckets []executionlog.Bucket
	for at := first; at.Before(to); at = at.Add(step) {
		buckets = append(buckets, executionlog.Bucket{At: at})
	}
	return buckets, nil
}

func align(t time.Time, step time.Duration) time.Time {
	micros, width := t.UnixMicro(), step.Microseconds()
	floor := micros - ((micros%width)+width)%width
	return time.UnixMicro(floor).UTC()
}

// Count adds attempts made at a time to their bar.
func Count(buckets []executionlog.Bucket, step time.Duration, at time.Time, outcome executionlog.Outcome, attempts int64) {
	if len(buckets) == 0 || at.Before(buckets[0].At) {
		return
	}
	place := int(at.Sub(buckets[0].At) / step)
	if place >= len(buckets) {
		return
	}
	if outcome == executionlog.Succeeded {
		buckets[place].Succeeded += attempts
	} else {
		buckets[place].Failed += attempts
	}
}

// SortFailures puts groups in order: most frequent first, then by endpoint
// and error code.
func SortFailures(groups []executionlog.FailureGroup) {
	slices.SortFunc(groups, func(a, b executionlog.FailureGroup) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Endpoint, b.Endpoint), strings.Compare(a.ErrorCode, b.ErrorCode))
	})
}

// Percentiles returns for each share (0 to 1) the smallest duration that so
// many are no longer than; zeros when there are none. It sorts durations.
func Percentiles(durations []time.Duration, shares []float64) []time.Duration {
	slices.Sort(durations)
	out := make([]time.Duration, len(shares))
	if len(durations) == 0 {
		return out
	}
	for i, share := range shares {
		rank := int(math.Ceil(share*float64(len(durations)))) - 1
		out[i] = durations[max(0, min(rank, len(durations)-1))]
	}
	return out
}
