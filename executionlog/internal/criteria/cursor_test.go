package criteria

import (
	"errors"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

func TestCursorKeepsThePlace(t *testing.T) {
	query := AttemptsQuery(executionlog.Filter{Workspace: "default"})
	for _, place := range []Place{{Number: 0}, {Number: 1<<63 - 1}, {Number: 7, Text: "TCK-1 größe"}} {
		got, err := query.Place(query.Cursor(place))
		place.Set = true
		if err != nil || got != place {
			t.Errorf("place %+v came back as %+v, %v", place, got, err)
		}
	}
	if got, err := query.Place(""); err != nil || got.Set {
		t.Errorf("empty cursor: %+v, %v", got, err)
	}
}

func TestCursorIgnoresWhatIsNotTheQuery(t *testing.T) {
	at := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	berlin := time.FixedZone("CET", 3600)
	if AttemptsQuery(executionlog.Filter{From: at}) != AttemptsQuery(executionlog.Filter{From: at.In(berlin)}) {
		t.Error("the same time in another zone is another query")
	}
	base := executionlog.DeliveryQuery{Workspace: "default"}
	paged := base
	paged.Limit, paged.Cursor = 7, "x"
	if DeliveriesQuery(base) != DeliveriesQuery(paged) {
		t.Error("limit and cursor make another query")
	}
	if uint64(ChangesQuery(executionlog.ChangeQuery{})) == uint64(TicketsQuery(executionlog.TicketQuery{})) {
		t.Error("queries of two kinds are one")
	}
	far := executionlog.Filter{From: time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)}
	if AttemptsQuery(far) == AttemptsQuery(executionlog.Filter{}) {
		t.Error("a time that JSON cannot write is left out")
	}
}

func FuzzCursor(f *testing.F) {
	query := AttemptsQuery(executionlog.Filter{Workspace: "default"})
	f.Add(query.Cursor(Place{Number: 5, Text: "a"}))
	f.Add("")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, cursor string) {
		place, err := query.Place(cursor)
		if err != nil {
			if !errors.Is(err, executionlog.ErrCursor) {
				t.Fatalf("error %v does not wrap ErrCursor", err)
			}
			return
		}
		if place.Set && (place.Number < 0 || Clean(place.Text) != place.Text) {
			t.Fatalf("place %+v", place)
		}
	})
}

func TestSpan(t *testing.T) {
	at := time.Date(2026, 3, 14, 12, 0, 0, 500, time.UTC)
	low, high := Span(at, at)
	if want := (at.UnixMicro() + 1) * 1024; low != want || high != want {
		t.Errorf("span %d to %d, want both %d: the next whole microsecond", low, high, want)
	}
	if low, high := Span(time.Time{}, time.Time{}); low != 0 || high != 1<<63-1 {
		t.Errorf("open span %d to %d", low, high)
	}
	low, high = Span(time.Date(1200, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC))
	if low != 0 || high <= 0 {
		t.Errorf("span of times without numbers: %d to %d", low, high)
	}
}

func TestPercentiles(t *testing.T) {
	one := []time.Duration{time.Second}
	if got := Percentiles(one, []float64{-1, 0, 0.5, 1, 2}); got[0] != time.Second || got[4] != time.Second {
		t.Errorf("percentiles of one: %v", got)
	}
	if got := Percentiles(nil, []float64{0.5}); got[0] != 0 {
		t.Errorf("percentiles of none: %v", got)
	}
}
