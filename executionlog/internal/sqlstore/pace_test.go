package sqlstore

import (
	"testing"
	"time"
)

// TestPace runs steps in a database that needs a certain time for each row.
func TestPace(t *testing.T) {
	for _, test := range []struct {
		name   string
		perRow time.Duration
		most   int
		want   int // rows of a step once it has settled
	}{
		{"fast", time.Microsecond, 0, defaultStep},
		{"as asked for", time.Microsecond, 7, 7},
		{"slow", 250 * time.Microsecond, 0, 100},
		{"very slow", 10 * time.Millisecond, 0, smallestStep},
	} {
		p := newPace(test.most)
		for range 20 {
			rows := p.next()
			p.took(rows, time.Duration(rows)*test.perRow)
		}
		if rows := p.next(); rows != test.want {
			t.Errorf("%s: a step removes %d rows, want %d", test.name, rows, test.want)
		}
	}
	p := newPace(0)
	for range 20 {
		p.took(p.next(), time.Millisecond)
	}
	// A step that was four times too long makes the next a quarter of it.
	if p.took(p.next(), 4*aim); p.next() != defaultStep/4 {
		t.Errorf("after a long step the next removes %d rows", p.next())
	}
	if p.took(p.next(), aim/4); p.next() != defaultStep/4*3/2 {
		t.Errorf("after a short one the next removes %d rows", p.next())
	}
}

// TestPaceOfFewRows does not let a step that found little to do say much.
func TestPaceOfFewRows(t *testing.T) {
	p := newPace(0)
	asked := p.next()
	if p.took(1, time.Microsecond); p.next() != asked {
		t.Errorf("after a step of one row the next removes %d, want %d", p.next(), asked)
	}
	if p.took(smallestStep, 2*aim); p.next() != smallestStep {
		t.Errorf("after a step that ended early the next removes %d rows", p.next())
	}
}

func TestPlaces(t *testing.T) {
	var p places
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	if from := p.from("a", now); from != 0 {
		t.Errorf("begins at %d", from)
	}
	p.set("a", 7)
	for _, test := range []struct {
		place string
		after time.Duration
		want  int64
	}{{"a", time.Minute, 7}, {"b", time.Minute, 0}, {"a", resweep - 1, 7}, {"a", resweep, 0}} {
		if from := p.from(test.place, now.Add(test.after)); from != test.want {
			t.Errorf("%s after %s goes on at %d, want %d", test.place, test.after, from, test.want)
		}
	}
	p.set("a", 7)
	if from := p.from("a", now); from != 0 {
		t.Errorf("with a clock that was set back it goes on at %d", from)
	}
}
