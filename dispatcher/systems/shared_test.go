package systems_test

import (
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
)

func TestJSONIsAsTheVendorsWriteIt(t *testing.T) {
	type part struct {
		Z string  `json:"z"`
		A *string `json:"a"`
	}
	got, err := systems.JSON(struct {
		Body  string `json:"body"`
		Parts []part `json:"parts"`
	}{"<p>a & b</p>", []part{{Z: "é\xff"}}})
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"body":"<p>a & b</p>","parts":[{"z":"é\ufffd","a":null}]}`; string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if _, err := systems.JSON(math.NaN()); err == nil || !strings.HasPrefix(err.Error(), "encode body: ") {
		t.Errorf("error %v for a number that is none", err)
	}
}

func TestTimes(t *testing.T) {
	oslo := time.FixedZone("", 3600)
	moment := time.Date(2024, 5, 7, 11, 17, 11, 0, time.UTC)
	tests := []struct{ name, got, want string }{
		{".NET whole second", systems.DotNetTime(moment, true), "2024-05-07T11:17:11Z"},
		{".NET six digits", systems.DotNetTime(moment.Add(42089895), true), "2024-05-07T11:17:11.0420898Z"},
		{".NET trims zeros", systems.DotNetTime(moment.Add(120*time.Millisecond), true), "2024-05-07T11:17:11.12Z"},
		{".NET zone", systems.DotNetTime(moment.Add(48318717*time.Microsecond/1000).In(oslo), true), "2024-05-07T12:17:11.0483187+01:00"},
		{".NET without zone", systems.DotNetTime(moment.Add(524687600).In(oslo), false), "2024-05-07T12:17:11.5246876"},
		{"Laravel", systems.LaravelTime(moment.In(oslo)), "2024-05-07T11:17:11.000000Z"},
		{"Laravel microseconds", systems.LaravelTime(moment.Add(1500)), "2024-05-07T11:17:11.000001Z"},
		{"Laravel date", systems.LaravelDate(moment.In(oslo)), "2024-05-07 11:17:11"},
		{"Laravel empty date", systems.LaravelDate(time.Time{}), "0000-00-00 00:00:00"},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("%s: %s, want %s", test.name, test.got, test.want)
		}
	}
	if got := systems.UnixSeconds(moment); got != 1715080631 {
		t.Errorf("Unix seconds %d", got)
	}
	if got := systems.UnixSeconds(time.Time{}); got != 0 {
		t.Errorf("Unix seconds of no time: %d, want 0", got)
	}
}

func TestUUID(t *testing.T) {
	version4 := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]string{}
	for _, parts := range [][]string{{}, {""}, {"", ""}, {"ab", "c"}, {"a", "bc"}, {"abc"}, {"c", "ab"}} {
		id := systems.UUID(parts...)
		if !version4.MatchString(id) {
			t.Errorf("UUID(%q) = %s", parts, id)
		}
		if id != systems.UUID(parts...) {
			t.Errorf("UUID(%q) is another one the second time", parts)
		}
		if seen[id] != "" {
			t.Errorf("UUID(%q) is that of %s", parts, seen[id])
		}
		seen[id] = strings.Join(parts, "|") + "."
	}
}

func TestUUIDOf(t *testing.T) {
	const id = "fbaddbf8-e290-4fa4-a3ed-fbb4837dabe1"
	tests := []struct{ id, want string }{
		{"", ""},
		{id, id},
		{strings.ToUpper(id), id},
		{"17", systems.UUID("person", "17")},
		{id[:35], systems.UUID("person", id[:35])},
		{id[:35] + "g", systems.UUID("person", id[:35]+"g")},
		{strings.ReplaceAll(id, "-", "0"), systems.UUID("person", strings.ReplaceAll(id, "-", "0"))},
	}
	for _, test := range tests {
		if got := systems.UUIDOf("person", test.id); got != test.want {
			t.Errorf("UUIDOf(%q) = %q, want %q", test.id, got, test.want)
		}
	}
}

func TestToken(t *testing.T) {
	const alphabet = systems.LowerAlphanumeric
	got := systems.Token(alphabet, 2000, "whev")
	if len(got) != 2000 || strings.Trim(got, alphabet) != "" {
		t.Fatalf("token of %d characters: %.40s…", len(got), got)
	}
	for _, c := range alphabet {
		if n := strings.Count(got, string(c)); n < 20 || n > 110 {
			t.Errorf("%c occurs %d times in 2000, want about 55", c, n)
		}
	}
	if !strings.HasPrefix(got, systems.Token(alphabet, 17, "whev")) {
		t.Error("a shorter token is not the start of a longer one")
	}
	if systems.Token(alphabet, 17, "a", "b") == systems.Token(alphabet, 17, "ab") {
		t.Error("parts run into each other")
	}
	if systems.Token("", 5, "a") != "" || systems.Token(alphabet, 0, "a") != "" || systems.Token(alphabet, -1) != "" {
		t.Error("a token of nothing has characters")
	}
}
