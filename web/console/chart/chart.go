// Package chart computes the geometry of the console's charts. Templates draw
// it as SVG, so that all text in it is escaped like any other.
package chart

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// Bucket is one bar's worth of counts.
type Bucket struct {
	At     time.Time
	Ok, Ko int64
	// Link is where the bar leads, or empty.
	Link string
}

// Bars is a stacked bar chart over time, in SVG units. It is stretched to
// whatever width a page has; its words are no part of the drawing, so that
// they keep their size.
type Bars struct {
	Width, Height int
	Label         string // for those who do not see it
	From, To      time.Time
	Draggable     bool
	Bars          []Bar
	Peak          string   // what the highest bar stands for
	Ticks         []string // times at even distances, the first and last at the edges
}

// Linked reports whether any bar leads somewhere.
func (b Bars) Linked() bool {
	return slices.ContainsFunc(b.Bars, func(bar Bar) bool { return bar.Link != "" })
}

// Bar is one stacked bar.
type Bar struct {
	X, W          string
	OkY, OkHeight string // empty height: nothing to draw
	KoY, KoHeight string
	Title, Link   string
	ID            string // of its link, the same whenever the chart is drawn
	At            string // when it begins
	Ok, Ko        int64
	Last          bool // of those that lead somewhere
}

const width, height = 720, 120

// OverTime lays out buckets of one step between two times; steps without a
// bucket stay empty.
func OverTime(buckets []Bucket, from, to time.Time, step time.Duration) Bars {
	from, to = from.UTC(), to.UTC()
	chart := Bars{Width: width, Height: height, From: from, To: to}
	span := to.Sub(from)
	if span <= 0 || step <= 0 {
		return chart
	}
	var most, ok, ko int64
	for _, b := range buckets {
		most = max(most, b.Ok+b.Ko)
		ok, ko = ok+b.Ok, ko+b.Ko
	}
	chart.Label = fmt.Sprintf("%d succeeded and %d failed between %s and %s", ok, ko, from.Format(time.DateTime), to.Format(time.DateTime))
	for _, b := range buckets {
		chart.Bars = append(chart.Bars, bar(b, from, span, step, most))
	}
	for i, made := range slices.Backward(chart.Bars) {
		if made.Link != "" {
			chart.Bars[i].Last = true
			break
		}
	}
	chart.Peak = strconv.FormatInt(most, 10) + " " + perStep(step)
	chart.Ticks = ticks(from, to)
	return chart
}

func bar(b Bucket, from time.Time, span, step time.Duration, most int64) Bar {
	left := max(0, float64(b.At.Sub(from))/float64(span)) * width
	right := min(1, float64(b.At.Add(step).Sub(from))/float64(span)) * width
	gap := 0.0
	if right-left > 4 {
		gap = 1
	}
	made := Bar{
		X: number(left), W: number(max(1, right-left-gap)), Link: b.Link,
		ID: "bar-" + strconv.FormatInt(b.At.Unix(), 10), At: b.At.UTC().Format(titleLayout(step)), Ok: b.Ok, Ko: b.Ko,
		Title: fmt.Sprintf("%s: %d succeeded, %d failed", b.At.UTC().Format(titleLayout(step)), b.Ok, b.Ko),
	}
	okHeight, koHeight := scale(b.Ok, most), scale(b.Ko, most)
	if okHeight > 0 {
		made.OkHeight, made.OkY = number(okHeight), number(height-okHeight)
	}
	if koHeight > 0 {
		made.KoHeight, made.KoY = number(koHeight), number(height-okHeight-koHeight)
	}
	return made
}

// scale returns a height; what is there at all stays visible.
func scale(n, most int64) float64 {
	if n == 0 || most == 0 {
		return 0
	}
	return max(2, float64(n)/float64(most)*(height-2))
}

func ticks(from, to time.Time) []string {
	const count = 5
	layout := tickLayout(from, to)
	made := make([]string, count)
	for i := range made {
		made[i] = from.Add(to.Sub(from) * time.Duration(i) / (count - 1)).Format(layout)
	}
	return made
}

func perStep(step time.Duration) string {
	switch step {
	case time.Minute:
		return "per minute"
	case time.Hour:
		return "per hour"
	case 24 * time.Hour:
		return "per day"
	}
	return "per " + step.String()
}

func tickLayout(from, to time.Time) string {
	switch span := to.Sub(from); {
	case span <= 26*time.Hour:
		return "15:04"
	case span <= 8*24*time.Hour:
		return "01-02 15:04"
	}
	return time.DateOnly
}

func titleLayout(step time.Duration) string {
	if step >= 24*time.Hour {
		return time.DateOnly
	}
	return "2006-01-02 15:04"
}

// number writes a coordinate with at most two decimals.
func number(f float64) string {
	return strconv.FormatFloat(math.Round(f*100)/100, 'f', -1, 64)
}

// Span is one part of a bar that shows how long each step took.
type Span struct {
	Class, Name string
	X, W        string
	Took        time.Duration
}

// Spans lays out steps one after another in a bar of the whole width; steps
// that took no time are left out.
func Spans(steps []Span) []Span {
	var total time.Duration
	for _, s := range steps {
		total += s.Took
	}
	var made []Span
	at := 0.0
	for _, s := range steps {
		if s.Took <= 0 {
			continue
		}
		wide := float64(s.Took) / float64(total) * width
		s.X, s.W = number(at), number(max(1.5, wide))
		at += wide
		made = append(made, s)
	}
	return made
}
