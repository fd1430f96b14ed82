package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/triggers/invalid"
)

type inner struct {
	Seconds []float64 `json:"seconds"`
}

type base struct {
	ID any `json:"id"`
}

type target struct {
	base
	Name   string            `json:"name"`
	Count  *int              `json:"count"`
	On     bool              `json:"on"`
	Inner  *inner            `json:"inner"`
	Labels map[string]string `json:"labels"`
	At     time.Time         `json:"at"`
	Raw    json.RawMessage   `json:"raw"`
	Hidden string            `json:"-"`
}

func TestUnmarshal(t *testing.T) {
	var got target
	const text = `{"id":7,"name":"a","count":3,"on":true,"inner":{"seconds":[1,2.5]},"labels":{"a":"b"},"at":"2026-01-31T12:00:00+01:00","raw":{"any":["thing"]}}`
	if err := Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if got.Name != "a" || *got.Count != 3 || !got.On || got.Inner.Seconds[1] != 2.5 || got.Labels["a"] != "b" || got.At.IsZero() || string(got.Raw) != `{"any":["thing"]}` {
		t.Errorf("decoded %+v", got)
	}
}

func TestUnmarshalComplains(t *testing.T) {
	for text, want := range map[string]string{
		`{"nmae":"a"}`:                     "nmae: is not known; did you mean name?",
		`{"zzzzzzz":1}`:                    "zzzzzzz: is not known; there are",
		`{"Hidden":"x"}`:                   "Hidden: is not known",
		`{"NAME":"x"}`:                     "NAME: is not known; did you mean name?",
		`{"name":1}`:                       "name: must be a text",
		`{"name":null}`:                    "name: must be a text, not null",
		`{"count":1.5}`:                    "count: must be a whole number",
		`{"count":99999999999999999999}`:   "count: must be a whole number",
		`{"on":"yes"}`:                     "on: must be true or false",
		`{"inner":[]}`:                     "inner: must be an object",
		`{"inner":{"seconds":{}}}`:         "inner.seconds: must be a list",
		`{"inner":{"seconds":[1,"2"]}}`:    "inner.seconds.1: must be a number",
		`{"labels":{"a":1}}`:               "labels.a: must be a text",
		`{"at":"noon"}`:                    "at: must be a time such as",
		`[]`:                               "must be an object",
		`"text"`:                           "must be an object",
		`{"name":1,"on":1,"unknown":null}`: "; on: must be true or false",
	} {
		var got target
		err := Unmarshal([]byte(text), &got)
		var input *invalid.Error
		if !errors.As(err, &input) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestComplaintsAreFew(t *testing.T) {
	var got target
	members := make([]string, 1000)
	for i := range members {
		members[i] = `"x` + strings.Repeat("y", i%50) + string(rune('a'+i%26)) + strings.Repeat("z", i/26) + `":1`
	}
	var input *invalid.Error
	if err := Unmarshal([]byte("{"+strings.Join(members, ",")+"}"), &got); !errors.As(err, &input) || len(input.Fields) != maxFields {
		t.Errorf("%d complaints", len(input.Fields))
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{
		"", " ", "{", `{"a"}`, `{"a":}`, `{a:1}`, `[1,]`, `{"a":1,}`, `{"a":1}{`, `1 2`, "nul", `"\x"`, `{"a":1,"a":2}`,
		`{"a":{"b":1,"b":1}}`, strings.Repeat("[", 100) + strings.Repeat("]", 100), "\xff", "{\"a\":\"\xff\"}",
	} {
		var syntax *SyntaxError
		if value, err := Parse([]byte(text)); !errors.As(err, &syntax) || syntax.Reason == "" {
			t.Errorf("%.40q is read as %v, %v", text, value, err)
		}
	}
}

func TestMergePatch(t *testing.T) {
	current := map[string]any{"a": 1, "b": map[string]any{"c": 2, "d": 3}, "e": []int{1, 2}}
	for patch, want := range map[string]string{
		`{}`:                            `{"a":1,"b":{"c":2,"d":3},"e":[1,2]}`,
		`{"a":null}`:                    `{"b":{"c":2,"d":3},"e":[1,2]}`,
		`{"b":{"c":null,"x":{"y":1}}}`:  `{"a":1,"b":{"d":3,"x":{"y":1}},"e":[1,2]}`,
		`{"e":[3]}`:                     `{"a":1,"b":{"c":2,"d":3},"e":[3]}`,
		`{"a":{"b":null,"c":1}}`:        `{"a":{"c":1},"b":{"c":2,"d":3},"e":[1,2]}`,
		`{"a":12345678901234567890.10}`: `{"a":12345678901234567890.10,"b":{"c":2,"d":3},"e":[1,2]}`,
	} {
		if got, err := MergePatch(current, []byte(patch)); err != nil || string(got) != want {
			t.Errorf("%s gives %s, %v", patch, got, err)
		}
	}
	for _, patch := range []string{`[]`, `1`, `null`, `{`} {
		if got, err := MergePatch(current, []byte(patch)); err == nil {
			t.Errorf("%s gives %s", patch, got)
		}
	}
}

func TestMembers(t *testing.T) {
	object := []byte(`{"a":null,"b":1}`)
	for name, want := range map[string][2]bool{"a": {true, true}, "b": {true, false}, "c": {false, false}} {
		has, err := Has(object, name)
		null, err2 := IsNull(object, name)
		if err != nil || err2 != nil || has != want[0] || null != want[1] {
			t.Errorf("%s: has %v, null %v, %v, %v", name, has, null, err, err2)
		}
	}
	if got, err := Without(object, "a", "x"); err != nil || string(got) != `{"b":1}` {
		t.Errorf("without: %s, %v", got, err)
	}
	if got, err := Only(object, "a", "x"); err != nil || string(got) != `{"a":null}` {
		t.Errorf("only: %s, %v", got, err)
	}
}

func TestNearest(t *testing.T) {
	known := []string{"ticket_created", "ticket_updated", "status"}
	for name, want := range map[string]string{"ticket_craeted": "ticket_created", "Status": "status", "statu": "status", "colour": "", "": ""} {
		if got := Nearest(name, known); got != want {
			t.Errorf("%q is near %q, want %q", name, got, want)
		}
	}
}

// FuzzUnmarshal holds the decoder to encoding/json: what it accepts the
// standard library reads to the same value.
func FuzzUnmarshal(f *testing.F) {
	for _, seed := range []string{`{"name":"a","count":1}`, `{"inner":{"seconds":[1]}}`, `{"at":"2026-01-31T12:00:00Z"}`, `[`, `{"id":{"a":[null]}}`, `{"raw":1e400}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var strict, lax target
		err := Unmarshal(data, &strict)
		if err != nil {
			var syntax *SyntaxError
			var input *invalid.Error
			if !errors.As(err, &syntax) && !errors.As(err, &input) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		decoder := json.NewDecoder(bytes.NewReader(data))
		if err := decoder.Decode(&lax); err != nil {
			t.Fatalf("accepted %q, which is no such value: %v", data, err)
		}
		if !reflect.DeepEqual(strict, lax) {
			t.Fatalf("read %+v, want %+v", strict, lax)
		}
	})
}

// FuzzMergePatch checks that a patch applied twice changes nothing more.
func FuzzMergePatch(f *testing.F) {
	f.Add([]byte(`{"a":1}`), []byte(`{"a":null,"b":{"c":1}}`))
	f.Add([]byte(`{"a":{"b":[1,{}]}}`), []byte(`{"a":{"b":{"c":null}}}`))
	f.Fuzz(func(t *testing.T, current, patch []byte) {
		once, err := MergePatch(json.RawMessage(current), patch)
		if err != nil {
			return
		}
		twice, err := MergePatch(json.RawMessage(once), patch)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("once %s, twice %s, %v", once, twice, err)
		}
	})
}
