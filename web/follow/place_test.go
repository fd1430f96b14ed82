package follow

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// reading is a client of the stream, which connects to any process.
type reading struct {
	last    string
	got     map[string]int
	skipped int
}

// take reads events, the last of them perhaps not, since the connection broke.
func (r *reading) take(text string, most int) {
	for event := range strings.SplitSeq(text, "\n\n") {
		if most == 0 {
			return
		}
		name, data := "", ""
		for line := range strings.SplitSeq(event, "\n") {
			field, value, _ := strings.Cut(line, ": ")
			switch field {
			case "id":
				r.last = value
			case "event":
				name = value
			case "data":
				data = value
			}
		}
		switch name {
		case "execution":
			attempt, _, _ := strings.Cut(r.last, ".")
			if !strings.Contains(data, attempt) {
				return
			}
			r.got[attempt]++
			most--
		case "skipped":
			r.skipped++
		}
	}
}

// followed is a log with a clock that stands until the test moves it.
type followed struct {
	t      *testing.T
	now    time.Time
	ledger *memory.Store
	ids    *id.Source
	want   map[string]bool
}

func newFollowed(t *testing.T) *followed {
	l := &followed{t: t, now: time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC), ledger: memory.New(), want: map[string]bool{}}
	l.ids = id.NewSource(1, l.clock)
	return l
}

func (l *followed) clock() time.Time { return l.now }

// record has attempts end now, late of which ended a while ago.
func (l *followed) record(n, late int) {
	l.t.Helper()
	var results []*executionlog.Result
	for i := range n {
		took, end := time.Duration(1+i%40)*time.Millisecond, l.now
		if i < late {
			end = end.Add(-time.Second)
		}
		results = append(results, ended(l.ids, end.Add(-took), took))
	}
	for i, err := range l.ledger.Record(l.t.Context(), results) {
		if err != nil {
			l.t.Fatal(err)
		}
		l.want[results[i].Attempt.ID] = true
	}
}

// connect is a process that a client comes to, with what it sends at first.
func (l *followed) connect(last string) (*Follower, string) {
	l.t.Helper()
	f := follower(l.ledger, l.clock)
	if last != "" {
		if err := f.Resume(l.t.Context(), last); err != nil {
			l.t.Fatal(err)
		}
	}
	text, err := f.Begin(l.t.Context())
	if err != nil {
		l.t.Fatal(err)
	}
	return f, text
}

func (l *followed) look(f *Follower) string {
	l.t.Helper()
	rows, err := f.fresh(l.t.Context())
	if err != nil {
		l.t.Fatal(err)
	}
	text, err := f.events(rows)
	if err != nil {
		l.t.Fatal(err)
	}
	return text
}

func (l *followed) compare(r *reading) {
	l.t.Helper()
	missed, twice := 0, 0
	for attempt := range l.want {
		switch {
		case r.got[attempt] == 0:
			missed++
		case r.got[attempt] > 1:
			twice++
		}
	}
	if missed+twice+r.skipped > 0 || len(r.got) != len(l.want) {
		l.t.Errorf("of %d attempts %d were missed, %d came twice, %d were strange; skipped %d times",
			len(l.want), missed, twice, len(r.got)-len(l.want)+missed, r.skipped)
	}
}

// A client whose connection breaks amid events comes back to a process that
// never saw it, and has each attempt once: those that ended while it was away,
// those that broke off, and those that were recorded a second late.
func TestAReaderComesBack(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	l := newFollowed(t)
	l.record(30, 0)
	clear(l.want) // there before
	r := &reading{got: map[string]int{}}
	f, text := l.connect("")
	r.take(text, -1)
	for range 200 {
		l.now = l.now.Add(500 * time.Millisecond)
		l.record(random.IntN(20), random.IntN(3))
		text := l.look(f)
		if random.IntN(3) > 0 {
			r.take(text, -1)
			continue
		}
		r.take(text, random.IntN(20))
		for range random.IntN(4) { // away
			l.now = l.now.Add(500 * time.Millisecond)
			l.record(random.IntN(20), random.IntN(3))
		}
		f, text = l.connect(r.last)
		r.take(text, -1)
	}
	r.take(l.look(f), -1)
	l.compare(r)
}

