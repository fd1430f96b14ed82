package invalid

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

func TestErrorsSayEverything(t *testing.T) {
	var problems List
	if problems.Err() != nil {
		t.Error("an empty list is an error")
	}
	problems.Add("name", "", "a name of 1 to %d bytes", 200)
	problems.Merge("when", New("all.0.op", "eq", "an operator"))
	problems.Merge("then", fmt.Errorf("wrapped: %w", New("", nil, "an action")))
	problems.Merge("on", errors.New("100% broken"))
	problems.Merge("fire", nil)
	want := `name: a name of 1 to 200 bytes (got ""); when.all.0.op: an operator (got "eq"); then: an action; on: 100% broken`
	if got := problems.Err().Error(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestValuesAreShownAsJSON(t *testing.T) {
	for want, value := range map[string]any{
		`x: less (got "<b>")`:                  "<b>",
		`x: less (got 5)`:                      json.Number("5"),
		`x: less (got ["a",1])`:                []any{"a", 1},
		`x: less (got {"a":{}})`:               map[string]any{"a": map[string]any{}},
		`x: less (got true)`:                   true,
		`x: less (got "2020-01-01T00:00:00Z")`: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		`x: less (got +Inf)`:                   math.Inf(1),
	} {
		if got := New("x", value, "less").Error(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestLongValuesAreCut(t *testing.T) {
	text := New("x", strings.Repeat("ä", 1000), "less").Error()
	if len(text) > 200 || strings.ToValidUTF8(text, "") != text {
		t.Errorf("%d bytes: %s", len(text), text)
	}
}

func TestJoin(t *testing.T) {
	for want, parts := range map[string][]string{"": {"", ""}, "a": {"", "a"}, "a.b.0": {"a", "", "b.0"}} {
		if got := Join(parts...); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestSuggest(t *testing.T) {
	allowed := []string{"status", "subject", "priority", "on", "via"}
	for name, want := range map[string]string{
		"statsu": "status", "Status": "status", "subjet": "subject", "priotiry": "priority", "vai": "via", "no": "on",
		"": "", "colour": "", "x": "", strings.Repeat("s", 100): "",
	} {
		got := Suggest(name, allowed)
		if want != "" {
			want = "; did you mean " + want + "?"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
