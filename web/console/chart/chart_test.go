package chart

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 5, 7, 12, 0, 0, 0, time.UTC)

func number64(t *testing.T, text string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Bars stay inside the chart, stand at their time, and are as high as their
// share of the highest.
func TestOverTime(t *testing.T) {
	chart := OverTime([]Bucket{
		{At: noon, Ok: 10},
		{At: noon.Add(30 * time.Minute), Ok: 20, Ko: 20, Link: "/log"},
		{At: noon.Add(59 * time.Minute), Ko: 1},
	}, noon, noon.Add(time.Hour), time.Minute)
	if len(chart.Bars) != 3 || !chart.Linked() {
		t.Fatalf("%+v", chart)
	}
	if x := number64(t, chart.Bars[1].X); x != width/2 {
		t.Errorf("the bar of half past stands at %v", x)
	}
	quarter, half := number64(t, chart.Bars[0].OkHeight), number64(t, chart.Bars[1].OkHeight)
	if quarter*2 != half {
		t.Errorf("10 is %v high, 20 is %v", quarter, half)
	}
	if top := number64(t, chart.Bars[1].KoY); top < 0 || top+number64(t, chart.Bars[1].KoHeight) != number64(t, chart.Bars[1].OkY) {
		t.Errorf("failures do not stand on successes: %+v", chart.Bars[1])
	}
	if number64(t, chart.Bars[2].KoHeight) < 2 || chart.Bars[2].OkHeight != "" {
		t.Errorf("a single failure is not seen: %+v", chart.Bars[2])
	}
	for _, b := range chart.Bars {
		if number64(t, b.X)+number64(t, b.W) > width {
			t.Errorf("%+v leaves the chart", b)
		}
	}
	if chart.Label != "30 succeeded and 21 failed between 2026-05-07 12:00:00 and 2026-05-07 13:00:00" {
		t.Errorf("label %q", chart.Label)
	}
	if ticks := strings.Join(chart.Ticks, " "); chart.Peak != "40 per minute" || ticks != "12:00 12:15 12:30 12:45 13:00" {
		t.Errorf("peak %q, ticks %s", chart.Peak, ticks)
	}
}

func TestBarAtTheEdgeIsCut(t *testing.T) {
	chart := OverTime([]Bucket{{At: noon.Add(-30 * time.Minute), Ok: 1}}, noon, noon.Add(24*time.Hour), time.Hour)
	if x := number64(t, chart.Bars[0].X); x != 0 {
		t.Errorf("it begins at %v", x)
	}
}

func TestNoTime(t *testing.T) {
	for name, chart := range map[string]Bars{
		"no span":    OverTime([]Bucket{{At: noon, Ok: 1}}, noon, noon, time.Minute),
		"backwards":  OverTime([]Bucket{{At: noon, Ok: 1}}, noon, noon.Add(-time.Hour), time.Minute),
		"no step":    OverTime([]Bucket{{At: noon, Ok: 1}}, noon, noon.Add(time.Hour), 0),
		"no buckets": OverTime(nil, noon, noon.Add(time.Hour), time.Minute),
	} {
		if len(chart.Bars) != 0 || chart.Linked() {
			t.Errorf("%s: %+v", name, chart)
		}
	}
}

func TestSpans(t *testing.T) {
	spans := Spans([]Span{{Class: "dns", Took: time.Millisecond}, {Class: "tls"}, {Class: "wait", Took: 3 * time.Millisecond}})
	if len(spans) != 2 || spans[1].X != "180" || spans[1].W != "540" {
		t.Errorf("%+v", spans)
	}
	if got := Spans([]Span{{Class: "dns"}}); len(got) != 0 {
		t.Errorf("no time gives %+v", got)
	}
}