// A silent stream keeps its reader's place, though no event says it.
func TestAReaderOfASilentStreamComesBack(t *testing.T) {
	l := newFollowed(t)
	r := &reading{got: map[string]int{}}
	f, text := l.connect("")
	r.take(text, -1)
	for range 30 {
		l.now = l.now.Add(time.Minute)
		l.look(f)
		f.place.raise(f.from)
		r.take(f.mark(f.Alive), -1)
	}
	l.now = l.now.Add(time.Minute)
	l.record(5, 0)
	_, text = l.connect(r.last)
	r.take(text, -1)
	l.compare(r)
}

// What is too long ago, too much, or known to nobody is told as skipped.
func TestWhatAReaderCannotHaveIsTold(t *testing.T) {
	l := newFollowed(t)
	r := &reading{got: map[string]int{}}
	_, text := l.connect("")
	r.take(text, -1)
	first := r.last
	l.record(3, 0)
	l.now = l.now.Add(Back + time.Minute)
	l.record(Most+3000, 0)
	l.now = l.now.Add(time.Second)
	for name, c := range map[string]struct {
		last string
		want string
		most int
	}{
		"long ago, and many since": {first, "event: skipped\ndata: 2026-03-14T11:57:57Z to ", Most},
		"no place":                 {"place.AAAA", "event: skipped\ndata: nobody knows to 2026-03-14T12:11:01Z", 0},
		"no attempt":               {"att_0000000000000", "data: nobody knows to 2026-03-14T12:11:01Z", 0},
		"from the future":          {(&place{floor: l.now.Add(time.Hour)}).idBehind("place"), "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			_, text := l.connect(c.last)
			if !strings.Contains(text, c.want) || c.want == "" && strings.Contains(text, "skipped") {
				t.Errorf("begins with %.200q, want %q", text, c.want)
			}
			if n := strings.Count(text, "event: execution"); n > c.most || n < c.most/2 {
				t.Errorf("%d attempts, want %d", n, c.most)
			}
		})
	}
}

// An attempt's own id, without a place, is when it ended.
func TestAReaderKnowsAnAttemptOnly(t *testing.T) {
	l := newFollowed(t)
	l.record(1, 0)
	var known string
	for attempt := range l.want {
		known = attempt
	}
	clear(l.want)
	l.now = l.now.Add(time.Second)
	l.record(4, 0)
	_, text := l.connect(known)
	r := &reading{got: map[string]int{}}
	r.take(text, -1)
	l.compare(r)
}

// Whoever reads a page and follows from there has each attempt once, those
// too that ended after the page was read and before the stream began.
func TestAReaderOfAPageFollows(t *testing.T) {
	for name, size := range map[string]int{"a page that is full": 20, "one with room": 200} {
		l := newFollowed(t)
		for range 5 {
			l.now = l.now.Add(500 * time.Millisecond)
			l.record(20, 2)
		}
		page, err := l.ledger.Executions(t.Context(), executionlog.Filter{Workspace: "default"}, size, "")
		if err != nil {
			t.Fatal(err)
		}
		last := PlaceBehind(page.Items, l.now)
		clear(l.want)
		l.now = l.now.Add(time.Minute)
		l.record(30, 0)
		_, text := l.connect(last)
		r := &reading{got: map[string]int{}}
		r.take(text, -1)
		for _, row := range page.Items {
			if r.got[row.ID] > 0 {
				t.Errorf("%s: %s is on the page, too", name, row.ID)
			}
		}
		for attempt := range l.want {
			if r.got[attempt] != 1 {
				t.Errorf("%s: %s came %d times", name, attempt, r.got[attempt])
			}
		}
	}
	if _, ok := parsePlace(PlaceBehind(nil, time.Now())); !ok {
		t.Error("an empty page has no place")
	}
}

func FuzzPlace(f *testing.F) {
	p := place{floor: time.UnixMicro(1_700_000_000_000_000)}
	p.add("att_01c3vq0rk8g7a", p.floor.Add(time.Second))
	f.Add(p.idBehind("att_01c3vq0rk8g7a"))
	f.Add("place.")
	f.Fuzz(func(t *testing.T, id string) {
		p, ok := parsePlace(id)
		if !ok {
			return
		}
		again, ok := parsePlace(p.idBehind("place"))
		if !ok || !again.floor.Equal(p.floor) || len(again.sent) != len(p.sent) || len(p.sent) > placeRows {
			t.Errorf("%q is %+v, and then %+v", id, p, again)
		}
	})
}
