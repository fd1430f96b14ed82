package console

import (
	"net/url"
	"testing"
	"time"
)

// TestSavedSearches saves what the form asks for, in the API's words, and
// reads it into a form that asks for the same.
func TestSavedSearches(t *testing.T) {
	now := time.Date(2026, 5, 7, 12, 0, 0, 0, time.UTC)
	for form, saved := range map[string]string{
		"":                                "",
		"outcome=failed&q=a+b":            "outcome=failed&q=a+b",
		"status=5xx&code=http_5xx":        "error_code=http_5xx&http_status=5xx",
		"last=24h&order=oldest":           "from=-24h0m0s&order=oldest",
		"last=30d":                        "from=-720h0m0s",
		"from=2026-05-01&to=2026-05-02":   "from=2026-05-01T00%3A00%3A00Z&to=2026-05-03T00%3A00%3A00Z",
		"from=2026-05-01+10:30&attempt=2": "attempt=2&from=2026-05-01T10%3A30%3A00Z",
	} {
		values, err := url.ParseQuery(form)
		if err != nil {
			t.Fatal(err)
		}
		asked := readLogFilter(values, "default", now)
		got := asked.apiQuery()
		if got != saved {
			t.Errorf("%s is saved as %s, want %s", form, got, saved)
		}
		values, err = url.ParseQuery(got)
		if err != nil {
			t.Fatal(err)
		}
		if again := readLogFilter(values, "default", now); again.Filter != asked.Filter || len(again.faults) > 0 || again.Value("last") != asked.Value("last") {
			t.Errorf("%s asks for %+v, %v; want %+v", got, again.Filter, again.faults, asked.Filter)
		}
	}
	odd := readLogFilter(url.Values{"from": {"-90m"}}, "default", now)
	if want := now.Add(-90 * time.Minute); !odd.Filter.From.Equal(want) || len(odd.faults) > 0 {
		t.Errorf("-90m is %v, %v; want %v", odd.Filter.From, odd.faults, want)
	}
	if bad := readLogFilter(url.Values{"from": {"-soon"}}, "default", now); bad.faults["from"] == "" {
		t.Error("-soon is a time")
	}
}
