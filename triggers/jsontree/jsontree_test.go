package jsontree_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hookdesk/hookdesk/triggers/jsontree"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]any{
		` null `:                         nil,
		`true`:                           true,
		`"a\u00e9\n\ud83d\ude00\ud800x"`: "aé\n😀\ufffdx",
		`-0.5E+10`:                       json.Number("-0.5E+10"),
		`[]`:                             []any{},
		`{ }`:                            map[string]any{},
		`{"a":[1,{"b":"c"}],"":false}`:   map[string]any{"a": []any{json.Number("1"), map[string]any{"b": "c"}}, "": false},
	} {
		got, err := jsontree.Parse([]byte(text), 3)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is parsed as %#v, want %#v: %v", text, got, want, err)
		}
	}
}

func TestParseNamesThePlace(t *testing.T) {
	for text, want := range map[string]string{
		``:                        "malformed JSON at byte 0: it ends too early",
		`{"a": 1`:                 "malformed JSON at byte 7: it ends too early",
		`"abc`:                    "malformed JSON at byte 4: it ends too early",
		`"abc\`:                   "malformed JSON at byte 5: it ends too early",
		`[1,]`:                    "malformed JSON at byte 3: this begins no value",
		`{"a":1,}`:                "malformed JSON at byte 7: a member's name in quotes is missing",
		`{"a" 1}`:                 "malformed JSON at byte 5: the colon behind a member's name is missing",
		`{"a":1 "b":2}`:           "malformed JSON at byte 7: a comma or the object's end is missing",
		`[1 2]`:                   "malformed JSON at byte 3: a comma or the list's end is missing",
		`1 2`:                     "malformed JSON at byte 2: there is more behind the value",
		`01`:                      "malformed JSON at byte 1: there is more behind the value",
		`-x`:                      "malformed JSON at byte 1: a number goes on with a digit here",
		`"\x"`:                    "malformed JSON at byte 1: an unknown escape in a text",
		"\"a\tb\"":                "malformed JSON at byte 2: a control character in a text; it is written as an escape",
		"\"a\xffb\"":              "malformed JSON at byte 2: it is not UTF-8",
		`{"a":1,"a":2}`:           `member "a" stands there twice, again before byte 12`,
		`{"a":[0,{"b":1,"b":1}]}`: `member "a.1.b" stands there twice, again before byte 20`,
		`[[[[1]]]]`:               "nested more than 3 deep at byte 3",
	} {
		_, err := jsontree.Parse([]byte(text), 3)
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", text, err, want)
		}
	}
}

// FuzzParse holds Parse to encoding/json.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		`{"id":"1","ticket":{"number":7,"tags":["a","b"],"custom_fields":{"x":1.5e3,"y":null}}}`, `["\u00e9\ud83d\ude00\ud800\/\b"]`,
		`-0`, `1.`, `.5`, `1e`, `tru`, `nulll`, "[1,\v2]", "\ufeff{}", `{"a":1,"a":2}`, `{"A":1,"a":2}`, `[[[[[[]]]]]]`, "\"\x00\"", `"` + strings.Repeat("x", 5000) + `"`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		const limit = 1000
		got, err := jsontree.Parse(data, limit)
		var want any
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.UseNumber()
		valid := json.Valid(data) && utf8.Valid(data)
		if valid {
			if err := decoder.Decode(&want); err != nil {
				t.Fatal(err)
			}
		}
		var syntax *jsontree.SyntaxError
		var repeated *jsontree.RepeatedError
		var deep *jsontree.DepthError
		switch {
		case errors.As(err, &repeated), errors.As(err, &deep):
		case errors.As(err, &syntax):
			if valid {
				t.Fatalf("%q is refused: %v", data, err)
			}
			if syntax.Offset < 0 || syntax.Offset > int64(len(data)) {
				t.Fatalf("%q: there is no byte %d", data, syntax.Offset)
			}
		case err != nil:
			t.Fatalf("an error of another kind: %v", err)
		case !valid:
			t.Fatalf("%q is accepted", data)
		case !reflect.DeepEqual(got, want):
			t.Fatalf("%q is parsed as %#v, want %#v", data, got, want)
		}
	})
}

func TestSplit(t *testing.T) {
	for text, want := range map[string][]string{
		`[]`:                               {},
		` [ ] `:                            nil, // a list is what begins with its bracket
		`[ {"a":"]\\\",["} , [1,2],"x" ] `: {`{"a":"]\\\",["}`, `[1,2]`, `"x"`},
		`[1,]`:                             {`1`, ``},
		`[,]`:                              {``, ``},
		`[1`:                               nil,
		`["]`:                              nil,
		`[1}`:                              nil,
		`[1] 2`:                            nil,
		``:                                 nil,
	} {
		elements, count, ok := jsontree.Split([]byte(text), 3)
		if ok != (want != nil) || ok && (len(elements) != len(want) || count != len(want)) {
			t.Errorf("%s is split into %q, %t", text, elements, ok)
			continue
		}
		for i := range want {
			if string(elements[i]) != want[i] {
				t.Errorf("element %d of %s is %q, want %q", i, text, elements[i], want[i])
			}
		}
	}
}

func TestSplitKeepsNoMoreThanItIsAskedFor(t *testing.T) {
	for text, want := range map[string]int{`[1,2,3,4]`: 4, `[,,,]`: 4, `[1,2,[3,4,5],6 ]`: 4, `[1,2,3]`: 3} {
		elements, count, ok := jsontree.Split([]byte(text), 3)
		if !ok || count != want || len(elements) != 3 || cap(elements) > 8 {
			t.Errorf("of %s %d of %d elements are kept, %t", text, len(elements), count, ok)
		}
	}
}

// FuzzSplit compares a list whose elements are parsed one by one with the
// list parsed as a whole.
func FuzzSplit(f *testing.F) {
	for _, text := range []string{`[]`, `[{"a":[1,"\\\""]}, 2 ,null]`, `[1,]`, `[[],{}]`, `[[}]`, `["\\"]`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == 0 || data[0] != '[' || !utf8.Valid(data) {
			return
		}
		elements, count, ok := jsontree.Split(data, len(data))
		var want []json.RawMessage
		if json.Unmarshal(data, &want) != nil {
			for _, element := range elements {
				ok = ok && json.Valid(element)
			}
			if ok {
				t.Fatalf("%q is no list, but is split into %q", data, elements)
			}
			return
		}
		if !ok || len(elements) != len(want) || count != len(want) {
			t.Fatalf("%q is split into %d, %q, %t", data, count, elements, ok)
		}
		for i := range want {
			if !bytes.Equal(elements[i], want[i]) {
				t.Fatalf("element %d of %q is %q, want %q", i, data, elements[i], want[i])
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	change := []byte(`{"id":"chg-1","kind":"ticket_created","at":"2026-11-21T08:00:00Z","ticket":{"number":"B-1795249000123","subject":"Printer on the third floor does not print","description":"Since this morning nothing comes out. The lamp blinks twice, then stays dark.","status":"Open","priority":"High","source":"Web","tags":["printer","floor-3"],"requester":{"id":"21","first_name":"Ann","last_name":"Example","email":"ann@example.com"},"department":{"id":"1","name":"Support"},"custom_fields":{"floor":3}}}`)
	b.SetBytes(int64(len(change)))
	b.Run("jsontree", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := jsontree.Parse(change, 20); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var tree any
			decoder := json.NewDecoder(bytes.NewReader(change))
			decoder.UseNumber()
			if err := decoder.Decode(&tree); err != nil {
				b.Fatal(err)
			}
		}
	})
}
